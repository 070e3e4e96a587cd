"""Sanic: blueprints, groups and versions in the paths of routes."""

from __future__ import annotations

import pytest

from fwaudit.model.service import Service
from tests.support import audit_sources

START = "from sanic import Blueprint, Sanic\nfrom sanic.views import HTTPMethodView\napp = Sanic('shop')\n"


def service_of(source: str) -> Service:
    """The one service of an `app.py`."""
    [service] = audit_sources({"app.py": START + source})[0].services
    return service


def routes_of(source: str) -> list[str]:
    """Its routes, each as method and path."""
    return [f"{','.join(route.methods) or route.kind} {route.path}" for route in service_of(source).routes]


HANDLER = "async def read(request): ...\n"


@pytest.mark.parametrize(
    ("source", "route"),
    [
        ("@app.get('/a')\n" + HANDLER, "GET /a"),
        ("@app.get('a', version=1)\n" + HANDLER, "GET /v1/a"),
        ("@app.route('/a')\n" + HANDLER, "GET /a"),
        ("@app.route('/a', methods=['POST', 'PUT'])\n" + HANDLER, "POST,PUT /a"),
        ("@app.websocket('/a')\nasync def read(request, ws): ...\n", "websocket /a"),
        (HANDLER + "app.add_route(read, '/a', methods=['POST'])", "POST /a"),
        (HANDLER + "app.add_websocket_route(read, '/a')", "websocket /a"),
        ("class View(HTTPMethodView):\n    def get(self, request): ...\napp.add_route(View.as_view(), '/a')", "GET /a"),
        ("b = Blueprint('b', url_prefix='/b')\n@b.get('/a')\n" + HANDLER + "app.blueprint(b)", "GET /b/a"),
        ("b = Blueprint('b', '/b')\n@b.get('/')\n" + HANDLER + "app.blueprint(b)", "GET /b"),
        ("b = Blueprint('b', url_prefix='/b')\n@b.get('/a')\n" + HANDLER + "app.blueprint(b, url_prefix='/c')", "GET /c/a"),
        ("b = Blueprint('b', url_prefix='/b', version=2)\n@b.get('/a')\n" + HANDLER + "app.blueprint(b)", "GET /v2/b/a"),
        ("b = Blueprint('b', url_prefix='/b', version=2)\n@b.get('/a', version='v3')\n" + HANDLER + "app.blueprint(b)", "GET /v3/b/a"),
        ("b = Blueprint('b', url_prefix='/b')\n@b.get('/a')\n" + HANDLER + "app.blueprint(b, version=4)", "GET /v4/b/a"),
        ("b = Blueprint('b', url_prefix='/b')\n@b.get('/a')\n" + HANDLER + "app.blueprint([b])", "GET /b/a"),
        (
            "b = Blueprint('b', url_prefix='/b')\n@b.get('/a')\n" + HANDLER + "for one in (b,):\n    app.blueprint(one, url_prefix='/c')",
            "GET /c/a",
        ),
    ],
)
def test_a_route_is_found_in_every_form(source: str, route: str) -> None:
    """With its prefix, and its version before that."""
    assert routes_of(source) == [route]


@pytest.mark.parametrize(
    "group",
    [
        "api = Blueprint.group(one, two, url_prefix='/api')\napp.blueprint(api)",
        "app.blueprint(Blueprint.group(one, two, url_prefix='/api'))",
        "app.blueprint(Blueprint.group(*[one, two], url_prefix='/api'))",
        "inner = Blueprint.group(one, two)\napi = Blueprint.group(inner, url_prefix='/api')\napp.blueprint(api)",
    ],
)
def test_a_group_prefixes_its_blueprints(group: str) -> None:
    """The version of a blueprint goes before the prefix of its group."""
    source = (
        "one = Blueprint('one', url_prefix='/one')\ntwo = Blueprint('two', url_prefix='/two', version=1)\n"
        "@one.get('/a')\nasync def a(request): ...\n@two.get('/b')\nasync def b(request): ...\n"
    )

    assert routes_of(source + group) == ["GET /api/one/a", "GET /v1/api/two/b"]


def test_an_app_of_an_own_class_made_in_a_method_is_the_app() -> None:
    """Named after the function that makes it."""
    source = "class Site:\n    def app(self):\n        class Traced(Sanic): ...\n        made = Traced('site')\n"
    service = service_of(source + "        made.add_route(read, '/a')\n        return made\n" + HANDLER)

    assert [one.name for one in service.apps] == ["app:app", "app:Site.app()"]
    assert [route.path for route in service.routes] == ["/a"]
    assert (service.frameworks[0].name, service.interface) == ("sanic", "own-loop")


def test_a_computed_prefix_is_said_as_unknown() -> None:
    """The rest of the path is still told."""
    source = "import settings\nb = Blueprint('b', url_prefix=settings.PREFIX)\n@b.get('/a')\n" + HANDLER + "app.blueprint(b)"

    assert routes_of(source) == ["GET /<unknown>/a"]
