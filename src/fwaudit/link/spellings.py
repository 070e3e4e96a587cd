"""Calls by the names that they are written with: of most calls these alone tell that no table speaks of them."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.link.symbols import Function, Symbols
from fwaudit.model import facts


class Spellings:
    """Which calls may be of something whose last name is one of `lasts`."""

    def __init__(self, lasts: frozenset[str]) -> None:
        self._lasts = lasts

    def may_be(self, function: Function, call: facts.Call) -> bool:
        """Whether the callee has such a name, or one that an import or an assignment at the top of the module may give it."""
        name = facts.last_name(function.body.expressions[call.function])
        return not name or name in self._lasts or function.module.other_names.get(name) in self._lasts

    def users(self, symbols: Symbols) -> Iterator[Function]:
        """The functions that mention a name under which some module may have one: no other body need be read."""
        return symbols.users(symbols.spellings_of(self._lasts))
