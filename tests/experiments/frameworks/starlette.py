"""Starlette's endpoints and what runs around them, called by its test client, whose loop is the one that serves."""

from __future__ import annotations

import contextlib
import warnings
from typing import Any

REQUIREMENTS = {"0.27": ["starlette==0.27.*", "httpx<0.28", "requests"], "1.10": ["starlette==1.10.*", "httpx2", "requests"]}

METHODS = ("delete", "get", "head", "options", "patch", "post", "put")


def observe() -> dict[str, Any]:
    from asgi_routes import routes_of
    from noting import Notes

    warnings.simplefilter("ignore")
    notes = Notes()
    with_routes(notes)
    with_endpoint_classes(notes)
    with_what_runs_behind(notes)
    with_exceptions(notes)
    with_websockets(notes)
    with_middleware(notes)
    with_life(notes)

    from gallery.app import app

    routes = {"starlette_mounts": routes_of(app, "gallery")}
    return {"contexts": notes.contexts, "first_route_answers": does_first_route_answer(), "routes": routes}


def does_first_route_answer() -> bool:
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route
    from starlette.testclient import TestClient

    pages = [Route("/x", PlainTextResponse(text)) for text in ("first", "second")]
    with TestClient(Starlette(routes=pages)) as client:
        return bool(client.get("/x").text == "first")


def ask(app: Any, method: str = "GET") -> None:
    from starlette.testclient import TestClient

    with TestClient(app, raise_server_exceptions=False) as client:
        client.request(method, "/x")


def with_routes(notes: Any) -> None:
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route, Router

    page = PlainTextResponse("")
    for function in notes.pair_taking("starlette.routing.Route", "http", page):
        ask(Starlette(routes=[Route("/x", function)]))
    for name, make in (("starlette.applications.Starlette", Starlette), ("starlette.routing.Router", Router)):
        for function in notes.pair_taking(f"{name}.add_route", "http", page):
            app = make()
            app.add_route("/x", function)
            ask(app)
        for function in notes.pair_taking(f"{name}.route", "http", page):
            if hasattr(make, "route"):
                app = make()
                app.route("/x")(function)
                ask(app)


def with_endpoint_classes(notes: Any) -> None:
    from starlette.applications import Starlette
    from starlette.endpoints import HTTPEndpoint
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    for name in METHODS:
        for function in notes.pair_taking(f"starlette.endpoints.HTTPEndpoint.{name}", "http", PlainTextResponse("")):
            ask(Starlette(routes=[Route("/x", type("Probe", (HTTPEndpoint,), {name: function}))]), name.upper())


def with_what_runs_behind(notes: Any) -> None:
    from starlette.applications import Starlette
    from starlette.background import BackgroundTask, BackgroundTasks
    from starlette.responses import PlainTextResponse, StreamingResponse
    from starlette.routing import Route

    def serve(response: Any) -> None:
        async def endpoint(request: Any) -> Any:
            return response

        ask(Starlette(routes=[Route("/x", endpoint)]))

    for function in notes.pair("starlette.background.BackgroundTask", "background"):
        serve(PlainTextResponse("", background=BackgroundTask(function)))
    for function in notes.pair("starlette.background.BackgroundTasks.add_task", "background"):
        tasks = BackgroundTasks()
        tasks.add_task(function)
        serve(PlainTextResponse("", background=tasks))

    def plain() -> Any:
        notes.note("starlette.responses.StreamingResponse", "stream", is_async=False)
        yield ""

    async def asynchronous() -> Any:
        notes.note("starlette.responses.StreamingResponse", "stream", is_async=True)
        yield ""

    serve(StreamingResponse(plain()))
    serve(StreamingResponse(asynchronous()))
    with_iterators(notes, serve)


def with_iterators(notes: Any, serve: Any) -> None:
    """What `iterate_in_threadpool` is given; it takes no asynchronous iterator."""
    from starlette.concurrency import iterate_in_threadpool
    from starlette.responses import StreamingResponse

    def plain() -> Any:
        notes.note("starlette.concurrency.iterate_in_threadpool", "stream", is_async=False)
        yield ""

    async def asynchronous() -> Any:
        notes.note("starlette.concurrency.iterate_in_threadpool", "stream", is_async=True)
        yield ""

    for iterator in (plain(), asynchronous()):
        before = len(notes.contexts)
        serve(StreamingResponse(iterate_in_threadpool(iterator)))
        if len(notes.contexts) == before:
            notes.tell("starlette.concurrency.iterate_in_threadpool", "stream", hasattr(iterator, "__anext__"), "refused")


def with_exceptions(notes: Any) -> None:
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    async def fails(request: Any) -> Any:
        raise KeyError

    for name in ("add_exception_handler", "exception_handler"):
        for function in notes.pair_taking(f"starlette.applications.Starlette.{name}", "exception", PlainTextResponse("")):
            app = Starlette(routes=[Route("/x", fails)])
            if name == "add_exception_handler":
                app.add_exception_handler(KeyError, function)
            elif hasattr(app, name):
                app.exception_handler(KeyError)(function)
            else:
                continue
            ask(app)


# --- websockets ---


def connect(app: Any) -> None:
    """One connection that sends one message; an endpoint that does not speak the protocol has noted where it ran."""
    from starlette.testclient import TestClient

    with contextlib.suppress(Exception), TestClient(app) as client, client.websocket_connect("/x") as socket:
        socket.send_text("x")


def socket_endpoints(notes: Any, name: str) -> list[Any]:
    def plain(websocket: Any) -> None:
        notes.note(name, "websocket", is_async=False)

    async def asynchronous(websocket: Any) -> None:
        notes.note(name, "websocket", is_async=True)
        await websocket.accept()
        await websocket.close()

    return [plain, asynchronous]


def with_websockets(notes: Any) -> None:
    from starlette.applications import Starlette
    from starlette.routing import Router, WebSocketRoute

    for endpoint in socket_endpoints(notes, "starlette.routing.WebSocketRoute"):
        connect(Starlette(routes=[WebSocketRoute("/x", endpoint)]))
    for name, make in (("starlette.applications.Starlette", Starlette), ("starlette.routing.Router", Router)):
        for endpoint in socket_endpoints(notes, f"{name}.add_websocket_route"):
            app = make()
            if hasattr(app, "add_websocket_route"):
                app.add_websocket_route("/x", endpoint)
                connect(app)
        for endpoint in socket_endpoints(notes, f"{name}.websocket_route"):
            app = make()
            if hasattr(app, "websocket_route"):
                app.websocket_route("/x")(endpoint)
                connect(app)
    with_socket_classes(notes)


def with_socket_classes(notes: Any) -> None:
    from starlette.applications import Starlette
    from starlette.endpoints import WebSocketEndpoint
    from starlette.routing import WebSocketRoute

    for method in ("on_connect", "on_disconnect", "on_receive"):
        name = f"starlette.endpoints.WebSocketEndpoint.{method}"

        def plain(self: Any, websocket: Any, *given: Any, name: str = name) -> None:
            notes.note(name, "websocket", is_async=False)

        async def asynchronous(self: Any, websocket: Any, *given: Any, name: str = name, method: str = method) -> None:
            notes.note(name, "websocket", is_async=True)
            if method == "on_connect":
                await websocket.accept()

        for function in (plain, asynchronous):
            class_ = type("Probe", (WebSocketEndpoint,), {"encoding": "text", method: function})
            connect(Starlette(routes=[WebSocketRoute("/x", class_)]))


# --- middleware ---


def with_middleware(notes: Any) -> None:
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.base import BaseHTTPMiddleware

    for function in around(notes, "starlette.middleware.base.BaseHTTPMiddleware.dispatch"):
        class_ = type("Probe", (BaseHTTPMiddleware,), {"dispatch": lambda self, *given, function=function: function(*given)})
        ask(Starlette(middleware=[Middleware(class_)]))
    for function in around(notes, "starlette.applications.Starlette.middleware"):
        app = Starlette()
        if hasattr(app, "middleware"):
            app.middleware("http")(function)
            ask(app)
    for wrap in wrapping(notes, "starlette.middleware.Middleware"):
        ask(Starlette(middleware=[Middleware(wrap)]))
    for wrap in wrapping(notes, "starlette.applications.Starlette.add_middleware"):
        app = Starlette()
        app.add_middleware(wrap)
        ask(app)


def around(notes: Any, name: str) -> list[Any]:
    """A middleware function as `def`, whose answer cannot be awaited, and as `async def`."""

    def plain(request: Any, call_next: Any) -> Any:
        notes.note(name, "middleware", is_async=False)

    async def asynchronous(request: Any, call_next: Any) -> Any:
        notes.note(name, "middleware", is_async=True)
        return await call_next(request)

    return [plain, asynchronous]


def wrapping(notes: Any, name: str) -> list[Any]:
    """Functions that are given the application and wrap it; a coroutine in place of the wrapped one is no application."""

    def plain(app: Any) -> Any:
        notes.note(name, "middleware", is_async=False)
        return app

    def asynchronous(app: Any) -> Any:
        async def wrapped(*given: Any) -> None:
            notes.note(name, "middleware", is_async=True)
            await app(*given)

        return wrapped

    return [plain, asynchronous]


# --- startup and shutdown ---


def with_life(notes: Any) -> None:
    from starlette.applications import Starlette
    from starlette.routing import Router

    for name, make in (("starlette.applications.Starlette", Starlette), ("starlette.routing.Router", Router)):
        for lifespan in lifespans(notes, name):
            start(lambda make=make, lifespan=lifespan: make(lifespan=lifespan))
        for kind in ("startup", "shutdown"):
            for function in notes.pair(name, kind):
                start(lambda make=make, kind=kind, function=function: make(**{f"on_{kind}": [function]}))
        for function in notes.pair(f"{name}.add_event_handler", "startup"):
            start(lambda make=make, function=function: told(make(), "add_event_handler", lambda add: add("startup", function)))
        for function in notes.pair(f"{name}.on_event", "startup"):
            start(lambda make=make, function=function: told(make(), "on_event", lambda on: on("startup")(function)))


def told(app: Any, name: str, register: Any) -> Any:
    """The app, after `register` had its method of that name."""
    register(getattr(app, name))
    return app


def start(make: Any) -> None:
    """Starts and stops what `make` gives, where this version takes it and its lifespan."""
    with contextlib.suppress(AttributeError, RuntimeError, TypeError):
        ask(make())


def lifespans(notes: Any, name: str) -> list[Any]:
    @contextlib.asynccontextmanager
    async def asynchronous(app: Any) -> Any:
        notes.note(name, "lifespan", is_async=True)
        yield

    def plain(app: Any) -> Any:
        notes.note(name, "lifespan", is_async=False)
        yield

    return [plain, asynchronous]
