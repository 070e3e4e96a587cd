"""A server is started for an application whose framework is not known."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft, at
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "unknown-framework"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service without a framework, at what serves it."""
    for service in project.services:
        if service.frameworks or not service.servers:
            continue
        places = tuple(at(location) for server in service.servers for location in server.evidence)
        message = f"no framework is recognised in `{service.name}`, which {service.servers[0].name} serves: its routes are not known"
        for place in places[:1]:
            yield Draft(RULE, Grade.LOW, Grade.HIGH, message, place, service.servers[0].name, None, places=places, service=service.name)
