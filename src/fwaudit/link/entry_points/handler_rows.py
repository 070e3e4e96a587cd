"""Which rows of the tables a decorator or a call is: by what it is, by the method that it takes the place of, or by its name alone."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.catalog.index import HandlerRow
from fwaudit.link.entry_points.paths import paths_written
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Function
from fwaudit.link.values import ClassObject, FunctionObject, LibraryName, Value
from fwaudit.model import facts


class HandlerRows:
    """From values to rows of `handlers`."""

    def __init__(self, types: Types) -> None:
        self._types = types

    def of(self, value: Value, *, by_decorator: bool) -> tuple[HandlerRow, ...]:
        """The rows for the decorator or the call that `value` is."""
        catalog = self._types.catalog
        if isinstance(value, LibraryName):
            name: str | None = value.dotted
        elif isinstance(value, ClassObject):
            name = self._library_class(value)
        else:
            name = self._overridden(value) if isinstance(value, FunctionObject) else None
        if name is None:
            return ()
        return catalog.registering.of_decorator(name) if by_decorator else catalog.registering.of_call(name)

    def _overridden(self, value: FunctionObject) -> str | None:
        """The library's method that a method of the project's own router takes the place of, if it hands on to it."""
        owner, function = value.function.owner, value.function
        if owner is None or "super" not in function.scope.mentions or not owner.declaration.bases:
            return None
        base = self._library_class(ClassObject(owner))
        return f"{base}.{function.name}" if base is not None and function.name in _methods_called(function) else None

    def _library_class(self, value: ClassObject) -> str | None:
        """The class itself, or the first class of a library that a class of the project descends from."""
        if isinstance(value.class_, str):
            return value.class_
        return next((base for base in self._types.classes.order(value.class_) if isinstance(base, str)), None)

    def told_by_name(self, name: str, call: Arguments) -> Iterator[HandlerRow]:
        """The rows that the name of a call tells where nothing is known of what it is called on: with a path that is written there."""
        module = call.frame.function.module if call.frame is not None else None
        imported = {one.module.partition(".")[0] for one in (module.facts.imports if module is not None else ()) if not one.level}
        for row in self._types.catalog.registering.told_by(name):
            if not imported.isdisjoint(row.framework.imports) and any(path.startswith("/") for path in paths_written(row, call)):
                yield row


def _methods_called(function: Function) -> Iterator[str]:
    expressions = function.body.expressions
    for index in function.body.calls:
        call = expressions[index]
        callee = expressions[call.function] if isinstance(call, facts.Call) else None
        if isinstance(callee, facts.Attribute):
            yield callee.name
