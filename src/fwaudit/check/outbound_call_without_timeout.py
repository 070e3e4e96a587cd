"""A call of another service that waits as long as that takes."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft
from fwaudit.model.context import Grade, WaitsFor
from fwaudit.model.project import Project

RULE = "outbound-call-without-timeout"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each call."""
    for call in project.data.unlimited_calls:
        severity = Grade.MEDIUM if call.is_served else Grade.LOW
        message = f"`{call.callee}` has no timeout: it waits for as long as the other side takes"
        yield Draft(RULE, severity, call.confidence, message, call.place, call.callee, None, waits_for=WaitsFor.NETWORK)
