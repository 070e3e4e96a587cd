"""How the workspace uses databases and other services, as checks ask about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fwaudit.model.code import Place
from fwaudit.model.context import Grade


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


class Data(Protocol):
    """Answers about code that is neither test, migration, generated nor vendored; each answer is sorted by place."""

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

    made_per_request: tuple[MadePerRequest, ...] = ()
    repeated_queries: tuple[RepeatedQuery, ...] = ()
    unlimited_calls: tuple[UnlimitedCall, ...] = ()


NO_DATA = NoData()
