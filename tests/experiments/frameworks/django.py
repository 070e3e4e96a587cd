"""Django's views and middleware under WSGI and ASGI, asked by its test clients; the URL resolver's routes."""

from __future__ import annotations

import sys
from typing import Any

REQUIREMENTS = {
    "4.2": ["django==4.2.*", "fastapi", "requests"],
    "5.2": ["django==5.2.*", "fastapi", "requests"],
}

METHODS = ("delete", "get", "head", "options", "patch", "post", "put", "trace")


def observe() -> dict[str, Any]:
    from django_projects import SeenUnder, routes_of, set_up

    # Its two services stand in folders of their own.
    sys.path.extend([f"{one}/{part}" for one in sys.path if one.endswith("django_with_fastapi_sidecar") for part in ("office", "displays")])
    set_up("pottery.catalogue", "office")
    from django.http import HttpResponse
    from django.urls import path, re_path
    from django.views import View

    seen = SeenUnder()
    answer = HttpResponse("x")
    seen.both("django.urls.path", "http", lambda view: path("x", view), answer)
    seen.both("django.urls.re_path", "http", lambda view: re_path("^x$", view), answer)
    # Whether a class is asynchronous is told by its methods without `options`: it is asked of a class that has another one.
    for method in METHODS:
        seen.both(
            f"django.views.generic.View.{method}",
            "http",
            lambda function, method=method: path("x", type("Probe", (View,), {"get": function, method: function}).as_view()),
            answer,
            method=method,
        )
    with_middleware(seen)
    routes = {"django_admin_shop": routes_of("pottery.urls"), "django_with_fastapi_sidecar": [*routes_of("office.urls"), *displays()]}
    return {"contexts": seen.contexts, "routes": routes}


def displays() -> list[dict[str, Any]]:
    """The routes of the FastAPI service beside the office."""
    from displays.main import app
    from fastapi.routing import APIRoute

    found = [one for one in app.routes if isinstance(one, APIRoute)]
    return [{"path": one.path, "methods": sorted(one.methods), "handler": f"displays.main.{one.endpoint.__name__}"} for one in found]


def with_middleware(seen: Any) -> None:
    from django.conf import settings
    from django.http import HttpResponse
    from django.urls import path
    from django.utils.deprecation import MiddlewareMixin

    def page(request: Any) -> Any:
        return HttpResponse("x")

    def failing(request: Any) -> Any:
        raise ValueError

    for name, view in (("process_request", page), ("process_view", page), ("process_exception", failing)):

        def register(function: Any, name: str = name, view: Any = view) -> Any:
            globals()["Probe"] = type("Probe", (MiddlewareMixin,), {name: function})
            settings.MIDDLEWARE = [f"{__name__}.Probe"]
            return path("x", view)

        seen.both(f"django.utils.deprecation.MiddlewareMixin.{name}", "middleware", register)
    settings.MIDDLEWARE = []
