"""What `for` and `with` give of a value: the protocols of iteration and of context managers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fwaudit.link.symbols import Class
from fwaudit.link.values import (
    UNKNOWN_VALUES,
    Awaitable,
    ContextManager,
    Generator,
    LazyCalls,
    Object,
    Value,
    Values,
    join,
    known,
    surely,
    weaken,
)

if TYPE_CHECKING:
    from fwaudit.link.inference.types import Types

_CONTAINERS = frozenset({"builtins.list", "builtins.set", "builtins.frozenset", "builtins.tuple", "builtins.dict", "collections.deque"})


class Protocols:
    """By the methods of the project's classes, the rows of tables, and the annotated elements of containers."""

    def __init__(self, types: Types) -> None:
        self._types = types

    def elements(self, value: Value, is_async: bool) -> Values:
        """What iterating `value` gives, element by element."""
        if isinstance(value, Generator):
            return self._types.results.yielded(value.frame)
        if isinstance(value, LazyCalls):
            return value.elements
        if not isinstance(value, Object):
            return UNKNOWN_VALUES
        if isinstance(value.class_, Class):
            found = self._types.results.of_method(value, "__aiter__" if is_async else "__iter__", None)
            if known(found):
                given = join(weaken(self.elements(member, is_async), grade) for member, grade in found if member != value)
                if known(given):
                    return given
            following = self._types.results.of_method(value, "__anext__" if is_async else "__next__", None)
            return join(self._types.awaited(member) for member, _ in following) if is_async else following
        if value.class_ == "builtins.tuple":
            return join(value.arguments)
        if value.class_ in _CONTAINERS or value.class_.startswith("typing."):
            return value.arguments[0] if value.arguments else UNKNOWN_VALUES
        declared = self._types.catalog.elements(value.class_)
        if declared is not None:
            return self._types.results.typed(declared, value, None)
        return value.arguments[0] if value.arguments else UNKNOWN_VALUES

    def entered(self, value: Value, is_async: bool) -> Values:
        """What `with value as name` gives the name."""
        if isinstance(value, ContextManager):
            if value.frame is not None:
                return self._types.results.yielded(value.frame)
            return value.values if value.values is not None else UNKNOWN_VALUES
        if isinstance(value, Awaitable) and is_async:
            return join(self.entered(member, is_async) for member, _ in self._types.awaited(value))
        if not isinstance(value, Object):
            return UNKNOWN_VALUES
        if isinstance(value.class_, Class):
            found = self._types.results.of_method(value, "__aenter__" if is_async else "__enter__", None)
            return join(self._types.awaited(member) for member, _ in found) if is_async else found
        if value.class_.startswith("typing."):
            return value.arguments[0] if value.arguments else UNKNOWN_VALUES
        declared = self._types.catalog.enters(value.class_, is_async)
        if declared is not None:
            return self._types.results.typed(declared, value, None)
        return surely(value)
