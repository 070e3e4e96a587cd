"""The routes of Falcon, Pyramid, CherryPy, web2py and py4web as they are registered, and what is no route."""

from __future__ import annotations

from tests.support import audit_sources


def routes_of(files: dict[str, str]) -> list[str]:
    """`METHODS /path handler` of all routes of the files' project, sorted."""
    return sorted(f"{route.label} {route.handler}" for service in audit_sources(files)[0].services for route in service.routes)


FALCON = """
import falcon

import orders

class Things:
    def on_get(self, req, resp, name): ...
    def on_get_list(self, req, resp): ...
    def on_post_list(self, req, resp): ...

def sink(req, resp): ...

def suffix():
    return "list"

app = falcon.App()
app.add_route("/things/{name}", Things())
app.add_route(uri_template="/things", resource=Things(), suffix="list")
app.add_route("/unknown", Things(), suffix=suffix())
app.add_route("/orders", orders)
app.add_route("/bonus" + suffix(), orders)
app.add_sink(sink)
app.add_sink(sink, "/old")
app.add_static_route("/static", "/srv/static")
"""


def test_falcon_resources_are_objects_and_modules() -> None:
    """A suffix that is not literal names no responder; static files are no route of the code."""
    assert routes_of({"app.py": FALCON, "orders.py": "def on_delete(req, resp): ...\n\ndef other(): ...\n"}) == [
        "DELETE /<unknown> orders.on_delete",
        "DELETE /orders orders.on_delete",
        "GET /things app.Things.on_get_list",
        "GET /things/{name} app.Things.on_get",
        "POST /things app.Things.on_post_list",
        "http / app.sink",
        "http /old app.sink",
    ]


def test_a_falcon_app_refuses_responders_of_the_other_kind() -> None:
    """A WSGI app takes no coroutine functions, an ASGI app nothing else."""
    resource = "class Things:\n    async def on_get(self, req, resp): ...\n    def on_put(self, req, resp): ...\n\n"

    assert routes_of({"app.py": f"import falcon\n\n{resource}app = falcon.API()\napp.add_route('/x', Things())\n"}) == [
        "PUT /x app.Things.on_put"
    ]
    assert routes_of({"app.py": f"import falcon.asgi\n\n{resource}app = falcon.asgi.App()\napp.add_route('/x', Things())\n"}) == [
        "GET /x app.Things.on_get"
    ]


def test_the_class_of_a_falcon_app_tells_its_interface() -> None:
    """`falcon.App` is WSGI, `falcon.asgi.App` is not."""
    wsgi, _ = audit_sources({"app.py": "import falcon\n\napp = falcon.App()\n"})
    asgi, _ = audit_sources({"app.py": "from falcon.asgi import App\n\napp = App()\n"})

    assert [service.interface for service in (*wsgi.services, *asgi.services)] == ["wsgi", "asgi"]


HANDED = {
    "app.py": """
import falcon

from api import init as init_api

application = None

def create():
    global application
    application = falcon.App()
    init_api(application, {})

def elsewhere(registry):
    init_api(registry, {})
""",
    "api/__init__.py": """
def init(application, config):
    from . import teams
    application.add_route('/teams', teams)
    from .more import register
    register(config, app=application)
""",
    "api/teams.py": "def on_get(req, resp): ...\n",
    "api/more.py": """
class More:
    def on_put(self, req, resp): ...

def register(config, app=None):
    app.add_route('/more', More())

def other(app):
    app.add_route('/never', More())
""",
}


def test_functions_that_are_handed_the_application_register_with_it() -> None:
    """Through several calls, by position and by keyword; a function that nobody hands an application registers nothing."""
    assert routes_of(HANDED) == ["GET /teams api.teams.on_get", "PUT /more api.more.More.on_put"]


DECORATED = """
import falcon

def login_required(function):
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper

class Things:
    @login_required
    def on_get(self, req, resp): ...

app = falcon.App()
app.add_route("/things", Things())
"""


def test_a_decorated_handler_is_named_by_its_own_definition() -> None:
    """Not by the wrapper that its decorator puts around it."""
    assert routes_of({"app.py": DECORATED}) == ["GET /things app.Things.on_get"]


def test_what_only_tests_register_is_no_route_of_the_code() -> None:
    """Their own app is not deployed."""
    test = "import falcon\n\nfrom app import Things\n\napp = falcon.App()\napp.add_route('/in-tests', Things())\n"

    assert routes_of({"app.py": DECORATED, "tests/test_app.py": test}) == ["GET /things app.Things.on_get"]
