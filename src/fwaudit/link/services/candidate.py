"""What may be a service, as it is put together."""

from __future__ import annotations

from dataclasses import dataclass, field

from fwaudit.config import ServiceOverride
from fwaudit.link.entry_points.entries import RouteFact
from fwaudit.link.services.factories import FoundApp
from fwaudit.link.services.served import ServerFact


@dataclass(slots=True)
class Candidate:
    """What may be a service: all that was found for one root."""

    root: str
    apps: list[FoundApp] = field(default_factory=list)
    servers: list[ServerFact] = field(default_factory=list)
    routes: list[tuple[int, RouteFact]] = field(default_factory=list)
    told: ServiceOverride | None = None
    """What the settings say of it: then it is a service, whatever else was found."""

    @property
    def paths(self) -> list[str]:
        """The files of its apps, each once."""
        return list(dict.fromkeys(app.fact.module.path for app in self.apps))
