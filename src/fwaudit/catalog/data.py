"""What the tables say of databases and of clients of other services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TypeVar

from fwaudit.catalog.index import Index
from fwaudit.catalog.schema import Kept, LazyField, Unlimited

_Row = TypeVar("_Row")


class DataTables:
    """Rows by dotted name; a method of a class is found by the names of its bases, too, which `bases` gives."""

    def __init__(self, index: Index, bases: Callable[[str], tuple[str, ...]]) -> None:
        self._index = index
        self._bases = bases

    def kept(self, dotted: str) -> Kept | None:
        """The row for a call that makes what a process should keep."""
        return self._find(self._index.kept, dotted)

    @cached_property
    def kept_names(self) -> frozenset[str]:
        """The last part of every such call."""
        return _last_parts(self._index.kept)

    def unlimited(self, dotted: str) -> Unlimited | None:
        """The row for a call that waits as long as it takes."""
        return self._find(self._index.unlimited, dotted)

    @cached_property
    def unlimited_names(self) -> frozenset[str]:
        """The last part of every such call."""
        return _last_parts(self._index.unlimited)

    def is_query(self, dotted: str) -> bool:
        """Whether a call asks a database for something."""
        return self._find(self._index.queries, dotted) is not None

    @cached_property
    def query_names(self) -> frozenset[str]:
        """The last part of every such call."""
        return _last_parts(self._index.queries)

    def lazy_field(self, dotted: str) -> LazyField | None:
        """The row for a call that makes an attribute which is read from the database when it is touched."""
        return self._find(self._index.lazy_fields, dotted)

    def _find(self, rows: Mapping[str, _Row], dotted: str) -> _Row | None:
        name = self._index.canonical(dotted)
        if name in rows:
            return rows[name]
        owner, _, last = name.rpartition(".")
        return next((rows[key] for base in self._bases(owner) if (key := f"{base}.{last}") in rows), None)


def _last_parts(rows: Mapping[str, object]) -> frozenset[str]:
    return frozenset(name.rpartition(".")[2] for name in rows)
