"""Views of adrf under WSGI and ASGI; the routes of a project with async views."""

from __future__ import annotations

from typing import Any

REQUIREMENTS = {"0.1": ["adrf==0.1.*", "djangorestframework", "django==5.2.*", "httpx", "requests"]}


def observe() -> dict[str, Any]:
    from django_projects import SeenUnder, routes_of, set_up

    set_up("rest_framework")
    from adrf.decorators import api_view
    from adrf.views import APIView
    from adrf.viewsets import ViewSet
    from django.urls import path
    from rest_framework.response import Response

    seen = SeenUnder()
    for method in ("delete", "get", "head", "options", "patch", "post", "put", "trace"):
        seen.both(
            f"adrf.views.APIView.{method}",
            "http",
            lambda function, method=method: path("x", type("Probe", (APIView,), {"get": function, method: function}).as_view()),
            Response("x"),
            method=method,
        )
    seen.both("adrf.decorators.api_view", "http", lambda function: path("x", api_view(["GET"])(function)), Response("x"))
    for action in ("list", "retrieve"):
        seen.both(
            f"adrf.viewsets.ViewSetMixin.{action}",
            "http",
            lambda function, action=action: path("x", type("Probe", (ViewSet,), {action: function}).as_view({"get": action})),
            Response("x"),
        )
    return {"contexts": seen.contexts, "routes": {"adrf_tide_gauges": routes_of("tides.urls")}}
