"""Which synchronous libraries block the loops of a service, and from where: the ground of the findings on drivers.

The single calls are `blocking-call-on-loop`; a finding on a driver says that many of them have one remedy.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from fwaudit.check.findings import Draft, only, service_of
from fwaudit.model.context import Context, Grade, WaitsFor
from fwaudit.model.project import BlockedLoop, Place, Project

_INTERFACES = ("asgi", "own-loop")
_DOTTED = re.compile(r"\w+(?:\.\w+)+")
_FEWEST = 3
"""Places, fewer are told well enough one by one."""


@dataclass(frozen=True, slots=True)
class DriverOnLoop:
    """A library that blocks the event loop of a service, with all that is blocked, in the order of places."""

    library: str
    kind: str
    """session, driver or client (of an HTTP service)."""
    service: str
    blocked: tuple[BlockedLoop, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """The calls of the library, each once."""
        return tuple(sorted({one.leaf for one in self.blocked}))

    @property
    def twin(self) -> str:
        """What async code has instead, as most calls have it; "" where the tables know none."""
        twins = [twin for one in self.blocked if (twin := _twin_of(one))]
        return max(sorted(set(twins)), key=twins.count, default="")


def drivers_on_loop(project: Project) -> Iterator[DriverOnLoop]:
    """For each service and library of which at least three calls surely block the service's event loop, by service and library."""
    sessions = project.names["sync-session-in-async-app"]["sessions"]
    interfaces = {service.name: service.interface for service in project.services}
    found: dict[tuple[str, str, str], list[BlockedLoop]] = defaultdict(list)
    for one in only(project, "blocking"):
        owner = service_of(one.leaf.path, project.services)
        service = owner.name if owner is not None else ""
        if one.context is not Context.EVENT_LOOP or one.confidence is not Grade.HIGH or not service:
            continue
        kind = _kind_of(one, sessions)
        if kind and interfaces[service] in _INTERFACES and one.leaf.path in project.reported:
            found[service, one.callee.partition(".")[0], kind].append(one)
    for (service, library, kind), blocked in sorted(found.items()):
        driver = DriverOnLoop(library, kind, service, tuple(sorted(blocked, key=lambda one: one.leaf)))
        if len(driver.places) >= _FEWEST:
            yield driver


def draft(rule: str, driver: DriverOnLoop, what: str) -> Draft:
    """The finding on a driver, at its first call; its words are the same for all findings of one service and library."""
    instead = f"; async code has `{driver.twin}`" if driver.twin else ""
    message = f"{what} of `{driver.library}` block the event loop from {len(driver.places)} places{instead}"
    routes = tuple(sorted({route for one in driver.blocked for route in one.routes}))
    waits_for = driver.blocked[0].waits_for
    return Draft(
        rule,
        Grade.MEDIUM,
        Grade.HIGH,
        message,
        driver.places[0],
        driver.library,
        Context.EVENT_LOOP,
        routes,
        waits_for,
        places=driver.places,
        service=driver.service,
    )


def _kind_of(one: BlockedLoop, sessions: tuple[str, ...]) -> str:
    if one.waits_for is WaitsFor.DATABASE:
        return "session" if one.callee.startswith(sessions) else "driver"
    return "client" if one.waits_for is WaitsFor.NETWORK and _twin_of(one) else ""


def _twin_of(one: BlockedLoop) -> str:
    """The class or module of the counterpart; "" where the tables name none, but what else to do."""
    return one.twin.rpartition(".")[0] if _DOTTED.fullmatch(one.twin) else ""
