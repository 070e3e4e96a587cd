"""Starlette's endpoints and what runs around them, called by its test client, whose loop is the one that serves."""

from __future__ import annotations

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

    from gallery.app import app

    return {"contexts": notes.contexts, "routes": {"starlette_mounts": routes_of(app, "gallery")}}


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
