"""A WSGI application that is wrapped to run inside an ASGI one."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "wsgi-app-inside-asgi-app"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each adapter."""
    for use in project.code.calls(project.adapters.get("asgi", ())):
        message = f"a WSGI application runs inside an ASGI one here: each of its requests holds a thread of `{use.callee}`"
        yield Draft(RULE, Grade.LOW, Grade.HIGH, message, use.place, use.callee, None)
