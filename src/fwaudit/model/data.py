"""How the workspace uses databases and other services, as checks ask about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from fwaudit.model.code import CallUse, Place
from fwaudit.model.context import Grade
from fwaudit.model.numbers import number_of


@dataclass(frozen=True, slots=True, order=True)
class MadePerRequest:
    """A call, made in each request, that makes what a process should make once."""

    place: Place
    callee: str
    kind: str
    """engine: a pool of connections to a database; client: of another service."""
    through: tuple[Place, ...]
    """The calls on the way from the handler, in order; empty where the handler itself makes it."""
    routes: tuple[str, ...]
    depends_on_request: bool
    """What it is made with comes from the function's own arguments: it may have to differ from request to request."""


@dataclass(frozen=True, slots=True, order=True)
class UnlimitedCall:
    """A call that waits for another service as long as that takes."""

    place: Place
    callee: str
    is_served: bool
    """Known to run in a service."""
    confidence: Grade


@dataclass(frozen=True, slots=True, order=True)
class RepeatedQuery:
    """A place in a loop that asks a database in each turn."""

    place: Place
    callee: str
    """The query's dotted name, or the relation's."""
    through: tuple[Place, ...]
    """The calls from there to the query; empty where the loop itself asks."""
    is_relation: bool
    """It touches a relation that the loop's own query does not load."""
    routes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PoolMaker:
    """A call that makes a pool of connections, or a client that holds one."""

    store: str
    """What it connects to: `a SQL database`."""
    is_async: bool
    size_keywords: tuple[str, ...] = ()
    default_size: int = 0
    overflow_keyword: str = ""
    default_overflow: int = 0
    untold: tuple[str, ...] = ()
    """Keywords with which nobody can tell how many connections it holds."""

    def most_connections(self, call: CallUse) -> int | None:
        """How many connections it opens at most; None where that cannot be told, or where there is no such limit."""
        if not self.size_keywords or any(call.keyword(name) is not None for name in ("", *self.untold)):
            return None
        size = _number(next((told for name in self.size_keywords if (told := call.keyword(name)) is not None), None), self.default_size)
        overflow = _number(call.keyword(self.overflow_keyword), self.default_overflow) if self.overflow_keyword else 0
        return size + overflow if size and overflow is not None and overflow >= 0 else None

    def is_told(self, call: CallUse) -> bool:
        """Whether the call itself says how many."""
        return any(call.keyword(name) is not None for name in (*self.size_keywords, *filter(None, [self.overflow_keyword])))


def _number(written: str | None, default: int) -> int | None:
    if written is None:
        return default
    number = number_of(written)
    return int(number) if number is not None and number.is_integer() else None


class Data(Protocol):
    """Answers about code that is neither test, migration, generated nor vendored; each answer is sorted by place."""

    @property
    def pool_makers(self) -> Mapping[str, PoolMaker]:
        """The calls of the tables that make pools, by dotted name."""

    @property
    def made_per_request(self) -> tuple[MadePerRequest, ...]:
        """Engines, pools and clients that each request makes anew."""

    @property
    def repeated_queries(self) -> tuple[RepeatedQuery, ...]:
        """Queries asked in each turn of a loop, where a route's handler runs it."""

    @property
    def unlimited_calls(self) -> tuple[UnlimitedCall, ...]:
        """Calls that no timeout limits."""


@dataclass(frozen=True, slots=True)
class NoData:
    """The answers about nothing."""

    pool_makers: Mapping[str, PoolMaker] = field(default_factory=dict)
    made_per_request: tuple[MadePerRequest, ...] = ()
    repeated_queries: tuple[RepeatedQuery, ...] = ()
    unlimited_calls: tuple[UnlimitedCall, ...] = ()


NO_DATA = NoData()
