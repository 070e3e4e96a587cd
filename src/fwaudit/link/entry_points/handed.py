"""Functions that are handed an application or a router (`init_routes(app)`), and the frames in which they know it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import HIGH, ClassObject, Frame, FunctionObject, Object, Value, Values
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

MOST_HANDED = 4
"""A function is read for at most this many different applications."""


class Handed:
    """The frames of functions that get an application through a parameter without annotation, also through several calls.

    `carriers` are the library classes that routes are registered with: applications, routers, configurators;
    `starts` are frames that are known to have one, besides those that hold it under a name.
    """

    def __init__(self, types: Types, carriers: AbstractSet[str], starts: Iterable[Frame] = ()) -> None:
        self._types = types
        self._carriers = carriers
        self._frames: dict[Function, list[Frame]] = defaultdict(list)
        names = frozenset(name.rpartition(".")[2] for name in carriers)
        bound = frozenset(self._names_bound_to_calls_of(names)) if carriers else frozenset[str]()
        waiting = [types.generic(function) for function in self._functions_using(names | bound)] if carriers else []
        waiting.extend(starts)
        while waiting:
            frame = waiting.pop()
            waiting.extend(self._hand_on(frame, bound))

    def frames(self, function: Function) -> tuple[Frame, ...]:
        """Those of `function` besides its generic one, and for a function within such a function those that it closes over."""
        own = self._frames.get(function, ())
        parent = function.scope.parent
        around = self._frames.get(function.module.functions[parent], ()) if parent != NOWHERE else ()
        return (*own, *(self._types.frame(function, (), frame) for frame in around))

    def _functions_using(self, names: frozenset[str]) -> Iterator[Function]:
        return self._types.symbols.users(names)

    def _names_bound_to_calls_of(self, names: frozenset[str]) -> Iterator[str]:
        """Names and attributes that some function assigns what looks like an application."""
        for function in self._functions_using(names):
            body = function.body
            made = {index for index in body.calls if facts.last_name(body.expressions[body.call(index).function]) in names}
            bound = [(name, binding) for name, bindings in function.scope.names.items() for binding in bindings]
            for name, binding in (*bound, *function.scope.outer_stores):
                if isinstance(one := body.bindings[binding], facts.Assigned) and one.value in made:
                    yield name
            yield from (store.name for store in body.stores if store.value in made)

    def _hand_on(self, frame: Frame, names: frozenset[str]) -> Iterator[Frame]:
        """The new frames of the project's functions that a call in `frame` gives an application."""
        body = frame.function.body
        parameters = {frame.function.scope.parameters[index].name for index in frame.arguments}
        for index in body.calls:
            call = body.call(index)
            given = [*call.arguments, *(value for _, value in call.keywords)]
            if any(self._carries(frame, argument, names | parameters) for argument in given):
                arguments = Arguments.of_expression(self._types, frame, call)
                for value, _ in self._types.value(frame, call.function):
                    yield from self._bound(value, arguments)

    def _carries(self, frame: Frame, index: int, names: AbstractSet[str]) -> bool:
        expression = frame.function.body.expressions[index]
        if facts.last_name(expression) not in names:
            return False
        return any(self._is_carrier(value) for value, _ in self._types.value(frame, index))

    def _is_carrier(self, value: Value) -> bool:
        if not isinstance(value, Object):
            return False
        order: Iterable[Class | str] = self._types.classes.order(value.class_) if isinstance(value.class_, Class) else (value.class_,)
        return any(isinstance(base, str) and base in self._carriers for base in order)

    def _bound(self, value: Value, call: Arguments) -> Iterator[Frame]:
        """The new frames that calling `value` runs, each with those of its arguments that are applications."""
        if isinstance(value, ClassObject) and isinstance(value.class_, Class):
            for constructor in self._types.binder.constructors(value.class_):
                yield from self._bound(FunctionObject(constructor, Object(value.class_)), call)
        if not isinstance(value, FunctionObject):
            return
        function = value.function
        offset = 1 if value.receiver is not None else 0
        arguments: list[tuple[int, Values]] = []
        for index, declaration in enumerate(function.scope.parameters):
            if index >= offset and declaration.annotation == NOWHERE and declaration.kind not in ("keywords", "variadic"):
                given = call.for_parameter(function.scope.parameters, index, offset)
                carriers = tuple((one, HIGH) for one, _ in given if self._is_carrier(one))
                if carriers:
                    arguments.append((index, carriers))
        known = self._frames[function] if arguments else []
        if arguments and len(known) < MOST_HANDED:
            frame = self._types.frame(function, tuple(arguments), self._types.generic(function).closure)
            if frame.arguments and frame not in known:
                known.append(frame)
                yield frame
