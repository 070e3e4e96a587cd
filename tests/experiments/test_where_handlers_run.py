"""Registers handlers in every way that the framework tables list, in real apps, and compares where each ran with the table.

python -m venv frameworks && frameworks/bin/pip install -e . pytest fastapi httpx2 python-multipart aiohttp
frameworks/bin/pytest -W ignore tests/experiments/test_where_handlers_run.py
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import threading
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from importlib import metadata
from typing import Any

import aiohttp.test_utils
import aiohttp.web
import fastapi
import pytest
from fastapi.testclient import TestClient
from packaging.specifiers import SpecifierSet
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.endpoints import HTTPEndpoint, WebSocketEndpoint
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route, Router, WebSocketRoute

from fwaudit.catalog.index import HandlerRow, expand_braces
from fwaudit.catalog.load import load_catalog
from fwaudit.catalog.names import Catalog


class Ran:
    """Where functions ran, by the name that each gave itself: `loop` where a loop runs in the function's own thread, else `thread`."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}

    def note(self, name: str) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self.places[name] = "thread"
        else:
            self.places[name] = "loop"


PLACES = {"threadpool": "thread", "event-loop": "loop", "loop-startup": "loop"}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Frameworks warn of what they will drop."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def row(rows: tuple[HandlerRow, ...], kind: str) -> HandlerRow:
    """The row of that kind which holds for the installed version."""
    for found in rows:
        version = metadata.version(found.framework.distributions[0])
        if found.row.kind == kind and version in SpecifierSet(found.row.versions):
            return found
    raise AssertionError(f"no row of kind {kind} among {rows}")


def assert_as_in(found: HandlerRow, ran: Ran) -> None:
    """What ran as `sync` and as `async` ran where the row says; one of the two may be missing."""
    expected = {"sync": PLACES[found.row.synchronous], "async": PLACES[found.row.asynchronous]}
    assert ran.places, "nothing ran"
    assert ran.places == {name: expected[name] for name in ran.places}


def pair(ran: Ran, result: Callable[[], Any] = dict) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """A `def` and an `async def` that note where they run."""

    def plain() -> Any:
        ran.note("sync")
        return result()

    async def asynchronous() -> Any:
        ran.note("async")
        return result()

    return plain, asynchronous


def pair_of_request(ran: Ran) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def plain(request: Any, *rest: Any) -> Any:
        ran.note("sync")
        return PlainTextResponse("")

    async def asynchronous(request: Any, *rest: Any) -> Any:
        ran.note("async")
        return PlainTextResponse("")

    return plain, asynchronous


def get(app: Any, *paths: str) -> None:
    with TestClient(app, raise_server_exceptions=False) as client:
        for path in paths:
            client.get(path)


# --- FastAPI ---


@pytest.mark.parametrize("method", ["delete", "get", "head", "options", "patch", "post", "put", "trace"])
@pytest.mark.parametrize("owner", ["FastAPI", "APIRouter"])
def test_fastapi_route_decorators(catalog: Catalog, owner: str, method: str) -> None:
    """A path operation runs in the threadpool if it is sync, and its route has the method of the decorator's name."""
    ran, app = Ran(), fastapi.FastAPI()
    router = app if owner == "FastAPI" else fastapi.APIRouter()
    plain, asynchronous = pair(ran)
    getattr(router, method)("/sync")(plain)
    getattr(router, method)("/async")(asynchronous)
    if router is not app:
        app.include_router(router)
    with TestClient(app) as client:
        for path in ("/sync", "/async"):
            client.request(method.upper(), path)
    found = row(catalog.handler_of_decorator(f"fastapi.{owner}.{method}"), "http")
    assert_as_in(found, ran)
    assert len(ran.places) == 2
    assert found.http_methods == (method.upper(),)


def test_fastapi_api_route_and_add_api_route(catalog: Catalog) -> None:
    """Both run sync endpoints in the threadpool."""
    for register, rows in (
        (lambda app, path, endpoint: app.api_route(path)(endpoint), catalog.handler_of_decorator("fastapi.FastAPI.api_route")),
        (lambda app, path, endpoint: app.add_api_route(path, endpoint), catalog.handler_of_call("fastapi.FastAPI.add_api_route")),
        (lambda app, path, endpoint: app.router.add_api_route(path, endpoint), catalog.handler_of_call("fastapi.APIRouter.add_api_route")),
    ):
        ran, app = Ran(), fastapi.FastAPI()
        plain, asynchronous = pair(ran)
        register(app, "/sync", plain)
        register(app, "/async", asynchronous)
        get(app, "/sync", "/async")
        assert_as_in(row(rows, "http"), ran)
        assert len(ran.places) == 2


@pytest.mark.parametrize("shape", ["function", "generator", "class"])
def test_fastapi_dependencies(catalog: Catalog, shape: str) -> None:
    """Sync dependencies, also generators and classes, run in the threadpool even below an async endpoint."""
    ran, app = Ran(), fastapi.FastAPI()
    plain, asynchronous = pair(ran)

    def generator() -> Iterator[None]:
        ran.note("sync")
        yield

    async def asynchronous_generator() -> AsyncIterator[None]:
        ran.note("async")
        yield

    class Service:
        def __init__(self) -> None:
            ran.note("sync")

    dependencies = {"function": [plain, asynchronous], "generator": [generator, asynchronous_generator], "class": [Service]}[shape]

    @app.get("/", dependencies=[fastapi.Depends(dependency) for dependency in dependencies])
    async def endpoint() -> None:
        return None

    get(app, "/")
    assert_as_in(row(catalog.handler_of_call("fastapi.Depends"), "dependency"), ran)
    assert len(ran.places) == len(dependencies)


def test_fastapi_security_is_a_dependency(catalog: Catalog) -> None:
    """`Security` runs what it is given like `Depends`."""
    ran, app = Ran(), fastapi.FastAPI()

    @app.get("/", dependencies=[fastapi.Security(one) for one in pair(ran)])
    async def endpoint() -> None:
        return None

    get(app, "/")
    assert_as_in(row(catalog.handler_of_call("fastapi.Security"), "dependency"), ran)
    assert len(ran.places) == 2


def test_fastapi_background_tasks(catalog: Catalog) -> None:
    """A sync background task runs in the threadpool."""
    ran, app = Ran(), fastapi.FastAPI()
    plain, asynchronous = pair(ran)

    async def endpoint(tasks: Any) -> None:
        tasks.add_task(plain)
        tasks.add_task(asynchronous)

    endpoint.__annotations__["tasks"] = fastapi.BackgroundTasks
    app.get("/")(endpoint)
    get(app, "/")
    assert_as_in(row(catalog.handler_of_call("fastapi.BackgroundTasks.add_task"), "background"), ran)
    assert len(ran.places) == 2


@pytest.mark.parametrize("owner", ["FastAPI", "APIRouter"])
def test_fastapi_startup(catalog: Catalog, owner: str) -> None:
    """Sync startup handlers run on the loop."""
    ran, app = Ran(), fastapi.FastAPI()
    plain, asynchronous = pair(ran)
    registrar = app if owner == "FastAPI" else app.router
    registrar.on_event("startup")(plain)
    registrar.on_event("shutdown")(asynchronous)
    get(app)
    assert_as_in(row(catalog.handler_of_decorator(f"fastapi.{owner}.on_event"), "startup"), ran)
    assert len(ran.places) == 2


@pytest.mark.parametrize(("keyword", "kind"), [("on_startup", "startup"), ("on_shutdown", "shutdown")])
def test_fastapi_startup_lists(catalog: Catalog, keyword: str, kind: str) -> None:
    """What `on_startup` and `on_shutdown` list runs on the loop."""
    ran = Ran()
    get(fastapi.FastAPI(**{keyword: list(pair(ran))}))
    assert_as_in(row(catalog.handler_of_call("fastapi.FastAPI"), kind), ran)
    assert len(ran.places) == 2


def test_fastapi_lifespan(catalog: Catalog) -> None:
    """A lifespan runs on the loop."""
    ran = Ran()

    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        ran.note("async")
        yield

    get(fastapi.FastAPI(lifespan=lifespan))
    assert_as_in(row(catalog.handler_of_call("fastapi.FastAPI"), "lifespan"), ran)


def test_fastapi_middleware(catalog: Catalog) -> None:
    """A middleware function runs on the loop."""
    ran, app = Ran(), fastapi.FastAPI()

    @app.middleware("http")
    async def middleware(request: Any, call_next: Any) -> Any:
        ran.note("async")
        return await call_next(request)

    get(app, "/")
    assert_as_in(row(catalog.handler_of_decorator("fastapi.FastAPI.middleware"), "middleware"), ran)


@pytest.mark.parametrize("number", [0, 1])
def test_fastapi_exception_handlers(catalog: Catalog, number: int) -> None:
    """A sync exception handler runs in the threadpool."""
    ran, app = Ran(), fastapi.FastAPI()
    app.exception_handler(KeyError)(pair_of_request(ran)[number])

    @app.get("/")
    async def endpoint() -> None:
        raise KeyError

    get(app, "/")
    assert_as_in(row(catalog.handler_of_decorator("fastapi.FastAPI.exception_handler"), "exception"), ran)


def test_fastapi_websockets(catalog: Catalog) -> None:
    """A websocket endpoint runs on the loop."""
    ran, app = Ran(), fastapi.FastAPI()

    async def endpoint(socket: Any) -> None:
        ran.note("async")
        await socket.accept()
        await socket.close()

    endpoint.__annotations__["socket"] = fastapi.WebSocket
    app.websocket("/ws")(endpoint)
    with TestClient(app) as client, client.websocket_connect("/ws"):
        pass
    assert_as_in(row(catalog.handler_of_decorator("fastapi.FastAPI.websocket"), "websocket"), ran)


# --- Starlette ---


def test_starlette_routes(catalog: Catalog) -> None:
    """A sync endpoint runs in the threadpool, however its route is made."""
    for call, make in (
        ("starlette.routing.Route", lambda plain, asynchronous: Starlette(routes=[Route("/sync", plain), Route("/async", asynchronous)])),
        ("starlette.routing.Router.add_route", lambda plain, asynchronous: added(Router(), plain, asynchronous)),
        ("starlette.applications.Starlette.add_route", lambda plain, asynchronous: added(Starlette(), plain, asynchronous)),
    ):
        ran = Ran()
        get(make(*pair_of_request(ran)), "/sync", "/async")
        assert_as_in(row(catalog.handler_of_call(call), "http"), ran)
        assert len(ran.places) == 2


def added(router: Any, plain: Any, asynchronous: Any) -> Any:
    router.add_route("/sync", plain)
    router.add_route("/async", asynchronous)
    return router


def test_starlette_endpoint_classes(catalog: Catalog) -> None:
    """A sync method of an HTTPEndpoint runs in the threadpool."""
    ran = Ran()
    plain, asynchronous = pair_of_request(ran)
    first = type("Sync", (HTTPEndpoint,), {"get": lambda self, request: plain(request)})

    class Asynchronous(HTTPEndpoint):
        async def get(self, request: Any) -> Any:
            return await asynchronous(request)

    get(Starlette(routes=[Route("/sync", first), Route("/async", Asynchronous)]), "/sync", "/async")
    assert_as_in(row(catalog.handler_bases()["starlette.endpoints.HTTPEndpoint"], "http"), ran)
    assert len(ran.places) == 2


def test_starlette_websocket_endpoints(catalog: Catalog) -> None:
    """Websocket functions and the methods of a WebSocketEndpoint run on the loop."""
    ran = Ran()

    class Endpoint(WebSocketEndpoint):
        async def on_connect(self, websocket: Any) -> None:
            ran.note("async")
            await websocket.accept()

    async def function(websocket: Any) -> None:
        ran.note("async")
        await websocket.accept()
        await websocket.close()

    for endpoint, rows in (
        (Endpoint, catalog.handler_bases()["starlette.endpoints.WebSocketEndpoint"]),
        (function, catalog.handler_of_call("starlette.routing.WebSocketRoute")),
    ):
        ran.places.clear()
        with TestClient(Starlette(routes=[WebSocketRoute("/ws", endpoint)])) as client, client.websocket_connect("/ws"):
            pass
        assert_as_in(row(rows, "websocket"), ran)


def test_starlette_middleware_background_and_streams(catalog: Catalog) -> None:
    """Middleware runs on the loop; sync background tasks and sync iterators of a stream run in the threadpool."""
    middleware, tasks, streams = Ran(), Ran(), Ran()

    class Noting(BaseHTTPMiddleware):
        async def dispatch(self, request: Any, call_next: Any) -> Any:
            middleware.note("async")
            return await call_next(request)

    def plain_stream() -> Iterator[str]:
        streams.note("sync")
        yield ""

    async def asynchronous_stream() -> AsyncIterator[str]:
        streams.note("async")
        yield ""

    plain, asynchronous = pair(tasks)

    async def first(request: Any) -> Any:
        return StreamingResponse(plain_stream(), background=BackgroundTask(plain))

    async def second(request: Any) -> Any:
        return StreamingResponse(asynchronous_stream(), background=BackgroundTask(asynchronous))

    app = Starlette(routes=[Mount("/below", routes=[Route("/sync", first), Route("/async", second)])])
    app.add_middleware(Noting)
    get(app, "/below/sync", "/below/async")
    assert_as_in(row(catalog.handler_bases()["starlette.middleware.base.BaseHTTPMiddleware"], "middleware"), middleware)
    assert_as_in(row(catalog.handler_of_call("starlette.background.BackgroundTask"), "background"), tasks)
    assert_as_in(row(catalog.handler_of_call("starlette.responses.StreamingResponse"), "stream"), streams)
    assert len(tasks.places) == len(streams.places) == 2


@pytest.mark.parametrize("number", [0, 1])
def test_starlette_exception_handlers(catalog: Catalog, number: int) -> None:
    """A sync exception handler runs in the threadpool."""
    ran = Ran()

    async def endpoint(request: Any) -> Any:
        raise KeyError

    app = Starlette(routes=[Route("/", endpoint)])
    app.add_exception_handler(KeyError, pair_of_request(ran)[number])
    get(app, "/")
    assert_as_in(row(catalog.handler_of_call("starlette.applications.Starlette.add_exception_handler"), "exception"), ran)


# --- aiohttp ---


async def ask(app: Any, *paths: str) -> None:
    async with aiohttp.test_utils.TestClient(aiohttp.test_utils.TestServer(app)) as client:
        for path in paths:
            await client.get(path)


def aiohttp_pair(ran: Ran) -> tuple[Any, Any]:
    def plain(request: Any) -> Any:
        ran.note("sync")
        return aiohttp.web.Response()

    async def asynchronous(request: Any) -> Any:
        ran.note("async")
        return aiohttp.web.Response()

    return plain, asynchronous


def test_aiohttp_routes(catalog: Catalog) -> None:
    """A handler runs on the loop, sync or not, however its route is made."""

    def by_table(app: Any, path: str, handler: Any) -> None:
        table = aiohttp.web.RouteTableDef()
        table.get(path)(handler)
        app.add_routes(table)

    def by_table_route(app: Any, path: str, handler: Any) -> None:
        table = aiohttp.web.RouteTableDef()
        table.route("GET", path)(handler)
        app.add_routes(table)

    web = aiohttp.web
    for register, rows in (
        (by_table, catalog.handler_of_decorator("aiohttp.web.RouteTableDef.get")),
        (by_table_route, catalog.handler_of_decorator("aiohttp.web.RouteTableDef.route")),
        (lambda app, *route: app.add_routes([web.get(*route)]), catalog.handler_of_call("aiohttp.web.get")),
        (lambda app, *route: app.add_routes([web.route("GET", *route)]), catalog.handler_of_call("aiohttp.web.route")),
        (lambda app, *route: app.router.add_get(*route), catalog.handler_of_call("aiohttp.web.UrlDispatcher.add_get")),
        (lambda app, *route: app.router.add_route("GET", *route), catalog.handler_of_call("aiohttp.web.UrlDispatcher.add_route")),
    ):
        ran, app = Ran(), aiohttp.web.Application()
        plain, asynchronous = aiohttp_pair(ran)
        register(app, "/sync", plain)
        register(app, "/async", asynchronous)
        asyncio.run(ask(app, "/sync", "/async"))
        assert_as_in(row(rows, "http"), ran)
        assert len(ran.places) == 2


def test_aiohttp_views_middleware_and_signals(catalog: Catalog) -> None:
    """Views, middlewares, and what an application's signals call run on the loop."""
    views, middlewares, signals = Ran(), Ran(), Ran()

    class View(aiohttp.web.View):
        async def get(self) -> Any:
            views.note("async")
            return aiohttp.web.Response()

    @aiohttp.web.middleware
    async def middleware(request: Any, handler: Any) -> Any:
        middlewares.note("async")
        return await handler(request)

    async def signal(app: Any) -> None:
        signals.note("async")

    app = aiohttp.web.Application(middlewares=[middleware])
    app.router.add_view("/", View)
    app.on_startup.append(signal)
    asyncio.run(ask(app, "/"))
    assert_as_in(row(catalog.handler_bases()["aiohttp.web.View"], "http"), views)
    assert_as_in(row(catalog.handler_of_decorator("aiohttp.web.middleware"), "middleware"), middlewares)
    assert_as_in(row(catalog.handler_of_call("aiohttp.web.Application.on_startup.append"), "startup"), signals)


def test_the_notes_tell_a_thread_from_the_loop() -> None:
    """The instrument itself: a worker thread is not taken for the loop, nor the loop for a thread."""
    ran = Ran()

    async def main() -> None:
        ran.note("async")
        await asyncio.to_thread(ran.note, "sync")

    asyncio.run(main())
    assert ran.places == {"async": "loop", "sync": "thread"}
    assert threading.current_thread() is threading.main_thread()


# --- names ---

INHERITED = {"fastapi.FastAPI.add_event_handler", "fastapi.FastAPI.route"}
"""Methods that FastAPI had from Starlette below 1."""


@pytest.mark.parametrize("name", ["aiohttp", "fastapi", "starlette"])
def test_every_name_of_the_tables_exists(catalog: Catalog, name: str) -> None:
    """Each name of a framework's table is in the installed version; handlers of other versions are left out."""
    framework = next(one for one in catalog.frameworks if one.name == name)
    version = metadata.version(framework.distributions[0])
    written = [*framework.apps, *framework.routers, *framework.injection]
    for handlers in framework.handlers:
        if version in SpecifierSet(handlers.versions):
            written += [*handlers.decorators, *handlers.calls, *handlers.bases]
    for rows in (framework.mounts, framework.returns, framework.coroutines, framework.offloaders, framework.servers):
        written += [call for each in rows for call in each.calls]
    written += [one for each in framework.classes for one in (*each.names, *each.bases)]
    written += [spelling for alias in framework.aliases for spelling in (alias.spelling, alias.means)]
    names = {one for text in written for one in expand_braces(text)}
    gone = INHERITED if metadata.version("starlette") in SpecifierSet(">=1") else set()
    assert {one for one in names if not is_there(one)} == gone & names


def is_there(name: str) -> bool:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            if isinstance(found, property):  # a list or signal: its methods are those of what it gives
                return True
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False
