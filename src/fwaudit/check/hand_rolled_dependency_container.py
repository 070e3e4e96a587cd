"""Globals that functions fill on their first call and give out."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.findings import Draft
from fwaudit.check.shapes import last_name
from fwaudit.model.code import CodeBody
from fwaudit.model.project import Project

RULE = "hand-rolled-dependency-container"
_FEWEST = 3


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service with several such functions."""
    if not project.services:
        return
    for cluster in clusters(project, (Part(body.place, body) for body in project.code.bodies if _gives_out_global(body))):
        if len(cluster.parts) >= _FEWEST:
            yield cluster.draft(RULE, "shared objects are made on first use and kept in globals")


def _gives_out_global(body: CodeBody) -> bool:
    """It makes what a `global` holds while that holds nothing, and returns it."""
    if body.kind != "function" or not body.scope.outer_stores or not body.body.first_time:
        return False
    kept = {name for name, _ in body.scope.outer_stores}
    return any(last_name(body, index) in kept for index in body.body.returns)
