"""Dependencies that do next to nothing, and for which each request goes to a thread and back."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft
from fwaudit.check.trivial import is_trivial
from fwaudit.model.context import Context, Grade
from fwaudit.model.project import Project

RULE = "sync-dependency-trivial"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each dependency."""
    if not project.dependencies:
        return
    for body in project.code.bodies:
        routes = project.dependencies.get((body.place.path, body.place.line), 0)
        if body.kind != "function" or not routes or body.scope.is_async or body.scope.name == "__init__" or not is_trivial(body):
            continue
        number = f"each request of {routes} routes" if routes > 1 else "each request of its route"
        message = f"`{body.scope.name}` does next to nothing, and {number} goes to a thread for it"
        yield Draft(RULE, Grade.LOW, Grade.HIGH, message, body.place, body.name, Context.THREADPOOL, body.routes)
