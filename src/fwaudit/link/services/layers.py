"""By which kind of library a service waits for databases, HTTP services, caches and queues: async, sync, both or none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from fwaudit.catalog.braces import expand_braces
from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Module
from fwaudit.link.values import LibraryName
from fwaudit.model import facts

_KINDS = ("database", "http", "cache", "queue")


class IoLayers:
    """Looks for the names of the tables' `layers` rows in what modules import, and in attributes of what they import."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._rows: dict[str, set[tuple[str, bool]]] = defaultdict(set)
        for row in types.catalog.layers:
            for written in row.names:
                for name in expand_braces(written):
                    self._rows[types.catalog.canonical(name)].add((row.kind, row.is_async))
        self._lasts = frozenset(name.rpartition(".")[2] for name in self._rows)
        self._tops = frozenset(name.partition(".")[0] for name in self._rows)
        self._found: dict[str, frozenset[tuple[str, bool]]] = {}

    def of(self, modules: Iterable[Module]) -> dict[str, str]:
        """For each kind of layer: async, sync, mixed or none."""
        found: set[tuple[str, bool]] = set()
        for module in modules:
            if module.path not in self._found:
                self._found[module.path] = frozenset(self._in_module(module))
            found |= self._found[module.path]
        return {kind: _word((kind, True) in found, (kind, False) in found) for kind in _KINDS}

    def _in_module(self, module: Module) -> Iterator[tuple[str, bool]]:
        imports = [one for one in module.facts.imports if one.is_runtime and not one.level and one.module.partition(".")[0] in self._tops]
        for one in imports:
            yield from self._named(one.module)
            if one.name:
                yield from self._named(f"{one.module}.{one.name}")
        for function in module.functions.values() if imports else ():
            if not function.uses(self._lasts):
                continue
            frame = self._types.generic(function)
            expressions = function.body.expressions
            for expression in expressions:
                if not isinstance(expression, facts.Attribute) or expression.name not in self._lasts:
                    continue
                if facts.last_name(expressions[expression.value]):
                    for value, _ in self._types.value(frame, expression.value):
                        if isinstance(value, LibraryName) and value.receiver is None:
                            yield from self._named(f"{value.dotted}.{expression.name}")

    def _named(self, dotted: str) -> Iterable[tuple[str, bool]]:
        return self._rows.get(self._types.catalog.canonical(dotted), ())


def _word(is_async: bool, is_sync: bool) -> str:
    return "mixed" if is_async and is_sync else "async" if is_async else "sync" if is_sync else "none"
