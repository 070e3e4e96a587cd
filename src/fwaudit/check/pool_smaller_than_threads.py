"""Pools of database connections for fewer than the threads that handle requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from fwaudit.check.deployed import option
from fwaudit.check.findings import Draft, whose_code
from fwaudit.model.code import CallUse
from fwaudit.model.context import Context, Grade, WaitsFor
from fwaudit.model.numbers import number_of, whole_number
from fwaudit.model.project import Project
from fwaudit.model.service import Route, Service

RULE = "pool-smaller-than-threads"
_ENGINES = ("sqlalchemy.create_engine", "sqlmodel.create_engine")
_POOLS = ("psycopg_pool.ConnectionPool",)
_SIZE, _OVERFLOW, _CONNECTIONS = 5, 10, 4
"""What SQLAlchemy's pool and psycopg's hold where nothing else is said."""
_LIMITS = frozenset({"CapacityLimiter", "current_default_thread_limiter", "total_tokens"})
"""By these names code changes how many threads there are."""


def check(project: Project) -> Iterator[Draft]:
    """A finding for each pool in a service whose handlers wait for the database in more threads."""
    pools = project.code.calls((*_ENGINES, *_POOLS))
    if not pools or any(not _LIMITS.isdisjoint(body.scope.mentions) for body in project.code.bodies):
        return
    found: dict[str, list[CallUse]] = defaultdict(list)
    for call in pools:
        service = whose_code(call.place.path, project)
        if service is not None and call.place.path in project.reported:
            found[service.root].append(call)
    for service in project.services:
        calls = found[service.root]
        held = _held(calls[0]) if len(calls) == 1 else None  # of several, nobody says which one the handlers use
        if held is None:
            continue
        call = calls[0]
        waiting = [route for route in service.routes if WaitsFor.DATABASE in route.waits_for]
        threads = _threads(project, service, waiting)
        if held < threads and waiting:
            labels = tuple(sorted({route.label for route in waiting}))
            grade = Grade.MEDIUM if _is_told(call) else Grade.LOW
            message = (
                f"the pool holds {held} connections at most, and {len(waiting)} handlers wait for the database in up to {threads} threads: "
                f"more requests than that wait for a connection, and fail when none gets free"
            )
            yield Draft(RULE, Grade.MEDIUM, grade, message, call.place, call.callee, None, labels, WaitsFor.DATABASE)


def _held(call: CallUse) -> int | None:
    """The most connections; None where that cannot be told, or where there is no such limit."""
    if call.keyword("") is not None or call.keyword("poolclass") is not None or call.keyword("creator") is not None:
        return None
    if call.callee in _POOLS:
        return _number(call.keyword("max_size") or call.keyword("min_size"), _CONNECTIONS)
    if (call.arguments[0] if call.arguments else call.keyword("url") or "").startswith("sqlite"):
        return None
    size, overflow = _number(call.keyword("pool_size"), _SIZE), _number(call.keyword("max_overflow"), _OVERFLOW)
    return size + overflow if size and overflow is not None and overflow >= 0 else None


def _number(written: str | None, default: int) -> int | None:
    if written is None:
        return default
    number = number_of(written)
    return int(number) if number is not None and number.is_integer() else None


def _is_told(call: CallUse) -> bool:
    return any(call.keyword(name) is not None for name in ("max_overflow", "max_size", "min_size", "pool_size"))


def _threads(project: Project, service: Service, waiting: list[Route]) -> int:
    """In how many threads of one process handlers run at a time; 0 where that cannot be told."""
    if any(route.context is Context.THREADPOOL for route in waiting):
        return project.primary_traits(service).threads
    told = [option(one, "--threads") for one in project.servings if one.service == service.root and one.server in ("gunicorn", "waitress")]
    numbers = [number for one in told if one is not None and (number := whole_number(one)) is not None]
    return max(numbers, default=0)
