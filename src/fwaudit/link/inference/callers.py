"""The calls of a function, and the calls that make instances of a class: where its parameters get their values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from fwaudit.link.symbols import Class, Function, Module
from fwaudit.link.values import ClassObject, Frame, FunctionObject, Value
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE
from fwaudit.model.source import Role

if TYPE_CHECKING:
    from fwaudit.link.inference.types import Types

_HOPS = 4
"""How many functions a constant may be handed through."""


class Callers:
    """Looked for when they are asked for, once for each function: few functions are handed what matters."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._callers: dict[Function, tuple[tuple[Frame, int, int], ...]] = {}

    def of(self, function: Function) -> tuple[tuple[Frame, int, int], ...]:
        """(frame, call, parameters that the receiver takes) of each call of the function in the project."""
        found = self._callers.get(function)
        if found is None:
            self._callers[function] = ()
            owner = function.owner
            if owner is not None and function.name == "__init__":
                found = self.making(owner)
            else:
                found = tuple(self._calls_named({function.name}, lambda value: _offset_of(value, function)))
            self._callers[function] = found
        return found

    def making(self, class_: Class) -> tuple[tuple[Frame, int, int], ...]:
        """The same for the calls that make instances of the class, or of one below it."""
        found = self._callers.get(class_.module.functions[class_.declaration.scope])
        if found is None:
            family = {class_, *self._types.classes.subclasses(class_)}
            names = {one.name for one in family}
            found = tuple(self._calls_named(names, lambda value: 1 if isinstance(value, ClassObject) and value.class_ in family else None))
            self._callers[class_.module.functions[class_.declaration.scope]] = found
        return found

    def given(self, function: Function, index: int) -> list[tuple[Frame, int]] | None:
        """The expressions that the calls give the parameter, or its default where they leave it out; None if a call may give anything."""
        declaration = function.scope.parameters[index]
        if declaration.kind in ("variadic", "keywords"):
            return None
        closure = self._types.generic(function).closure
        found = []
        for frame, number, offset in self.of(function):
            call = frame.function.body.call(number)
            spread = any(isinstance(frame.function.body.expressions[one], facts.Starred) for one in call.arguments)
            if spread or not all(name for name, _ in call.keywords):
                return None
            place = index - offset
            written = [value for name, value in call.keywords if name == declaration.name]
            written = written or list(call.arguments[place : place + 1] if place >= 0 else ())
            if written:
                found.append((frame, written[0]))
            elif place >= 0 and declaration.default != NOWHERE and closure is not None:
                found.append((closure, declaration.default))
        return found

    def constant(self, function: Function, index: int, hops: int = _HOPS) -> facts.Constant | None:
        """The one constant that all calls outside tests give the parameter, or hand on to it from a parameter of their own."""
        given = self.given(function, index) or ()
        found = {self._constant_at(frame, place, hops) for frame, place in given if frame.function.module.role is not Role.TEST}
        return found.pop() if len(found) == 1 else None

    def _constant_at(self, frame: Frame, place: int, hops: int) -> facts.Constant | None:
        expression = frame.function.body.expressions[place]
        if isinstance(expression, facts.Constant):
            return expression
        if not hops or not isinstance(expression, facts.Name) or len(expression.bindings) != 1:
            return None
        binding = frame.function.body.bindings[expression.bindings[0]]
        return self.constant(frame.function, binding.index, hops - 1) if isinstance(binding, facts.Parameter) else None

    def _calls_named(self, names: set[str], offset_of: Callable[[Value], int | None]) -> Iterator[tuple[Frame, int, int]]:
        wanted = frozenset(names)
        for function in self._types.symbols.users(self._types.symbols.spellings_of(wanted)):
            frame = self._types.generic(function)
            body = function.body
            for index in body.calls:
                call = body.call(index)
                callee = body.expressions[call.function]
                if _is_named(frame.function.module, facts.last_name(callee), wanted):
                    for value, _ in self._types.value(frame, call.function):
                        offset = offset_of(value)
                        if offset is not None:
                            yield frame, index, offset


def _is_named(module: Module, name: str, names: frozenset[str]) -> bool:
    """Whether a callee's name is one of `names`, or stands for one of them in its module."""
    return name in names or module.other_names.get(name) in names


def _offset_of(value: Value, function: Function) -> int | None:
    if isinstance(value, FunctionObject) and value.function is function:
        return 0 if value.receiver is None else 1
    return None
