"""Tables changed by statements in the code."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.findings import Draft
from fwaudit.check.shapes import calls, indices_inside, last_name, text
from fwaudit.model import facts
from fwaudit.model.code import CodeBody
from fwaudit.model.project import Project

RULE = "hand-rolled-migrations"
_FEWEST = 2
_EXECUTING = ("exec_driver_sql", "execute", "executescript", "executesql", "raw", "run_sql")
_STARTS = "alter table"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service with several such statements: what a migration tool runs is no part of this."""
    if not project.services:
        return
    altering = [part for body in project.code.bodies for part in _altering(body)]
    altering += _listed(project)
    if not altering:
        return
    of_tools = {body.place.path for body in project.code.bodies if body.kind == "module" and _imports(body, project.names[RULE]["tools"])}
    for cluster in clusters(project, (part for part in altering if part.place.path not in of_tools)):
        if cluster.found >= _FEWEST:
            yield cluster.draft(RULE, "tables are changed by `ALTER TABLE` in the code")


def _imports(body: CodeBody, tools: tuple[str, ...]) -> bool:
    imported = (one for one in body.body.bindings if isinstance(one, facts.Imported))
    return any(f"{one.module}.{one.name}.".startswith(f"{tool}.") for one in imported for tool in tools)


def _altering(body: CodeBody) -> Iterator[Part]:
    if not _alters(body):
        return
    for index, call in calls(body):
        if any(_is_statement(body, one) for one in call.arguments):
            yield Part(body.place_of(index), body)


def _alters(body: CodeBody) -> bool:
    return body.may_say(_STARTS) and any(_STARTS in one for one in body.texts)


def _is_statement(body: CodeBody, index: int) -> bool:
    return text(body, index).strip().lower().startswith(_STARTS)


def _listed(project: Project) -> Iterator[Part]:
    """Statements that a list keeps, where a loop over it executes each: one part for each statement, all at that call."""
    kept: dict[str, dict[str, int]] = {}
    for body in project.code.bodies:
        if body.kind == "module" and _alters(body):
            kept[body.place.path] = _lists(body)
    for body in project.code.bodies:
        if body.kind != "function" or not body.calls_written(*_EXECUTING):
            continue
        lists = kept.get(body.place.path, {}) | (_lists(body) if _alters(body) else {})
        if not lists:
            continue
        for loop in body.body.loops:
            statements = _statements(body, loop.iterated) or lists.get(last_name(body, loop.iterated), 0)
            executed = (index for index, call in calls(body, *_EXECUTING) if call.arguments and loop.first <= index < loop.end)
            for index in executed:
                yield from (Part(body.place_of(index), body) for _ in range(statements))
                break


def _lists(body: CodeBody) -> dict[str, int]:
    """The names of lists, with how many such statements each holds."""
    found: dict[str, int] = {}
    for name, bindings in body.scope.names.items():
        for binding in bindings:
            bound = body.body.bindings[binding]
            if isinstance(bound, facts.Assigned) and (statements := _statements(body, bound.value)):
                found[name] = statements
    return found


def _statements(body: CodeBody, index: int) -> int:
    """How many statements a list or tuple holds, also beside a number or name."""
    if index < 0 or not isinstance(body.body.expressions[index], facts.Display):
        return 0
    return sum(_is_statement(body, one) for one in indices_inside(body, index, through_names=False))
