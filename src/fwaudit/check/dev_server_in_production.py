"""A server that is made for developing, in a manifest of what is deployed."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.deployed import finding, option, servings
from fwaudit.check.findings import Draft
from fwaudit.model.context import Grade
from fwaudit.model.project import Project
from fwaudit.model.service import Serving

RULE = "dev-server-in-production"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each file that starts it so, unless the service is also started by a server for production."""
    started = list(servings(project))
    seen = set()
    for service, serving in started:
        others = [other for one, other in started if one is service and not other.is_development and not _reloads(other)]
        if others or not (serving.is_development or _reloads(serving)):
            continue
        if (service.root, serving.location.path) in seen:
            continue  # another stage of the same image
        seen.add((service.root, serving.location.path))
        if serving.is_development:
            message = f"`{service.name}` is deployed with {serving.server}, a server for developing"
        else:
            message = f"`{service.name}` is deployed with {serving.server} watching its files to reload them, which is for developing"
        confidence = Grade.MEDIUM if serving.manifest in ("dockerfile", "shell") else Grade.HIGH
        severity = Grade.HIGH if serving.is_development else Grade.MEDIUM
        yield finding(RULE, (severity, confidence), message, (service, serving))


def _reloads(serving: Serving) -> bool:
    return option(serving, "--reload", "--dev") is not None
