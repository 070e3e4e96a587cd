"""Operations of Django Ninja under WSGI and ASGI; the routes of an API and of the routers added to it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import partial
from typing import Any

REQUIREMENTS = {"1": ["django-ninja==1.*", "django==5.2.*", "requests"]}


def observe() -> dict[str, Any]:
    from django_projects import SeenUnder, routes_of, set_up

    set_up("mooring")
    from django.urls import path
    from ninja import NinjaAPI, Router

    seen = SeenUnder()

    def on_api(name: str, function: Any, *given: Any) -> Any:
        api = NinjaAPI(urls_namespace=f"api{len(seen.contexts)}{id(function)}")
        getattr(api, name)(*given)(_of_request(function))
        return path("", api.urls)

    def on_router(name: str, function: Any, *given: Any) -> Any:
        api, router = NinjaAPI(urls_namespace=f"router{len(seen.contexts)}{id(function)}"), Router()
        getattr(router, name)(*given)(_of_request(function))
        api.add_router("", router)
        return path("", api.urls)

    for owner, register in (("NinjaAPI", on_api), ("Router", on_router)):
        for name in ("delete", "get", "patch", "post", "put"):
            seen.both(
                f"ninja.{owner}.{name}",
                "http",
                lambda function, name=name, register=register: register(name, function, "/x"),
                "x",
                method=name,
            )
        seen.both(
            f"ninja.{owner}.api_operation",
            "http",
            lambda function, register=register: register("api_operation", function, ["GET"], "/x"),
            "x",
        )
    return {"contexts": seen.contexts, "routes": {"ninja_api": routes_of("mooring.urls", operations)}}


def _of_request(function: Any) -> Any:
    """With the one parameter that Ninja looks for."""
    if inspect.iscoroutinefunction(function):

        async def asynchronous(request: Any) -> Any:
            return await function()

        return asynchronous

    def plain(request: Any) -> Any:
        return function()

    return plain


def operations(path: str, view: Any) -> Iterator[dict[str, Any]] | None:
    """The operations behind a view of Ninja; its documentation and its root, which the code does not register, are none."""
    if isinstance(view, partial):
        return iter(())
    made_by = inspect.getclosurevars(view).nonlocals.get("self") if view.__module__ == "ninja.operation" else None
    return _operations(path, made_by.operations) if made_by is not None else None


def _operations(path: str, found: Any) -> Iterator[dict[str, Any]]:
    for operation in found:
        function = inspect.unwrap(operation.view_func)
        # Ninja hands the path on in Django's spelling of parameters.
        spelled = path.replace("<", "{").replace(">", "}")
        yield {"path": spelled, "methods": sorted(operation.methods), "handler": f"{function.__module__}.{function.__qualname__}"}
