"""aiohttp's handlers and what runs around them, called over a socket on the loop that serves."""

from __future__ import annotations

import asyncio
import contextlib
import warnings
from collections.abc import Callable
from typing import Any

REQUIREMENTS = {"3.9": ["aiohttp==3.9.*", "requests"], "3.14": ["aiohttp==3.14.*", "requests"]}

METHODS = ("delete", "get", "head", "options", "patch", "post", "put")


def observe() -> dict[str, Any]:
    from noting import Notes

    warnings.simplefilter("ignore")
    notes = Notes()
    for name, register in ways().items():
        method = name.rpartition(".")[2].removeprefix("add_").upper()
        for function in notes.pair_taking(name, "http", None):
            asyncio.run(ask(notes, lambda app, register=register, function=function: register(app, function), method))
    with_views(notes)
    with_middleware(notes)
    with_signals(notes)

    from harbour.app import create_app

    return {"contexts": notes.contexts, "routes": {"aiohttp_tables": routes_of(create_app([]), "harbour")}}


async def ask(notes: Any, register: Callable[[Any], Any], method: str = "GET", middlewares: Any = ()) -> None:
    from aiohttp import test_utils, web

    notes.serves()
    app = web.Application(middlewares=middlewares)
    register(app)
    with contextlib.suppress(Exception):
        async with test_utils.TestClient(test_utils.TestServer(app)) as client:
            await client.request(method if method in {name.upper() for name in METHODS} else "GET", "/x")


def ways() -> dict[str, Callable[[Any, Any], Any]]:
    """Each way to register a function, by the name of its row."""
    from aiohttp import web

    def by_table(decorate: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
        def register(app: Any, function: Any) -> None:
            table = web.RouteTableDef()
            decorate(table)(function)
            app.add_routes(table)

        return register

    found: dict[str, Callable[[Any, Any], Any]] = {
        "aiohttp.web.RouteTableDef.route": by_table(lambda table: table.route("GET", "/x")),
        "aiohttp.web.RouteTableDef.view": by_table(lambda table: table.view("/x")),
        "aiohttp.web.route": lambda app, function: app.add_routes([web.route("GET", "/x", function)]),
        "aiohttp.web.view": lambda app, function: app.add_routes([web.view("/x", function)]),
        "aiohttp.web.UrlDispatcher.add_route": lambda app, function: app.router.add_route("GET", "/x", function),
        "aiohttp.web.UrlDispatcher.add_view": lambda app, function: app.router.add_view("/x", function),
        "aiohttp.web.Resource.add_route": lambda app, function: app.router.add_resource("/x").add_route("GET", function),
    }
    for name in METHODS:
        found[f"aiohttp.web.RouteTableDef.{name}"] = by_table(lambda table, name=name: getattr(table, name)("/x"))
        found[f"aiohttp.web.{name}"] = lambda app, function, name=name: app.add_routes([getattr(web, name)("/x", function)])
        found[f"aiohttp.web.UrlDispatcher.add_{name}"] = lambda app, function, name=name: getattr(app.router, f"add_{name}")("/x", function)
    return found


def with_views(notes: Any) -> None:
    from aiohttp import web

    for name in METHODS:
        for function in notes.pair_taking(f"aiohttp.web.View.{name}", "http"):
            view = type("Probe", (web.View,), {name: function})
            asyncio.run(ask(notes, lambda app, view=view: app.router.add_view("/x", view), name.upper()))


def with_middleware(notes: Any) -> None:
    from aiohttp import web

    async def page(request: Any) -> Any:
        return web.Response()

    def put(app: Any, add: Callable[[Any], Any]) -> None:
        add(app)
        app.router.add_get("/x", page)

    for function in notes.pair_taking("aiohttp.web.middleware", "middleware"):
        asyncio.run(ask(notes, lambda app, f=function: put(app, lambda one: one.middlewares.append(web.middleware(f)))))
    for function in notes.pair_taking("aiohttp.web.Application.middlewares.append", "middleware"):
        asyncio.run(ask(notes, lambda app, f=function: put(app, lambda one: one.middlewares.append(web.middleware(f)))))
    for function in notes.pair_taking("aiohttp.web.Application", "middleware"):
        asyncio.run(ask(notes, lambda app: app.router.add_get("/x", page), middlewares=[web.middleware(function)]))
    for function in notes.pair_taking("aiohttp.web.Application.on_response_prepare.append", "middleware"):
        asyncio.run(ask(notes, lambda app, f=function: put(app, lambda one: one.on_response_prepare.append(f))))


def with_signals(notes: Any) -> None:
    for name, kind in (("on_startup", "startup"), ("on_cleanup", "shutdown"), ("on_shutdown", "shutdown")):
        for function in notes.pair_taking(f"aiohttp.web.Application.{name}.append", kind):
            asyncio.run(ask(notes, lambda app, name=name, f=function: getattr(app, name).append(f)))

    async def asynchronous(app: Any) -> Any:
        notes.note("aiohttp.web.Application.cleanup_ctx.append", "lifespan", is_async=True)
        yield

    def plain(app: Any) -> Any:
        notes.note("aiohttp.web.Application.cleanup_ctx.append", "lifespan", is_async=False)
        yield

    for context in (asynchronous, plain):
        seen = len(notes.contexts)
        asyncio.run(ask(notes, lambda app, context=context: app.cleanup_ctx.append(context)))
        if len(notes.contexts) == seen:
            notes.tell("aiohttp.web.Application.cleanup_ctx.append", "lifespan", is_async=context is asynchronous, ran="refused")


def routes_of(app: Any, package: str) -> list[dict[str, Any]]:
    """The routes whose handler is of `package`, those of applications below among them; without the HEAD that `add_get` adds."""
    import inspect

    found = []
    for route in app.router.routes():
        resource = route.resource
        path = resource.canonical if resource is not None else ""
        handlers = [(route.handler, route.method)]
        if inspect.isclass(route.handler):
            handlers = [(getattr(route.handler, name), name.upper()) for name in METHODS if hasattr(route.handler, name)]
        for handler, method in handlers:
            if handler.__module__.partition(".")[0] == package and method != "HEAD":
                found.append({"methods": [method], "path": path, "handler": f"{handler.__module__}.{handler.__qualname__}"})
    for resource in app.router.resources():
        inner = getattr(resource, "_app", None)
        found += routes_of(inner, package) if inner is not None else []
    return found
