"""One finding for all places of one piece of hand-written code in a service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fwaudit.check.findings import Draft, whose_code
from fwaudit.model.code import CodeBody
from fwaudit.model.context import Grade
from fwaudit.model.project import Place, Project
from fwaudit.model.service import Service


@dataclass(frozen=True, slots=True)
class Part:
    """One place of a cluster, and the body that it stands in."""

    place: Place
    body: CodeBody


@dataclass(frozen=True, slots=True)
class Cluster:
    """All parts in one service, sorted by place."""

    service: Service
    parts: tuple[Part, ...]
    found: int
    """How many there are, those counted that share a place: what has none of its own stands at its function."""

    @property
    def bodies(self) -> tuple[CodeBody, ...]:
        """The bodies that the parts stand in, each once."""
        return tuple({part.body.name: part.body for part in self.parts}.values())

    @property
    def files(self) -> int:
        """In how many files there are parts."""
        return len({part.place.path for part in self.parts})

    @property
    def is_served(self) -> bool:
        """A route is known to reach a part."""
        return any(body.routes for body in self.bodies)

    @property
    def size(self) -> str:
        """`3 places in 2 functions of 1 file, 40 lines`."""
        functions = [body for body in self.bodies if body.kind in _FUNCTIONS]
        files = _counted(self.files, "file")
        if not functions:
            return f"{_counted(self.found, 'place')} in {files}"
        lines = _counted(sum(body.lines for body in functions), "line")
        return f"{_counted(self.found, 'place')} in {_counted(len(functions), 'function')} of {files} ({lines})"

    def draft(self, rule: str, message: str, severity: Grade = Grade.LOW, confidence: Grade = Grade.MEDIUM) -> Draft:
        """The finding: `message`, which says what is written by hand, and then how much of it there is."""
        places = tuple(part.place for part in self.parts)
        routes = tuple(sorted({route for body in self.bodies for route in body.routes}))
        return Draft(
            rule, severity, confidence, f"{message}: {self.size}", places[0], "", None, routes, places=places, service=self.service.name
        )


_BESIDE = frozenset(("benchmarks", "docs", "examples", "samples", "scripts"))
"""Folders of programs that are mostly not served."""
_FUNCTIONS = ("function", "lambda", "generator")


def clusters(project: Project, parts: Iterable[Part]) -> Iterator[Cluster]:
    """The parts of each service; what belongs to no service is left out, and so are files that are not reported.

    So are parts in folders that mostly hold what is not served, where no route is known to reach them.
    """
    found: dict[str, dict[Place, Part]] = defaultdict(dict)
    services = {}
    numbers: dict[str, int] = defaultdict(int)
    for part in parts:
        service = whose_code(part.place.path, project)
        if service is not None and part.place.path in project.reported and not _is_beside(part):
            services[service.root] = service
            numbers[service.root] += 1
            found[service.root][part.place] = part
    for root in sorted(found):
        yield Cluster(services[root], tuple(found[root][place] for place in sorted(found[root])), numbers[root])


def _is_beside(part: Part) -> bool:
    return not _BESIDE.isdisjoint(part.place.path.split("/")[:-1]) and not part.body.routes


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
