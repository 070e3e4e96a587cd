"""Litestar: handlers exist where applications and routers list them, below the paths of all around them."""

from __future__ import annotations

import pytest

from fwaudit.model.service import Service
from tests.support import audit_sources

HANDLERS = """
from litestar import Controller, Router, get, post, websocket

@get("/a")
async def a() -> None: ...

@post("/b")
async def b() -> None: ...

class Orders(Controller):
    path = "/orders"

    @get(["/", "/all"])
    async def every(self) -> None: ...

    @get("/{number:int}")
    async def one(self, number: int) -> None: ...
"""
START = """
from litestar import Controller, HttpMethod, Litestar, Router, asgi, get, route, websocket
from litestar.config.app import AppConfig
from litestar.handlers import WebsocketListener
import handlers
from handlers import Orders, a, b
"""


def services_of(source: str) -> tuple[Service, ...]:
    """The services of an `app.py` beside the handlers."""
    return audit_sources({"handlers.py": HANDLERS, "app.py": START + source})[0].services


def routes_of(source: str) -> list[str]:
    """The routes of the one service, each as method, path and handler."""
    [service] = services_of(source)
    return [f"{','.join(route.methods) or route.kind} {route.path} {route.handler.partition('.')[2]}" for route in service.routes]


@pytest.mark.parametrize(
    "source",
    [
        "app = Litestar([a, b])",
        "app = Litestar(route_handlers=(handlers.a, handlers.b), debug=True)",
        "app = Litestar(route_handlers=[a] + [b])",
        "more = [b]\napp = Litestar([a, *more])",
        "listed = [a]\nlisted.append(b)\napp = Litestar(listed)",
        "app = Litestar([a])\napp.register(b)",
        "def make():\n    return Litestar(route_handlers=listed())\ndef listed():\n    return [a, b]",
        "app = Litestar([Router('', route_handlers=[a]), Router(path='/', route_handlers=[b])])",
        "def setup(config: AppConfig):\n    config.route_handlers.extend([a, b])\napp = Litestar(on_app_init=[setup])",
        (
            "def add(config: AppConfig, *, listed):\n    config.route_handlers.extend(listed)\n"
            "def setup(config: AppConfig):\n    add(config, listed=[a, b])\napp = Litestar(on_app_init=[setup])"
        ),
        "class Shop(Litestar): ...\napp = Shop([a, b])",
        (
            "class Parts:\n    def __init__(self): self.handlers = []\n    def app(self):\n        return Litestar(self.handlers)\n"
            "def fill(parts: Parts):\n    parts.handlers.extend([a, b])\nfill(Parts())"
        ),
    ],
)
def test_a_list_of_handlers_is_read_in_every_form(source: str) -> None:
    """Joined, spread, filled later, returned by a function, kept by an object."""
    assert routes_of(source) == ["GET /a a", "POST /b b"]


def test_routers_and_controllers_join_their_paths() -> None:
    """A handler with several paths is a route for each."""
    source = "api = Router('/api', route_handlers=[Router('v2', route_handlers=[Orders]), b])\napp = Litestar([api, a])"

    assert routes_of(source) == [
        "GET /a a",
        "POST /api/b b",
        "GET /api/v2/orders Orders.every",
        "GET /api/v2/orders/all Orders.every",
        "GET /api/v2/orders/{number:int} Orders.one",
    ]


def test_a_controller_has_the_handlers_of_its_bases() -> None:
    """What the class itself defines goes before."""
    source = (
        "class Special(Orders):\n    path = '/special'\n    @get('/1')\n    async def one(self) -> None: ...\napp = Litestar([Special])"
    )

    assert routes_of(source) == ["GET /special Orders.every", "GET /special/1 Special.one", "GET /special/all Orders.every"]


@pytest.mark.parametrize(
    ("handler", "route"),
    [
        ("@route('/x', http_method=['GET', HttpMethod.POST])\nasync def x() -> None: ...", "GET,POST /x x"),
        ("@route(path='/x', http_method=HttpMethod.PUT)\nasync def x() -> None: ...", "PUT /x x"),
        ("@get\nasync def x() -> None: ...", "GET / x"),
        ("URL = '/x'\n@get(path=URL + '/y')\nasync def x() -> None: ...", "GET /x/y x"),
        ("import urls\n@get(urls.X)\nasync def x() -> None: ...", "GET /<unknown> x"),
        ("@websocket('/x')\nasync def x(socket) -> None: ...", "websocket /x x"),
        ("@asgi('/x')\nasync def x(scope, receive, send) -> None: ...", "http /x x"),
        ("async def f() -> None: ...\nx = get('/x')(f)", "GET /x f"),
        (
            "class x(WebsocketListener):\n    path = '/x'\n    def on_accept(self): ...\n    def on_receive(self, data): ...",
            "websocket /x x.on_receive",
        ),
    ],
)
def test_a_handler_is_read_in_every_form(handler: str, route: str) -> None:
    """Methods from texts or `HttpMethod`; paths from names."""
    assert routes_of(f"{handler}\napp = Litestar([x])") == [route]


def test_a_router_that_nobody_is_known_to_list_has_an_unknown_prefix() -> None:
    """A router inside it is listed once, below it."""
    assert routes_of("from somewhere import serve\nserve(Router('/r', route_handlers=[Router('/s', route_handlers=[a])]))") == [
        "GET /<unknown>/r/s/a a"
    ]


def test_handlers_that_nothing_lists_are_no_routes() -> None:
    """They are objects that wait for a list."""
    [service] = services_of("app = Litestar([])")

    assert service.routes == ()
    assert (service.frameworks[0].name, service.interface, [app.name for app in service.apps]) == ("litestar", "asgi", ["app:app"])


def test_a_plugin_adds_handlers_to_what_its_hook_is_given() -> None:
    """The first parameter of `on_app_init`, also where it does not say what it is; of another function it may be anything."""
    hook = "    def {}(self, config):\n        config.route_handlers.extend([a])\n"
    plugin = "from litestar.plugins import InitPluginProtocol\nclass Core(InitPluginProtocol):\n" + hook
    app = "app = Litestar(plugins=[Core()])"

    assert routes_of(plugin.format("on_app_init") + app) == ["GET /a a"]
    assert routes_of(plugin.format("prepare") + app) == []


def test_a_config_that_security_gives_back_is_still_the_config() -> None:
    """`config = auth.on_app_init(config)`, as applications do that fill their OpenAPI document; of another function it may be anything."""
    plugin = (
        "from litestar.plugins import InitPluginProtocol\nfrom litestar.security.jwt import OAuth2PasswordBearerAuth\n"
        "auth = OAuth2PasswordBearerAuth[str](token_secret='', token_url='')\nclass Core(InitPluginProtocol):\n"
        "    def on_app_init(self, config: AppConfig):\n        config = {}\n        config.route_handlers.extend([a])\n"
        "app = Litestar(plugins=[Core()])"
    )

    assert routes_of(plugin.format("auth.on_app_init(config)")) == ["GET /a a"]
    assert routes_of(plugin.format("somewhere.changed(config)")) == []
