"""Globals that functions fill on their first call and give out."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.findings import Draft
from fwaudit.check.shapes import last_name
from fwaudit.model import facts
from fwaudit.model.code import CodeBody
from fwaudit.model.project import Project

RULE = "hand-rolled-dependency-container"
_FEWEST = 3
_OF_VALUES = frozenset(("bool", "dict", "float", "frozenset", "int", "list", "set", "sorted", "str", "tuple"))


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
    kept = {name for name, binding in body.scope.outer_stores if _is_object(body, binding)}
    return any(last_name(body, index) in kept for index in body.body.returns)


def _is_object(body: CodeBody, binding: int) -> bool:
    """Whether a call made it: not one that makes a text, a number or a collection, which nothing has to inject or to close."""
    bound = body.body.bindings[binding]
    waiting, seen = [bound.value] if isinstance(bound, facts.Assigned) and not bound.path else [], set[int]()
    while waiting:
        index = waiting.pop()
        made = body.body.expressions[index] if index >= 0 and index not in seen else None
        seen.add(index)
        if isinstance(made, facts.Call) and last_name(body, made.function) not in _OF_VALUES:
            return True
        if isinstance(made, facts.Await):
            waiting.append(made.value)
        elif isinstance(made, facts.Choice):
            waiting.extend(made.options)
        elif isinstance(made, facts.Name):
            values = (body.body.bindings[one] for one in made.bindings)
            waiting.extend(one.value for one in values if isinstance(one, facts.Assigned) and not one.path)
    return False
