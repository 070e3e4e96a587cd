"""The linked project, as checks see it: what blocks which loop, by which path; coroutines that are lost; services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from fwaudit.model.code import Code, Place
from fwaudit.model.context import Context, Grade, WaitsFor
from fwaudit.model.data import NO_DATA, Data
from fwaudit.model.finding import Location
from fwaudit.model.inputs import RequestInput
from fwaudit.model.manifest import NO_MANIFESTS, Manifests
from fwaudit.model.service import Service, Serving
from fwaudit.model.source import Problem

__all__ = ["BlockedLoop", "EndedVersion", "FrameworkTraits", "LostHandler", "LostResult", "PathStep", "Place", "Project"]


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step towards a leaf: where, and what happens there."""

    place: Place
    note: str


@dataclass(frozen=True, slots=True)
class BlockedLoop:
    """A call through which a loop gets blocked. `steps` runs from that call, the boundary, to the blocking call itself, the leaf."""

    kind: str
    """blocking, cpu or nested (a loop run inside a loop)."""
    steps: tuple[PathStep, ...]
    callee: str
    """The leaf's dotted name."""
    waits_for: WaitsFor | None
    cost: str
    twin: str
    confidence: Grade
    context: Context
    routes: tuple[str, ...]
    leaf_ordinal: int
    """Of several calls of `callee` in the leaf's function, which this is, from 1."""
    called_instead: bool = False
    """The boundary stands where an offloader expects the function itself."""
    is_iteration: bool = False
    """The leaf is an iteration, not a call."""
    is_from_thread: bool = False
    """The object iterated over was made in a thread."""

    @property
    def boundary(self) -> Place:
        """Where to await or to offload."""
        return self.steps[0].place

    @property
    def leaf(self) -> Place:
        """The blocking call itself."""
        return self.steps[-1].place


@dataclass(frozen=True, slots=True)
class LostResult:
    """A call whose result is lost; `context` is None where the function is not known to run on a loop."""

    place: Place
    callee: str
    context: Context | None
    routes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LostHandler:
    """An async handler that its framework calls and does not await."""

    framework: str
    place: Place


@dataclass(frozen=True, slots=True)
class EndedVersion:
    """A framework that a service uses in a version whose support ends or has ended."""

    service: str
    framework: str
    specifier: str
    """As the lock file or the manifest says it."""
    last_day: date
    location: Location


@dataclass(frozen=True, slots=True)
class FrameworkTraits:
    """What the table of a framework says of it as a whole."""

    threads: int = 0
    """In how many threads of a process it runs sync handlers; 0: the server decides."""
    first_route_answers: bool = False
    """Of several routes for one method and path."""
    routes_in_documents: bool = False
    """It registers the routes of OpenAPI documents."""
    has_several_interfaces: bool = False
    """A server can run its applications by another interface than its own."""


NO_TRAITS = FrameworkTraits()


@dataclass(frozen=True, eq=False)
class Project:
    """All that checks need. Findings' raw material is sorted by place. Each is its own: what is worked out from one is kept by it."""

    services: tuple[Service, ...]
    blocked: tuple[BlockedLoop, ...]
    lost: tuple[LostResult, ...]
    """Coroutines that nobody awaits."""
    not_callable: tuple[LostResult, ...]
    """Calls in the place of a function to offload that give something else."""
    unresolved_calls: Mapping[str, int]
    """Reason to the number of calls in code on a loop whose target could not be told."""
    reported: frozenset[str]
    """Paths of the files whose findings are shown."""
    contexts: Mapping[tuple[str, int], tuple[Context, ...]]
    """(path, line of the `def`) to where the function's body is known to run."""
    resolve: Callable[[str, int], tuple[str, ...]]
    code: Code
    """What else checks ask about the code; it is worked out when it is asked for."""
    files_of: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Root of a service to the files of its code."""
    data: Data = NO_DATA
    """What checks ask about databases and clients; worked out when it is asked for, too."""
    servings: tuple[Serving, ...] = ()
    """How the services are started, sorted by place."""
    manifests: Manifests = NO_MANIFESTS
    inputs: tuple[RequestInput, ...] = ()
    """What the code reads from requests, by place."""
    not_awaited: tuple[LostHandler, ...] = ()
    ended: tuple[EndedVersion, ...] = ()
    traits: Mapping[str, FrameworkTraits] = field(default_factory=dict)
    """Of each framework that a service uses, by its name."""
    documenting: frozenset[str] = frozenset()
    """The frameworks and modules of the tables that make an OpenAPI document, or hold the code to one."""
    adapters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Interface (asgi, wsgi) to the names of the calls in the tables that make an application of it from one of the other."""
    names: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Rule to the names of libraries that its page gives, by what they are to it."""
    import_seconds: Mapping[str, float] = field(default_factory=dict)
    """Modules that take long to import, with how long."""
    today: date = date.min
    """Whose past is over; the first day of all days says of nothing that it has ended."""
    dependencies: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """(path, line of the `def`) of functions that are called to fill handlers' parameters, to the number of routes that they serve."""
    problems: tuple[Problem, ...] = ()
    """What registers routes and could not be read, sorted."""
    around: frozenset[str] = frozenset()
    """Qualified names of what runs around every request: middleware, and what it calls and awaits."""
    served: frozenset[str] = frozenset()
    """Qualified names of what runs for a request, a message or a field of a query, and not beside them or before the first one."""

    def primary_traits(self, service: Service) -> FrameworkTraits:
        """Those of the service's primary framework."""
        return self.traits.get(service.frameworks[0].name, NO_TRAITS) if service.frameworks else NO_TRAITS

    def targets_at(self, path: str, line: int) -> tuple[str, ...]:
        """What the last, outermost call on a line resolves to: sorted dotted names, `unknown` for what could not be told."""
        return self.resolve(path, line)

    def contexts_at(self, path: str, line: int) -> tuple[Context, ...]:
        """Where the function defined on that line is known to run, sorted."""
        return self.contexts.get((path, line), ())
