"""A framework in a version that gets no security fixes any more."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft, at
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "outdated-framework-baseline"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each manifest that says the version, for the first of the services that have it from there."""
    said = set()
    for one in project.ended:
        if one.last_day < project.today and (one.framework, one.location) not in said:
            said.add((one.framework, one.location))
            message = f"{one.framework} {one.specifier} gets no security fixes any more: its support ended by {one.last_day}"
            yield Draft(RULE, Grade.MEDIUM, Grade.HIGH, message, at(one.location), one.framework, None, service=one.service)
