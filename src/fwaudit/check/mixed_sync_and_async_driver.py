"""Two pools of connections to one kind of store in one service: a synchronous and an asynchronous one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from fwaudit.check.findings import Draft, service_of
from fwaudit.model.code import CallUse
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "mixed-sync-and-async-driver"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service and kind of store, at the first synchronous one."""
    for (service, store), (sync, asynchronous) in sorted(_pools(project).items()):
        if sync and asynchronous:
            first = sync[0]
            message = f"`{service}` connects to {store} in two ways: with `{first.callee}`, and with `{asynchronous[0].callee}`"
            places = tuple(sorted(use.place for use in (*sync, *asynchronous)))
            yield Draft(RULE, Grade.LOW, Grade.LOW, message, first.place, first.callee, None, places=places, service=service)


def _pools(project: Project) -> dict[tuple[str, str], tuple[list[CallUse], list[CallUse]]]:
    """(service, store) to the calls that make synchronous pools, and those that make asynchronous ones, by place."""
    found: dict[tuple[str, str], tuple[list[CallUse], list[CallUse]]] = defaultdict(lambda: ([], []))
    makers = project.data.pool_makers
    for use in project.code.calls(makers.keys()) if project.services else ():
        service = service_of(use.place.path, project.services)
        if service is not None and service.interface in ("asgi", "own-loop") and use.place.path in project.reported:
            maker = makers[use.callee]
            found[service.name, maker.store][maker.is_async].append(use)
    return found
