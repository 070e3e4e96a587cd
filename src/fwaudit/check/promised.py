"""What an OpenAPI document promises, beside the routes that the code registers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass

from fwaudit.model.manifest import Operation, Specification
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


def compare(specification: Specification, services: Iterable[Service], own: Container[str]) -> Comparison | None:
    """The comparison with the service that serves most of it; None where none serves enough to be sure that it is meant.

    `own` are the names of the project's functions and classes: below a route that something else handles there may be others.
    """
    bases = dict.fromkeys((specification.base, ""))
    found = [_compared(specification, service, base, own) for service in services for base in (*bases, *_prefixes(service))]
    best = max(found, key=lambda one: (len(one.served), -len(one.base)), default=None)
    if best is None or len(best.served) < max(_FEWEST, _SHARE * len(specification.operations)):
        return None
    return best


def _compared(specification: Specification, service: Service, base: str, own: Container[str]) -> Comparison:
    routes: dict[str, dict[str, Route]] = defaultdict(dict)
    for route in service.routes:
        for method in route.methods or ("",):
            routes[simple(route.path)].setdefault(method, route)
    open_ends = {end for route in service.routes if (end := _open_end(route, own)) is not None}
    told = {(simple(base + one.path), one.method): one for one in specification.operations}
    missing: list[Operation] = []
    refused: list[Operation] = []
    served: dict[Operation, Route] = {}
    for (path, method), operation in told.items():
        known = routes.get(path) or next((found for written, found in routes.items() if _fits(written, path)), {})
        if method in known or "" in known:
            served[operation] = known[method if method in known else ""]
        elif not any(path.startswith(end) for end in open_ends) and method not in ("HEAD", "OPTIONS"):  # servers add these by themselves
            (refused if known else missing).append(operation)
    paths = {path: operation for (path, _), operation in reversed(told.items())}
    untold = [
        (paths[path], method, route)
        for path in sorted(paths.keys() & routes.keys())
        for method, route in sorted(routes[path].items())
        if method not in ("", "HEAD", "OPTIONS") and (path, method) not in told
    ]
    return Comparison(service, specification, base, tuple(missing), tuple(refused), served, tuple(untold))


def _fits(written: str, path: str) -> bool:
    """Whether a route's parameters may stand for parts of the path that are written out: `/items/{}/{}` for `/items/{}/like`."""
    if "{}" not in written or written.count("/") != path.count("/"):
        return False
    return all(own in (part, "{}") for own, part in zip(written.split("/"), path.split("/"), strict=True))


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
