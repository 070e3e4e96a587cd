"""Synchronous sessions and models that block the event loop of a service in many places."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.drivers import draft, drivers_on_loop
from fwaudit.check.findings import Draft
from fwaudit.model.project import Project

RULE = "sync-session-in-async-app"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service and library."""
    for driver in drivers_on_loop(project):
        if driver.kind == "session":
            yield draft(RULE, driver, "synchronous sessions and models")
