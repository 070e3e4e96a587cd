"""The views of a Pyramid application that routes lead to, in the form of a result; shared by probes, and none itself."""

from __future__ import annotations

import inspect
from typing import Any


def routes_of(app: Any, package: str) -> list[dict[str, Any]]:
    """The views whose function is of `package`, with the patterns of their routes."""
    patterns = {route.name: route for route in app.registry.getUtility(_mapper()).get_routes()}
    found = []
    for entry in app.registry.introspector.get_category("views") or []:
        view = entry["introspectable"]
        route = patterns.get(view["route_name"])
        handler = view["callable"]
        if route is None or handler is None:
            continue
        if view["attr"]:
            handler = getattr(handler, view["attr"])
        handler = getattr(inspect.unwrap(handler), "__func__", inspect.unwrap(handler))
        if handler.__module__.partition(".")[0] != package:
            continue
        methods = view["request_methods"] or _methods_of_route(app, route.name)
        verbs = [methods] if isinstance(methods, str) else [*methods]
        if "GET" in verbs and "HEAD" in verbs:
            verbs.remove("HEAD")  # Pyramid adds it
        pattern = route.pattern if route.pattern.startswith("/") else f"/{route.pattern}"
        found.append({"methods": verbs, "path": pattern, "handler": f"{handler.__module__}.{handler.__qualname__}"})
    answered = {(one["path"], one["handler"]) for one in found if one["methods"] == ["GET"]}
    # Cornice adds a HEAD to each GET.
    return [one for one in found if one["methods"] != ["HEAD"] or (one["path"], one["handler"]) not in answered]


def _mapper() -> Any:
    from pyramid.interfaces import IRoutesMapper

    return IRoutesMapper


def _methods_of_route(app: Any, name: str) -> Any:
    for entry in app.registry.introspector.get_category("routes") or []:
        route = entry["introspectable"]
        if route["name"] == name:
            return route["request_methods"] or ()
    return ()
