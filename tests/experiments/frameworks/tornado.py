"""Tornado's handlers: every method that a class may override, called by a client of the same loop."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

REQUIREMENTS = {"6.1": ["tornado==6.1.*", "requests"], "6": ["tornado>=6.5,<7", "requests"]}
METHODS = ("delete", "get", "head", "options", "patch", "post", "put")
HANDLER = "tornado.web.RequestHandler"
SOCKET = "tornado.websocket.WebSocketHandler"
# What a hook gives where `None` would stop the request; those of all others give nothing.
RESULTS = {
    "check_etag_header": False,
    "compute_etag": None,
    "decode_argument": "text",
    "get_template_namespace": {},
    "check_origin": True,
    "select_subprotocol": None,
}


def observe() -> dict[str, Any]:
    from noting import Notes

    notes = Notes()
    asyncio.run(with_a_server(notes))
    return {"contexts": notes.contexts, "routes": {"tornado_dashboard": routes_of_fixture()}}


def routes_of_fixture() -> list[dict[str, Any]]:
    from tornado.web import RequestHandler
    from tornado.websocket import WebSocketHandler
    from wallboard.app import Board

    found = []
    for host in Board().default_router.rules:
        for rule in getattr(host.target, "rules", ()):
            path, handler = rule.matcher.regex.pattern.removesuffix("$"), rule.target
            if issubclass(handler, WebSocketHandler):
                found.append({"methods": [], "path": path, "handler": name_of(handler.on_message)})
                continue
            for method in METHODS:
                function = getattr(handler, method)
                if function is not getattr(RequestHandler, method):
                    found.append({"methods": [method.upper()], "path": path, "handler": name_of(function)})
    return found


def name_of(function: Any) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def noting_method(notes: Any, name: str, kind: str, result: Any = None) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        notes.note(name, kind, is_async=False)
        return result

    return method


def noting_coroutine(notes: Any, name: str, kind: str, result: Any = None) -> Any:
    async def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        notes.note(name, kind, is_async=True)
        return result

    return method


async def with_a_server(notes: Any) -> None:
    from tornado.httpserver import HTTPServer
    from tornado.template import DictLoader
    from tornado.testing import bind_unused_port
    from tornado.web import Application

    notes.serves()

    class Logging(Application):
        def log_request(self, handler: Any) -> None:
            notes.note("tornado.web.Application.log_request", "middleware", is_async=False)

    rules = [
        ("/plain", with_methods(notes, noting_method)),
        ("/async", with_methods(notes, noting_coroutine)),
        ("/hooks/(.*)", with_hooks(notes)),
        ("/prepared", with_prepare(notes)),
        ("/streamed", with_body(notes, noting_method)),
        ("/streamed-async", with_body(notes, noting_coroutine)),
        ("/xsrf", with_xsrf(notes)),
        ("/slow", with_closing(notes)),
        ("/coroutine", with_old_coroutines(notes)),
        ("/socket", with_socket(notes, noting_method)),
        ("/socket-async", with_socket(notes, noting_coroutine)),
    ]
    socket, port = bind_unused_port()
    server = HTTPServer(Logging(rules, template_loader=DictLoader({"page.html": "page"})))
    server.add_sockets([socket])
    await ask_all(port)
    server.stop()


def with_methods(notes: Any, noting: Any) -> Any:
    from tornado.web import RequestHandler

    return type("Methods", (RequestHandler,), {name: noting(notes, f"{HANDLER}.{name}", "http") for name in METHODS})


def with_hooks(notes: Any) -> Any:
    """All hooks that a request for a page calls, and the error of a request that fails."""
    from tornado.locale import get as locale_of
    from tornado.web import RequestHandler, authenticated

    hooks = ("check_etag_header", "compute_etag", "get_current_user", "get_browser_locale", "get_login_url", "get_template_namespace")
    quiet = ("initialize", "log_exception", "on_finish", "set_default_headers", "get_user_locale", "decode_argument")
    methods = {name: noting_method(notes, f"{HANDLER}.{name}", "middleware", RESULTS.get(name)) for name in (*hooks, *quiet)}
    methods["get_login_url"] = noting_method(notes, f"{HANDLER}.get_login_url", "middleware", "/plain")
    methods["get_browser_locale"] = noting_method(notes, f"{HANDLER}.get_browser_locale", "middleware", locale_of("en"))
    methods["get_template_path"] = noting_method(notes, f"{HANDLER}.get_template_path", "middleware", ".")

    class Hooks(RequestHandler):
        def get(self, what: str) -> None:
            if self.get_argument("fail", ""):
                raise ValueError
            if self.get_argument("enter", ""):
                self.enter()
                return
            self.write(self.locale.name)
            self.write(self.render_string("page.html"))

        @authenticated
        def enter(self) -> None: ...

        def write_error(self, status_code: int, **kwargs: Any) -> None:
            notes.note(f"{HANDLER}.write_error", "exception", is_async=False)
            self.finish()

    return type("AllHooks", (Hooks,), methods)


def with_prepare(notes: Any) -> Any:
    from tornado.web import RequestHandler

    class Prepared(RequestHandler):
        async def prepare(self) -> None:
            notes.note(f"{HANDLER}.prepare", "middleware", is_async=True)

        def get(self) -> None: ...

    return Prepared


def with_body(notes: Any, noting: Any) -> Any:
    from tornado.web import RequestHandler, stream_request_body

    class Streamed(RequestHandler):
        def prepare(self) -> None:
            notes.note(f"{HANDLER}.prepare", "middleware", is_async=False)

        data_received = noting(notes, f"{HANDLER}.data_received", "middleware")

        def post(self) -> None: ...

    return stream_request_body(Streamed)


def with_xsrf(notes: Any) -> Any:
    from tornado.web import RequestHandler

    class Checked(RequestHandler):
        check_xsrf_cookie = noting_method(notes, f"{HANDLER}.check_xsrf_cookie", "middleware")

        def initialize(self) -> None:
            self.application.settings["xsrf_cookies"] = True

        def on_finish(self) -> None:
            self.application.settings["xsrf_cookies"] = False

        def post(self) -> None: ...

    return Checked


def with_closing(notes: Any) -> Any:
    from tornado.web import RequestHandler

    class Slow(RequestHandler):
        on_connection_close = noting_method(notes, f"{HANDLER}.on_connection_close", "middleware")

        async def get(self) -> None:
            await asyncio.sleep(0.5)

    return Slow


def with_old_coroutines(notes: Any) -> Any:
    from tornado import gen
    from tornado.web import RequestHandler

    class Coroutine(RequestHandler):
        @gen.coroutine
        def get(self) -> Any:
            yield gen.sleep(0)
            notes.note("tornado.gen.coroutine", "background", is_async=False)

    return Coroutine


def with_socket(notes: Any, noting: Any) -> Any:
    from tornado.websocket import WebSocketHandler

    methods = {"open": noting(notes, f"{SOCKET}.open", "websocket"), "on_message": noting(notes, f"{SOCKET}.on_message", "websocket")}
    if noting is noting_method:
        hooks = ("check_origin", "on_close", "on_ping", "on_pong", "select_subprotocol")
        methods |= {name: noting(notes, f"{SOCKET}.{name}", "websocket", RESULTS.get(name)) for name in hooks}
    return type("Socket", (WebSocketHandler,), methods)


async def ask_all(port: int) -> None:
    from tornado.httpclient import AsyncHTTPClient, HTTPRequest
    from tornado.websocket import websocket_connect

    client = AsyncHTTPClient()
    base = f"http://127.0.0.1:{port}"

    async def ask(path: str, method: str = "GET", **more: Any) -> None:
        body = "text=1" if method in ("PATCH", "POST", "PUT") else None
        await client.fetch(base + path, method=method, body=body, raise_error=False, follow_redirects=False, **more)

    for method in METHODS:
        await ask("/plain", method.upper())
        await ask("/async", method.upper())
    for path in ("/hooks/a", "/hooks/a?fail=1", "/hooks/a?enter=1", "/prepared", "/coroutine"):
        await ask(path)
    for path in ("/streamed", "/streamed-async", "/xsrf"):
        await ask(path, "POST")
    with contextlib.suppress(Exception):
        await ask("/slow", request_timeout=0.1)
    for path in ("/socket", "/socket-async"):
        request = HTTPRequest(f"ws://127.0.0.1:{port}{path}", headers={"Origin": base})
        connection = await websocket_connect(request, subprotocols=["probe"])
        await connection.write_message("text")
        connection.ping(b"ping")
        connection.protocol._write_frame(True, 0xA, b"pong")  # no other way to send a pong
        await asyncio.sleep(0.1)
        connection.close()
    await asyncio.sleep(1)
