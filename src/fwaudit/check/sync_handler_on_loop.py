"""Synchronous handlers that their framework runs on its event loop, and that wait there."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft, of_routes
from fwaudit.model.context import Context, Grade, WaitsFor
from fwaudit.model.project import Project

RULE = "sync-handler-on-loop"
_WAITING = frozenset({WaitsFor.DATABASE, WaitsFor.NETWORK, WaitsFor.PROCESS, WaitsFor.SLEEP})


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service, at the first such handler."""
    for service in project.services:
        waiting = [
            route
            for route in service.routes
            if not route.is_async and route.context is Context.EVENT_LOOP and not _WAITING.isdisjoint(route.waits_for)
            if route.location.path in project.reported
        ]
        if waiting:
            number = len({route.location for route in waiting})
            framework = service.frameworks[0].name if service.frameworks else "the framework"
            handlers = f"{number} synchronous handlers" if number > 1 else "a synchronous handler"
            message = f"{framework} runs {handlers} of `{service.name}` on its event loop, and nothing else runs while they wait"
            yield of_routes(RULE, (Grade.MEDIUM, Grade.HIGH), message, service, waiting)
