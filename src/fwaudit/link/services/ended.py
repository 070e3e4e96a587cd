"""Which services use a version of a framework that gets no fixes any more, by the dates of the tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fwaudit.catalog.framework_schema import Framework
from fwaudit.link.entry_points.versions import NEWEST, Versions, specifier_holds
from fwaudit.model.project import EndedVersion
from fwaudit.model.service import Service


def ended_versions(services: Iterable[Service], versions: Versions, frameworks: Iterable[Framework]) -> Iterator[EndedVersion]:
    """Each framework of a service whose version, as locked or as the newest that its manifest allows, has a date of its end."""
    rows = {framework.name: framework for framework in frameworks if framework.ends}
    for service in services:
        near = service.apps[0].location.path if service.apps else f"{service.root}/x".removeprefix("./")
        for use in service.frameworks:
            framework = rows.get(use.name)
            version = versions.assumed(framework, near) if framework is not None else NEWEST
            stated = versions.stated(framework.distributions, near) if framework is not None else None
            if framework is None or stated is None or version == NEWEST:
                continue
            row = next((one for one in framework.ends if specifier_holds(one.versions, version)), None)
            if row is not None:
                yield EndedVersion(service.name, use.name, stated[0], row.last_day, stated[1])
