"""What a workspace deploys: services, their frameworks, apps and routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from fwaudit.model.context import Context, WaitsFor
from fwaudit.model.finding import Location
from fwaudit.model.verdict import PlanStep, TreeStep, Trigger, Verdict

_Owner = TypeVar("_Owner")


def owner_of(path: str, owners: Mapping[str, _Owner]) -> _Owner | None:
    """What `owners` has for the nearest folder above a path, "." being the top; None where it has none of them."""
    folder = path
    while folder:
        folder = folder.rpartition("/")[0]
        if folder in owners:
            return owners[folder]
    return owners.get(".")


class FrameworkUse(msgspec.Struct, frozen=True):
    """A framework that a service uses. `role` is primary or secondary; `version` a specifier, "" where none is declared."""

    name: str
    version: str
    role: str
    evidence: tuple[Location, ...]


class ServerUse(msgspec.Struct, frozen=True):
    """A server that starts the service."""

    name: str
    evidence: tuple[Location, ...]


class Load(msgspec.Struct, frozen=True, order=True):
    """A library, or a name in it, that is imported before a service can answer."""

    location: Location
    name: str


class Serving(msgspec.Struct, frozen=True):
    """One way in which a service is started: a command of a manifest, or a call in code."""

    service: str
    """The service's root."""
    server: str
    """Name of the row in `rules/servers.toml`."""
    serves: str
    """asgi, wsgi or own-loop; both if the server looks at the app; "" where that cannot be told."""
    location: Location
    manifest: str
    """Kind of the manifest, as `discover.roles.manifest_kind` names it; "" for a call in code."""
    is_development: bool
    """By its own documentation, the server is for developing."""
    runs_as: Context | None = None
    """Of a named worker class that is known: where a synchronous handler runs under it, or its coroutines."""
    worker_class: str = ""
    workers: int | None = None
    options: tuple[str, ...] = ()
    config: str = ""
    """The file with more options that it reads; not all of them can be told."""
    stage: str = ""
    """The name of the stage of a Dockerfile that it stands in."""
    is_open: bool = False
    """It gets options that no manifest writes: from a script that runs it, or from a variable."""
    app: str = ""
    """What the server is told to serve, "" where that is not told."""
    loads: tuple[Load, ...] | None = None
    """On a platform that starts a process for each burst of requests: what each start imports of libraries. None elsewhere."""


def label(methods: Sequence[str], path: str, kind: str) -> str:
    """What people call a route: its methods, or else its kind, and its path."""
    return f"{','.join(methods)} {path}" if methods else f"{kind} {path}"


class App(msgspec.Struct, frozen=True):
    """An application object: `name` as a server is told it (`app.main:app`)."""

    name: str
    location: Location


class Route(msgspec.Struct, frozen=True):
    """One route. `handler` is a qualified name; `validated` says whether its input is, None where nothing tells."""

    methods: tuple[str, ...]
    path: str
    handler: str
    location: Location
    kind: str
    is_async: bool
    context: Context
    waits_for: tuple[WaitsFor, ...] = ()
    validated: bool | None = None

    @property
    def label(self) -> str:
        """`GET /items/{id}`, as findings name it."""
        return label(self.methods, self.path, self.kind)


class Service(msgspec.Struct, frozen=True):
    """One deployable. The fields that the judge fills are empty until it does."""

    name: str
    root: str
    frameworks: tuple[FrameworkUse, ...]
    interface: str | None
    servers: tuple[ServerUse, ...]
    apps: tuple[App, ...]
    routes: tuple[Route, ...]
    signals: dict[str, Any] = {}
    signal_places: dict[str, tuple[Location, ...]] = {}
    """The first places of what was measured, by signal."""
    answers: dict[str, Any] = {}
    history: dict[str, Any] = {}
    profile: dict[str, Any] = {}
    triggers: tuple[Trigger, ...] = ()
    triangle: dict[str, Any] = {}
    matrix: dict[str, Any] = {}
    tree: tuple[TreeStep, ...] = ()
    verdict: Verdict | None = None
    plan: tuple[PlanStep, ...] = ()
