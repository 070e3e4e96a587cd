"""Django's views and middleware under WSGI and ASGI, asked by its test clients; the URL resolver's routes."""

from __future__ import annotations

from typing import Any

REQUIREMENTS = {
    "4.2": ["django==4.2.*", "requests"],
    "5.2": ["django==5.2.*", "requests"],
    "6": ["django==6.*", "requests"],
}

METHODS = ("delete", "get", "head", "options", "patch", "post", "put", "trace")


def observe() -> dict[str, Any]:
    from django_projects import SeenUnder, routes_of, set_up

    set_up("pottery.catalogue", "office")
    from django.http import HttpResponse
    from django.urls import path, re_path
    from django.views import View

    seen = SeenUnder()
    answer = HttpResponse("x")
    seen.both("django.urls.path", "http", lambda view: path("x", view), answer)
    seen.both("django.urls.re_path", "http", lambda view: re_path("^x$", view), answer)
    for method in METHODS:
        seen.both(
            f"django.views.generic.View.{method}",
            "http",
            lambda function, method=method: path("x", type("Probe", (View,), {method: function}).as_view()),
            answer,
            method=method,
        )
    with_middleware(seen)
    return {
        "contexts": seen.contexts,
        "routes": {"django_admin_shop": routes_of("pottery.urls"), "django_with_fastapi_sidecar": routes_of("office.urls")},
    }


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
