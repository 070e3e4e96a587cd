"""The services of a workspace: each deployable with its root, its frameworks, how it is served, its apps and its routes."""

from __future__ import annotations

from fwaudit.config import Config, ServiceOverride
from fwaudit.link.entry_points.entries import RouteFact
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.inference.types import Types
from fwaudit.link.services.candidate import Candidate
from fwaudit.link.services.describe import Described, code_of, describe
from fwaudit.link.services.factories import FoundApp, find_apps
from fwaudit.link.services.roots import Roots, common_folder, deepest, hosting_folder
from fwaudit.link.services.served import ServerFact, started_servers
from fwaudit.link.services.servings import servings_of
from fwaudit.model.context import WaitsFor
from fwaudit.model.inputs import RequestInput
from fwaudit.model.service import Service, Serving
from fwaudit.model.source import Role, Workspace


def find_services(
    workspace: Workspace,
    config: Config,
    types: Types,
    entries: EntryPoints,
    *,
    waits: dict[int, tuple[WaitsFor, ...]],
    inputs: tuple[RequestInput, ...],
) -> tuple[tuple[Service, ...], dict[str, frozenset[str]], tuple[Serving, ...]]:
    """The services, by root; the files of the code of each; and how each is started.

    `waits` gives for each route (by its place in `entries.routes`) what its handler waits for; `inputs` is what is read from requests.
    """
    roots = Roots(types.symbols, workspace)
    finder = _Finder(types, entries, roots, overrides(config, workspace))
    described = Described(types, entries, roots, waits, inputs)
    candidates = finder.services()
    kinds = {manifest.path: manifest.kind for manifest in workspace.manifests}
    servings = (serving for one in candidates for serving in servings_of(one, types.catalog.servers, kinds, roots, types.symbols))
    files = {one.root: frozenset(module.path for module in code_of(described, one)) for one in candidates}
    started = tuple(sorted(servings, key=lambda one: (one.location, one.service)))
    return tuple(describe(described, one) for one in candidates), files, started


def overrides(config: Config, workspace: Workspace) -> dict[str, ServiceOverride]:
    """The services that the settings name, by their root in the workspace; those outside it are left out."""
    found = {}
    for service in config.services:
        root = config.within(service.root, workspace.root)
        if root is not None:
            found[root] = service
    return found


class _Finder:
    def __init__(self, types: Types, entries: EntryPoints, roots: Roots, told: dict[str, ServiceOverride]) -> None:
        self._types = types
        self._entries = entries
        self._roots = roots
        self._told = told
        self._frameworks = {framework.name: framework for framework in types.catalog.frameworks}
        self._servers = started_servers(entries, roots)
        self._modules = {module.path: module for module in types.symbols.modules}

    def services(self) -> list[Candidate]:
        """The candidates that there is enough evidence for, by root."""
        candidates = {root: Candidate(root, told=told) for root, told in self._told.items()}
        for app in find_apps(self._types, self._entries.apps, self._roots):
            if self._is_framework(app.fact.module.path):
                continue
            root = self._root(app.fact.module.path, self._roots.of_settings(app.fact.module) or app.root)
            candidates.setdefault(root, Candidate(root)).apps.append(app)
        self._add_own_apps(candidates)
        found = self._joined(list(candidates.values()))
        self._give_servers(found)
        found = [one for one in found if self._is_service(one)]
        routes = self._routes()
        if not found and not self._entries.apps:
            found = self._of_routes_alone(routes)
        self._give_routes(found, routes)
        return sorted(found, key=lambda one: one.root)

    def _root(self, path: str, root: str) -> str:
        return deepest(path, self._told) or root

    def _is_framework(self, path: str) -> bool:
        """Whether a file is part of the source of a framework of the tables: its package, in a project of its name."""
        names = {one.name for one in self._entries.manifests.distributions if one.folder == "." or path.startswith(f"{one.folder}/")}
        top = self._modules[path].name.partition(".")[0]
        return any(top in one.imports and not names.isdisjoint(one.distributions) for one in self._frameworks.values())

    def _add_own_apps(self, candidates: dict[str, Candidate]) -> None:
        """An application without a known framework is seen where a server is handed it, or told its module."""
        for server in self._servers:
            is_own = server.serves_own_app and not self._is_framework(server.path)
            is_own = is_own and not self._imported_by_file(server.path, list(candidates.values()))  # else it wraps one of those
            root = self._root(server.path, self._roots.of(server.path)) if is_own else ""
            if root and root not in candidates:
                candidates[root] = Candidate(root)
        deployed = {self._roots.deployable(path) for one in candidates.values() for path in one.paths}
        for server in self._servers:
            if (
                self._names_an_app(server)
                and deepest(server.path, candidates) is None
                and self._roots.deployable(server.path) not in deployed
            ):
                root = self._root(server.path, self._roots.of(server.path))
                candidates[root] = Candidate(root)

    def _names_an_app(self, server: ServerFact) -> bool:
        """Whether a command names a module of the deployed code that has what it is told to serve."""
        module = self._modules.get(server.path) if not server.in_code and server.interface in ("asgi", "both", "wsgi") else None
        if module is None or not self._roots.is_code(module) or server.start is None:
            return False
        name = server.start.app.partition(":")[2].partition("(")[0] or "application"
        return name in module.facts.scopes[0].names

    def _joined(self, candidates: list[Candidate]) -> list[Candidate]:
        """Candidates in one deployable root of which one imports another are one service."""
        done: list[Candidate] = []
        for one in sorted(candidates, key=lambda one: one.root):
            for other in [each for each in done if self._belong_together(each, one)]:
                done.remove(other)
                one.root = common_folder(other.root, one.root)
                one.apps = other.apps + one.apps
            done.append(one)
        by_root: dict[str, Candidate] = {}
        for one in done:
            known = by_root.setdefault(one.root, one)
            known.apps += one.apps if known is not one else []
        return list(by_root.values())

    def _belong_together(self, one: Candidate, other: Candidate) -> bool:
        own, others = one.paths, other.paths
        if one.told or other.told or not own or not others:
            return False
        if {self._roots.deployable(path) for path in own} != {self._roots.deployable(path) for path in others}:
            return False
        if all(self._frameworks[app.fact.framework].hosts_apps for app in (*one.apps, *other.apps)):
            return len(folders := {hosting_folder(path) for path in (*own, *others)}) == 1 and "" not in folders
        return not (self._roots.imported_by(own).isdisjoint(others) and self._roots.imported_by(others).isdisjoint(own))

    # --- evidence ------------------------------------------------------------------------------------

    def _give_servers(self, candidates: list[Candidate]) -> None:
        roots = {one.root: one for one in candidates}
        for server in self._servers:
            for root in self._started_roots(server, candidates):
                if self._serves(server, roots[root]):
                    roots[root].servers.append(server)

    def _started_roots(self, server: ServerFact, candidates: list[Candidate]) -> list[str]:
        """The candidate that holds what is served; else those whose app the served file imports, or the only one around."""
        roots = [one.root for one in candidates]
        place = deepest(server.path, roots) if server.path else None
        if place is None and (imported := self._imported_by_file(server.path, candidates)):
            return imported
        place = place or deepest(f"{server.folder}/x".removeprefix("./"), roots)
        place = place or self._only_one_around(server, candidates)
        if place is None:
            below = [root for root in roots if server.folder == "." or root.startswith(f"{server.folder}/")]
            importing = [one.root for one in candidates if server.path and server.path in self._roots.imported_by(one.paths)]
            place = below[0] if len(below) == 1 else importing[0] if len(importing) == 1 else None
        return [] if place is None else [place]

    def _imported_by_file(self, path: str, candidates: list[Candidate]) -> list[str]:
        """The candidates of its project whose apps a file imports: the only one, or all of those that it names itself."""
        if path not in self._modules:
            return []
        home = self._roots.deployable(path)
        near = [one for one in candidates if any(self._roots.deployable(each) == home for each in one.paths)]
        reached, named = self._roots.imported_by([path]), self._roots.named_in(path)
        found = [one.root for one in near if not reached.isdisjoint(one.paths)]
        return found if len(found) == 1 else [one.root for one in near if not named.isdisjoint(one.paths)]

    def _only_one_around(self, server: ServerFact, candidates: list[Candidate]) -> str | None:
        """The root of the only candidate of the project that a command belongs to which names no module: it may lie in `docker/`."""
        start = server.start
        if start is None or not (start.app == "" or start.app.endswith((".ini", ".wsgi"))):
            return None
        folder = server.folder
        while folder != "." and not any(path.startswith(f"{folder}/") for path in self._modules):
            folder = folder.rpartition("/")[0] or "."  # a folder of nothing but Dockerfiles is no project
        project = self._roots.deployable(f"{folder}/x".removeprefix("./"))
        near = [one.root for one in candidates if any(self._roots.deployable(path) == project for path in one.paths)]
        return near[0] if len(near) == 1 else None

    def _serves(self, server: ServerFact, candidate: Candidate) -> bool:
        """Whether a call is near, or a command is one for the frameworks of the candidate."""
        if server.in_code:
            return self._is_near(server, candidate)
        row = self._types.catalog.servers.servers.get(server.name)
        frameworks = {app.fact.framework for app in candidate.apps} or self._entries.frameworks
        return row is None or not row.only_for or not frameworks or not frameworks.isdisjoint(row.only_for)

    def _is_near(self, server: ServerFact, candidate: Candidate) -> bool:
        """A call in another deployable root inside the candidate's starts something else."""
        return not candidate.apps or self._roots.deployable(server.path) in {self._roots.deployable(path) for path in candidate.paths}

    def _is_service(self, candidate: Candidate) -> bool:
        """An application that nothing serves is none: a second app, or one that a library makes for others to mount."""
        if candidate.told is not None:
            return True
        web = [app for app in candidate.apps if self._frameworks[app.fact.framework].kind == "web"]
        if candidate.apps and not web:
            return False
        is_commanded = any(not server.in_code for server in candidate.servers)
        if is_commanded:
            return True
        if web and all(self._is_optional(app) and not self._is_served_by_extra(app, candidate) for app in web):
            return False
        if candidate.servers or any(app.is_object or self._is_found_by_name(app) for app in web):
            return True
        # What a function makes may be a library's; without manifests nothing says that it is one.
        return not self._entries.manifests.dependencies or any(map(self._needs_a_server, candidate.paths))

    def _is_found_by_name(self, app: FoundApp) -> bool:
        """Whether the framework's own server finds the function that makes the app, and a manifest declares it for what runs."""
        framework = self._frameworks[app.fact.framework]
        is_found = app.fact.name.removesuffix("()") in framework.found_factories
        return is_found and self._entries.versions.is_needed(framework.distributions, app.fact.module.path)

    def _is_optional(self, app: FoundApp) -> bool:
        """Whether only extras or groups for tests and the like bring the app's framework."""
        distributions, versions = self._frameworks[app.fact.framework].distributions, self._entries.versions
        return versions.is_declared(distributions, app.fact.module.path) and not versions.is_needed(distributions, app.fact.module.path)

    def _is_served_by_extra(self, app: FoundApp, candidate: Candidate) -> bool:
        """Whether an extra that is there to run the app brings its framework and the server that the code starts."""
        rows = self._types.catalog.servers.servers
        started = [rows[server.name] for server in candidate.servers if server.name in rows]
        distributions, versions = self._frameworks[app.fact.framework].distributions, self._entries.versions
        return any(
            row.distributions and versions.brought_together(distributions, row.distributions, app.fact.module.path) for row in started
        )

    def _needs_a_server(self, path: str) -> bool:
        return any(self._entries.versions.is_needed(row.distributions, path) for row in self._types.catalog.servers.servers.values())

    # --- routes ------------------------------------------------------------------------------------------

    def _routes(self) -> list[tuple[int, RouteFact]]:
        rows = enumerate(self._entries.routes)
        kinds = ("web", "extension")
        return [
            (number, route)
            for number, route in rows
            if self._modules[route.location.path].role is Role.CODE and self._frameworks[route.framework].kind in kinds
        ]

    def _of_routes_alone(self, routes: list[tuple[int, RouteFact]]) -> list[Candidate]:
        """A part of a project, audited by itself, shows routes without their app; with manifests around, they are a library's."""
        if self._entries.manifests.dependencies:
            return []
        paths = [route.location.path for _, route in routes if self._roots.is_code(self._modules[route.location.path])]
        return [Candidate(root) for root in sorted({self._roots.of(path) for path in paths})]

    def _reached(self, service: Candidate) -> frozenset[str]:
        """What its applications import; Django's are told their urls by the settings, which lie with them."""
        paths = service.paths
        if any(app.fact.framework == "django" for app in service.apps):
            inside = (path for path in self._modules if path.startswith(f"{service.root}/"))
            paths = [*paths, *(path for path in inside if self._roots.is_code(self._modules[path]))]
        return self._roots.imported_by(paths)

    def _has_framework_of(self, service: Candidate, route: RouteFact) -> bool:
        """Whether an application of the service is of the route's framework, or of one that this extends."""
        frameworks = {route.framework, *self._frameworks[route.framework].extends}
        return any(app.fact.framework in frameworks for app in service.apps)

    def _give_routes(self, services: list[Candidate], routes: list[tuple[int, RouteFact]]) -> None:
        """To the service whose root holds it; a route of shared code to all services that import it."""
        roots = {one.root: one for one in services}
        reached = {one.root: self._reached(one) for one in services}
        for number, route in routes:
            path = route.location.path
            inside = deepest(path, roots)
            is_deployed = self._roots.is_code(self._modules[path]) or (
                self._frameworks[route.framework].hosts_apps and self._roots.is_hosted(self._modules[path])
            )
            if inside is not None and (is_deployed or path in reached[inside]):
                owners = [inside]
            else:
                owners = [root for root in roots if path in reached[root]]
                if not owners and self._roots.is_code(self._modules[path]):
                    deployable = self._roots.deployable(path)
                    near = [one for one in services if any(self._roots.deployable(each) == deployable for each in one.paths)]
                    alike = near if len(near) == 1 else [one for one in near if self._has_framework_of(one, route)]
                    owners = [one.root for one in alike] if len(alike) == 1 else []
            for root in owners:
                roots[root].routes.append((number, route))
