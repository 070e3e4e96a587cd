"""Quart's handlers and what runs around them, called by its test client; its loop is the one that serves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

REQUIREMENTS = {
    "0.19": ["quart==0.19.*", "flask<3.1", "werkzeug<3.1", "httpx", "requests"],
    "0.22": ["quart==0.22.*", "httpx", "requests"],
}

AROUND = ("after_request", "before_request", "context_processor", "teardown_request")
AROUND_SOCKETS = ("after_websocket", "before_websocket", "teardown_websocket")


def observe() -> dict[str, Any]:
    from noting import Notes
    from wsgi_routes import routes_of

    notes = Notes()
    asyncio.run(with_all(notes))

    from feeds import create_app

    routes = {"quart_feeds": routes_of(create_app(), "feeds")}
    return {"contexts": notes.contexts, "first_route_answers": asyncio.run(does_first_route_answer()), "routes": routes}


async def does_first_route_answer() -> bool:
    import quart

    async def first() -> str:
        return "first"

    async def second() -> str:
        return "second"

    app = quart.Quart("probe")
    app.add_url_rule("/x", "one", first)
    app.add_url_rule("/x", "two", second)
    response = await app.test_client().get("/x")
    return bool(await response.get_data(as_text=True) == "first")


async def with_all(notes: Any) -> None:
    notes.serves()
    await with_views(notes)
    await with_sockets(notes)
    await with_what_runs_around(notes)
    await with_errors(notes)
    await with_life(notes)
    await with_streams(notes)


async def ask(register: Callable[[Any], None], path: str = "/", method: str = "GET") -> None:
    """One request to an app of its own, after `register` has had it."""
    import quart

    app = quart.Quart("probe")
    register(app)
    if not any(rule.rule == "/" for rule in app.url_map.iter_rules()):
        app.add_url_rule("/", "page", page)
    response = await app.test_client().open(path, method=method)
    await response.get_data()


async def page() -> str:
    import quart

    return await quart.render_template_string("page")


def on_the_app(register: Callable[[Any], None]) -> Callable[[Any], None]:
    return register


def on_a_blueprint(register: Callable[[Any], None]) -> Callable[[Any], None]:
    """`register` with a blueprint, which is then put on the app."""
    import quart

    def both(app: Any) -> None:
        blueprint = quart.Blueprint("blueprint", "probe")
        register(blueprint)
        blueprint.add_url_rule("/own", "own", page)
        app.register_blueprint(blueprint)

    return both


PLACES = (("Quart", on_the_app), ("Blueprint", on_a_blueprint))


async def with_views(notes: Any) -> None:
    from quart.views import MethodView, View

    for owner, place in PLACES:
        for function in notes.pair(f"quart.{owner}.route", "http", "x"):
            await ask(place(lambda one, function=function: one.route("/x")(function)), "/x")
        for function in notes.pair(f"quart.{owner}.add_url_rule", "http", "x"):
            await ask(place(lambda one, function=function: one.add_url_rule("/x", view_func=function)), "/x")
        for name in ("delete", "get", "patch", "post", "put"):
            for function in notes.pair(f"quart.{owner}.{name}", "http", "x"):
                await ask(place(lambda one, name=name, function=function: getattr(one, name)("/x")(function)), "/x", name.upper())
    for name in ("delete", "get", "head", "options", "patch", "post", "put", "trace"):
        for function in notes.pair_taking(f"quart.views.MethodView.{name}", "http", "x"):
            view = type("Probe", (MethodView,), {name: function}).as_view("probe")
            await ask(lambda app, view=view: app.add_url_rule("/x", view_func=view), "/x", name.upper())
    for function in notes.pair_taking("quart.views.View.dispatch_request", "http", "x"):
        view = type("Probe", (View,), {"dispatch_request": function}).as_view("probe")
        await ask(lambda app, view=view: app.add_url_rule("/x", view_func=view), "/x")


async def connect(register: Callable[[Any], None], path: str = "/socket") -> None:
    """One connection to an app of its own, which sends one message unless `register` puts another socket there."""
    import quart

    app = quart.Quart("probe")
    register(app)

    async def talk() -> None:
        await quart.websocket.send("x")

    if not any(rule.rule == path for rule in app.url_map.iter_rules()):
        app.add_websocket(path, "talk", talk)
    client = app.test_client()
    try:
        async with client.websocket(path) as socket:
            await asyncio.wait_for(socket.receive(), 1)
    except Exception:  # noqa: BLE001  a handler that says nothing ends the connection, with errors that differ by version
        await asyncio.sleep(0)


async def with_sockets(notes: Any) -> None:
    for owner, place in PLACES:
        for function in notes.pair(f"quart.{owner}.websocket", "websocket"):
            await connect(place(lambda one, function=function: one.websocket("/socket")(function)))
        for function in notes.pair(f"quart.{owner}.add_websocket", "websocket"):
            await connect(place(lambda one, function=function: one.add_websocket("/socket", view_func=function)))


def around(notes: Any, name: str, kind: str = "middleware") -> list[Callable[..., Any]]:
    """A `def` and an `async def` that leave the request as it is."""

    def plain(*given: Any) -> Any:
        notes.note(name, kind, is_async=False)
        return _unchanged(name, given)

    async def asynchronous(*given: Any) -> Any:
        notes.note(name, kind, is_async=True)
        return _unchanged(name, given)

    return [plain, asynchronous]


def _unchanged(name: str, given: tuple[Any, ...]) -> Any:
    if "after" in name:
        return given[0]
    return {} if "context_processor" in name else None


async def with_what_runs_around(notes: Any) -> None:
    import quart

    for name in (*AROUND, "teardown_appcontext"):
        for function in around(notes, f"quart.Quart.{name}"):
            await ask(lambda app, name=name, function=function: getattr(app, name)(function))
    for name in (*AROUND, "after_app_request", "app_context_processor", "before_app_request", "teardown_app_request"):
        for function in around(notes, f"quart.Blueprint.{name}"):
            await ask(on_a_blueprint(lambda one, name=name, function=function: getattr(one, name)(function)), "/own")
    for name in AROUND_SOCKETS:
        for function in around(notes, f"quart.Quart.{name}"):
            await connect(lambda app, name=name, function=function: getattr(app, name)(function))
        for function in around(notes, f"quart.Blueprint.{name.replace('_', '_app_')}"):
            await connect(on_a_blueprint(lambda one, name=name, function=function: getattr(one, name.replace("_", "_app_"))(function)))
    for function in around(notes, "quart.after_this_request"):

        async def view(function: Any = function) -> str:
            quart.after_this_request(function)
            return "x"

        await ask(lambda app, view=view: app.add_url_rule("/x", "x", view), "/x")


async def with_errors(notes: Any) -> None:
    async def fails() -> str:
        raise KeyError

    for owner, place in PLACES:
        for function in notes.pair_taking(f"quart.{owner}.errorhandler", "exception", "x"):
            await ask(
                place(lambda one, function=function: (one.errorhandler(KeyError)(function), one.add_url_rule("/f", "f", fails))), "/f"
            )
        for function in notes.pair_taking(f"quart.{owner}.register_error_handler", "exception", "x"):
            await ask(
                place(lambda one, function=function: (one.register_error_handler(KeyError, function), one.add_url_rule("/f", "f", fails))),
                "/f",
            )
    for function in notes.pair_taking("quart.Blueprint.app_errorhandler", "exception", "x"):
        register = on_a_blueprint(lambda one, function=function: one.app_errorhandler(KeyError)(function))
        await ask(lambda app, register=register: (register(app), app.add_url_rule("/f", "f", fails)), "/f")


async def live(register: Callable[[Any], Awaitable[None] | None]) -> None:
    """Starts an app of its own and shuts it down."""
    import quart

    app = quart.Quart("probe")
    register(app)
    async with app.test_app():
        await asyncio.sleep(0)


async def with_life(notes: Any) -> None:
    for owner, place, between in (("Quart", on_the_app, "_"), ("Blueprint", on_a_blueprint, "_app_")):
        for word, kind in (("before", "startup"), ("after", "shutdown")):
            name = f"{word}{between}serving"
            for function in notes.pair(f"quart.{owner}.{name}", kind):
                await live(place(lambda one, name=name, function=function: getattr(one, name)(function)))
        name = f"while{between}serving"

        async def lifespan(owner: str = owner, name: str = name) -> Any:
            notes.note(f"quart.{owner}.{name}", "lifespan", is_async=True)
            yield

        await live(place(lambda one, name=name, lifespan=lifespan: getattr(one, name)(lifespan)))
    for function in notes.pair("quart.Quart.add_background_task", "background"):

        async def start(function: Any = function) -> None:
            from quart import current_app

            current_app.add_background_task(function)

        await live(lambda app, start=start: app.before_serving(start))


async def with_streams(notes: Any) -> None:
    import quart

    def plain(name: str) -> Any:
        notes.note(name, "stream", is_async=False)
        yield b"x"

    async def asynchronous(name: str) -> Any:
        notes.note(name, "stream", is_async=True)
        yield b"x"

    for parts in (plain, asynchronous):

        async def view(parts: Any = parts) -> Any:
            return quart.Response(parts("quart.Response"))

        await ask(lambda app, view=view: app.add_url_rule("/x", "x", view), "/x")

    async def in_context() -> Any:
        return quart.Response(quart.stream_with_context(asynchronous)("quart.stream_with_context"))

    await ask(lambda app: app.add_url_rule("/x", "x", in_context), "/x")
