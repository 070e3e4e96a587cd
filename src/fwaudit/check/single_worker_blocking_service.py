"""A service that waits in its handlers and is served one request at a time."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.deployed import finding, is_sync_gunicorn, servings
from fwaudit.check.findings import Draft, at
from fwaudit.model.context import Grade, WaitsFor
from fwaudit.model.project import Project

RULE = "single-worker-blocking-service"
_WAITING = frozenset({WaitsFor.NETWORK, WaitsFor.DATABASE, WaitsFor.PROCESS, WaitsFor.SLEEP})
_SETS_WORKERS_ITSELF = ("procfile",)
"""Platforms of these set WEB_CONCURRENCY, which gunicorn reads."""


def check(project: Project) -> Iterator[Draft]:
    """A finding for each start of gunicorn with one sync worker."""
    for service, serving in servings(project):
        has_more = serving.config or serving.is_open or serving.manifest in _SETS_WORKERS_ITSELF
        if not is_sync_gunicorn(serving) or has_more or serving.workers not in (None, 1):
            continue
        waiting = [route for route in service.routes if not _WAITING.isdisjoint(route.waits_for)]
        if service.interface == "wsgi" and waiting:
            number = f"{len(waiting)} routes wait" if len(waiting) > 1 else "a route waits"
            message = f"one sync worker serves one request at a time, and {number} for something else meanwhile"
            places = [at(route.location, route.handler) for route in waiting]
            labels = [route.label for route in waiting]
            yield finding(RULE, (Grade.MEDIUM, Grade.MEDIUM), message, (service, serving), places=places, routes=labels)
