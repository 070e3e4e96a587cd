"""A query that is asked again in each turn of a loop."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft
from fwaudit.model.context import Grade, WaitsFor
from fwaudit.model.project import PathStep, Project

RULE = "query-in-loop"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each place in a loop."""
    for asked in project.data.repeated_queries:
        reached = f", reached through `{asked.through[0].function}`," if asked.through else ""
        message = f"`{asked.callee}`{reached} asks the database in each turn of the loop"
        if asked.is_relation:
            message = f"reading `{asked.callee}` asks the database in each turn of the loop: its query does not load the relation"
        steps = tuple(PathStep(place, f"on the way to `{asked.callee}`") for place in (asked.place, *asked.through))
        confidence = Grade.MEDIUM if len(asked.through) < 2 else Grade.LOW
        yield Draft(
            RULE,
            Grade.MEDIUM,
            confidence,
            message,
            asked.place,
            asked.callee,
            None,
            asked.routes,
            WaitsFor.DATABASE,
            steps if asked.through else (),
        )
