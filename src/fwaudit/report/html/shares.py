"""Which findings belong to which service, and how each service is called where names are there twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fwaudit.model.finding import Finding
from fwaudit.model.service import Service


@dataclass(frozen=True, slots=True)
class Share:
    """A service with its findings. `number` is its place in the Audit's order, `title` tells it from all others."""

    number: int
    title: str
    service: Service
    findings: tuple[Finding, ...]


def shares_of(services: Sequence[Service], findings: Sequence[Finding]) -> tuple[Share, ...]:
    """A share for each service."""
    owned: dict[int, list[Finding]] = {}
    for finding in findings:
        number = _owner(finding, services)
        if number is not None:
            owned.setdefault(number, []).append(finding)
    titles = _titles(services)
    return tuple(Share(number, titles[number], service, tuple(owned.get(number, ()))) for number, service in enumerate(services))


def _owner(finding: Finding, services: Sequence[Service]) -> int | None:
    """The service of the finding's name; of several the one that has its routes, or the one whose root is the nearest above it."""
    named = [number for number, service in enumerate(services) if service.name == finding.service]
    if len(named) < 2:
        return named[0] if named else None
    with_routes = [number for number in named if {route.label for route in services[number].routes}.intersection(finding.routes)]
    above = [
        number for number in with_routes or named if services[number].root == "." or finding.path.startswith(f"{services[number].root}/")
    ]
    return max(above or with_routes or named, key=lambda number: (len(services[number].root), -number))


def _titles(services: Sequence[Service]) -> list[str]:
    names = Counter(service.name for service in services)
    titles = [service.name if names[service.name] == 1 else f"{service.name} ({service.root})" for service in services]
    seen: Counter[str] = Counter()
    for number, title in enumerate(titles):
        seen[title] += 1
        titles[number] = title if seen[title] == 1 else f"{title}, {seen[title]}"
    return titles
