"""A client of another service that each request makes anew."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft
from fwaudit.check.made_per_request import draft_of
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "client-per-request"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each call that makes one."""
    for made in project.data.made_per_request:
        if made.kind == "client":
            yield draft_of(RULE, made, Grade.LOW, "and opens its connections anew")
