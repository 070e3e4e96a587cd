"""The services of a workspace: a folder with an application object, its frameworks, apps and routes."""

from __future__ import annotations

from collections import defaultdict
from pathlib import PurePosixPath

from fwaudit.catalog.names import Catalog
from fwaudit.link.contexts import AppFact, EntryPoints, RouteFact
from fwaudit.link.symbols import Symbols
from fwaudit.model.context import WaitsFor
from fwaudit.model.finding import Location
from fwaudit.model.service import App, FrameworkUse, Route, Service
from fwaudit.model.source import Role

_SOURCE_FOLDERS = ("src", "lib")


def find_services(symbols: Symbols, catalog: Catalog, entries: EntryPoints, waits: dict[int, tuple[WaitsFor, ...]]) -> tuple[Service, ...]:
    """The services, by root. `waits` gives for each route (by its place in `entries.routes`) what its handler waits for."""
    roles = {module.path: module.role for module in symbols.modules}
    apps = [app for app in entries.apps if roles[app.module.path] is Role.CODE]
    routes = [(number, route) for number, route in enumerate(entries.routes) if roles[route.location.path] is Role.CODE]
    roots = sorted({root_of(app.module.path, symbols) for app in apps} or {root_of(route.location.path, symbols) for _, route in routes})
    by_root: dict[str, tuple[list[AppFact], list[tuple[int, RouteFact]]]] = {root: ([], []) for root in roots}
    for app in apps:
        by_root[nearest_root(app.module.path, roots)][0].append(app)
    for number, route in routes:
        by_root[nearest_root(route.location.path, roots)][1].append((number, route))
    return tuple(_service(root, *by_root[root], catalog, waits) for root in roots)


def _service(
    root: str,
    apps: list[AppFact],
    routes: list[tuple[int, RouteFact]],
    catalog: Catalog,
    waits: dict[int, tuple[WaitsFor, ...]],
) -> Service:
    evidence: dict[str, list[Location]] = defaultdict(list)
    for app in apps:
        evidence[app.framework].append(app.location)
    if not apps:
        for _, route in routes:
            evidence[route.framework].append(route.location)
    frameworks = tuple(
        FrameworkUse(name, "", "primary" if place == 0 else "secondary", tuple(sorted(places)))
        for place, (name, places) in enumerate(sorted(evidence.items(), key=lambda item: (-len(item[1]), item[0])))
    )
    interfaces: dict[str, str] = {framework.name: framework.interface for framework in catalog.frameworks}
    interfaces |= {app.framework: app.interface for app in apps if app.interface}
    return Service(
        name=_name(root, apps),
        root=root,
        frameworks=frameworks,
        interface=interfaces.get(frameworks[0].name) or None if frameworks else None,
        servers=(),
        apps=tuple(sorted((App(f"{app.module.name}:{app.name}", app.location) for app in apps), key=lambda one: (one.location, one.name))),
        routes=tuple(
            sorted(
                (_route(route, waits.get(number, ())) for number, route in routes),
                key=lambda one: (one.path, one.methods, one.location, one.handler),
            )
        ),
    )


def _route(route: RouteFact, waits: tuple[WaitsFor, ...]) -> Route:
    return Route(
        methods=route.methods,
        path=route.path,
        handler=route.handler,
        location=route.location,
        kind=route.kind,
        is_async=route.is_async,
        context=route.context,
        waits_for=waits,
    )


def _name(root: str, apps: list[AppFact]) -> str:
    if root != ".":
        return PurePosixPath(root).name
    return apps[0].module.name.partition(".")[0] if apps else "service"


def root_of(path: str, symbols: Symbols) -> str:
    """The folder of the service that a file belongs to: its topmost package, else its folder; "." for the workspace root."""
    paths = symbols.paths
    folder = PurePosixPath(path).parent
    while str(folder) != "." and f"{folder.parent}/__init__.py".removeprefix("./") in paths:
        folder = folder.parent
    if folder.name in _SOURCE_FOLDERS:
        folder = folder.parent
    return str(folder)


def nearest_root(path: str, roots: list[str]) -> str:
    """The root that holds `path`, the deepest first; else the one that shares most folders with it."""
    inside = [root for root in roots if root == "." or path.startswith(f"{root}/")]
    if inside:
        return max(inside, key=len)
    return max(roots, key=lambda root: (_shared(root, path), root))


def _shared(root: str, path: str) -> int:
    count = 0
    for left, right in zip(root.split("/"), path.split("/"), strict=False):
        if left != right:
            break
        count += 1
    return count
