"""The calls of a function, and the calls that make instances of a class: where its parameters get their values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import ClassObject, Frame, FunctionObject, Value
from fwaudit.model import facts

if TYPE_CHECKING:
    from fwaudit.link.types import Types


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

    def _calls_named(self, names: set[str], offset_of: Callable[[Value], int | None]) -> Iterator[tuple[Frame, int, int]]:
        wanted = frozenset(names)
        for function in self._types.symbols.users(wanted):
            frame = self._types.generic(function)
            body = function.body
            for index in body.calls:
                call = body.call(index)
                callee = body.expressions[call.function]
                if isinstance(callee, facts.Named) and self._is_named(frame, callee, wanted):
                    for value, _ in self._types.value(frame, call.function):
                        offset = offset_of(value)
                        if offset is not None:
                            yield frame, index, offset

    def _is_named(self, frame: Frame, callee: facts.Named, names: frozenset[str]) -> bool:
        """Whether the callee's name is one of `names`, or one that an import gave it."""
        if callee.name in names:
            return True
        bindings = frame.function.module.facts.scopes[0].names.get(callee.name, ()) if isinstance(callee, facts.Name) else ()
        body = frame.function.module.body_function.body
        return any(isinstance(one := body.bindings[index], facts.Imported) and one.name in names for index in bindings)


def _offset_of(value: Value, function: Function) -> int | None:
    if isinstance(value, FunctionObject) and value.function is function:
        return 0 if value.receiver is None else 1
    return None
