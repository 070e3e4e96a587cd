"""Reads the Django projects of a workspace: from their root urlconfs to the routes, from routing of Channels to consumers."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.link.entry_points.entries import location_of
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.inference.written import Written
from fwaudit.link.routes.django.around import Around
from fwaudit.link.routes.django.ninja import Ninja, OperationPattern
from fwaudit.link.routes.django.patterns import Pattern, Patterns
from fwaudit.link.routes.django.rest_routers import ActionsPattern, RestRouters
from fwaudit.link.routes.django.sites import Sites, missing_urls
from fwaudit.link.routes.django.views import Handler, Views
from fwaudit.link.values import ClassObject
from fwaudit.model import facts
from fwaudit.model.source import Problem, Role

_WEBSOCKET_ROUTER = "channels.routing.URLRouter"


def read_django(entries: EntryPoints) -> None:
    """Adds the apps, routes and entry points of all Django projects."""
    if "django" in entries.frameworks:
        _Reading(entries).read()


class _Reading:
    def __init__(self, entries: EntryPoints) -> None:
        self._entries = entries
        self._types = entries.types
        self._routed: set[tuple[str, int]] = set()
        self._patterns = Patterns(entries.types, (RestRouters(entries).urls, Ninja(entries).urls, self._websocket_urls))

    def read(self) -> None:
        """Everything, project by project."""
        sites = Sites(self._entries).found()
        for site in sites:
            self._entries.apps.extend(site.apps)
            views = Views(self._entries, site.interface)
            for urlconf in site.urlconfs:
                self._add(views, self._patterns.of_module(urlconf))
        self._read_websockets()
        self._entries.problems.update(_missing(place, name) for place, name in self._patterns.missing)
        Around(self._entries, "asgi" if any(site.interface == "asgi" for site in sites) else "wsgi").read()

    def _add(self, views: Views, patterns: Iterator[Pattern]) -> None:
        seen: set[tuple[str, str, tuple[str, ...]]] = set()
        for pattern in patterns:
            handlers = []
            for handler in self._handlers(views, pattern):
                key = (pattern.path, handler.name or handler.frame.function.qualified_name, handler.methods)
                if key not in seen:
                    seen.add(key)
                    handlers.append(handler)
            views.add(pattern.path, iter(handlers))

    def _handlers(self, views: Views, pattern: Pattern) -> Iterator[Handler]:
        if isinstance(pattern, ActionsPattern) and pattern.class_ is not None:
            return views.of_actions(pattern.class_, dict(pattern.actions))
        if isinstance(pattern, OperationPattern) and pattern.function is not None:
            return views.of_operation(pattern.function, pattern.methods)
        if pattern.library:
            return views.of_library(pattern.library, pattern.call)
        return views.handlers(pattern.view, pattern.call)

    # --- Channels -----------------------------------------------------------------------------------------------

    def _websocket_urls(self, place: Written, prefix: str) -> Iterator[Pattern] | None:
        """The entries of `URLRouter([...])`; None for anything else."""
        call = place.expression
        if not isinstance(call, facts.Call) or not call.arguments or not self._is_websocket_router(place, call):
            return None
        self._routed.add((place.frame.function.module.path, call.span))
        return self._patterns.of_list(place.at(call.arguments[0]), prefix)

    def _is_websocket_router(self, place: Written, call: facts.Call) -> bool:
        callee = place.at(call.function).expression
        if not facts.last_name(callee):
            return False
        for value, _ in self._types.value(place.frame, call.function):
            if isinstance(value, ClassObject) and value.class_ == _WEBSOCKET_ROUTER:
                return True
        return False

    def _read_websockets(self) -> None:
        if "channels" not in self._entries.frameworks:
            return
        found: list[tuple[tuple[str, int], list[Pattern]]] = []
        for module in self._types.symbols.modules:
            for function in module.functions.values() if module.role is Role.CODE else ():
                if not function.uses(frozenset({"URLRouter"})):
                    continue
                frame = self._types.generic(function)
                for index in function.body.calls:
                    place = Written(frame, index)
                    call = place.expression
                    if isinstance(call, facts.Call) and call.arguments and self._is_websocket_router(place, call):
                        found.append(((module.path, call.span), list(self._patterns.of_list(place.at(call.arguments[0]), ""))))
        views = Views(self._entries, "asgi")
        for place_of_call, patterns in found:
            if place_of_call not in self._routed:
                self._add(views, iter(patterns))


def _missing(call: Written, name: str) -> Problem:
    expression = call.expression
    span = expression.span if isinstance(expression, facts.Call) else call.frame.function.scope.span
    location = location_of(call.frame, span)
    return missing_urls(location.path, location.line, name)
