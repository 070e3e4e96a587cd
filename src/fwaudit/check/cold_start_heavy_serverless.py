"""Libraries that take long to import, in services whose processes are started for bursts of requests."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft, at
from fwaudit.model.context import Grade
from fwaudit.model.project import Project
from fwaudit.model.service import Load, Serving

RULE = "cold-start-heavy-serverless"
_FEWEST_SECONDS = 0.3
"""Less is lost among what the platform itself needs."""


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service, at the first such import."""
    services = {service.root: service for service in project.services}
    done: set[str] = set()
    for serving in project.servings:
        service = services.get(serving.service)
        heavy = _heavy(serving, project)
        seconds = sum(project.import_seconds[name] for name in heavy)
        if service is None or service.name in done or seconds < _FEWEST_SECONDS:
            continue
        done.add(service.name)
        names = ", ".join(f"`{name}`" for name in sorted(heavy, key=lambda name: (-project.import_seconds[name], name)))
        places = tuple(sorted(at(load.location) for loads in heavy.values() for load in loads))
        message = f"each cold start of `{service.name}` ({serving.server}) imports {names} before it answers, about {seconds:.1f} s of work"
        worst = max(heavy, key=lambda name: (project.import_seconds[name], name))
        first = min(at(load.location) for load in heavy[worst])
        grade = Grade.MEDIUM if seconds >= 1 else Grade.LOW
        yield Draft(RULE, grade, Grade.HIGH, message, first, worst, None, places=places, service=service.name)


def _heavy(serving: Serving, project: Project) -> dict[str, list[Load]]:
    """The heavy modules that a start imports, each with where."""
    found: dict[str, list[Load]] = {}
    for load in serving.loads or ():
        parts = load.name.split(".")
        name = next((one for length in (1, 2) if (one := ".".join(parts[:length])) in project.import_seconds), None)
        if name is not None and load.location.path in project.reported:
            found.setdefault(name, []).append(load)
    return found
