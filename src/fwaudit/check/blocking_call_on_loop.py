"""Blocking work reached from code that runs on an event loop."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft, from_blocked, loop_of, only, reached
from fwaudit.model.project import Project

RULE = "blocking-call-on-loop"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each boundary."""
    for blocked in only(project, "blocking"):
        how = "iterating over " if blocked.is_iteration else ""
        yield from_blocked(RULE, blocked, f"{how}{reached(blocked)} blocks {loop_of(blocked)}")
