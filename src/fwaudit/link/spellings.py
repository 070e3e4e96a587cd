"""Calls by the names that they are written with: of most calls these alone tell that no table speaks of them."""

from __future__ import annotations

from collections.abc import Iterable

from fwaudit.link.symbols import Function, Module
from fwaudit.model import facts


class Spellings:
    """Which calls may be of something whose last name is one of `lasts`."""

    def __init__(self, lasts: frozenset[str]) -> None:
        self._lasts = lasts

    def may_be(self, function: Function, call: facts.Call) -> bool:
        """Whether the callee has such a name, or one that an import or an assignment at the top of the module may give it."""
        name = facts.last_name(function.body.expressions[call.function])
        return not name or name in self._lasts or function.module.other_names.get(name) in self._lasts

    def names_in(self, modules: Iterable[Module]) -> frozenset[str]:
        """The names under which any of the modules may have one: bodies without them need not be read."""
        aliases = (alias for module in modules for alias, name in module.other_names.items() if name in self._lasts)
        return self._lasts.union(aliases)
