"""Services that answer with JSON and of which no OpenAPI document is made or kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fwaudit.check.documents import is_generated
from fwaudit.check.findings import Draft, at, service_of
from fwaudit.check.promised import comparisons
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "no-openapi-contract"
_FEWEST = 5
"""Routes that answer with JSON, below which a document says little."""
_API = re.compile(r"(?:^|/)(?:api|v\d+)(?:/|$)")
"""In a path: it is for other programs, not for the scripts of the service's own pages."""
_TELLING = ("openapi", "swagger")
"""In a name: the code makes or serves a document in a way of its own."""
_ANSWERS = frozenset({"JsonResponse", "JSONResponse", "dumps", "json_response", "jsonify", "media"})
"""What handlers mention that answer with JSON."""


def check(project: Project) -> Iterator[Draft]:
    """A finding for each such service, at its first app or route."""
    told = set(_told_by_files(project))
    answering = {one.name for one in project.code.functions if one.routes and not _ANSWERS.isdisjoint(one.mentions)}
    for service in project.services:
        routes = [route for route in service.routes if route.kind == "http" and route.handler in answering and _API.search(route.path)]
        if len(routes) >= _FEWEST and service.root not in told and not is_generated(project, service) and not _makes_document(project):
            place = at(min(app.location for app in service.apps) if service.apps else min(route.location for route in routes))
            message = f"{len(routes)} routes answer with JSON, and no OpenAPI document tells of them"
            yield Draft(RULE, Grade.LOW, Grade.MEDIUM, message, place, "", None, service=service.name)


def _told_by_files(project: Project) -> Iterator[str]:
    """The roots of the services that a document in the repository tells of: it lies below the root, or the service serves it."""
    for compared in comparisons(project):
        yield compared.service.root
    for document in project.manifests.specifications:
        service = service_of(document.path, project.services)
        if service is not None:
            yield service.root


def _makes_document(project: Project) -> bool:
    """Whether any code mentions what makes one."""
    return any(part in name.lower() for body in project.code.bodies for name in body.scope.mentions for part in _TELLING)
