"""A WSGI server that is told to serve an ASGI application."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.deployed import finding
from fwaudit.check.findings import Draft
from fwaudit.model.context import Grade
from fwaudit.model.project import Project
from fwaudit.model.service import Service

RULE = "wsgi-server-for-asgi-app"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each command."""
    services = {service.root: service for service in project.services if service.interface == "asgi"}
    for serving in project.servings:
        service = services.get(serving.service)
        if service is None or serving.serves != "wsgi" or not serving.manifest or not _is_app_of(service, serving.app):
            continue
        if serving.config and not serving.worker_class:
            continue  # what its file computes may name an ASGI worker
        worker = f" with the worker class `{serving.worker_class}`" if serving.worker_class else ""
        message = f"{serving.server}{worker} speaks WSGI, and `{serving.app}` is an ASGI application"
        yield finding(RULE, (Grade.HIGH, Grade.HIGH), message, (service, serving))


def _is_app_of(service: Service, told: str) -> bool:
    """Whether it is one of the service's applications, and not one that wraps it."""
    told = told.replace("()", "").replace("/", ".")
    names = [app.name.replace("()", "") for app in service.apps]
    return ":" in told and any(name == told or name.endswith(f".{told}") for name in names)
