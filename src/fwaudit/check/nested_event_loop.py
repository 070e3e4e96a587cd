"""A loop that is run and waited for by code that runs on a loop already."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft, from_blocked, only, reached
from fwaudit.model.project import Project

RULE = "nested-event-loop"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each boundary."""
    for blocked in only(project, "nested"):
        yield from_blocked(RULE, blocked, f"{reached(blocked)} runs a loop inside the running one")
