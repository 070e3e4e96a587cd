"""The link stage: from the facts of all files to the Project, in this order: symbols, types, calls, entry points, reach, services."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from fwaudit.catalog.names import Catalog
from fwaudit.config import Config
from fwaudit.deep_stack import run_deep
from fwaudit.link.data.answers import LinkedData
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.execution.calls import Calls
from fwaudit.link.execution.code import LinkedCode
from fwaudit.link.execution.evidence import Evidence, place_of
from fwaudit.link.execution.labels import RouteLabels
from fwaudit.link.execution.own_loops import own_loops
from fwaudit.link.execution.reach import Reach
from fwaudit.link.inference.types import Types
from fwaudit.link.inputs.read import read_inputs
from fwaudit.link.routes.readers import READERS
from fwaudit.link.services.ended import ended_versions
from fwaudit.link.services.find import find_services, overrides
from fwaudit.link.sites import EntryFrame, LostCall
from fwaudit.link.symbols import Function, Symbols
from fwaudit.link.values import Frame
from fwaudit.model.context import LOOP_CONTEXTS, Context, WaitsFor
from fwaudit.model.facts import ModuleFacts
from fwaudit.model.manifest import NO_MANIFESTS, Manifests
from fwaudit.model.project import FrameworkTraits, LostHandler, Project
from fwaudit.model.service import Service
from fwaudit.model.source import Role, Workspace

_LOOPS = frozenset(LOOP_CONTEXTS) - {Context.TEST}
_NO_REQUEST = ("background", "startup", "shutdown", "lifespan")
"""Kinds of entry points that run beside requests, or before and after all of them."""


def link(
    workspace: Workspace, files: Mapping[str, ModuleFacts], catalog: Catalog, config: Config, manifests: Manifests = NO_MANIFESTS
) -> Project:
    """The Project. What it answers later, it works out in the caller's thread, which needs a deep stack too (`deep_stack`)."""
    collects = gc.isenabled()
    gc.disable()  # a third of the time on homeassistant went into looking for garbage, of which there is next to none
    try:
        return run_deep(_link, workspace, files, catalog, config, manifests)
    finally:
        if collects:
            gc.enable()


def _link(workspace: Workspace, files: Mapping[str, ModuleFacts], catalog: Catalog, config: Config, manifests: Manifests) -> Project:
    sources = {source.path: source for source in workspace.sources}
    rows = ((path, one, sources[path].role) for path, one in files.items())
    declared = frozenset(one.name.replace("-", "_") for one in manifests.dependencies)
    symbols = Symbols(rows, catalog.knows_module, workspace.package, declared)
    types = Types(symbols, catalog)
    calls = Calls(types, config.parity)
    entries = EntryPoints(types, manifests, {root: told.server for root, told in overrides(config, workspace).items()})
    for read in READERS:
        read(entries)
    driven = frozenset(_package(function) for function in _functions(symbols) if _drives_coroutines(function))
    starts = [types.generic(function) for function in _functions(symbols) if function.scope.is_async and _package(function) not in driven]
    alone = own_loops(types, _functions(symbols))
    scanned = [types.generic(function) for function in _functions(symbols) if _may_run_a_loop(function, catalog)]
    points = [EntryFrame(point.frame, point.context, point.route, point.within) for point in entries.points]
    reach = Reach(calls, starts, points, [*scanned, *alone.wrappers], alone=alone.coroutines, is_unused=symbols.is_never_named)
    labels = RouteLabels(entries.routes)
    evidence = Evidence(reach, entries, labels)
    waits = {number: tuple(sorted(WaitsFor(kind) for kind in kinds)) for number, kinds in evidence.waits().items()}
    blocked = evidence.blocked()
    code = LinkedCode(types, calls.names, reach, labels)
    inputs = read_inputs(types, entries, code.contexts_of, code.routes_of)
    services, files_of, servings = find_services(workspace, config, types, entries, waits=waits, inputs=inputs)
    return Project(
        services=services,
        blocked=blocked,
        lost=evidence.lost(_lost(symbols, types, calls, catalog)),
        not_callable=evidence.not_callable(calls, blocked),
        unresolved_calls=_unresolved(types, calls, reach),
        reported=frozenset(source.path for source in workspace.sources if source.reported),
        contexts=_contexts(reach),
        resolve=_Resolver(symbols, types, calls, reach).targets_at,
        code=code,
        files_of=files_of,
        data=LinkedData(types, calls.names, reach, labels),
        servings=servings,
        manifests=manifests,
        inputs=inputs,
        not_awaited=_not_awaited(types, entries),
        ended=tuple(ended_versions(services, entries.versions, catalog.frameworks)),
        dependencies=_dependencies(entries),
        documenting=catalog.advice.documenting,
        adapters=catalog.servers.adapters_to,
        traits=_traits(services, catalog),
        names={rule: page.names for rule, page in catalog.rules.items()},
        import_seconds={name: seconds for page in catalog.rules.values() for name, seconds in page.data.import_seconds.items()},
        problems=tuple(sorted(entries.problems)),
        around=_run_by(reach, (point.frame for point in entries.points if point.kind == "middleware")),
        served=_run_by(reach, (point.frame for point in entries.points if point.kind not in _NO_REQUEST)),
    )


def _run_by(reach: Reach, frames: Iterable[Frame]) -> frozenset[str]:
    return frozenset(function.qualified_name for function in reach.carried_from(frames))


def _not_awaited(types: Types, entries: EntryPoints) -> tuple[LostHandler, ...]:
    handlers = ((framework, types.generic(function)) for function, framework in entries.not_awaited.items())
    found = (LostHandler(framework, place_of(frame, frame.function.scope.span)) for framework, frame in handlers)
    return tuple(sorted(found, key=lambda one: one.place))


def _traits(services: Iterable[Service], catalog: Catalog) -> dict[str, FrameworkTraits]:
    used = {use.name for service in services for use in service.frameworks}
    return {
        row.name: FrameworkTraits(row.threads, row.first_route_answers, row.routes_in_documents, bool(row.also_served_as))
        for row in catalog.frameworks
        if row.name in used
    }


def _dependencies(entries: EntryPoints) -> dict[tuple[str, int], int]:
    routes: dict[tuple[str, int], set[int]] = defaultdict(set)
    for point in entries.points:
        if point.kind == "dependency" and point.route >= 0:
            routes[point.frame.function.module.path, point.frame.function.module.facts.span(point.frame.function.scope.span)[0]].add(
                point.route
            )
    return {place: len(found) for place, found in sorted(routes.items())}


def _functions(symbols: Symbols) -> Iterator[Function]:
    for module in symbols.modules:
        yield from module.functions.values()


def _package(function: Function) -> str:
    return function.module.name.partition(".")[0]


def _drives_coroutines(function: Function) -> bool:
    """Whether the code runs coroutines by hand: then, in its package, one that nothing else runs need not run on an event loop."""
    is_written_so = function.scope.kind == "function" and function.name != "__await__" and function.module.role is Role.CODE
    return is_written_so and "__await__" in function.scope.mentions


def _may_run_a_loop(function: Function, catalog: Catalog) -> bool:
    return (
        not function.scope.is_async
        and function.scope.kind != "class"
        and function.uses(catalog.loop_runner_names | catalog.offloader_names)
    )


def _lost(symbols: Symbols, types: Types, calls: Calls, catalog: Catalog) -> Iterator[LostCall]:
    """Coroutines thrown away in any function; only those are looked into whose statements call a name that may be one's."""
    names = frozenset(function.name for function in _functions(symbols) if function.is_coroutine) | catalog.coroutine_names
    for function in _functions(symbols):
        if function.uses(names) and function.body.discarded:
            yield from calls.misuse.lost_coroutines(types.generic(function), names)


def _unresolved(types: Types, calls: Calls, reach: Reach) -> dict[str, int]:
    on_loop = {frame.function for number, frame in reach.frames.items() if not _LOOPS.isdisjoint(reach.contexts.get(number, ()))}
    counts = {reason: sum(function in on_loop for function, _ in places) for reason, places in calls.unresolved.items()}
    counts = {reason: number for reason, number in counts.items() if number}
    if types.attributes.too_many_targets:
        counts["too-many-targets"] = types.attributes.too_many_targets
    if types.step_limit_hits:
        counts["step-limit"] = types.step_limit_hits
    return dict(sorted(counts.items()))


def _contexts(reach: Reach) -> dict[tuple[str, int], tuple[Context, ...]]:
    found: dict[tuple[str, int], set[Context]] = defaultdict(set)
    for number, frame in reach.frames.items():
        scope = frame.function.scope
        if scope.kind == "function" and reach.contexts.get(number):
            found[frame.function.module.path, frame.function.module.facts.span(scope.span)[0]] |= reach.contexts[number]
    return {place: tuple(sorted(contexts)) for place, contexts in found.items()}


class _Resolver:
    """Answers what the calls on a line resolve to, for tests and reports on resolution."""

    def __init__(self, symbols: Symbols, types: Types, calls: Calls, reach: Reach) -> None:
        self._symbols = symbols
        self._types = types
        self._calls = calls
        self._reach = reach

    def targets_at(self, path: str, line: int) -> tuple[str, ...]:
        """The targets of the outermost call that ends last on the line, over all frames of its function that run."""
        module = next(module for module in self._symbols.modules if module.path == path)
        best: tuple[tuple[int, int], Function, int] | None = None
        for function in module.functions.values():
            body = function.body
            for index in body.calls:
                call = body.call(index)
                start_line, start, end_line, end = module.facts.span(call.span)
                if start_line <= line == end_line and (best is None or (end, -start) > best[0]):
                    best = ((end, -start), function, index)
        if best is None:
            return ()
        _, function, index = best
        call = function.body.call(index)
        names = {name for frame in self._frames_of(function) for name in self._calls.names.targets(frame, call)}
        if len(names) > 1:
            names.discard("unknown")
        return tuple(sorted(names))

    def _frames_of(self, function: Function) -> list[Frame]:
        running = [frame for frame in self._reach.frames.values() if frame.function is function]
        return running or [self._types.generic(function)]
