"""Django's views, middleware and signal receivers under WSGI and ASGI, asked by its test clients; the URL resolver's routes.

Django 6 needs Python 3.12 (`run.py --python python3.12 django-6.0`).
"""

from __future__ import annotations

import sys
from typing import Any

REQUIREMENTS = {
    "4.2": ["django==4.2.*", "fastapi", "requests"],
    "5.2": ["django==5.2.*", "fastapi", "requests"],
    "6.0": ["django==6.0.*", "fastapi", "requests"],
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
    with_functions_in_middleware(seen)
    with_classes_in_middleware(seen)
    with_signals(seen)
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


LISTED = "django.conf.settings.MIDDLEWARE"


def page(request: Any) -> Any:
    from django.http import HttpResponse

    return HttpResponse("x")


async def asynchronous_page(request: Any) -> Any:
    return page(request)


def listed(middleware: Any, view: Any = page) -> Any:
    """The pattern of a view that stands behind one middleware."""
    from django.conf import settings
    from django.urls import path

    globals()["probe_middleware"] = middleware
    settings.MIDDLEWARE = [f"{__name__}.probe_middleware"]
    return path("x", view)


def with_functions_in_middleware(seen: Any) -> None:
    """Functions that make the middleware: without a decorator a sync one, with one what the decorator says."""
    from django.conf import settings
    from django.utils.decorators import async_only_middleware, sync_and_async_middleware, sync_only_middleware

    def register(function: Any) -> Any:
        import inspect

        if inspect.iscoroutinefunction(function):
            return listed(async_only_middleware(lambda get_response: asynchronously_around(function, get_response)), asynchronous_page)
        return listed(sync_only_middleware(lambda get_response: around(function, get_response)))

    seen.both(LISTED, "middleware", register)
    seen.both(
        LISTED, "middleware", lambda function: listed(sync_and_async_middleware(either(function)), view_for(function)), tells_refusal=False
    )
    settings.MIDDLEWARE = []


def view_for(function: Any) -> Any:
    import inspect

    return asynchronous_page if inspect.iscoroutinefunction(function) else page


def either(function: Any) -> Any:
    """A middleware for both; `function` is called by that side which is as it is."""
    import inspect

    async def nothing(*args: Any, **kwargs: Any) -> None:
        pass

    is_async = inspect.iscoroutinefunction(function)

    def factory(get_response: Any) -> Any:
        if inspect.iscoroutinefunction(get_response):
            return asynchronously_around(function if is_async else nothing, get_response)
        return around((lambda request: None) if is_async else function, get_response)

    return factory


def around(function: Any, get_response: Any) -> Any:
    def middleware(request: Any) -> Any:
        function(request)
        return get_response(request)

    return middleware


def asynchronously_around(function: Any, get_response: Any) -> Any:
    async def middleware(request: Any) -> Any:
        await function(request)
        return await get_response(request)

    return middleware


def with_classes_in_middleware(seen: Any) -> None:
    from django.conf import settings

    def failing(request: Any) -> Any:
        raise ValueError

    seen.both(f"{LISTED}.__call__", "middleware", called)
    for name, view in (("process_view", page), ("process_exception", failing)):
        seen.both(f"{LISTED}.{name}", "middleware", lambda function, name=name, view=view: listed(with_method(name, function), view))
    settings.MIDDLEWARE = []


def called(function: Any) -> Any:
    """The pattern of a view behind a class whose `__call__` calls `function`, as an `async def` with what Django asks of one."""
    import inspect

    from django.utils.decorators import async_only_middleware

    class Middleware:
        def __init__(self, get_response: Any) -> None:
            self._get_response = get_response

        def __call__(self, request: Any) -> Any:
            function(request)
            return self._get_response(request)

    class Asynchronous(Middleware):
        def __init__(self, get_response: Any) -> None:
            super().__init__(get_response)
            if hasattr(inspect, "markcoroutinefunction"):
                inspect.markcoroutinefunction(self)
            else:
                import asyncio

                self._is_coroutine = asyncio.coroutines._is_coroutine

        async def __call__(self, request: Any) -> Any:
            await function(request)
            return await self._get_response(request)

    if inspect.iscoroutinefunction(function):
        return listed(async_only_middleware(Asynchronous), asynchronous_page)
    return listed(Middleware)


def with_method(name: str, function: Any) -> Any:
    """A class of middleware with that method, which calls `function` and is an `async def` if that is one."""
    import inspect

    class Middleware:
        def __init__(self, get_response: Any) -> None:
            self._get_response = get_response

        def __call__(self, request: Any) -> Any:
            return self._get_response(request)

    def method(self: Any, *given: Any) -> Any:
        return function(*given)

    async def asynchronous(self: Any, *given: Any) -> Any:
        return await function(*given)

    setattr(Middleware, name, asynchronous if inspect.iscoroutinefunction(function) else method)
    return Middleware


def with_signals(seen: Any) -> None:
    """Receivers of signals that sync views send, and async views with `asend`."""
    from django.dispatch import Signal, receiver
    from django.urls import path

    def by_call(signal: Any, function: Any) -> None:
        signal.connect(function, weak=False)

    def by_decorator(signal: Any, function: Any) -> None:
        receiver(signal, weak=False)(function)

    for name, connect in (("django.dispatch.Signal.connect", by_call), ("django.dispatch.receiver", by_decorator)):

        def sent(function: Any, connect: Any = connect) -> Any:
            signal = Signal()
            connect(signal, function)

            def view(request: Any) -> Any:
                signal.send(sender=None)
                return page(request)

            return path("x", view)

        def sent_asynchronously(function: Any, connect: Any = connect) -> Any:
            signal = Signal()
            connect(signal, function)

            async def view(request: Any) -> Any:
                await signal.asend(sender=None)
                return page(request)

            return path("x", view)

        seen.both(name, "event", sent)
        if hasattr(Signal, "asend"):
            seen.both(name, "event", sent_asynchronously)
