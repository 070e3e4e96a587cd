"""Values that are never None, as far as declarations and what is written tell.

Types leave None out, so that it takes a question of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fwaudit.link.inference.attributes import SAYING_NOTHING
from fwaudit.link.symbols import Class
from fwaudit.link.values import ClassObject, Frame, FunctionObject, Object, Value
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

if TYPE_CHECKING:
    from fwaudit.link.inference.types import Types

_HOPS = 8
"""Names, attributes and results followed."""


class Nones:
    """Asks of expressions whether they can be None. What is not known may be."""

    def __init__(self, types: Types) -> None:
        self._types = types
        # Each by the hops that are left, too: a "no" that came from running out of them holds for no more of them.
        self._functions: dict[tuple[int, int], bool] = {}
        self._fields: dict[tuple[Class, str, int], bool] = {}
        self._assigned: dict[tuple[int, int, int], bool] = {}

    def excludes_none(self, frame: Frame, index: int, hops: int = _HOPS) -> bool:
        """Whether the expression is surely not None."""
        if hops == 0 or index == NOWHERE:
            return False
        expression = frame.function.body.expressions[index]
        match expression:
            case facts.Constant(kind=kind):
                return kind != "None"
            case facts.Display() | facts.Comprehension() | facts.FunctionValue() | facts.Formatted():
                return True
            case facts.Other(kind=kind):
                return bool(kind)
            case facts.Name(bindings=bindings):
                return bool(bindings) and all(self._binding(frame, binding, hops) for binding in bindings)
            case facts.Attribute(value=value, name=name):
                objects = self._types.value(frame, value)
                return bool(objects) and all(self._field(one, name, hops) for one, _ in objects)
            case facts.Call():
                return self._call(frame, expression, hops, is_awaited=False)
            case facts.Await(value=value):
                call = frame.function.body.expressions[value]
                return isinstance(call, facts.Call) and self._call(frame, call, hops, is_awaited=True)
            case facts.Choice(options=options):
                return all(self.excludes_none(frame, option, hops - 1) for option in options)
            case _:
                return False

    def _binding(self, frame: Frame, index: int, hops: int) -> bool:
        binding = frame.function.body.bindings[index]
        if isinstance(binding, facts.Parameter) and frame.closure is not None:
            declaration = frame.function.scope.parameters[binding.index]
            state = frame.states.get(binding.index)
            if state:
                return state != "none"
            return declaration.annotation != NOWHERE and not self._types.annotations.admits_none(frame.closure, declaration.annotation)
        if isinstance(binding, facts.Assigned) and not binding.path:
            key = (frame.number, index, hops)
            found = self._assigned.get(key)
            if found is None:
                found = self._assigned[key] = self.excludes_none(frame, binding.value, hops - 1)
            return found
        return False

    def _call(self, frame: Frame, call: facts.Call, hops: int, *, is_awaited: bool) -> bool:
        callees = self._types.value(frame, call.function)
        return bool(callees) and all(self._gives_something(value, hops, is_awaited=is_awaited) for value, _ in callees)

    def _gives_something(self, value: Value, hops: int, *, is_awaited: bool) -> bool:
        if isinstance(value, ClassObject):
            return not is_awaited
        if not isinstance(value, FunctionObject) or value.wrapping or value.like:
            return False
        function = value.function
        if function.scope.kind != "function" or function.scope.is_async is not is_awaited or function.scope.is_generator:
            return False
        frame = self._types.generic(function)
        found = self._functions.get((frame.number, hops))
        if found is None:
            self._functions[frame.number, hops] = False  # while it is being asked, of a function that calls itself
            found = self._functions[frame.number, hops] = self._returns_something(frame, hops)
        return found

    def _returns_something(self, frame: Frame, hops: int) -> bool:
        scope, body = frame.function.scope, frame.function.body
        if scope.decorators:
            return False
        if scope.returns != NOWHERE and frame.closure is not None:
            return not self._types.annotations.admits_none(frame.closure, scope.returns)
        return bool(body.returns) and not body.ends and all(self.excludes_none(frame, index, hops - 1) for index in body.returns)

    def _field(self, value: Value, name: str, hops: int) -> bool:
        """Whether an attribute is declared so that it excludes None, or never is given anything else than a value."""
        if not isinstance(value, Object) or not isinstance(value.class_, Class):
            return False
        found = self._fields.get((value.class_, name, hops))
        if found is None:
            self._fields[value.class_, name, hops] = False
            found = self._fields[value.class_, name, hops] = self._is_always_given(value.class_, name, hops)
        return found

    def _is_always_given(self, class_: Class, name: str, hops: int) -> bool:
        types = self._types
        for base in types.classes.order(class_):
            if isinstance(base, Class) and name in base.members:
                frame = types.classes.frame_of(base)
                bindings = [frame.function.body.bindings[index] for index in base.members[name]]
                return all(
                    isinstance(one, facts.Assigned)
                    and one.annotation != NOWHERE
                    and not types.annotations.admits_none(frame, one.annotation)
                    for one in bindings
                )
        return self._is_only_given_values(class_, name, hops)

    def _is_only_given_values(self, class_: Class, name: str, hops: int) -> bool:
        """Whether all that the class's methods store there, and nobody else stores anything, are values."""
        types = self._types
        stores = [
            (types.generic(base.module.functions[scope]), index)
            for one in (class_, *types.classes.subclasses(class_))
            for base in types.classes.order(one)
            if isinstance(base, Class)
            for scope, index in base.stores.get(name, ())
        ]
        bases = (base for base in types.classes.order(class_) if isinstance(base, str))
        own = {frame.function for frame, _ in stores}
        if not stores or not SAYING_NOTHING.issuperset(bases) or any(function not in own for function in types.symbols.storing(name)):
            return False
        return all(self._store(frame, frame.function.body.stores[index], hops) for frame, index in stores)

    def _store(self, frame: Frame, store: facts.AttributeStore, hops: int) -> bool:
        if store.path or store.value == NOWHERE:
            return False
        return self.excludes_none(frame, store.value, hops - 1)
