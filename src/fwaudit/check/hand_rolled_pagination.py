"""Pages of results counted out by hand."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.findings import Draft
from fwaudit.check.shapes import calls, names_inside, number
from fwaudit.model import facts
from fwaudit.model.code import CodeBody
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "hand-rolled-pagination"
_FEWEST_REPEATED = 3
_SIZES = ("limit", "per_page", "perpage", "size", "count", "rows", "pagesize", "pp")


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service where a route reaches such code."""
    if not project.services:
        return
    for cluster in clusters(project, (part for body in project.code.bodies for part in _counted_out(body))):
        if cluster.is_served:
            # One or two functions may well be where all lists get their pages from, or cut what no library's paginator takes.
            # `offset` and `limit` of what a caller says are no more than a query; counting pages is what a paginator is for.
            is_sure = sum(1 for body in cluster.bodies if any(_starts_of_pages(body))) >= _FEWEST_REPEATED
            yield cluster.draft(RULE, "pages of results are counted out by hand", confidence=Grade.MEDIUM if is_sure else Grade.LOW)


def _counted_out(body: CodeBody) -> Iterator[Part]:
    """`(page - 1) * size`, and `query.offset(...).limit(...)` with what the function is given."""
    if body.kind != "function":
        return
    starts = list(_starts_of_pages(body))
    if starts:
        # A keyword of another service's API.
        for_others = {value for _, call in calls(body) for keyword, value in call.keywords if keyword in ("offset", "start")}
        yield from (Part(body.place_of(index), body) for index in starts if index not in for_others)
    if {"limit", "offset"} <= set(body.scope.mentions):
        given = {parameter.name for parameter in body.scope.parameters}
        for index, call in calls(body, "offset"):
            if call.arguments and names_inside(body, call.arguments[0]) & given and next(calls(body, "limit"), None) is not None:
                yield Part(body.place_of(index), body)


def _starts_of_pages(body: CodeBody) -> Iterator[int]:
    return (index for index in body.body.operations if _is_start_of_page(body, body.body.expressions[index]))


def _is_start_of_page(body: CodeBody, operation: facts.Expression) -> bool:
    if not isinstance(operation, facts.Operation) or operation.operator != "*":
        return False
    for before, size in ((operation.left, operation.right), (operation.right, operation.left)):
        less = body.body.expressions[before]
        if isinstance(less, facts.Operation) and less.operator == "-" and number(body, less.right) == 1:
            is_page = any("page" in name for name in names_inside(body, less.left))
            is_size = any(word in name for name in names_inside(body, size) for word in _SIZES)
            return is_page or (is_size and any(name in ("p", "pg", "current") for name in names_inside(body, less.left)))
    return False
