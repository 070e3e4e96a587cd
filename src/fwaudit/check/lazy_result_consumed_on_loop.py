"""A lazy result that a thread made and the loop consumes."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft, from_blocked
from fwaudit.model.project import Project

RULE = "lazy-result-consumed-on-loop"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each boundary."""
    for blocked in project.blocked:
        if blocked.is_from_thread and blocked.kind != "nested":
            message = f"the result was made in a thread, but iterating over it calls `{blocked.callee}` on the event loop"
            if blocked.is_iteration:
                message = f"`{blocked.callee}` was made in a thread, but is iterated over on the event loop"
            yield from_blocked(RULE, blocked, message)
