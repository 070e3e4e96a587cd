"""Tables changed by statements in the code."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.findings import Draft
from fwaudit.check.shapes import calls, text
from fwaudit.model import facts
from fwaudit.model.code import CodeBody
from fwaudit.model.project import Project

RULE = "hand-rolled-migrations"
_FEWEST = 2


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service with several such statements: what a migration tool runs is no part of this."""
    if not project.services:
        return
    altering = [part for body in project.code.bodies for part in _altering(body)]
    if not altering:
        return
    of_tools = {body.place.path for body in project.code.bodies if body.kind == "module" and _imports(body, project.names[RULE]["tools"])}
    for cluster in clusters(project, (part for part in altering if part.place.path not in of_tools)):
        if len(cluster.parts) >= _FEWEST:
            yield cluster.draft(RULE, "tables are changed by `ALTER TABLE` in the code")


def _imports(body: CodeBody, tools: tuple[str, ...]) -> bool:
    imported = (one for one in body.body.bindings if isinstance(one, facts.Imported))
    return any(f"{one.module}.{one.name}.".startswith(f"{tool}.") for one in imported for tool in tools)


def _altering(body: CodeBody) -> Iterator[Part]:
    if not body.may_say("alter table") or not any("alter table" in one for one in body.texts):
        return
    for index, call in calls(body):
        if any(text(body, one).strip().lower().startswith("alter table") for one in call.arguments):
            yield Part(body.place_of(index), body)
