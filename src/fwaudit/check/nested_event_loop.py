"""A loop that is run and waited for by code that runs on a loop already."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft, from_blocked, reached
from fwaudit.model.project import Project

RULE = "nested-event-loop"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each boundary."""
    for blocked in project.blocked:
        if blocked.kind != "nested":
            continue
        yield from_blocked(RULE, blocked, f"{reached(blocked)} runs a loop inside the running one")
