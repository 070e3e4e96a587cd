"""The measure stage: gives every service its signals."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from fwaudit.catalog.names import Catalog
from fwaudit.measure import contract, deployment, glue, product, size, workload
from fwaudit.measure.relations import find_relations
from fwaudit.measure.view import Signal, View, find_uses
from fwaudit.model.code import CodeBody
from fwaudit.model.facts import ModuleFacts
from fwaudit.model.finding import Finding
from fwaudit.model.project import Project
from fwaudit.model.service import Service
from fwaudit.model.source import Workspace

_FAMILIES = (size, workload, product, contract, glue, deployment)
OF_ROUTES = (
    *("async_routes", "async_share", "blocked_routes", "cpu_routes", "crud_share", "database_routes", "event_stream_routes"),
    *("fan_out_routes", "illusion_share", "llm_route_names", "llm_routes", "llm_streaming_routes", "long_wait_routes", "outbound_routes"),
    *(
        "outbound_share",
        "raw_input_routes",
        "raw_input_share",
        "response_models",
        "route_files",
        "routes",
        "session_routes",
        "streaming_routes",
    ),
    *("template_routes", "template_share", "thread_budget", "validated_routes", "websocket_routes", "worker_routes"),
)
"""Signals that nothing is said of where the routes are not known: none found is not none there."""


def measure(
    project: Project,
    services: Sequence[Service],
    findings: Sequence[Finding],
    *,
    workspace: Workspace,
    facts: Mapping[str, ModuleFacts],
    catalog: Catalog,
) -> tuple[Service, ...]:
    """The services with their signals. It needs a deep stack: names are resolved when they are asked for."""
    if not services:
        return ()
    table = catalog.advice.signals
    uses = find_uses(project.code, table.uses, catalog.canonical)
    lines = {path: module.lines for path, module in facts.items()}
    specifications = tuple(manifest.path for manifest in workspace.manifests if manifest.kind == "openapi")
    relations = find_relations(project.code, table.uses)
    functions = _functions_with_glue(project, findings)
    users = Counter(path for service in services for path in project.files_of[service.root])
    measured = []
    for service in services:
        files = project.files_of[service.root]
        view = View(
            service=service,
            files=files,
            lines=lines,
            uses={name: tuple(one for one in found if one.location.path in files) for name, found in uses.items()},
            findings=tuple(finding for finding in findings if finding.stands and finding.path in files),
            manifests=project.manifests,
            specifications=specifications,
            services=len(services),
            traits=tuple(project.traits[use.name] for use in service.frameworks if use.name in project.traits),
            around=project.around,
            served=project.served,
            relations=relations,
            functions=functions,
            shared=frozenset(path for path in files if users[path] > 1),
        )
        signals: dict[str, Signal] = {}
        for family in _FAMILIES:
            signals |= family.measure(view, table)
        if not view.knows_routes:
            signals = {name: signal for name, signal in signals.items() if name not in OF_ROUTES}
        measured.append(
            msgspec.structs.replace(
                service,
                signals={**service.signals, **{name: signal.value for name, signal in sorted(signals.items())}},
                signal_places={name: signal.places for name, signal in sorted(signals.items()) if signal.places},
            )
        )
    return tuple(measured)


def _functions_with_glue(project: Project, findings: Iterable[Finding]) -> Mapping[str, tuple[CodeBody, ...]]:
    """The functions of the files in which glue was found."""
    paths = {place.path for finding in findings if finding.category == "glue" for place in finding.places}
    found: dict[str, list[CodeBody]] = defaultdict(list)
    for function in project.code.functions if paths else ():
        if (path := function.place.path) in paths:
            found[path].append(function)
    return {path: tuple(functions) for path, functions in found.items()}
