"""The routes of Werkzeug's and Quart's URL maps in the form of a result; shared by probes, and none itself."""

from __future__ import annotations

import inspect
from typing import Any

GIVEN_BY_FLASK = {"HEAD", "OPTIONS"}
"""Methods that Flask and Quart add to a rule by themselves; a fixture that writes one of them needs a closer look."""


def routes_of(app: Any, package: str) -> list[dict[str, Any]]:
    """The rules whose function is of `package`: those that the code registers, and not a library's own (`/static`, `/swagger.json`)."""
    found: list[dict[str, Any]] = []
    for rule in app.url_map.iter_rules():
        methods = sorted(set(rule.methods or ()) - GIVEN_BY_FLASK)
        if getattr(rule, "is_websocket", None) or getattr(rule, "websocket", False):
            methods = []
        for handler, own in _handlers(app.view_functions[rule.endpoint], methods):
            if handler.__module__.partition(".")[0] == package:
                found.append({"methods": own, "path": rule.rule, "handler": f"{handler.__module__}.{handler.__qualname__}"})
    return found


def _handlers(view: Any, methods: list[str]) -> list[tuple[Any, list[str]]]:
    """The functions that serve a view: itself, or the methods of its class."""
    view = inspect.unwrap(view)
    class_ = getattr(view, "view_class", None)
    if class_ is None:
        return [(view, methods)]
    by_method = [(getattr(class_, method.lower()), [method]) for method in methods if hasattr(class_, method.lower())]
    return by_method or [(class_.dispatch_request, methods)]
