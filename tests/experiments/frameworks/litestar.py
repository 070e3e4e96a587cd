"""Litestar's handlers and what runs around them, and those of Starlite, as it was called before version 2; called by their test client."""

from __future__ import annotations

import asyncio
import contextlib
from importlib import import_module, metadata
from typing import Any

REQUIREMENTS = {
    "1.51": ["starlite==1.51.*", "httpx<0.28"],
    "2": ["litestar>=2.20,<3", "httpx"],
}
METHODS = ("delete", "get", "patch", "post", "put")
WHEN = "(sync_to_thread=True)"


def observe() -> dict[str, Any]:
    import warnings

    from noting import Notes

    warnings.simplefilter("ignore")
    notes = Notes()
    is_starlite = any(one.metadata["Name"] == "starlite" for one in metadata.distributions())
    web: Any = import_module("starlite" if is_starlite else "litestar")
    app_class = web.Starlite if is_starlite else web.Litestar
    provide = web.Provide if is_starlite else import_module("litestar.di").Provide
    client = import_module(f"{web.__name__}.testing").TestClient

    listed: list[Any] = []
    asked: list[tuple[str, str]] = []
    with_handlers(notes, web, listed, asked)
    options = with_what_runs_around(notes, web, provide, listed, asked)
    if not is_starlite:
        options |= with_what_came_later(notes, web, listed, asked)
    for name, kind in (("on_startup", "startup"), ("on_shutdown", "shutdown")):
        options[name] = list(notes.pair_taking("litestar.Litestar", kind))
    sockets = with_sockets(notes, web, listed, is_starlite)
    with client(app_class(route_handlers=listed, openapi_config=None, **options), raise_server_exceptions=False) as probe:
        for method, path in asked:
            probe.request(method, path)
        for path in sockets:
            with contextlib.suppress(Exception), probe.websocket_connect(path) as socket:
                socket.send_text("text")
                socket.receive_text()
    fixture, package = ("starlite_observatory", "observatory") if is_starlite else ("litestar_catalogue", "herbarium")
    routes = {fixture: routes_of(import_module(f"{package}.app").app, package)}
    return {"contexts": notes.contexts, "routes": routes}


def routes_of(app: Any, package: str) -> list[dict[str, Any]]:
    found = []
    for route in app.routes:
        # Of a websocket there is one.
        for handler in getattr(route, "route_handlers", None) or [route.route_handler]:
            function = handler.fn
            while not hasattr(function, "__qualname__") or hasattr(function, "func"):
                # What Litestar wraps a function in: to call it in a thread, or for each message of a websocket; Starlite wraps all.
                function = next(getattr(function, name) for name in ("func", "_fn", "fn", "value") if getattr(function, name, None))
            methods = sorted(getattr(handler, "http_methods", ()))
            if methods != ["OPTIONS"] and function.__module__.partition(".")[0] == package:
                found.append({"methods": methods, "path": route.path, "handler": f"{function.__module__}.{function.__qualname__}"})
    return found


def noting_function(notes: Any, name: str, kind: str, is_async: bool) -> Any:
    """A function that gives nothing and says so, as Litestar wants it."""

    def plain() -> None:
        notes.note(name, kind, is_async=False)

    async def asynchronous() -> None:
        notes.note(name, kind, is_async=True)

    return asynchronous if is_async else plain


def with_handlers(notes: Any, web: Any, listed: list[Any], asked: list[tuple[str, str]]) -> None:
    for name in (*METHODS, "head", "route"):
        decorator = getattr(web, name)
        given = {"http_method": "GET", "status_code": 200} if name == "route" else {}
        for is_async in (False, True):
            path = f"/{name}/{is_async}".lower()
            listed.append(decorator(path, **given)(noting_function(notes, f"litestar.{name}", "http", is_async)))
            threaded = noting_function(notes, f"litestar.{name}{WHEN}", "http", is_async)
            listed.append(decorator(f"{path}/thread", sync_to_thread=True, **given)(threaded))
            method = "GET" if name == "route" else name.upper()
            asked += [(method, path), (method, f"{path}/thread")]

    async def raw(scope: Any, receive: Any, send: Any) -> None:
        notes.note("litestar.asgi", "http", is_async=True)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    raw.__annotations__ = dict.fromkeys(("scope", "receive", "send"), Any) | {"return": None}
    listed.append(web.asgi("/asgi")(raw))
    asked.append(("GET", "/asgi"))


def with_what_runs_around(notes: Any, web: Any, provide: Any, listed: list[Any], asked: list[tuple[str, str]]) -> dict[str, Any]:
    """Hooks on a handler, dependencies, and the handlers of errors, which are the application's."""
    guards = list(notes.pair_taking("litestar.get", "middleware"))
    for hook in ("after_request", "after_response", "before_request"):
        for index in range(2):
            function = notes.pair_taking("litestar.get", "middleware")[index]
            if hook == "after_request":
                function = handing_on(notes, is_async=bool(index))
            listed.append(
                web.get(f"/{hook}/{index}", guards=guards, **{hook: function})(noting_function(notes, "litestar.get", "http", True))
            )
            asked.append(("GET", f"/{hook}/{index}"))

    needed = {}
    for is_async in (False, True):
        for when in ("", WHEN):
            function = noting_value(notes, f"litestar.di.Provide{when}", is_async)
            key = f"{'a' if is_async else 's'}{'t' if when else ''}"
            needed[key] = provide(function, sync_to_thread=True) if when else provide(function)

    async def injected(s: int, st: int, a: int, at: int) -> None: ...

    injected.__annotations__ = dict.fromkeys(("s", "st", "a", "at"), int) | {"return": None}
    listed.append(web.get("/injected", dependencies=needed)(injected))

    async def failing() -> None:
        raise LookupError

    listed.append(web.get("/failing", exception_handlers={LookupError: answering(notes, web)})(failing))
    asked += [("GET", "/injected"), ("GET", "/failing")]
    return {}


def handing_on(notes: Any, is_async: bool) -> Any:
    def plain(response: Any) -> Any:
        notes.note("litestar.get", "middleware", is_async=False)
        return response

    async def asynchronous(response: Any) -> Any:
        notes.note("litestar.get", "middleware", is_async=True)
        return response

    return asynchronous if is_async else plain


def noting_value(notes: Any, name: str, is_async: bool) -> Any:
    def plain() -> int:
        notes.note(name, "dependency", is_async=False)
        return 1

    async def asynchronous() -> int:
        notes.note(name, "dependency", is_async=True)
        return 1

    return asynchronous if is_async else plain


def answering(notes: Any, web: Any) -> Any:
    def answer(request: Any, error: Any) -> Any:
        notes.note("litestar.get", "exception", is_async=False)
        return web.Response(None, status_code=500, media_type="text/plain")

    return answer


def with_what_came_later(notes: Any, web: Any, listed: list[Any], asked: list[tuple[str, str]]) -> dict[str, Any]:
    """What Starlite did not have, or had elsewhere."""
    from litestar.background_tasks import BackgroundTask, BackgroundTasks
    from litestar.events import listener
    from litestar.response import Stream

    dependencies = {"plain": noting_value(notes, "litestar.get", False), "other": noting_value(notes, "litestar.get", True)}

    async def bare(plain: int, other: int) -> None: ...

    bare.__annotations__ = {"plain": int, "other": int, "return": None}
    listed.append(web.get("/bare", dependencies=dependencies)(bare))
    listeners = [listener("probe")(function) for function in notes.pair_taking("litestar.events.listener", "event")]

    async def later(request: Any) -> Any:
        request.app.emit("probe")
        await asyncio.sleep(0.1)
        tasks = [BackgroundTask(function) for function in notes.pair_taking("litestar.background_tasks.BackgroundTask", "background")]
        return web.Response(None, background=BackgroundTasks(tasks))

    later.__annotations__ = {"request": web.Request, "return": web.Response}
    listed.append(web.get("/later")(later))

    def parts() -> Any:
        notes.note("litestar.response.Stream", "stream", is_async=False)
        yield "part"

    async def parts_awaited() -> Any:
        notes.note("litestar.response.Stream", "stream", is_async=True)
        yield "part"

    for path, content in (("/stream", parts), ("/stream/async", parts_awaited)):
        listed.append(web.get(path)(streaming(Stream, content)))
        asked.append(("GET", path))
    asked += [("GET", "/bare"), ("GET", "/later")]

    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> Any:
        notes.note("litestar.Litestar", "lifespan", is_async=True)
        yield

    return {"listeners": listeners, "lifespan": [lifespan]}


def streaming(response: Any, content: Any) -> Any:
    async def stream() -> Any:
        return response(content())

    stream.__annotations__ = {"return": response}
    return stream


def with_sockets(notes: Any, web: Any, listed: list[Any], is_starlite: bool) -> list[str]:
    async def socket(socket: Any) -> None:
        notes.note("litestar.websocket", "websocket", is_async=True)
        await socket.accept()
        await socket.close()

    socket.__annotations__ = {"socket": web.WebSocket, "return": None}
    listed.append(web.websocket("/socket")(socket))
    if is_starlite:
        return ["/socket"]
    from litestar.handlers import WebsocketListener

    def plain(data: str) -> str:
        notes.note("litestar.websocket_listener", "websocket", is_async=False)
        return data

    async def asynchronous(data: str) -> str:
        notes.note("litestar.websocket_listener", "websocket", is_async=True)
        return data

    listed += [web.websocket_listener("/listener")(plain), web.websocket_listener("/listener/async")(asynchronous)]
    name = "litestar.handlers.WebsocketListener"

    class Plain(WebsocketListener):
        path = "/class"

        def on_accept(self) -> None:
            notes.note(f"{name}.on_accept", "websocket", is_async=False)

        def on_receive(self, data: str) -> str:
            notes.note(f"{name}.on_receive", "websocket", is_async=False)
            return data

        def on_disconnect(self) -> None:
            notes.note(f"{name}.on_disconnect", "websocket", is_async=False)

    class Asynchronous(WebsocketListener):
        path = "/class/async"

        async def on_receive(self, data: str) -> str:
            notes.note(f"{name}.on_receive", "websocket", is_async=True)
            return data

    listed += [Plain, Asynchronous]
    return ["/socket", "/listener", "/listener/async", "/class", "/class/async"]
