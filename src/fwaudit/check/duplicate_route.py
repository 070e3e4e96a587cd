"""Two handlers for one method and path: the second is never called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator

from fwaudit.check.findings import Draft, at
from fwaudit.model.context import Grade
from fwaudit.model.project import PathStep, Project
from fwaudit.model.service import Route

RULE = "duplicate-route"
_OF_THE_FRAMEWORK = frozenset(("HEAD", "OPTIONS"))
"""Methods that frameworks answer by themselves, and that are listed beside those a handler is for."""


def check(project: Project) -> Iterator[Draft]:
    """A finding for each handler that another one in the same file hides."""
    functions = {function.name for function in project.code.functions}
    for service in project.services:
        if not project.primary_traits(service).first_route_answers:
            continue
        answering: dict[tuple[str, str, str, str], list[Route]] = defaultdict(list)
        for route in sorted(service.routes, key=lambda one: one.location):
            for method in route.methods or ("",):
                if "<unknown>" not in route.path and route.kind == "http" and method not in _OF_THE_FRAMEWORK:
                    answering[route.location.path, route.kind, method, route.path].append(route)
        hidden = {
            (first, route)
            for first, *others in answering.values()
            for route in others
            if route.handler != first.handler and not _are_apart(first, route, functions)
        }
        for first, route in sorted(hidden, key=lambda pair: (pair[1].location, pair[0].location)):
            place, other = at(route.location, route.handler), at(first.location, first.handler)
            message = f"`{route.label}` is answered by `{first.handler}`, so `{route.handler}` is never called for it"
            steps = (PathStep(place, "is never called"), PathStep(other, "answers"))
            yield Draft(
                RULE, Grade.MEDIUM, Grade.HIGH, message, place, route.handler, None, (route.label,), steps=steps, service=service.name
            )


def _are_apart(first: Route, second: Route, functions: Container[str]) -> bool:
    """Written in two functions, each of which may make an application of its own."""
    around = {route.handler.rpartition(".")[0] for route in (first, second)}
    return len(around) > 1 and any(name in functions for name in around)
