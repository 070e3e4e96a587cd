"""Middleware that Django must run in a thread, in front of views that run on the event loop."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft, service_of
from fwaudit.model import facts
from fwaudit.model.code import CodeBody, Place
from fwaudit.model.context import Context, Grade
from fwaudit.model.project import Project
from fwaudit.model.service import Route

RULE = "sync-middleware-before-async-view"
_SETTING = "MIDDLEWARE"
_DECLARES = "async_capable"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each middleware of the project that the settings of an ASGI service name."""
    services = [one for one in project.services if one.interface == "asgi" and any(use.name == "django" for use in one.frameworks)]
    labels = {one.name: sorted({route.label for route in one.routes if _is_async_view(route)}) for one in services}
    if not any(labels.values()):
        return
    sync = dict(_sync_middleware(project))
    for body in project.code.bodies:
        service = service_of(body.place.path, project.services) if body.kind == "module" else None
        if service is None or not labels.get(service.name):
            continue
        for name in _named(body):
            place = sync.pop(name, None)
            if place is not None:
                number = len(labels[service.name])
                views = f"{number} async views" if number > 1 else "an async view"
                message = f"`{name}` is synchronous: Django takes a thread for it in front of {views} of `{service.name}`"
                routes = tuple(labels[service.name])
                yield Draft(RULE, Grade.MEDIUM, Grade.HIGH, message, place, name, None, routes, service=service.name)


def _is_async_view(route: Route) -> bool:
    """Consumers of Channels are none: Django's middleware does not see their messages."""
    return route.kind == "http" and route.is_async and route.context is Context.EVENT_LOOP


def _named(settings: CodeBody) -> Iterator[str]:
    """The dotted names in lists that a module calls MIDDLEWARE."""
    expressions = settings.body.expressions
    for index in settings.scope.names.get(_SETTING, ()):
        binding = settings.body.bindings[index]
        value = expressions[binding.value] if isinstance(binding, facts.Assigned | facts.Updated) and binding.value >= 0 else None
        for item in value.items if isinstance(value, facts.Display) else ():
            constant = expressions[item]
            if isinstance(constant, facts.Constant) and constant.kind == "str":
                yield constant.text


def _sync_middleware(project: Project) -> Iterator[tuple[str, Place]]:
    """Classes and functions that can only be synchronous middleware, by name."""
    calls = {one.owner: one for one in project.code.functions if one.name.endswith(".__call__")}
    for one in project.code.classes:
        declares = any(field.name == _DECLARES for field in one.fields)
        call = calls.get(one.name)
        if not one.bases and call is not None and not call.is_async and not declares:
            yield one.name, one.place
    for function in project.code.functions:
        if not function.owner and not function.is_async and not function.decorators and len(function.parameters) == 1:
            yield function.name, function.place
