"""Asynchronous handlers of frameworks that await nothing, or that make a loop for each request."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft, of_routes
from fwaudit.model.context import Context, Grade
from fwaudit.model.project import Project

RULE = "async-view-without-async-framework"
_CONCURRENT = frozenset({"TaskGroup", "as_completed", "create_task", "create_task_group", "ensure_future", "gather", "start_soon"})
"""What a view that works on several things at once mentions: then a loop of its own is worth something."""


def check(project: Project) -> Iterator[Draft]:
    """A finding for each handler that nothing awaits, and one for each service with views that gain nothing."""
    for handler in project.not_awaited:
        message = f"{handler.framework} calls `{handler.place.function}` and does not await it, so its body never runs"
        yield Draft(RULE, Grade.HIGH, Grade.HIGH, message, handler.place, handler.place.function, None)
    if not any(route.context is Context.PRIVATE_LOOP for service in project.services for route in service.routes):
        return
    mentions = {(one.place.path, one.place.line): one.mentions for one in project.code.functions if one.is_async}
    told = {serving.service for serving in project.servings if serving.serves == "wsgi" and not serving.is_development}
    for service in project.services:
        if project.primary_traits(service).has_several_interfaces and service.root not in told:
            continue  # a Django project comes with an application for each interface: nothing tells which is served
        alone = [
            route
            for route in service.routes
            if route.is_async
            and route.context is Context.PRIVATE_LOOP
            and _CONCURRENT.isdisjoint(mentions.get((route.location.path, route.location.line), _CONCURRENT))
        ]
        if alone:
            number = len({route.location for route in alone})
            views = f"{number} async views work" if number > 1 else "an async view works"
            message = f"{views} on one thing at a time, on a loop that is made for each request: the worker is held all the same"
            yield of_routes(RULE, (Grade.LOW, Grade.HIGH), message, service, alone)
