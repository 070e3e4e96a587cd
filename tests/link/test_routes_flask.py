"""Flask: each route has the methods, the whole path and the function that Flask's own `url_map` has."""

from __future__ import annotations

from tests.link.routes import routes_of

APP = "from flask import Flask\n\napp = Flask(__name__)\n"


def test_decorators_list_the_methods_that_they_write() -> None:
    """A route without methods is a GET; HEAD and OPTIONS are Flask's own."""
    source = """
@app.route("/")
@app.route("/index", methods=["GET", "POST"])
def index(): ...

@app.delete("/items/<int:item>")
def drop(item): ...
"""
    assert routes_of({"app.py": APP + source}) == [
        "GET / app.index",
        "GET,POST /index app.index",
        "DELETE /items/<int:item> app.drop",
    ]


def test_a_path_that_is_no_literal_is_said_to_be_unknown() -> None:
    """No path is made up."""
    source = """
import os

@app.route(os.environ["WHERE"])
def somewhere(): ...
"""
    assert routes_of({"app.py": APP + source}) == ["GET /<unknown> app.somewhere"]


def test_a_prefix_at_the_registration_replaces_the_blueprint_s_own() -> None:
    """Without one, the blueprint's own holds."""
    files = {
        "main.py": """
from flask import Flask
import pages

def create_app():
    app = Flask(__name__)
    app.register_blueprint(pages.replaced, url_prefix="/v2/")
    app.register_blueprint(pages.kept)
    return app
""",
        "pages.py": """
from flask import Blueprint

replaced = Blueprint("replaced", __name__, url_prefix="/v1")
kept = Blueprint("kept", __name__, url_prefix="/kept")

@replaced.get("/a")
def a(): ...

@kept.get("/")
def b(): ...
""",
    }
    assert routes_of(files) == ["GET /kept/ pages.b", "GET /v2/a pages.a"]


def test_nested_blueprints_join_their_prefixes() -> None:
    """From the outermost to the rule."""
    source = """
from flask import Blueprint

parent = Blueprint("parent", __name__, url_prefix="/parent/")
child = Blueprint("child", __name__, url_prefix="/child")
parent.register_blueprint(child)
app.register_blueprint(parent)

@child.route("")
def leaf(): ...
"""
    assert routes_of({"app.py": APP + source}) == ["GET /parent/child app.leaf"]


def test_a_blueprint_that_an_untyped_parameter_registers_is_mounted() -> None:
    """The argument says what `register_blueprint` is; another object's method of that name does not count."""
    source = """
from flask import Blueprint

pages = Blueprint("pages", __name__)

def add_all(app):
    app.register_blueprint(pages, url_prefix="/pages")
    app.register_blueprint("pages", url_prefix="/never")

@pages.route("/a")
def a(): ...
"""
    assert routes_of({"app.py": APP + source}) == ["GET /pages/a app.a"]


def test_a_view_class_has_a_route_for_each_method_that_it_defines() -> None:
    """Methods that the rule leaves out are none; a plain `View` lists its own."""
    source = """
from flask.views import MethodView, View

class Base(MethodView):
    def get(self): ...

class Things(Base):
    def post(self): ...

class Page(View):
    methods = ["GET", "POST"]

    def dispatch_request(self): ...

view = Things.as_view("things")
app.add_url_rule("/things/", view_func=view, methods=["POST"])
app.add_url_rule("/things/<name>", view_func=view)
app.add_url_rule("/page", view_func=Page.as_view("page"))
"""
    assert routes_of({"app.py": APP + source}) == [
        "GET,POST /page app.Page.dispatch_request",
        "POST /things/ app.Things.post",
        "GET /things/<name> app.Base.get",
        "POST /things/<name> app.Things.post",
    ]
