"""The measure stage: gives every service its signals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from fwaudit.catalog.names import Catalog
from fwaudit.measure import contract, deployment, glue, product, size, workload
from fwaudit.measure.view import Signal, View, find_uses
from fwaudit.model.facts import ModuleFacts
from fwaudit.model.finding import Finding
from fwaudit.model.project import Project
from fwaudit.model.service import Service
from fwaudit.model.source import Workspace

_FAMILIES = (size, workload, product, contract, glue, deployment)


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
    measured = []
    for service in services:
        files = project.files_of[service.root]
        view = View(
            service=service,
            files=files,
            lines=lines,
            uses={name: tuple(one for one in found if one.location.path in files) for name, found in uses.items()},
            findings=tuple(_of_service(service, files, findings)),
            manifests=project.manifests,
            specifications=specifications,
            services=len(services),
        )
        signals: dict[str, Signal] = {}
        for family in _FAMILIES:
            signals |= family.measure(view, table)
        measured.append(
            msgspec.structs.replace(
                service,
                signals={**service.signals, **{name: signal.value for name, signal in sorted(signals.items())}},
                signal_places={name: signal.places for name, signal in sorted(signals.items()) if signal.places},
            )
        )
    return tuple(measured)


def _of_service(service: Service, files: frozenset[str], findings: Iterable[Finding]) -> Iterable[Finding]:
    labels = {route.label for route in service.routes}
    for finding in findings:
        if finding.silenced is None and (finding.path in files or not labels.isdisjoint(finding.routes)):
            yield finding
