"""What an OpenAPI document promises, beside the routes that the code registers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from weakref import WeakKeyDictionary

from fwaudit.model.manifest import Operation, Specification
from fwaudit.model.project import Project
from fwaudit.model.service import Route, Service

_PARAMETER = re.compile(r"<[^<>]*>|\{[^{}]*\}|\(\?P<\w+>[^()]*(?:\([^()]*\)[^()]*)*\)|\([^()?][^()]*\)|(?<=/):\w+")
_OPEN = re.compile(r"<unknown>|<path:|:path[}>]|\.\*|\.\+|\*")
"""What may stand for several parts of a path."""
_PATTERN = re.compile(r"[\\\[\]?*+|^$()]")
_FEWEST = 3
"""Operations of a document that a service serves, below which it may be of another one."""
_SHARE = 0.6
"""Of a document's operations."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A document and the service that serves it."""

    service: Service
    specification: Specification
    base: str
    """What stands before the document's paths in the service's."""
    missing: tuple[Operation, ...]
    """Promised on paths that nothing serves."""
    refused: tuple[Operation, ...]
    """Promised on paths that are served with other methods only."""
    served: dict[Operation, Route]
    """The others, each with the route that serves it."""
    untold: tuple[tuple[Operation, str, Route], ...]
    """Methods of which the document says nothing, each with another operation of the path, of which it does."""


@dataclass(slots=True)
class _Part:
    """A part of the paths that begin alike."""

    below: dict[str, _Part] = field(default_factory=dict)
    path: str = ""
    """The path that ends here."""


class _Served:
    """The routes of a service, by their paths."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.by_path: dict[str, dict[str, Route]] = defaultdict(dict)
        """Simple path, then method, to the first such route."""
        for route in service.routes:
            for method in route.methods or ("",):
                self.by_path[simple(route.path)].setdefault(method, route)
        self._open = _Part()
        """The paths with parameters."""
        self._order = {path: number for number, path in enumerate(self.by_path)}
        for path in self._order:
            if "{}" in path:
                place = self._open
                for part in path.split("/"):
                    place = place.below.setdefault(part, _Part())
                place.path = path

    def at(self, path: str) -> Mapping[str, Route]:
        """The routes that serve a path, by method; a route's parameters may stand for what is written out: `/items/{}` for `/items/new`."""
        known = self.by_path.get(path)
        if known is not None:
            return known
        places = [self._open]
        for part in path.split("/"):
            places = [place.below[one] for place in places for one in dict.fromkeys((part, "{}")) if one in place.below]
        fitting = [place.path for place in places if place.path]
        return self.by_path[min(fitting, key=self._order.__getitem__)] if fitting else {}


_COMPARED: WeakKeyDictionary[Project, tuple[Comparison, ...]] = WeakKeyDictionary()
"""What `comparisons` has worked out: two checks ask for it."""


def comparisons(project: Project) -> tuple[Comparison, ...]:
    """Each document of the workspace, compared with the service that it is surely meant for; those without one are left out."""
    found = _COMPARED.get(project)
    if found is None:
        found = _COMPARED[project] = tuple(_comparisons(project)) if project.manifests.specifications else ()
    return found


def _comparisons(project: Project) -> Iterator[Comparison]:
    own = {one.name for one in project.code.functions} | {one.name for one in project.code.classes}
    services = [_Served(service) for service in project.services]
    for specification in project.manifests.specifications:
        compared = _compare(specification, services, own)
        if compared is not None:
            yield compared


def _compare(specification: Specification, services: Iterable[_Served], own: Container[str]) -> Comparison | None:
    """The comparison with the service that serves most of it; None where none serves enough to be sure that it is meant.

    `own` are the names of the project's functions and classes: below a route that something else handles there may be others.
    """
    bases = dict.fromkeys((specification.base, ""))
    ways = ((served, base) for served in services for base in (*bases, *_prefixes(served.service)))
    counted = ((_count(specification, served, base), -len(base), served, base) for served, base in ways)
    most, _, served, base = max(counted, key=itemgetter(0, 1), default=(0, 0, None, ""))
    if served is None or most < max(_FEWEST, _SHARE * len(specification.operations)):
        return None
    return _compared(specification, served, base, own)


def _count(specification: Specification, served: _Served, base: str) -> int:
    """How many of the document's operations are served, if its paths begin with `base`."""
    return sum(_is_served(method, served.at(path)) for path, method in _told(specification, base))


def _told(specification: Specification, base: str) -> dict[tuple[str, str], Operation]:
    """Simple path and method to the operation, where the document's paths begin with `base`."""
    return {(simple(base + one.path), one.method): one for one in specification.operations}


def _is_served(method: str, routes: Mapping[str, Route]) -> bool:
    return method in routes or "" in routes


def _compared(specification: Specification, by: _Served, base: str, own: Container[str]) -> Comparison:
    open_ends = {end for route in by.service.routes if (end := _open_end(route, own)) is not None}
    told = _told(specification, base)
    missing: list[Operation] = []
    refused: list[Operation] = []
    served: dict[Operation, Route] = {}
    for (path, method), operation in told.items():
        known = by.at(path)
        if _is_served(method, known):
            served[operation] = known[method if method in known else ""]
        elif not any(path.startswith(end) for end in open_ends) and method not in ("HEAD", "OPTIONS"):  # servers add these by themselves
            (refused if known else missing).append(operation)
    paths = {path: operation for (path, _), operation in reversed(told.items())}
    untold = [
        (paths[path], method, route)
        for path in sorted(paths.keys() & by.by_path.keys())
        for method, route in sorted(by.by_path[path].items())
        if method not in ("", "HEAD", "OPTIONS") and (path, method) not in told
    ]
    return Comparison(by.service, specification, base, tuple(missing), tuple(refused), served, tuple(untold))


def _open_end(route: Route, own: Container[str]) -> str | None:
    """The path below which a route may stand for many; None if it stands for one. A page for all that is left stands for no operation."""
    path = simple(route.path)
    is_own = any(route.handler.rsplit(".", cut)[0] in own for cut in range(3))
    found = _OPEN.search(route.path) or _PATTERN.search(path)
    if not found and is_own:
        return None
    start = simple(_PATTERN.split(_OPEN.split(route.path)[0])[0] + "/") if found else path
    return None if start == "/" and is_own and "<unknown>" not in route.path else start


def _prefixes(service: Service) -> tuple[str, ...]:
    """The first parts of the service's paths: a document may leave out what stands before all of its own."""
    parts = [route.path.strip("/").split("/") for route in service.routes if not _OPEN.search(route.path)]
    found = {f"/{one[0]}" for one in parts if len(one) > 1} | {f"/{one[0]}/{one[1]}" for one in parts if len(one) > 2}
    return tuple(sorted(one for one in found if not _PARAMETER.search(one) and not _PATTERN.search(one)))[:50]


def simple(path: str) -> str:
    """The path with all its parameters alike, and without a slash at its end."""
    return _PARAMETER.sub("{}", path).rstrip("/") or "/"
