"""Values kept in a dict with the time at which they were put there."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.findings import Draft
from fwaudit.check.shapes import calls, counts_time, indices_inside, is_global, statuses, written
from fwaudit.model import facts
from fwaudit.model.code import CodeBody
from fwaudit.model.project import Project

RULE = "hand-rolled-cache"
_READS = ("__contains__", "__getitem__")
_RECKONING = ("*", "-", "/")


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service."""
    if not project.services:
        return
    for cluster in clusters(project, (Part(body.place, body) for body in project.code.bodies if _keeps_for_a_time(body))):
        yield cluster.draft(RULE, "values are kept in a dict, each with its time")


def _keeps_for_a_time(body: CodeBody) -> bool:
    """It reads and stores items of one container that outlives it, asks for the time, counts with it, and gives something back."""
    if body.kind != "function" or body.scope.is_generator or not body.body.operations or not body.body.items or "429" in statuses(body):
        return False
    stored = {written(body, item.value) for item in body.body.items if item.method == "__setitem__" and is_global(body, item.value)}
    read = {written(body, item.value) for item in body.body.items if item.method in _READS}
    for _, call in calls(body, "get"):
        method = body.body.expressions[call.function]
        read |= {written(body, method.value)} if isinstance(method, facts.Attribute) else set()
    kept = {name for name in stored & read if name}
    return bool(kept) and _weighs_time(body) and any(_gives_back(body, index, kept) for index in body.body.returns)


def _weighs_time(body: CodeBody) -> bool:
    """It counts with the present time for more than to note when it was last used."""
    noted = {index for store in body.body.stores for index in indices_inside(body, store.value, through_names=False)}
    return counts_time(body, but_for=noted)


def _gives_back(body: CodeBody, returned: int, kept: set[str]) -> bool:
    """What is kept, as it is: a number that is worked out from it measures what happened since."""
    inside = tuple(indices_inside(body, returned))
    reckoned = any(isinstance(one := body.body.expressions[index], facts.Operation) and one.operator in _RECKONING for index in inside)
    return not reckoned and any(written(body, index) in kept for index in inside)
