"""Calls by the names that they are written with: of most calls these alone tell that no table speaks of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fwaudit.link.symbols import Function, Module
from fwaudit.model import facts

_NAMED = (facts.Name, facts.Attribute)


class Written:
    """Which calls may be of something whose last name is one of `lasts`."""

    def __init__(self, lasts: frozenset[str]) -> None:
        self._lasts = lasts
        self._aliases: dict[str, Mapping[str, str]] = {}

    def may_be(self, function: Function, call: facts.Call) -> bool:
        """Whether the callee has such a name, or one that an import or an assignment at the top of the module may give it."""
        callee = function.body.expressions[call.function]
        if not isinstance(callee, _NAMED):
            return True
        return callee.name in self._lasts or self._aliases_in(function.module).get(callee.name) in self._lasts

    def names_in(self, modules: Iterable[Module]) -> frozenset[str]:
        """The names under which any of the modules may have one: bodies without them need not be read."""
        aliases = (alias for module in modules for alias, name in self._aliases_in(module).items() if name in self._lasts)
        return self._lasts.union(aliases)

    def _aliases_in(self, module: Module) -> Mapping[str, str]:
        found = self._aliases.get(module.path)
        if found is None:
            body = module.body_function.body
            found = self._aliases[module.path] = {
                alias: name
                for alias, indices in module.facts.scopes[0].names.items()
                for index in indices
                if (name := _other_name(body, index)) and name != alias
            }
        return found


def _other_name(body: facts.Body, index: int) -> str:
    binding = body.bindings[index]
    if isinstance(binding, facts.Imported):
        return binding.name
    value = body.expressions[binding.value] if isinstance(binding, facts.Assigned) and binding.value != facts.NOWHERE else None
    return value.name if isinstance(value, facts.Name | facts.Attribute) else ""
