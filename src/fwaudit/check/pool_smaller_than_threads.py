"""Pools of database connections for fewer than the threads that handle requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from fwaudit.check.deployed import option
from fwaudit.check.findings import Draft, whose_code
from fwaudit.model.code import CallUse
from fwaudit.model.context import Context, Grade, WaitsFor
from fwaudit.model.data import PoolMaker
from fwaudit.model.numbers import whole_number
from fwaudit.model.project import Project
from fwaudit.model.service import Route, Service

RULE = "pool-smaller-than-threads"
_FILES = "sqlite"
_LIMITS = frozenset({"CapacityLimiter", "current_default_thread_limiter", "total_tokens"})
"""By these names code changes how many threads there are."""


def check(project: Project) -> Iterator[Draft]:
    """A finding for each pool in a service whose handlers wait for the database in more threads."""
    makers = {name: maker for name, maker in project.data.pool_makers.items() if maker.size_keywords and not maker.is_async}
    pools = project.code.calls(sorted(makers))
    if not pools or any(not _LIMITS.isdisjoint(body.scope.mentions) for body in project.code.bodies):
        return
    found: dict[str, list[CallUse]] = defaultdict(list)
    for call in pools:
        service = whose_code(call.place.path, project)
        if service is not None and call.place.path in project.reported:
            found[service.root].append(call)
    for service in project.services:
        calls = found[service.root]
        held = _held(calls[0], makers[calls[0].callee]) if len(calls) == 1 else None  # of several, nobody says which one the handlers use
        if held is None:
            continue
        call = calls[0]
        waiting = [route for route in service.routes if WaitsFor.DATABASE in route.waits_for]
        threads = _threads(project, service, waiting)
        if held < threads and waiting:
            labels = tuple(sorted({route.label for route in waiting}))
            grade = Grade.MEDIUM if makers[call.callee].is_told(call) else Grade.LOW
            message = (
                f"the pool holds {held} connections at most, and {len(waiting)} handlers wait for the database in up to {threads} threads: "
                f"more requests than that wait for a connection, and fail when none gets free"
            )
            yield Draft(RULE, Grade.MEDIUM, grade, message, call.place, call.callee, None, labels, WaitsFor.DATABASE)


def _held(call: CallUse, maker: PoolMaker) -> int | None:
    """The most connections; None where that cannot be told, or where a file is the database."""
    url = call.arguments[0] if call.arguments else call.keyword("url") or ""
    return None if url.startswith(_FILES) else maker.most_connections(call)


def _threads(project: Project, service: Service, waiting: list[Route]) -> int:
    """In how many threads of one process handlers run at a time; 0 where that cannot be told."""
    if any(route.context is Context.THREADPOOL for route in waiting):
        return project.primary_traits(service).threads
    told = [option(one, "--threads") for one in project.servings if one.service == service.root and one.server in ("gunicorn", "waitress")]
    numbers = [number for one in told if one is not None and (number := whole_number(one)) is not None]
    return max(numbers, default=0)
