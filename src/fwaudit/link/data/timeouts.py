"""Calls that wait for another service, and that nothing limits."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.link.execution.evidence import place_of
from fwaudit.link.execution.naming import Naming
from fwaudit.link.inference.types import Types
from fwaudit.link.spellings import Spellings
from fwaudit.link.symbols import Function
from fwaudit.model import facts
from fwaudit.model.code import Place
from fwaudit.model.source import Role

_LIMITING = frozenset({"mount", "setdefaulttimeout"})
"""Names by which code sets a limit for all calls: of an adapter, or of all sockets."""


class UnlimitedCalls:
    """Reads the calls of all functions."""

    def __init__(self, types: Types, names: Naming) -> None:
        self._types = types
        self._names = names

    def found(self) -> Iterator[tuple[Function, Place, str, bool]]:
        """(function, place, callee, whether something elsewhere may limit it) of each call without a limit."""
        symbols, tables = self._types.symbols, self._types.catalog.data
        may_be_limited = any(True for _ in symbols.users(_LIMITING))
        spellings = Spellings(tables.unlimited_names)
        for function in spellings.users(symbols):
            if function.module.role is not Role.CODE:
                continue
            frame = self._types.generic(function)
            for index in function.body.calls:
                call = function.body.call(index)
                if not spellings.may_be(function, call):
                    continue
                values = self._types.value(frame, call.function)
                callees = dict.fromkeys(self._names.of_values(values))
                if len(callees) != 1:
                    continue
                callee = next(iter(callees))
                row = tables.unlimited(callee)
                if row is not None and not _is_limited(function, call, row.keyword, row.position):
                    yield function, place_of(frame, call.span), callee, may_be_limited and row.is_shared


def _is_limited(function: Function, call: facts.Call, keyword: str, position: int) -> bool:
    """Whether the call says how long it waits, or hands on arguments that may say it."""
    expressions = function.body.expressions
    if any(isinstance(expressions[index], facts.Starred) for index in call.arguments) or any(not name for name, _ in call.keywords):
        return True
    given = [index for name, index in call.keywords if name == keyword]
    given += call.arguments[position : position + 1] if position >= 0 else ()
    return bool(given) and not (isinstance(one := expressions[given[0]], facts.Constant) and one.kind == "None")
