"""Views of Django REST framework under WSGI and ASGI; the routes of its routers."""

from __future__ import annotations

from typing import Any

REQUIREMENTS = {
    "3.14": ["djangorestframework==3.14.*", "drf-nested-routers==0.93.*", "django==4.2.*", "pytz"],
    "3.16": ["djangorestframework==3.16.*", "drf-nested-routers", "django==5.2.*"],
}


def observe() -> dict[str, Any]:
    from django_projects import SeenUnder, routes_of, set_up

    set_up("rest_framework", "herbarium")
    from django.urls import path
    from rest_framework.decorators import api_view
    from rest_framework.response import Response
    from rest_framework.views import APIView

    seen = SeenUnder()
    for method in ("delete", "get", "head", "options", "patch", "post", "put", "trace"):
        seen.both(
            f"rest_framework.views.APIView.{method}",
            "http",
            lambda function, method=method: path("x", type("Probe", (APIView,), {"get": function, method: function}).as_view()),
            Response("x"),
            method=method,
        )
    seen.both("rest_framework.decorators.api_view", "http", lambda function: path("x", api_view(["GET"])(function)), Response("x"))
    return {"contexts": seen.contexts, "routes": {"drf_viewsets_clean": routes_of("herbarium.urls")}}
