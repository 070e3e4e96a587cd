"""The routes of Starlette's and FastAPI's applications in the form of a result; shared by probes, and none itself."""

from __future__ import annotations

import inspect
from typing import Any

VIEW_METHODS = ("delete", "get", "head", "options", "patch", "post", "put")


def routes_of(app: Any, package: str) -> list[dict[str, Any]]:
    """The routes whose function is of `package`, those of mounted applications and routers among them."""
    found: list[dict[str, Any]] = []
    for path, route in _flat(app.routes, ""):
        endpoint = inspect.unwrap(route.endpoint)
        if endpoint.__module__.partition(".")[0] != package:
            continue
        methods = set(getattr(route, "methods", None) or ())
        # Starlette adds HEAD to every GET.
        own = sorted(methods - {"HEAD"} if "GET" in methods else methods)
        for handler, served in _handlers(endpoint, own):
            found.append({"methods": served, "path": path, "handler": f"{handler.__module__}.{handler.__qualname__}"})
    return found


def _flat(routes: Any, prefix: str) -> Any:
    for route in routes:
        inner = getattr(route, "routes", None)
        if hasattr(route, "endpoint"):
            yield prefix + route.path, route
        elif hasattr(route, "effective_candidates"):  # a router that was included, as new versions of FastAPI keep it
            for one in route.effective_candidates():
                yield from _flat([one], prefix)
        elif inner is not None:
            yield from _flat(inner, prefix + route.path)


def _handlers(endpoint: Any, methods: list[str]) -> list[tuple[Any, list[str]]]:
    if not inspect.isclass(endpoint):
        return [(endpoint, methods)]
    return [(getattr(endpoint, name), [name.upper()]) for name in VIEW_METHODS if hasattr(endpoint, name)]
