"""How services are started where users reach them: which manifests tell of that, and which of development."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fwaudit.check.findings import Draft, at
from fwaudit.model.code import Place
from fwaudit.model.context import Context, Grade
from fwaudit.model.project import Project
from fwaudit.model.service import Service, Serving

_DEPLOYS = frozenset(
    {"app-engine", "dockerfile", "gunicorn", "kubernetes", "procfile", "serverless", "supervisor", "systemd", "uwsgi", "zappa"}
)
"""Kinds of manifests that say what is deployed; compose files, Makefiles and scripts serve developers as often."""
_ENTRY_SCRIPT = re.compile(r"(?:.*/)?(?:docker[-_])?(?:entrypoint|entry[-_]point|start)(?:\.sh|\.bash)?", re.DOTALL)
_OF_DEVELOPERS = re.compile(
    r"(?:.*[-_./])?(?:ci|debug|demo|dev|devcontainer|devel|development|e2e|examples?|local|playground|sandbox|testing|tests?)(?:[-_./].*)?",
    re.DOTALL | re.IGNORECASE,
)


def servings(project: Project) -> Iterator[tuple[Service, Serving]]:
    """Each start of a service that a manifest writes for deployment."""
    services = {service.root: service for service in project.services}
    for serving in project.servings:
        if serving.service in services and is_for_users(serving):
            yield services[serving.service], serving


def is_for_users(serving: Serving) -> bool:
    """Whether a manifest of what is deployed starts it: not one that its name, its folder or its stage gives to developers or tests."""
    path = serving.location.path
    is_deploying = serving.manifest in _DEPLOYS or (serving.manifest == "shell" and _ENTRY_SCRIPT.fullmatch(path) is not None)
    return is_deploying and not any(_OF_DEVELOPERS.fullmatch(name) for name in (path, serving.stage))


def option(serving: Serving, *names: str) -> str | None:
    """The value of the first of these options that is given, "" for one without a value; None where none is given."""
    for written in serving.options:
        name, _, value = written.partition("=")
        if name in names:
            return value
    return None


def is_sync_gunicorn(serving: Serving) -> bool:
    """Whether it is surely gunicorn with its sync worker, which serves one request at a time."""
    is_default = not serving.worker_class and not serving.config
    is_sync = serving.worker_class != "gthread" and serving.runs_as is Context.WSGI_WORKER
    has_threads = option(serving, "--threads") not in (None, "1")
    return serving.server == "gunicorn" and (is_default or is_sync) and not has_threads


def finding(
    rule: str,
    grades: tuple[Grade, Grade],
    message: str,
    started: tuple[Service, Serving],
    *,
    places: Iterable[Place] = (),
    routes: Iterable[str] = (),
) -> Draft:
    """A finding at the start of a service; `grades` are severity and confidence."""
    service, serving = started
    labels = tuple(sorted(set(routes)))
    place = at(serving.location)
    return Draft(rule, *grades, message, place, serving.server, None, labels, places=tuple(places), service=service.name)
