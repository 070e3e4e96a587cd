"""Services that answer with JSON and of which no OpenAPI document is made or kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fwaudit.check.findings import Draft, at, service_of
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "no-openapi-contract"
_FEWEST = 5
"""Routes that answer with JSON, below which a document says little."""
_API = re.compile(r"(?:^|/)(?:api|v\d+)(?:/|$)")
"""In a path: it is for other programs, not for the scripts of the service's own pages."""
_GENERATING = frozenset(
    {
        *("apiflask", "connexion", "django-ninja", "drf-spectacular", "drf-yasg", "fastapi", "flasgger", "flask-apispec", "flask-restx"),
        *("flask-smorest", "litestar", "cornice"),
    }
)
"""Frameworks and extensions that make the document from the code."""
_MODULES = ("aiohttp_apispec", "aiohttp_swagger", "apispec", "flask_openapi3", "openapi", "pyramid_openapi3", "quart_schema", "sanic_ext")
"""Names in code that show that a document is made in another way."""
_ANSWERS = frozenset({"JsonResponse", "JSONResponse", "dumps", "json_response", "jsonify", "media"})
"""What handlers mention that answer with JSON."""


def check(project: Project) -> Iterator[Draft]:
    """A finding for each such service, at its first app or route."""
    documents = [service_of(one.path, project.services) for one in project.manifests.specifications]
    told = {service.root for service in documents if service is not None}
    answering = {one.name for one in project.code.functions if one.routes and not _ANSWERS.isdisjoint(one.mentions)}
    for service in project.services:
        names = {one.name for one in service.frameworks}
        routes = [route for route in service.routes if route.kind == "http" and route.handler in answering and _API.search(route.path)]
        if len(routes) >= _FEWEST and names.isdisjoint(_GENERATING) and service.root not in told and not _makes_document(project):
            place = at(min(app.location for app in service.apps) if service.apps else min(route.location for route in routes))
            message = f"{len(routes)} routes answer with JSON, and no OpenAPI document tells of them"
            yield Draft(RULE, Grade.LOW, Grade.MEDIUM, message, place, "", None, service=service.name)


def _makes_document(project: Project) -> bool:
    """Whether any code mentions what makes one."""
    return any(part in name.lower() for body in project.code.bodies for name in body.scope.mentions for part in _MODULES)
