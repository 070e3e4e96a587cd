"""FastAPI's path operations, dependencies and what runs around them, called by its test client, whose loop is the one that serves."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from typing import Any

REQUIREMENTS = {
    "0.95": ["fastapi==0.95.*", "httpx<0.28", "requests"],
    "0.165": ["fastapi==0.165.*", "httpx2", "requests"],
}

METHODS = ("delete", "get", "head", "options", "patch", "post", "put", "trace")


def observe() -> dict[str, Any]:
    from asgi_routes import routes_of
    from noting import Notes

    warnings.simplefilter("ignore")
    notes = Notes()
    with_routes(notes)
    with_websockets(notes)
    with_dependencies(notes)
    with_background_tasks(notes)
    with_startup(notes)
    with_what_runs_around(notes)

    from clinic.main import create_app

    routes = {"fastapi_routers": routes_of(create_app(), "clinic")}
    return {"contexts": notes.contexts, "first_route_answers": does_first_route_answer(), "routes": routes}


def does_first_route_answer() -> bool:
    import fastapi
    from fastapi.testclient import TestClient

    app = fastapi.FastAPI()
    app.get("/x")(lambda: "first")
    app.get("/x")(lambda: "second")
    with TestClient(app) as client:
        return bool(client.get("/x").json() == "first")


def ask(app: Any, method: str = "GET", path: str = "/x") -> None:
    from fastapi.testclient import TestClient

    with TestClient(app, raise_server_exceptions=False) as client:
        client.request(method, path)


def registered(owner: str, register: Callable[[Any], Any]) -> Any:
    """An app that has, or whose router has, what `register` adds."""
    import fastapi

    app = fastapi.FastAPI()
    if owner == "FastAPI":
        register(app)
        return app
    router = fastapi.APIRouter()
    register(router)
    app.include_router(router)
    return app


def with_routes(notes: Any) -> None:
    import fastapi

    for owner in ("FastAPI", "APIRouter"):
        for name in METHODS:
            for function in notes.pair(f"fastapi.{owner}.{name}", "http"):
                ask(registered(owner, lambda one, name=name, function=function: getattr(one, name)("/x")(function)), name.upper())
        for function in notes.pair(f"fastapi.{owner}.api_route", "http"):
            ask(registered(owner, lambda one, function=function: one.api_route("/x")(function)))
        for function in notes.pair(f"fastapi.{owner}.add_api_route", "http"):
            ask(registered(owner, lambda one, function=function: one.add_api_route("/x", function)))
        for function in notes.pair_taking(f"fastapi.{owner}.route", "http"):
            if hasattr(getattr(fastapi, owner), "route"):
                ask(registered(owner, lambda one, function=function: one.route("/x")(request_only(function))))


def request_only(function: Callable[..., Any]) -> Any:
    """`function`, taking a request and giving a response."""
    import inspect

    from starlette.responses import PlainTextResponse

    def plain(request: Any) -> Any:
        function(request)
        return PlainTextResponse("")

    async def asynchronous(request: Any) -> Any:
        await function(request)
        return PlainTextResponse("")

    return asynchronous if inspect.iscoroutinefunction(function) else plain


def with_websockets(notes: Any) -> None:
    import fastapi
    from fastapi.testclient import TestClient

    for owner in ("FastAPI", "APIRouter"):
        for name in ("websocket", "websocket_route", "add_api_websocket_route"):
            if not hasattr(getattr(fastapi, owner), name):
                continue
            for is_async in (False, True):
                endpoint = socket_endpoint(notes, f"fastapi.{owner}.{name}", is_async)
                if name.startswith("add"):
                    app = registered(owner, lambda one, endpoint=endpoint: one.add_api_websocket_route("/x", endpoint))
                else:
                    app = registered(owner, lambda one, name=name, endpoint=endpoint: getattr(one, name)("/x")(endpoint))
                with contextlib.suppress(Exception), TestClient(app) as client, client.websocket_connect("/x"):
                    pass


def socket_endpoint(notes: Any, name: str, is_async: bool) -> Any:
    import fastapi

    def plain(websocket: Any) -> None:
        notes.note(name, "websocket", is_async=False)

    async def asynchronous(websocket: Any) -> None:
        notes.note(name, "websocket", is_async=True)
        await websocket.accept()
        await websocket.close()

    endpoint = asynchronous if is_async else plain
    endpoint.__annotations__["websocket"] = fastapi.WebSocket
    return endpoint


def with_dependencies(notes: Any) -> None:
    import fastapi

    for name in ("Depends", "Security"):
        marker = getattr(fastapi, name)
        for function in notes.pair(f"fastapi.{name}", "dependency"):
            app = fastapi.FastAPI(dependencies=[marker(function)])
            app.get("/x")(lambda: None)
            ask(app)
    for dependency in (*generators(notes), class_of(notes)):
        app = fastapi.FastAPI(dependencies=[fastapi.Depends(dependency)])
        app.get("/x")(lambda: None)
        ask(app)


def generators(notes: Any) -> list[Any]:
    """Generators that note where they start and where they are torn down."""

    def plain() -> Any:
        notes.note("fastapi.Depends", "dependency", is_async=False)
        yield
        notes.note("fastapi.Depends", "dependency", is_async=False)

    async def asynchronous() -> Any:
        notes.note("fastapi.Depends", "dependency", is_async=True)
        yield
        notes.note("fastapi.Depends", "dependency", is_async=True)

    return [plain, asynchronous]


def class_of(notes: Any) -> Any:
    class Service:
        def __init__(self) -> None:
            notes.note("fastapi.Depends", "dependency", is_async=False)

    return Service


def with_background_tasks(notes: Any) -> None:
    import fastapi

    for function in notes.pair("fastapi.background.BackgroundTasks.add_task", "background"):

        def add(tasks: Any, function: Any = function) -> None:
            tasks.add_task(function)

        async def endpoint(tasks: Any) -> None:
            add(tasks)

        endpoint.__annotations__["tasks"] = fastapi.BackgroundTasks
        app = fastapi.FastAPI()
        app.get("/x")(endpoint)
        ask(app)


def with_startup(notes: Any) -> None:
    import fastapi

    for owner in ("FastAPI", "APIRouter"):
        class_ = getattr(fastapi, owner)

        def run(one: Any) -> None:
            app = one if isinstance(one, fastapi.FastAPI) else fastapi.FastAPI()
            if app is not one:
                app.router = one
            ask(app)

        for kind in ("startup", "shutdown"):
            for function in notes.pair(f"fastapi.{owner}", kind):
                run(class_(**{f"on_{kind}": [function]}))
        for function in notes.pair(f"fastapi.{owner}.on_event", "startup"):
            one = class_()
            one.on_event("startup")(function)
            run(one)
        for function in notes.pair(f"fastapi.{owner}.add_event_handler", "startup"):
            one = class_()
            if hasattr(one, "add_event_handler"):
                one.add_event_handler("startup", function)
                run(one)
        for lifespan in lifespans(notes, f"fastapi.{owner}"):
            with contextlib.suppress(Exception):
                run(class_(lifespan=lifespan))


def lifespans(notes: Any, name: str) -> list[Any]:
    def plain(app: Any) -> Any:
        notes.note(name, "lifespan", is_async=False)
        yield

    async def asynchronous(app: Any) -> Any:
        notes.note(name, "lifespan", is_async=True)
        yield

    return [plain, asynchronous]


def with_what_runs_around(notes: Any) -> None:
    import fastapi
    from starlette.responses import PlainTextResponse

    async def around(request: Any, call_next: Any) -> Any:
        notes.note("fastapi.FastAPI.middleware", "middleware", is_async=True)
        return await call_next(request)

    def plainly_around(request: Any, call_next: Any) -> Any:
        notes.note("fastapi.FastAPI.middleware", "middleware", is_async=False)
        return PlainTextResponse("")

    for function in (around, plainly_around):
        app = fastapi.FastAPI()
        app.middleware("http")(function)
        ask(app)

    def fails() -> None:
        raise KeyError

    for function in notes.pair_taking("fastapi.FastAPI.exception_handler", "exception", PlainTextResponse("")):
        app = fastapi.FastAPI()
        app.exception_handler(KeyError)(function)
        app.get("/x")(fails)
        ask(app)
