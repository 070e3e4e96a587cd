"""Flask-SocketIO under gunicorn in a way that its documentation rules out."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.deployed import finding, is_sync_gunicorn, servings
from fwaudit.check.findings import Draft
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "socketio-without-async-server"
_FRAMEWORK = "flask-socketio"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each start."""
    for service, serving in servings(project):
        if serving.server != "gunicorn" or all(framework.name != _FRAMEWORK for framework in service.frameworks):
            continue
        if is_sync_gunicorn(serving):
            message = "a client of Flask-SocketIO holds gunicorn's sync worker, which serves one request at a time"
        elif serving.workers is not None and serving.workers > 1:
            message = f"gunicorn spreads requests over {serving.workers} workers, and Flask-SocketIO needs all those of a client in one"
        else:
            continue
        yield finding(RULE, (Grade.HIGH, Grade.HIGH), message, (service, serving))
