"""Work that keeps the CPU busy, reached from code that runs on an event loop."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft, from_blocked, loop_of, only, reached
from fwaudit.model.project import Project

RULE = "cpu-work-on-loop"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each boundary."""
    for blocked in only(project, "cpu"):
        yield from_blocked(RULE, blocked, f"{reached(blocked)} keeps {loop_of(blocked)} busy")
