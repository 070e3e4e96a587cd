"""`model.data.Data` over the linked project."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from fwaudit.catalog.schema import Pools
from fwaudit.link.data.kept import KeptObjects
from fwaudit.link.data.queries import RepeatedQueries
from fwaudit.link.data.requests import Requests
from fwaudit.link.data.timeouts import UnlimitedCalls
from fwaudit.link.execution.labels import RouteLabels
from fwaudit.link.execution.naming import Naming
from fwaudit.link.execution.reach import Reach
from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Function
from fwaudit.model.code import Place
from fwaudit.model.context import Context, Grade
from fwaudit.model.data import MadePerRequest, PoolMaker, RepeatedQuery, UnlimitedCall

_PRIVATE = {Context.PRIVATE_LOOP}


class LinkedData:
    """What is asked for is worked out then, and once."""

    def __init__(self, types: Types, names: Naming, reach: Reach, labels: RouteLabels) -> None:
        self._types = types
        self._names = names
        self._reach = reach
        self._labels = labels

    @cached_property
    def _requests(self) -> Requests:
        return Requests(self._reach, self._labels)

    @cached_property
    def pool_makers(self) -> Mapping[str, PoolMaker]:
        """The calls of the tables that make pools, by dotted name."""
        return {name: _pool_maker(row) for name, row in self._types.catalog.data.pools.items()}

    @cached_property
    def made_per_request(self) -> tuple[MadePerRequest, ...]:
        """Engines, pools and clients that each request makes anew, by place; of several ways to one the shortest."""
        found: dict[tuple[Place, str], MadePerRequest] = {}
        for frame, place, callee, row, depends in KeptObjects(self._types, self._names, self._requests).made():
            if self._reach.contexts.get(frame.number) == _PRIVATE:
                continue  # what is bound to a loop that one request has for itself cannot be kept for the next
            through = self._requests.way_to(frame)
            one = MadePerRequest(place, callee, row.kind, through, self._routes_of(frame.function), depends)
            known = found.get((place, callee))
            if known is None or (len(through), through) < (len(known.through), known.through):
                found[place, callee] = one
        return tuple(sorted(found.values()))

    @cached_property
    def repeated_queries(self) -> tuple[RepeatedQuery, ...]:
        """Queries asked in each turn of a loop, by place; of several ways from one place the shortest."""
        found: dict[Place, RepeatedQuery] = {}
        for asked in RepeatedQueries(self._types, self._names, self._reach).found():
            routes = self._routes_of(asked.frame.function)
            one = RepeatedQuery(asked.place, asked.callee, asked.through, asked.is_relation, routes)
            known = found.get(asked.place)
            if known is None or (len(one.through), one) < (len(known.through), known):
                found[asked.place] = one
        return tuple(sorted(found.values()))

    @cached_property
    def unlimited_calls(self) -> tuple[UnlimitedCall, ...]:
        """Calls that no timeout limits, by place."""
        return tuple(
            sorted(
                UnlimitedCall(place, callee, function in self._running, Grade.LOW if may_be_limited else Grade.HIGH)
                for function, place, callee, may_be_limited in UnlimitedCalls(self._types, self._names).found()
            )
        )

    @cached_property
    def _running(self) -> frozenset[Function]:
        """The functions that are known to run in a service."""
        return frozenset(frame.function for number, frame in self._reach.frames.items() if self._reach.contexts.get(number))

    @cached_property
    def _route_bits(self) -> Mapping[Function, int]:
        found: dict[Function, int] = defaultdict(int)
        for number, frame in self._reach.frames.items():
            found[frame.function] |= self._reach.routes.get(number, 0)
        return found

    def _routes_of(self, function: Function) -> tuple[str, ...]:
        return self._labels.of(self._route_bits.get(function, 0))


def _pool_maker(row: Pools) -> PoolMaker:
    untold = tuple(one.keyword for one in row.unless)
    return PoolMaker(
        row.store, row.is_async, tuple(row.size_keywords), row.default_size, row.overflow_keyword, row.default_overflow, untold
    )
