"""Responses that stay open, served by workers that serve one request at a time."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.deployed import finding, is_sync_gunicorn, servings
from fwaudit.check.findings import Draft
from fwaudit.model.code import CallUse
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "sync-worker-with-streaming"
_TYPE_KEYWORDS = ("content_type", "mimetype")
_EVENTS = "text/event-stream"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each start of a service that sends event streams."""
    for service, serving in servings(project):
        if not is_sync_gunicorn(serving) or service.interface != "wsgi":
            continue
        files = project.files_of.get(service.root, frozenset())
        streams = [use for use in project.code.calls(project.names[RULE]["responses"]) if use.place.path in files and _sends_events(use)]
        if streams:
            message = "an event stream holds gunicorn's sync worker, which serves one request at a time, for as long as it is open"
            places = [use.place for use in streams]
            routes = [route for use in streams for route in use.routes]
            yield finding(RULE, (Grade.HIGH, Grade.HIGH), message, (service, serving), places=places, routes=routes)


def _sends_events(use: CallUse) -> bool:
    return any((use.keyword(name) or "").startswith(_EVENTS) for name in _TYPE_KEYWORDS)
