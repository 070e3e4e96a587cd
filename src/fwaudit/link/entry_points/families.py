"""Frameworks that build on each other: what one registers, the one below it registers with it."""

from __future__ import annotations

from collections.abc import Iterable

from fwaudit.catalog.framework_schema import Framework
from fwaudit.catalog.names import Catalog


def with_those_below(catalog: Catalog, frameworks: Iterable[Framework]) -> frozenset[str]:
    """The names of the frameworks, and of those that they extend, to the last."""
    names: set[str] = set()
    waiting = [framework.name for framework in frameworks]
    extended = {framework.name: framework.extends for framework in catalog.frameworks}
    while waiting:
        name = waiting.pop()
        if name not in names:
            names.add(name)
            waiting.extend(extended.get(name, ()))
    return frozenset(names)


class Families:
    """Tells frameworks that have nothing to do with each other: each of them answers for itself."""

    def __init__(self, catalog: Catalog) -> None:
        self._below = {framework.name: with_those_below(catalog, [framework]) for framework in catalog.frameworks}

    def are_apart(self, one: str, other: str) -> bool:
        """Whether neither builds on the other, nor both on a third one."""
        return self._below[one].isdisjoint(self._below[other])
