"""Two pools of connections to one kind of store in one service: a synchronous and an asynchronous one."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft, service_of
from fwaudit.model.code import CallUse
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "mixed-sync-and-async-driver"
_MAKERS = {
    "a SQL database": (
        ("sqlalchemy.create_engine", "sqlmodel.create_engine"),
        ("databases.Database", "sqlalchemy.ext.asyncio.async_engine_from_config", "sqlalchemy.ext.asyncio.create_async_engine"),
    ),
    "PostgreSQL": (("psycopg_pool.ConnectionPool",), ("asyncpg.create_pool", "psycopg_pool.AsyncConnectionPool")),
    "MongoDB": (("pymongo.MongoClient",), ("motor.motor_asyncio.AsyncIOMotorClient", "pymongo.AsyncMongoClient")),
    "Redis": (("redis.Redis", "redis.from_url"), ("redis.asyncio.Redis", "redis.asyncio.from_url")),
}
"""For each kind of store what makes a synchronous pool or client, and what an asynchronous one."""


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service and kind of store, at the first synchronous one."""
    for store, (sync, asynchronous) in _MAKERS.items():
        others = _by_service(project, project.code.calls(asynchronous)) if project.services else {}
        for service, uses in (_by_service(project, project.code.calls(sync)) if others else {}).items():
            if service not in others:
                continue
            message = f"`{service}` connects to {store} in two ways: with `{uses[0].callee}`, and with `{others[service][0].callee}`"
            places = tuple(sorted(use.place for use in (*uses, *others[service])))
            yield Draft(RULE, Grade.LOW, Grade.MEDIUM, message, uses[0].place, uses[0].callee, None, places=places, service=service)


def _by_service(project: Project, uses: tuple[CallUse, ...]) -> dict[str, list[CallUse]]:
    found: dict[str, list[CallUse]] = {}
    for use in uses:
        service = service_of(use.place.path, project.services)
        if service is not None and service.interface in ("asgi", "own-loop") and use.place.path in project.reported:
            found.setdefault(service.name, []).append(use)
    return found
