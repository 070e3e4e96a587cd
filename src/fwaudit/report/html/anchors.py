"""Names of places in the file, each once, so that everything can link to everything."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from fwaudit.model.audit import Audit
from fwaudit.model.finding import Finding
from fwaudit.report.groups import Group

_LONGEST = 60


@dataclass(slots=True)
class Anchors:
    """The places of services, routes, root causes and rules; "" for what has none."""

    services: list[str] = field(default_factory=list)
    """In the Audit's order: names of services may be there twice."""
    routes: dict[tuple[int, str], str] = field(default_factory=dict)
    """By the service's place in that order, and label."""
    causes: dict[str, str] = field(default_factory=dict)
    """By the fingerprint of any finding of the root cause."""
    rules: dict[str, str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)
    _again: dict[str, int] = field(default_factory=dict)
    """By the beginning of a place's name: the last number that was put behind it."""

    @classmethod
    def of(cls, audit: Audit, groups: Iterable[Group]) -> Anchors:
        """A place for all that the Audit has."""
        anchors = cls()
        for number, service in enumerate(audit.services):
            anchors.services.append(anchors._new("service", service.name))
            for route in service.routes:
                if (number, route.label) not in anchors.routes:
                    anchors.routes[number, route.label] = anchors._new("route", f"{service.name}-{route.label}")
        for group in groups:
            worst = group.worst
            place = anchors._new("cause", worst.root_cause or worst.fingerprint)
            anchors.causes.update((finding.fingerprint, place) for finding in group.findings)
            if worst.rule not in anchors.rules:
                anchors.rules[worst.rule] = anchors._new("rule", worst.rule)
        return anchors

    def cause_of(self, finding: Finding) -> str:
        """Where the finding's root cause stands."""
        return self.causes.get(finding.fingerprint, "")

    def _new(self, kind: str, words: str) -> str:
        start = f"{kind}-{re.sub('[^a-z0-9]+', '-', words.lower()).strip('-')[:_LONGEST]}"
        candidate = start
        while candidate in self._taken:
            self._again[start] = self._again.get(start, 1) + 1
            candidate = f"{start}-{self._again[start]}"
        self._taken.add(candidate)
        return candidate


def place(path: str, line: int) -> str:
    """`app/main.py:12`."""
    return f"{path}:{line}"
