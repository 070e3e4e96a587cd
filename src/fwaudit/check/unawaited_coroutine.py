"""A coroutine function that is called and its coroutine thrown away."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft, from_lost
from fwaudit.model.project import Project

RULE = "unawaited-coroutine"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each call."""
    for lost in project.lost:
        yield from_lost(RULE, lost, f"the coroutine of `{lost.callee}` is never awaited, so its body never runs")
