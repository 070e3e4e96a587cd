"""Falcon's responders, middleware and hooks, WSGI ones in the thread that stands for the worker, and ASGI ones on a loop."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

REQUIREMENTS = {"3.1": ["falcon==3.1.*"], "4": ["falcon==4.*"]}

RESPONDERS = ("connect", "delete", "get", "head", "options", "patch", "post", "put", "trace")


def observe() -> dict[str, Any]:
    from noting import Notes

    notes = Notes(main="wsgi-worker")
    with_wsgi(notes)
    asyncio.run(with_asgi(notes))

    from storeroom.app import create_app
    from tides.app import app

    return {"contexts": notes.contexts, "routes": {"falcon_inventory_clean": routes_of(create_app()), "falcon_asgi_stream": routes_of(app)}}


def routes_of(app: Any) -> list[dict[str, Any]]:
    from falcon import inspect as inspecting

    found = []
    resources = {route.uri_template: route.resource for route in _nodes(app._router._roots)}
    for route in inspecting.inspect_app(app).routes:
        for method in route.methods:
            if not method.internal:
                handler = getattr(resources[route.path], method.function_name)
                handler = getattr(handler, "__func__", handler)
                verbs = [] if method.method == "WEBSOCKET" else [method.method]
                found.append({"methods": verbs, "path": route.path, "handler": f"{handler.__module__}.{handler.__qualname__}"})
    for pattern, sink, *_ in app._sinks:
        handler = getattr(sink, "__wrapped__", sink)
        found.append({"methods": [], "path": pattern.pattern, "handler": f"{handler.__module__}.{handler.__qualname__}"})
    return found


def _nodes(nodes: Any) -> Any:
    for node in nodes:
        if node.resource is not None:
            yield node
        yield from _nodes(node.children)


def resource(name: str, function: Any) -> Any:
    """An object whose attribute `name` is the responder."""
    return type("Resource", (), {name: function})()


def refusing(notes: Any, name: str, kind: str, is_async: bool, register: Any) -> None:
    """Registers what the framework refuses."""
    try:
        register()
    except Exception as error:  # noqa: BLE001  Falcon raises errors of several kinds
        print(name, type(error).__name__)
        notes.tell(name, kind, is_async, "refused")


def with_wsgi(notes: Any) -> None:
    import falcon
    from falcon import testing

    def ask(app: Any, method: str = "GET") -> None:
        with contextlib.suppress(Exception):
            testing.simulate_request(app, method, "/")

    for responder in RESPONDERS:
        name = f"falcon.App.add_route.on_{responder}"
        plain, asynchronous = notes.pair_taking(name, "http")
        app = falcon.App()
        app.add_route("/", resource(f"on_{responder}", plain))
        ask(app, responder.upper())
        refusing(notes, name, "http", True, lambda r=responder, f=asynchronous: falcon.App().add_route("/", resource(f"on_{r}", f)))
    plain, asynchronous = notes.pair_taking("falcon.App.add_sink", "http")
    app = falcon.App()
    app.add_sink(plain)
    ask(app)
    refusing(notes, "falcon.App.add_sink", "http", True, lambda: falcon.App().add_sink(asynchronous))
    for method in ("process_request", "process_resource", "process_response"):
        for call in ("falcon.App", "falcon.App.add_middleware"):
            plain, asynchronous = notes.pair_taking(f"{call}.{method}", "middleware")
            app = falcon.App(middleware=[resource(method, plain)]) if call == "falcon.App" else falcon.App()
            if call != "falcon.App":
                app.add_middleware(resource(method, plain))
            app.add_route("/", resource("on_get", lambda self, req, resp: None))
            ask(app)
            bad = resource(method, asynchronous)
            refusing(notes, f"{call}.{method}", "middleware", True, lambda bad=bad: falcon.App(middleware=[bad]))
    plain, _ = notes.pair_taking("falcon.App.add_error_handler", "exception")
    app = falcon.App()
    app.add_error_handler(KeyError, plain)
    app.add_route("/", resource("on_get", failing))
    ask(app)
    for hook in ("before", "after"):
        plain, _ = notes.pair_taking(f"falcon.{hook}", "middleware")
        app = falcon.App()
        responder_class = type("Hooked", (), {"on_get": getattr(falcon, hook)(plain)(lambda self, req, resp: None)})
        app.add_route("/", responder_class())
        ask(app)


def failing(self: Any, req: Any, resp: Any) -> None:
    raise KeyError


async def failing_on_loop(self: Any, req: Any, resp: Any) -> None:
    raise KeyError


async def nothing(*args: Any, **kwargs: Any) -> None:
    return None


async def with_asgi(notes: Any) -> None:
    import falcon
    import falcon.asgi
    from falcon import testing

    notes.serves()

    async def ask(app: Any, method: str = "GET") -> None:
        async with testing.ASGIConductor(app) as conductor:
            with contextlib.suppress(Exception):
                await conductor.simulate_request(method, "/")

    for responder in RESPONDERS:
        name = f"falcon.asgi.App.add_route.on_{responder}"
        plain, asynchronous = notes.pair_taking(name, "http")
        app = falcon.asgi.App()
        app.add_route("/", resource(f"on_{responder}", asynchronous))
        await ask(app, responder.upper())
        refusing(notes, name, "http", False, lambda r=responder, f=plain: falcon.asgi.App().add_route("/", resource(f"on_{r}", f)))
    plain, asynchronous = notes.pair_taking("falcon.asgi.App.add_sink", "http")
    app = falcon.asgi.App()
    app.add_sink(asynchronous)
    await ask(app)
    refusing(notes, "falcon.asgi.App.add_sink", "http", False, lambda: falcon.asgi.App().add_sink(plain))
    await with_websocket(notes)
    for kind, methods in (
        ("middleware", ("process_request", "process_resource", "process_response")),
        ("lifespan", ("process_startup", "process_shutdown")),
    ):
        for method in methods:
            for call in ("falcon.asgi.App", "falcon.asgi.App.add_middleware"):
                _, asynchronous = notes.pair_taking(f"{call}.{method}", kind)
                app = falcon.asgi.App(middleware=[resource(method, asynchronous)]) if call == "falcon.asgi.App" else falcon.asgi.App()
                if call != "falcon.asgi.App":
                    app.add_middleware(resource(method, asynchronous))
                app.add_route("/", resource("on_get", nothing))
                await ask(app)
    _, asynchronous = notes.pair_taking("falcon.asgi.App.add_error_handler", "exception")
    app = falcon.asgi.App()
    app.add_error_handler(KeyError, asynchronous)
    app.add_route("/", resource("on_get", failing_on_loop))
    await ask(app)
    for hook in ("before", "after"):
        _, asynchronous = notes.pair_taking(f"falcon.{hook}", "middleware")

        async def responder_of_class(self: Any, req: Any, resp: Any) -> None:
            return None

        app = falcon.asgi.App()
        app.add_route("/", type("Hooked", (), {"on_get": getattr(falcon, hook)(asynchronous)(responder_of_class)})())
        await ask(app)
    await with_background(notes, ask)


async def with_websocket(notes: Any) -> None:
    import falcon.asgi
    from falcon import testing

    name = "falcon.asgi.App.add_route.on_websocket"

    async def on_websocket(self: Any, req: Any, ws: Any) -> None:
        notes.note(name, "websocket", is_async=True)
        await ws.accept()

    app = falcon.asgi.App()
    app.add_route("/", resource("on_websocket", on_websocket))
    async with testing.ASGIConductor(app) as conductor, conductor.simulate_ws("/"):
        pass


async def with_background(notes: Any, ask: Any) -> None:
    import falcon.asgi

    owner = "falcon.asgi.Response"
    _, asynchronous = notes.pair(f"{owner}.schedule", "background")
    plain, _ = notes.pair(f"{owner}.schedule_sync", "background")

    async def on_get(self: Any, req: Any, resp: Any) -> None:
        resp.schedule(asynchronous)
        resp.schedule_sync(plain)

    app = falcon.asgi.App()
    app.add_route("/", resource("on_get", on_get))
    await ask(app)
    for _ in range(100):
        if len([one for one in notes.contexts if one["name"].startswith(owner)]) == 2:
            return
        await asyncio.sleep(0.05)
