"""A function that is called on the loop where an offloader expects the function itself."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft, from_blocked, from_lost, reached
from fwaudit.model.project import Project

RULE = "called-instead-of-offloaded"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each such call."""
    for blocked in project.blocked:
        if blocked.called_instead and blocked.kind != "nested":
            yield from_blocked(RULE, blocked, f"{reached(blocked)} is called here, on the event loop, not handed to the thread")
    for lost in project.not_callable:
        yield from_lost(RULE, lost, f"`{lost.callee}` is called here, and its result handed to the thread as the function to run")
