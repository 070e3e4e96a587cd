"""Health checks that wait for a free thread, though they do nothing that needs one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fwaudit.check.findings import Draft
from fwaudit.check.trivial import is_trivial
from fwaudit.model.context import Context, Grade
from fwaudit.model.project import Project
from fwaudit.model.service import Route, Service

RULE = "sync-health-route-in-threadpool"
_HEALTH = re.compile(r".*/_?(?:health|health[-_]?check|healthz|heartbeat|live|liveness|livez|ping|ready|readiness|readyz)/?", re.DOTALL)


def check(project: Project) -> Iterator[Draft]:
    """A finding for each such route of a service with other handlers that hold threads."""
    found = [(service, route) for service in project.services for route in _health_routes(service)]
    if not found:
        return
    bodies = {(body.place.path, body.place.line): body for body in project.code.bodies if body.kind == "function"}
    for service, route in found:
        body = bodies.get((route.location.path, route.location.line))
        if body is not None and is_trivial(body):
            message = f"`{route.path}` needs a free thread to answer, and other handlers of `{service.name}` hold threads while they wait"
            yield Draft(
                RULE, Grade.LOW, Grade.HIGH, message, body.place, body.name, Context.THREADPOOL, (route.label,), service=service.name
            )


def _health_routes(service: Service) -> list[Route]:
    threads = [route for route in service.routes if route.context is Context.THREADPOOL and not route.is_async]
    if service.interface != "asgi" or not any(route.waits_for for route in threads):
        return []
    return [route for route in threads if not route.waits_for and _HEALTH.fullmatch(route.path)]
