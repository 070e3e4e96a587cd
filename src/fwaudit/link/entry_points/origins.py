"""Where an object is made: the calls that made what an expression stands for, followed through names, attributes, arguments and results.

Types say what class an application or a router is of; its origin says which one it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from fwaudit.link.entry_points.loops import item_of
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Class, Function, Module, absolute_name
from fwaudit.link.trail import Trail
from fwaudit.link.values import ClassObject, Frame, FunctionObject, LibraryName, ModuleObject, Object, Value
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

_MOST_STEPS = 30
"""Names, attributes, arguments and results that are followed one after the other."""
_MOST_VISITS = 6000
"""Expressions and bindings that are looked at for one expression: three for each router of a list."""
_COLLECTIONS = frozenset({"builtins.list", "builtins.tuple", "builtins.reversed", "builtins.sorted", "builtins.set"})
_Step = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Origin:
    """A call that makes an object, or a parameter of which no call is known."""

    function: Function
    expression: int
    """The call; of a parameter -1 less its index."""
    owner: Class | None = None
    """The class of the instance that keeps the object, where each instance makes one."""


class Origins:
    """Answers are computed once for each expression of a frame."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._memo: dict[_Step, tuple[Origin, ...]] = {}

    def of(self, frame: Frame, index: int) -> tuple[Origin, ...]:
        """The origins of what expression `index` stands for; those of its items if it is a literal list; none if nothing is known."""
        found = self._memo.get((frame.number, index))
        if found is None:
            found = tuple(dict.fromkeys(self._of(frame, index, Trail(_MOST_STEPS, _MOST_VISITS))))
            self._memo[frame.number, index] = found
        return found

    def _of(self, frame: Frame, index: int, trail: Trail) -> Iterator[Origin]:
        further = trail.after((frame.number, index))
        if further is None:
            return
        expression = frame.function.body.expressions[index]
        match expression:
            case facts.Name():
                yield from self._of_name(frame, expression, further)
            case facts.Attribute():
                for value, _ in self._types.value(frame, expression.value):
                    yield from self._of_attribute(frame, expression, value, further)
            case facts.Call():
                yield from self._of_call(frame, index, expression, further)
            case facts.Await() | facts.Starred():
                yield from self._of(frame, expression.value, further)
            case facts.Choice():
                yield from self._of_each(frame, expression.options, further)
            case facts.Display():
                yield from self._of_each(frame, expression.items, further)
            case facts.Operation(operator="+"):
                yield from self._of_each(frame, (expression.left, expression.right), further)
            case _:
                pass

    def _of_each(self, frame: Frame, indices: Iterable[int], trail: Trail) -> Iterator[Origin]:
        for index in indices:
            yield from self._of(frame, index, trail)

    # --- names ----------------------------------------------------------------------------------------

    def _of_name(self, frame: Frame, name: facts.Name, trail: Trail) -> Iterator[Origin]:
        scope, bindings = frame.binding_scope(name)
        if not bindings:
            yield from self._in_module(scope.function.module, name.name, trail)
        for binding in bindings:
            yield from self._of_binding(scope, binding, trail)

    def _in_module(self, module: Module, name: str, trail: Trail) -> Iterator[Origin]:
        scope = module.facts.scopes[0]
        bindings = scope.final.get(name) or scope.names.get(name) or ()
        frame = self._types.generic(module.body_function)
        for binding in bindings:
            yield from self._of_binding(frame, binding, trail)
        for index, binding in module.global_stores.get(name, ()):
            yield from self._of_binding(self._types.generic(module.functions[index]), binding, trail)
        if not bindings:
            for source, level in reversed(module.facts.star_imports):
                dotted = absolute_name(source, level, module)
                target = self._types.symbols.find(dotted, module) if dotted is not None else None
                further = trail.after((target, name)) if target is not None and target is not module else None
                if target is not None and further is not None:
                    yield from self._in_module(target, name, further)

    def _of_binding(self, frame: Frame, index: int, trail: Trail) -> Iterator[Origin]:
        further = trail.after((frame.number, -2 - index))
        if further is None:
            return
        binding = frame.function.body.bindings[index]
        match binding:
            case facts.Assigned() | facts.Iterated() if binding.value != NOWHERE:
                yield from self._at(frame, binding.value, binding.path, isinstance(binding, facts.Iterated), further)
            case facts.Imported() if binding.name:
                module = self._types.lookup.imported_from(frame, binding)
                if module is not None:
                    yield from self._in_module(module, binding.name, further)
            case facts.Parameter():
                yield from self._of_parameter(frame.function, binding.index, further)
            case facts.Narrowed() | facts.Updated():
                for one in binding.bindings:
                    yield from self._of_binding(frame, one, further)
                if isinstance(binding, facts.Updated):
                    yield from self._of(frame, binding.value, further)
            case _:
                pass

    def _at(self, frame: Frame, index: int, path: tuple[int, ...], of_items: bool, trail: Trail) -> Iterator[Origin]:
        """The origins at one place of an unpacked literal; of each of its items for the target of a loop."""
        if not path:
            yield from self._of(frame, index, trail)
            return
        expression = frame.function.body.expressions[index]
        if not isinstance(expression, facts.Display) or expression.kind == "dict":
            return
        for item in expression.items if of_items else (index,):
            inner = frame.function.body.expressions[item]
            if isinstance(inner, facts.Display) and 0 <= path[0] < len(inner.items):
                yield from self._at(frame, inner.items[path[0]], path[1:], False, trail)

    # --- attributes -----------------------------------------------------------------------------------

    def _of_attribute(self, frame: Frame, attribute: facts.Attribute, value: Value, trail: Trail) -> Iterator[Origin]:
        if isinstance(value, ModuleObject) and value.module is not None:
            yield from self._in_module(value.module, attribute.name, trail)
        elif isinstance(value, Object | ClassObject):
            found = list(self._of_member(value, attribute.name, trail)) if isinstance(value.class_, Class) else []
            yield from found
            if not found and self._is_of_library(value, attribute.name):
                yield from self._of(frame, attribute.value, trail)  # `app.router` stands for the application

    def _is_of_library(self, value: Object | ClassObject, name: str) -> bool:
        bases = self._types.classes.order(value.class_) if isinstance(value.class_, Class) else (value.class_,)
        return any(isinstance(base, str) and self._types.catalog.attribute(base, name) is not None for base in bases)

    def _of_member(self, receiver: Object | ClassObject, name: str, trail: Trail) -> Iterator[Origin]:
        class_ = receiver.class_
        assert isinstance(class_, Class)
        for base in (*self._types.classes.order(class_), *self._types.classes.subclasses(class_)):
            if isinstance(base, Class):
                found = [*self._in_class(base, receiver, name, trail)]
                if found:
                    owned = {one for one in self._types.classes.order(base) if isinstance(one, Class)}
                    for origin in found:
                        made_by_instance = origin.function.owner in owned and origin.function.scope.kind == "function"
                        yield replace(origin, owner=class_) if made_by_instance else origin
                    return

    def _in_class(self, class_: Class, receiver: Value, name: str, trail: Trail) -> Iterator[Origin]:
        frame = self._types.classes.frame_of(class_)
        for index in class_.members.get(name, ()):
            binding = frame.function.body.bindings[index]
            if isinstance(binding, facts.DefinedFunction):
                method = class_.module.functions[binding.scope]
                yield from self._returned(self._types.binder.bind(FunctionObject(method, receiver), Arguments.nothing()), trail)
            else:
                yield from self._of_binding(frame, index, trail)
        for scope, number in class_.stores.get(name, ()):
            function = class_.module.functions[scope]
            store = function.body.stores[number]
            if store.value != NOWHERE and not store.path:
                yield from self._of(self._types.generic(function), store.value, trail)

    # --- calls ------------------------------------------------------------------------------------------

    def _of_call(self, frame: Frame, index: int, call: facts.Call, trail: Trail) -> Iterator[Origin]:
        found: list[Origin] = []
        for value, _ in self._types.value(frame, call.function):
            if isinstance(value, FunctionObject):
                found.extend(self._returned(self._types.binder.bind(value, Arguments.nothing()), trail))
            name = value.dotted if isinstance(value, LibraryName) else value.class_ if isinstance(value, ClassObject) else None
            if name in _COLLECTIONS and call.arguments:
                found.extend(self._of(frame, call.arguments[0], trail))
        yield from found or [Origin(frame.function, index)]

    def _returned(self, frame: Frame, trail: Trail) -> Iterator[Origin]:
        yield from self._of_each(frame, frame.function.body.returns, trail)

    def _of_parameter(self, function: Function, parameter: int, trail: Trail) -> Iterator[Origin]:
        """What the calls of the function give; for the instance of a method, the calls that make instances."""
        found: list[Origin] = []
        declaration = function.scope.parameters[parameter]
        is_instance = parameter == 0 and function.owner is not None and not self._is_static(function)
        if is_instance and function.owner is not None:
            found.extend(Origin(frame.function, made) for frame, made, _ in self._types.callers.making(function.owner))
        else:
            for frame, index, offset in self._types.callers.of(function):
                call = frame.function.body.call(index)
                given = Arguments.of_expression(self._types, frame, call).index(parameter - offset, declaration.name)
                if given is not None:
                    found.extend(self._of(frame, given, trail))
                for keyword, spread in call.keywords if given is None else ():
                    place = item_of(self._types, frame, spread, declaration.name) if not keyword else None
                    if place is not None:
                        found.extend(self._of(*place, trail))
        yield from found or [Origin(function, -1 - parameter)]

    def _is_static(self, function: Function) -> bool:
        if function.owner is None:
            return True
        body = function.module.functions[function.scope.parent].body
        decorators = [body.expressions[index] for index in function.scope.decorators]
        return any(isinstance(one, facts.Name) and one.name == "staticmethod" for one in decorators)
