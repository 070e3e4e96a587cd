"""What a registered value runs: a function, an object that is called, or the methods of a view."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from msgspec import structs

from fwaudit.catalog.index import HandlerRow
from fwaudit.link.entry_points.entries import ROUTE_KINDS
from fwaudit.link.entry_points.versions import Versions
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.definitions import handlers_named
from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Class
from fwaudit.link.values import (
    Awaitable,
    ClassObject,
    ContextManager,
    Frame,
    FunctionObject,
    Generator,
    Object,
    PartialObject,
    Value,
    Values,
)


class Views:
    """From registered values to the frames that they run, each with the row that tells its methods and its context."""

    def __init__(self, types: Types, versions: Versions) -> None:
        self._types = types
        self._versions = versions

    def handlers(self, row: HandlerRow, given: Values, suffix: str | None = "") -> Iterator[tuple[HandlerRow, Frame]]:
        """The frames that a registered value runs, each with the row that tells its methods and its context."""
        for value, grade in _spread(given) if row.row.methods else given:
            views = list(self.of(row, value, suffix))
            is_view = bool(row.row.methods) or (isinstance(value, ClassObject) and bool(self.rows_of(value)))
            # A view without any of the methods, such as a base of others, answers nothing.
            yield from views or ((row, frame) for frame in self.frames(() if is_view else ((value, grade),)))

    def of(self, row: HandlerRow, value: Value, suffix: str | None = "") -> Iterator[tuple[HandlerRow, Frame]]:
        """The handlers of a view: methods that `row` names, or the rows of the bases of its class."""
        rows = [row] if row.row.methods else self.rows_of(value)
        owner = Object(value.class_, exact=True) if isinstance(value, ClassObject) else value
        for one in rows if suffix is not None else ():
            for name in one.row.methods:
                for target in handlers_named(self._types, owner, f"{name}{suffix}"):
                    yield self._with_methods_of(one, owner, name), target

    def _with_methods_of(self, row: HandlerRow, view: Value, name: str) -> HandlerRow:
        """The row for one method of a view, with the HTTP methods that the view's class lists, where the row says that it does."""
        named = replace(row, name=f"{row.name}.{name}")
        if not row.row.methods_attribute or not isinstance(view, Object) or not isinstance(view.class_, Class):
            return named
        listed = self._types.attributes.literals(view.class_, row.row.methods_attribute)
        return replace(named, row=structs.replace(row.row, http_methods=[one.upper() for one in listed])) if listed else named

    def rows_of(self, value: Value) -> list[HandlerRow]:
        """The rows of the bases of a view's class that make routes of its methods."""
        if not isinstance(value, ClassObject | Object) or not isinstance(value.class_, Class):
            return []
        found: list[HandlerRow] = []
        for base in self._types.classes.order(value.class_):
            # What a base makes of a request, the bases below it need not be asked for: MethodView calls `get`, whatever View does.
            kinds = {row.row.kind for row in found}
            rows = self._types.catalog.registering.of_bases((base,)) if isinstance(base, str) else ()
            own = (row for row in rows if row.row.kind in ROUTE_KINDS and row.row.kind not in kinds)
            found.extend(self._versions.holding(own, value.class_.module.path))
        return found

    def frames(self, values: Values) -> Iterator[Frame]:
        """The frames that calling, iterating or entering `values` runs."""
        for value, _ in values:
            if isinstance(value, FunctionObject):
                yield self._types.binder.bind(value, Arguments.nothing())
            elif isinstance(value, Generator):
                yield value.frame
            elif isinstance(value, Awaitable | ContextManager):
                if value.frame is not None:
                    yield value.frame
            elif isinstance(value, PartialObject):
                yield from self.frames(value.callable)
            elif isinstance(value, ClassObject) and isinstance(value.class_, Class):
                yield from (self._types.generic(constructor) for constructor in self._types.binder.constructors(value.class_))
            elif isinstance(value, Object):
                yield from self._frames_of_object(value)

    def _frames_of_object(self, value: Object) -> Iterator[Frame]:
        if isinstance(value.class_, Class):
            yield from self.frames(self._types.attributes.of(value, "__call__"))
        elif value.class_ in ("builtins.list", "builtins.tuple"):
            for elements in value.arguments:
                yield from self.frames(elements)
        elif value.class_ == "builtins.dict" and value.arguments:
            yield from self.frames(value.arguments[-1])


def _spread(values: Values) -> Iterator[tuple[Value, int]]:
    """`values`, with the elements of a list or tuple in its place."""
    for value, grade in values:
        if isinstance(value, Object) and value.class_ in ("builtins.list", "builtins.tuple"):
            for elements in value.arguments:
                yield from elements
        else:
            yield value, grade
