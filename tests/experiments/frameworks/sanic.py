"""Sanic's handlers and what runs around them, called as an ASGI application."""

from __future__ import annotations

import asyncio
from typing import Any

REQUIREMENTS = {
    "21.12": ["sanic==21.12.*", "sanic-ext==21.12.*", "websockets<11"],
    "25.12": ["sanic==25.12.*", "sanic-ext==25.12.*", "pydantic"],
}
METHODS = ("delete", "get", "head", "options", "patch", "post", "put")


def observe() -> dict[str, Any]:
    from noting import Notes

    notes = Notes()
    asyncio.run(with_an_app(notes))
    return {"contexts": notes.contexts, "routes": {"sanic_orders": routes_of_fixture()}}


def routes_of_fixture() -> list[dict[str, Any]]:
    from canteen.app import make_app

    app = make_app()
    app.router.finalize()
    found = []
    for route in app.router.routes:
        handler, methods = route.handler, sorted(route.methods)
        view = getattr(handler, "view_class", None)
        if hasattr(handler, "func"):
            handler, methods = handler.args[0], []
        each = [(getattr(view, one.lower()), [one]) for one in methods] if view is not None else [(handler, methods)]
        found += [{"methods": given, "path": f"/{route.path}", "handler": name_of(function)} for function, given in each]
    return found


def name_of(function: Any) -> str:
    return f"{function.__module__}.{function.__qualname__}"


async def with_an_app(notes: Any) -> None:
    from sanic import Blueprint, Sanic
    from sanic.response import empty

    notes.serves()
    app = Sanic("probe")
    blueprint = Blueprint("blueprint", url_prefix="/blueprint")
    asked: list[tuple[str, str]] = []
    sockets: list[str] = []
    for owner, name, prefix in ((app, "sanic.Sanic", ""), (blueprint, "sanic.Blueprint", "/blueprint")):
        asked += register_routes(notes, owner, name, prefix)
        sockets += register_websockets(notes, owner, name, prefix)
        register_around(notes, owner, name)
    register_calls(notes, app)
    asked += register_views(notes, app)
    asked += register_errors(notes, app)
    inject(notes, app)

    @app.get("/injected")
    async def injected(request: Any, plain: Plain, asynchronous: Asynchronous) -> Any:
        return empty()

    @app.get("/signals")
    async def signals(request: Any) -> Any:
        await app.dispatch("probe.app.run")
        await app.dispatch("probe.added.run")
        await app.dispatch("probe.blueprint.run")
        await asyncio.sleep(0.1)
        return empty()

    app.blueprint(blueprint)
    await serve(app, [*asked, ("GET", "/injected"), ("GET", "/signals")], sockets)


class Plain:
    """What a sync constructor makes."""


class Asynchronous:
    """What an async constructor makes."""


def inject(notes: Any, app: Any) -> None:
    import sanic_ext
    from sanic import Request

    sanic_ext.Extend(app)
    name = "sanic_ext.Extend.add_dependency"

    def plain(request: Any) -> Plain:
        notes.note(name, "dependency", is_async=False)
        return Plain()

    async def asynchronous(request: Any) -> Asynchronous:
        notes.note(name, "dependency", is_async=True)
        return Asynchronous()

    for constructor in (plain, asynchronous):
        constructor.__annotations__["request"] = Request
    app.ext.add_dependency(Plain, plain)
    app.ext.add_dependency(Asynchronous, asynchronous)


def named(functions: tuple[Any, Any], name: str) -> list[tuple[str, Any]]:
    """The functions with names of their own, by which Sanic tells handlers apart."""
    for side, function in zip(("sync", "async"), functions, strict=True):
        function.__name__ = f"{name}_{side}".replace(".", "_")
    return [("sync", functions[0]), ("async", functions[1])]


def register_routes(notes: Any, owner: Any, name: str, prefix: str) -> list[tuple[str, str]]:
    from sanic.response import empty

    asked = []
    for method in METHODS:
        for side, function in named(notes.pair_taking(f"{name}.{method}", "http", empty()), f"{name}.{method}"):
            getattr(owner, method)(f"/{method}/{side}")(function)
            asked.append((method.upper(), f"{prefix}/{method}/{side}"))
    for side, function in named(notes.pair_taking(f"{name}.route", "http", empty()), f"{name}.route"):
        owner.route(f"/route/{side}")(function)
        asked.append(("GET", f"{prefix}/route/{side}"))
    for side, function in named(notes.pair_taking(f"{name}.add_route", "http", empty()), f"{name}.add_route"):
        owner.add_route(function, f"/add_route/{side}")
        asked.append(("GET", f"{prefix}/add_route/{side}"))
    return asked


def register_websockets(notes: Any, owner: Any, name: str, prefix: str) -> list[str]:
    asked = []
    for side, function in named(notes.pair_taking(f"{name}.websocket", "websocket"), f"{name}.websocket"):
        owner.websocket(f"/websocket/{side}")(function)
        asked.append(f"{prefix}/websocket/{side}")
    for side, function in named(notes.pair_taking(f"{name}.add_websocket_route", "websocket"), f"{name}.add_websocket_route"):
        owner.add_websocket_route(function, f"/added/{side}")
        asked.append(f"{prefix}/added/{side}")
    return asked


def register_around(notes: Any, owner: Any, name: str) -> None:
    for register in ("middleware", "on_request", "on_response"):
        for _, function in named(notes.pair_taking(f"{name}.{register}", "middleware"), f"{name}.{register}"):
            getattr(owner, register)(function)
    for register, kind in (
        ("before_server_start", "startup"),
        ("after_server_start", "startup"),
        ("before_server_stop", "shutdown"),
        ("after_server_stop", "shutdown"),
    ):
        for _, function in named(notes.pair_taking(f"{name}.{register}", kind), f"{name}.{register}"):
            getattr(owner, register)(function)
    for _, function in named(notes.pair_taking(f"{name}.listener", "lifespan"), f"{name}.listener"):
        owner.listener("before_server_start")(function)
    event = f"probe.{'app' if name == 'sanic.Sanic' else 'blueprint'}.run"
    for _, function in named(notes.pair_taking(f"{name}.signal", "event"), f"{name}.signal"):
        owner.signal(event)(function)


def register_calls(notes: Any, app: Any) -> None:
    for _, function in named(notes.pair_taking("sanic.Sanic.register_middleware", "middleware"), "register_middleware"):
        app.register_middleware(function, "request")
    for _, function in named(notes.pair_taking("sanic.Sanic.register_listener", "lifespan"), "register_listener"):
        app.register_listener(function, "before_server_start")
    for _, function in named(notes.pair_taking("sanic.Sanic.add_signal", "event"), "add_signal"):
        app.add_signal(function, "probe.added.run")
    _, asynchronous = notes.pair_taking("sanic.Sanic.add_task", "background")
    app.add_task(asynchronous)


def register_views(notes: Any, app: Any) -> list[tuple[str, str]]:
    from sanic.response import empty
    from sanic.views import HTTPMethodView

    asked = []
    for index, side in enumerate(("sync", "async")):
        methods = {}
        for method in METHODS:
            name = f"sanic.views.HTTPMethodView.{method}"
            methods[method] = staticmethod(notes.pair_taking(name, "http", empty())[index])
            asked.append((method.upper(), f"/view/{side}"))
        app.add_route(type(f"View_{side}", (HTTPMethodView,), methods).as_view(), f"/view/{side}")
    return asked


def register_errors(notes: Any, app: Any) -> list[tuple[str, str]]:
    from sanic.handlers import ErrorHandler
    from sanic.response import empty

    class WrongError(Exception):
        """Handled by a `def`."""

    class WorseError(Exception):
        """Handled by an `async def`."""

    plain, asynchronous = notes.pair_taking("sanic.Sanic.exception", "exception", empty())
    app.exception(WrongError)(plain)
    app.exception(WorseError)(asynchronous)

    class Errors(ErrorHandler):
        def default(self, request: Any, exception: Any) -> Any:
            notes.note("sanic.handlers.ErrorHandler.default", "exception", is_async=False)
            return empty()

    class OtherError(Exception):
        """Handled by the handler of all."""

    asked = []
    for error in (WrongError, WorseError, OtherError):

        def fail(request: Any, error: Any = error) -> Any:
            raise error

        fail.__name__ = f"fail_{error.__name__}"
        app.add_route(fail, f"/fail/{error.__name__}")
        asked.append(("GET", f"/fail/{error.__name__}"))
    handlers = Errors()
    handlers.add(WrongError, plain)
    handlers.add(WorseError, asynchronous)
    app.error_handler = handlers
    return asked


async def serve(app: Any, asked: list[tuple[str, str]], sockets: list[str]) -> None:
    """The lifespan, and inside it the requests."""
    to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    version = {"asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "client": ("127.0.0.1", 1), "server": ("probe", 80)}
    lifespan = asyncio.ensure_future(app({"type": "lifespan", **version}, to_app.get, from_app.put))
    await to_app.put({"type": "lifespan.startup"})
    await from_app.get()
    for method, path in asked:
        await ask(app, {"type": "http", "method": method, **version}, path, [{"type": "http.request", "body": b"", "more_body": False}])
    for path in sockets:
        await ask(app, {**version, "type": "websocket", "scheme": "ws", "subprotocols": []}, path, [{"type": "websocket.connect"}])
    await to_app.put({"type": "lifespan.shutdown"})
    await asyncio.wait_for(from_app.get(), 10)
    lifespan.cancel()


async def ask(app: Any, scope: dict[str, Any], path: str, messages: list[dict[str, Any]]) -> None:
    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": f"{scope['type']}.disconnect", "code": 1000}

    async def send(message: dict[str, Any]) -> None:
        pass

    await app({**scope, "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": []}, receive, send)
