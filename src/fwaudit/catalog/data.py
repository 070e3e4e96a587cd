"""What the tables say of databases and of clients of other services."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from fwaudit.catalog.index import Index, last_parts
from fwaudit.catalog.schema import Kept, LazyField, Pools, Unlimited

if TYPE_CHECKING:
    from fwaudit.catalog.names import Catalog


class DataTables:
    """Rows by dotted name; a method of a class is found by the names of its bases, too."""

    def __init__(self, index: Index, catalog: Catalog) -> None:
        self._index = index
        self._catalog = catalog

    def kept(self, dotted: str) -> Kept | None:
        """The row for a call that makes what a process should keep."""
        return self._catalog.first_named(self._index.kept, dotted)

    @cached_property
    def kept_names(self) -> frozenset[str]:
        """The last part of every such call."""
        return last_parts(self._index.kept)

    @property
    def pools(self) -> Mapping[str, Pools]:
        """The calls that make pools of connections, by dotted name."""
        return self._index.pools

    def unlimited(self, dotted: str) -> Unlimited | None:
        """The row for a call that waits as long as it takes."""
        return self._catalog.first_named(self._index.unlimited, dotted)

    @cached_property
    def unlimited_names(self) -> frozenset[str]:
        """The last part of every such call."""
        return last_parts(self._index.unlimited)

    def is_query(self, dotted: str) -> bool:
        """Whether a call asks a database for something."""
        return self._catalog.first_named(self._index.queries, dotted) is not None

    @cached_property
    def query_names(self) -> frozenset[str]:
        """The last part of every such call."""
        return last_parts(self._index.queries)

    def lazy_field(self, dotted: str) -> LazyField | None:
        """The row for a call that makes an attribute which is read from the database when it is touched."""
        return self._catalog.first_named(self._index.lazy_fields, dotted)
