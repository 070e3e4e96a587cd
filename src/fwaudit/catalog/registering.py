"""What link asks of the tables of frameworks: which names register handlers, and which put routers below a prefix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import structs

from fwaudit.catalog.framework_schema import Prefixes
from fwaudit.catalog.index import HandlerRow, Index, MountRow, last_parts

if TYPE_CHECKING:
    from fwaudit.catalog.names import Catalog


class Registering:
    """The `handlers`, `mounts` and `prefixes` rows by the names that a project can write."""

    def __init__(self, catalog: Catalog, index: Index) -> None:
        self._catalog = catalog
        self._index = index

    def of_decorator(self, dotted: str) -> tuple[HandlerRow, ...]:
        """The rows for functions decorated with `dotted`; several where versions or kinds differ."""
        return self._catalog.first_named(self._index.handler_decorators, dotted) or ()

    def of_call(self, dotted: str) -> tuple[HandlerRow, ...]:
        """The rows for callables handed to `dotted`."""
        return self._catalog.first_named(self._index.handler_calls, dotted) or ()

    def told_by(self, last: str) -> tuple[HandlerRow, ...]:
        """The rows for calls that this last name tells, whatever it is called on."""
        return self._telling_calls.get(last, ())

    @cached_property
    def _telling_calls(self) -> Mapping[str, tuple[HandlerRow, ...]]:
        found: dict[str, tuple[HandlerRow, ...]] = {}
        for name, rows in self._index.handler_calls.items():
            telling = tuple(row for row in rows if row.row.is_telling)
            if telling:
                found.setdefault(name.rpartition(".")[2], telling)
        return found

    @property
    def bases(self) -> Mapping[str, tuple[HandlerRow, ...]]:
        """Classes whose subclasses' methods are handlers, with their rows."""
        return self._index.handler_bases

    def read_elsewhere(self, dotted: str) -> tuple[HandlerRow, ...]:
        """The rows for decorators, calls and bases that a module of `link/routes/` reads, by their name."""
        return self._catalog.first_named(self._index.read_handlers, dotted) or ()

    def of_bases(self, bases: Iterable[str]) -> Iterator[HandlerRow]:
        """The rows for the methods of a class with these bases, in the order of search: the first that names a method counts."""
        named: set[str] = set()
        for base in bases:
            rows = self._index.handler_bases.get(base, ())
            for row in rows:
                left = [method for method in row.row.methods if method not in named]
                if left:
                    yield row if left == row.row.methods else replace(row, row=structs.replace(row.row, methods=left))
            named.update(method for row in rows for method in row.row.methods)

    def mounts_of_call(self, dotted: str) -> tuple[MountRow, ...]:
        """The rows for a call that puts routers below a prefix."""
        return self._catalog.first_named(self._index.mounts, dotted) or self._catalog.first_in(self._index.mounts, dotted) or ()

    def mounts_named(self, last: str) -> tuple[MountRow, ...]:
        """The rows for calls whose name ends so, whatever they are called on."""
        return tuple(row for name, rows in self._index.mounts.items() if name.rpartition(".")[2] == last for row in rows)

    def prefix_of_call(self, dotted: str) -> Prefixes | None:
        """The row that says where a call that makes a router is given its prefix."""
        return self._catalog.first_named(self._index.prefixes, dotted) or self._catalog.first_in(self._index.prefixes, dotted)

    def decorator_names(self, frameworks: AbstractSet[str]) -> frozenset[str]:
        """The last part of every decorator that registers a handler with one of `frameworks`."""
        return last_parts(name for name, rows in self._index.handler_decorators.items() if _speaks_of(rows, frameworks))

    def call_names(self, frameworks: AbstractSet[str]) -> frozenset[str]:
        """The last part of every call that takes a handler for one of `frameworks`, or makes an app."""
        apps = frozenset(name for name, framework in self._catalog.apps.items() if framework.name in frameworks)
        below = {name for name in self._index.classes if not apps.isdisjoint(self._catalog.with_bases(name))} | apps
        below |= {spelling for spelling, means in self._index.aliases.items() if means in below}
        registering = (name for name, rows in self._index.handler_calls.items() if _speaks_of(rows, frameworks))
        return last_parts(registering) | last_parts(apps) | last_parts(below)

    def classes(self, frameworks: AbstractSet[str]) -> frozenset[str]:
        """The classes of `frameworks` that handlers are registered with: applications, routers, and what has the calls."""
        found = {name for one in self._catalog.frameworks if one.name in frameworks for name in (*one.apps, *one.routers)}
        rows = [*self._index.handler_calls.items(), *self._index.handler_decorators.items()]
        owners = {name.rpartition(".")[0] for name, group in rows if _speaks_of(group, frameworks)}
        own = frozenset(self._catalog.canonical(name) for name in found | {owner for owner in owners if self._catalog.is_class(owner)})
        return own | {name for name in self._index.classes if not own.isdisjoint(self._catalog.bases(name))}

    @cached_property
    def mount_names(self) -> frozenset[str]:
        """The last part of every call that puts a router below a prefix."""
        return frozenset(name.rpartition(".")[2] for name in self._index.mounts)


def _speaks_of(rows: Iterable[HandlerRow], frameworks: AbstractSet[str]) -> bool:
    return any(row.framework.name in frameworks for row in rows)
