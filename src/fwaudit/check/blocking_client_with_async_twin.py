"""A synchronous client that blocks the event loop of a service in many places, though there is an async one."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.drivers import draft, drivers_on_loop
from fwaudit.check.findings import Draft
from fwaudit.model.project import Project

RULE = "blocking-client-with-async-twin"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service and library."""
    for driver in drivers_on_loop(project):
        if driver.kind == "client":
            yield draft(RULE, driver, "calls")
