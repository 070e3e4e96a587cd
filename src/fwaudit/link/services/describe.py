"""What is said of one service: frameworks with versions, interface, servers, apps and routes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from fwaudit.config import ServiceOverride
from fwaudit.link.entry_points.entries import RouteFact
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.inference.types import Types
from fwaudit.link.module_names import SOURCE_FOLDERS
from fwaudit.link.services.candidate import Candidate
from fwaudit.link.services.factories import FoundApp
from fwaudit.link.services.layers import IoLayers
from fwaudit.link.services.roots import Roots
from fwaudit.link.services.served import ServerFact
from fwaudit.link.services.servings import worker_context
from fwaudit.link.services.validated import Validation
from fwaudit.link.symbols import Module
from fwaudit.model import facts
from fwaudit.model.context import Context, WaitsFor
from fwaudit.model.finding import Location
from fwaudit.model.inputs import RequestInput
from fwaudit.model.service import App, FrameworkUse, Route, ServerUse, Service

_Routes = list[tuple[int, RouteFact]]
_SAYING_NOTHING = frozenset({"app", "application", "asgi", "code", "main", "project", "py", "python", "source", "src", "wsgi"})
"""Names of folders, projects and modules that do not tell one service from another."""


class Described:
    """The stages' answers that descriptions are made from."""

    def __init__(
        self,
        types: Types,
        entries: EntryPoints,
        roots: Roots,
        waits: dict[int, tuple[WaitsFor, ...]],
        inputs: tuple[RequestInput, ...],
    ) -> None:
        self.types = types
        self.roots = roots
        self.entries = entries
        self.waits = waits
        self.validation = Validation(types, inputs)
        self.layers = IoLayers(types)
        self.frameworks = {framework.name: framework for framework in types.catalog.frameworks}


def describe(known: Described, candidate: Candidate) -> Service:
    """The service that the candidate is; what the settings tell goes before what was found."""
    root, servers, routes, told = candidate.root, candidate.servers, candidate.routes, candidate.told
    apps = list(_used_apps(known, candidate.apps, servers, routes))
    frameworks = _frameworks(known, candidate, apps)
    if told and told.server:
        servers = [server for server in servers if server.name == told.server]
    workers = worker_context(servers, known.types.catalog.servers, known.roots)
    return Service(
        name=(told.name if told else "") or _name(known, root, [app.fact.module for app in apps] or _modules_of(routes)),
        root=root,
        frameworks=frameworks,
        interface=_interface(known, frameworks, apps, servers, known.types.catalog.servers.only_interface(told.server if told else "")),
        servers=_servers(known, servers, told),
        apps=tuple(
            sorted(
                {App(f"{_module_as_served(known, app)}:{app.fact.name}", app.fact.location) for app in apps},
                key=lambda one: (one.location, one.name),
            )
        ),
        routes=tuple(
            sorted(
                (_route(known, number, route, workers) for number, route in routes),
                key=lambda one: (one.path, one.methods, one.location, one.handler),
            )
        ),
        signals={"async_io_layer": known.layers.of(code_of(known, candidate))},
    )


def code_of(known: Described, candidate: Candidate) -> Iterator[Module]:
    """The modules below the service's root, and those elsewhere that its applications and the files of its routes import."""
    reached = known.roots.imported_by([*candidate.paths, *(route.frame.function.module.path for _, route in candidate.routes)])
    if any(app.fact.framework == "django" for app in candidate.apps):
        reached = known.roots.imported_by([*reached, *_loaded_by_name(known, reached)])
    for module in known.types.symbols.modules:
        is_below = candidate.root == "." or module.path.startswith(f"{candidate.root}/")
        if known.roots.is_code(module) and (is_below or module.path in reached):
            yield module


def _loaded_by_name(known: Described, paths: Iterable[str]) -> Iterator[str]:
    """What Django imports of the packages of these files without being told: their models and their admin."""
    packages = {path.rpartition("/")[0] for path in paths}
    for module in known.types.symbols.modules:
        package, _, name = module.path.removesuffix(".py").removesuffix("/__init__").rpartition("/")
        if name in ("admin", "models") and package in packages:
            yield module.path


def _module_as_served(known: Described, app: FoundApp) -> str:
    """The module as a server is told it: its name, counted from the root that has a manifest of its own."""
    name = app.fact.module.name
    root = known.roots.deployable(app.fact.module.path)
    folders = root.replace("/", ".") + "."
    is_counted_from_workspace = name == app.fact.module.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    if root == "." or not is_counted_from_workspace or not name.startswith(folders):
        return name
    first, _, rest = name.removeprefix(folders).partition(".")
    return rest if rest and first in SOURCE_FOLDERS else name.removeprefix(folders)


def _used_apps(known: Described, apps: list[FoundApp], servers: list[ServerFact], routes: _Routes) -> Iterator[FoundApp]:
    """The apps without those that have no routes, that no server is told and that import nothing with routes and are not imported."""
    routed = {route.location.path for _, route in routes} | {server.path for server in servers}
    imported = {one.name for module in known.types.symbols.modules if known.roots.is_code(module) for one in module.facts.imports}

    def is_used(app: FoundApp) -> bool:
        path = app.fact.module.path
        return path in routed or app.fact.name in imported or not known.roots.imported_by([path]).isdisjoint(routed)

    used = [app for app in apps if not app.is_object or is_used(app)]
    yield from used or apps


def _frameworks(known: Described, candidate: Candidate, apps: list[FoundApp]) -> tuple[FrameworkUse, ...]:
    """The primary one first: of those that make a service by themselves, the one with most routes and apps."""
    routes, told = candidate.routes, candidate.told
    evidence: dict[str, list[Location]] = defaultdict(list)
    for app in apps:
        evidence[app.fact.framework].append(app.fact.location)
    by_routes = Counter(route.framework for _, route in routes)
    for _, route in routes:
        if route.framework not in evidence:
            evidence[route.framework].append(route.location)
    for name, location in _extensions(known, candidate, evidence):
        evidence[name].append(location)
    if told and told.framework and told.framework not in evidence:
        evidence[told.framework] = []
    counts = Counter(app.fact.framework for app in apps)

    def rank(name: str) -> tuple[bool, bool, int, int, str]:
        is_told = told is not None and told.framework == name
        # REST framework's views are routes of a Django project, however many.
        has_no_app = known.frameworks[name].kind != "web" or (not counts[name] and _is_built_on(known, name, counts))
        return (not is_told, has_no_app, -by_routes[name], -counts[name], name)

    near = apps[0].fact.module.path if apps else f"{candidate.root}/x".removeprefix("./")
    return tuple(
        FrameworkUse(
            name,
            known.entries.versions.declared(known.frameworks[name].distributions, near),
            "primary" if place == 0 else "secondary",
            tuple(sorted(set(evidence[name]))),
        )
        for place, name in enumerate(sorted(evidence, key=rank))
    )


def _is_built_on(known: Described, name: str, others: Container[str]) -> bool:
    """Whether a framework extends one of `others`, directly or through another one."""
    return any(below in others or _is_built_on(known, below, others) for below in known.frameworks[name].extends if below != name)


def _extensions(known: Described, candidate: Candidate, used: Iterable[str]) -> list[tuple[str, Location]]:
    """The extensions of the used frameworks that the service's code imports when it runs, each with its first import."""
    names = set(used)
    wanted = {
        module: framework.name
        for framework in known.frameworks.values()
        if framework.kind == "extension" and framework.name not in names
        for module in framework.imports
    }
    found: dict[str, Location] = {}
    for module in code_of(known, candidate):
        for one in module.facts.imports:
            name = _named_by(one, wanted)
            if name is not None and name not in found:
                found[name] = Location(module.path, *module.facts.span(one.span))
    waiting = True
    extended: set[str] = set()
    while waiting:
        waiting = False
        for name in found.keys() - extended:
            if not known.frameworks[name].extends or not names.isdisjoint(known.frameworks[name].extends):
                extended.add(name)
                names.add(name)
                waiting = True
    return sorted((name, found[name]) for name in extended)


def _named_by(one: facts.ImportStatement, modules: Mapping[str, str]) -> str | None:
    """What `modules` gives for the imported module, or for one that it lies in."""
    dotted = one.module if one.is_runtime and not one.level else ""
    while dotted:
        if dotted in modules:
            return modules[dotted]
        dotted = dotted.rpartition(".")[0]
    return None


def _interface(
    known: Described, frameworks: tuple[FrameworkUse, ...], apps: list[FoundApp], servers: list[ServerFact], told: str
) -> str | None:
    """The framework's, or that of the app's class; another one that the framework speaks if a server serves that."""
    served = [told] if told else [server.interface for server in servers if server.interface in ("asgi", "wsgi", "own-loop")]
    adapters = known.types.catalog.servers.adapters
    adapted = {adapters[server.adapter].interface if server.adapter else "" for server in servers}
    if len(adapted) == 1 and "" not in adapted:
        return adapted.pop()
    if not frameworks:
        return served[0] if served else None
    primary = known.frameworks[frameworks[0].name]
    of_apps = [app.fact.interface for app in apps if app.fact.framework == primary.name and app.fact.interface]
    own = of_apps[0] if of_apps else primary.interface
    return next((one for one in served if one != own and one in primary.also_served_as), own) or None


def _servers(known: Described, servers: list[ServerFact], told: ServiceOverride | None) -> tuple[ServerUse, ...]:
    """Those of commands first; a program that only starts another one is none."""
    places: dict[str, list[Location]] = defaultdict(list)
    rows = known.types.catalog.servers.servers
    if told and told.server:
        places[told.server] = []
    for server in sorted(servers, key=lambda one: (one.in_code, one.name, one.location)):
        row = rows.get(server.name)
        if (row is None or row.interface) and not (told and told.server and server.name != told.server):
            places[server.name].append(server.location)
    return tuple(ServerUse(name, tuple(sorted(set(found)))) for name, found in places.items())


def _route(known: Described, number: int, route: RouteFact, workers: Context) -> Route:
    """`workers` is where what the table says to run in WSGI workers does so."""
    return Route(
        methods=route.methods,
        path=route.path,
        handler=route.handler,
        location=route.location,
        kind=route.kind,
        is_async=route.is_async or known.types.decorators.makes_coroutine(route.written or route.frame.function),
        context=workers if route.context is Context.WSGI_WORKER else route.context,
        waits_for=known.waits.get(number, ()),
        validated=known.validation.of(route.framework, route.frame),
    )


def _modules_of(routes: _Routes) -> list[Module]:
    return [route.frame.function.module for _, route in routes]


def _name(known: Described, root: str, modules: Iterable[Module]) -> str:
    """The folder's name, or that of one around it; else that of the project which a manifest declares there, or of an app's package.

    Names that any service may have, such as `app` and `src`, only where there is no other.
    """
    folders = [] if root == "." else [*reversed(PurePosixPath(root).parts)]
    declared = [one.name for one in known.entries.manifests.distributions if one.folder == "."]
    parts = [module.name.split(".") for module in modules]
    packages = [next((one for one in names if one not in SOURCE_FOLDERS), names[0]) for names in parts]
    names = [*folders, *(declared if len(declared) == 1 else ()), *packages]
    return next((name for name in names if name.lower() not in _SAYING_NOTHING), names[0] if names else "service")
