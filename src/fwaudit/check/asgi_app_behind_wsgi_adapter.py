"""An ASGI application that is wrapped to be served by WSGI."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "asgi-app-behind-wsgi-adapter"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each adapter, but for those through which a program calls the application in its own process."""
    called = {use.place.path for use in project.code.calls(project.names[RULE]["in_process"])}
    for use in project.code.calls(project.adapters.get("wsgi", ())):
        if use.place.path in called:
            continue
        message = "an ASGI application is served through WSGI here: each request holds a worker, and WebSockets do not work"
        yield Draft(RULE, Grade.MEDIUM, Grade.HIGH, message, use.place, use.callee, None)
