"""Flask: each route has the methods, the whole path and the function that Flask's own `url_map` has."""

from __future__ import annotations

from tests.link.routes import routes_of
from tests.support import audit_sources

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


def test_a_base_of_views_without_methods_has_no_route() -> None:
    """What is registered is known only as its base: no constructor answers a request. A plain class is called."""
    source = """
from flask_restful import Api, Resource

class Base(Resource):
    def __init__(self, store):
        self.store = store

class Page:
    def __init__(self, name): ...

Api(app).add_resource(Base, "/items")
app.add_url_rule("/page", view_func=Page)
"""
    assert routes_of({"app.py": APP + source}) == ["GET /page app.Page.__init__"]


def test_namespaces_of_restx_prefix_the_resources_that_they_register() -> None:
    """A namespace without a path has its name; a path at the registration replaces it; a class may have several paths."""
    source = """
from flask import Blueprint
from flask_restx import Api, Namespace, Resource

blueprint = Blueprint("api", __name__, url_prefix="/api")
api = Api(blueprint, prefix="/does/not/count/on/a/blueprint")
plain = Api(app, prefix="/plain")
app.register_blueprint(blueprint)
cats = Namespace("cats", description="Cats")
dogs = Namespace("dogs", path="/hounds")
api.add_namespace(cats)
api.add_namespace(dogs, path="/d")
birds = api.namespace("birds")

@cats.route("/", "/all")
class Cats(Resource):
    @cats.marshal_list_with({})
    def get(self): ...

@dogs.route("/<name>")
class Dog(Resource):
    def put(self, name): ...

@birds.route("/")
class Birds(Resource):
    def get(self): ...

class Direct(Resource):
    def delete(self): ...

api.add_resource(Direct, "/direct", "/direct/<name>")
plain.add_resource(Direct, "/direct")
"""
    assert routes_of({"app.py": APP + source}) == [
        "GET /api/birds/ app.Birds.get",
        "GET /api/cats/ app.Cats.get",
        "GET /api/cats/all app.Cats.get",
        "PUT /api/d/<name> app.Dog.put",
        "DELETE /api/direct app.Direct.delete",
        "DELETE /api/direct/<name> app.Direct.delete",
        "DELETE /plain/direct app.Direct.delete",
    ]


def test_an_api_of_flask_restful_is_mounted_where_it_is_initialised() -> None:
    """By its constructor or by `init_app`, behind its own prefix."""
    source = """
from flask import Blueprint
from flask_restful import Api, Resource

pages = Blueprint("pages", __name__, url_prefix="/pages")
late = Api()
early = Api(app, "/early")

class Todo(Resource):
    def get(self, todo): ...

late.add_resource(Todo, "/todos/<todo>", "/t/<todo>", endpoint="todo")
late.init_app(pages)
early.add_resource(Todo, "/todos/<todo>")
app.register_blueprint(pages)
"""
    assert routes_of({"app.py": APP + source}) == [
        "GET /early/todos/<todo> app.Todo.get",
        "GET /pages/t/<todo> app.Todo.get",
        "GET /pages/todos/<todo> app.Todo.get",
    ]


def test_blueprints_of_smorest_and_apiflask_are_blueprints() -> None:
    """On functions and on view classes."""
    source = """
from apiflask import APIBlueprint, APIFlask
from flask.views import MethodView
from flask_smorest import Api, Blueprint

api = Api(app)
pets = Blueprint("pets", "pets", url_prefix="/pets")
toys = APIBlueprint("toys", __name__, url_prefix="/toys")

@pets.route("/")
class Pets(MethodView):
    @pets.response(200)
    def get(self): ...

@pets.route("/<pet>", methods=["DELETE"])
def drop(pet): ...

@toys.post("/")
@toys.input({})
def add(): ...

api.register_blueprint(pets, url_prefix="/v1/pets")
other = APIFlask(__name__)
other.register_blueprint(toys)
"""
    assert routes_of({"app.py": APP + source}) == [
        "POST /toys/ app.add",
        "GET /v1/pets/ app.Pets.get",
        "DELETE /v1/pets/<pet> app.drop",
    ]


def test_events_of_socketio_have_their_own_names() -> None:
    """An event is no path."""
    source = """
from flask_socketio import SocketIO

socketio = SocketIO(app)

@socketio.on("join")
def on_join(data): ...

@socketio.on_error_default
def failed(error): ...

socketio.on_event("leave", on_join)
"""
    assert routes_of({"app.py": APP + source}) == ["event join app.on_join", "event leave app.on_join"]


def test_bottle_has_a_default_app_and_mounts() -> None:
    """A path that follows from the function's parameters is not known."""
    source = """
import bottle
from bottle import Bottle, get, route

api = Bottle()

@route("/")
@get(["/a", "/b"])
def index(): ...

@route()
def hello(name): ...

@api.route("/y", method=["GET", "POST"])
@api.post("/x")
def both(): ...

def plain(): ...

api.route("/plain", "PUT", plain)
api.route("/also", callback=plain)
bottle.default_app().mount("/api/", api)

@bottle.error(404)
def missing(error): ...
"""
    assert routes_of({"app.py": source}) == [
        "GET / app.index",
        "GET /<unknown> app.hello",
        "GET /a app.index",
        "GET /api/also app.plain",
        "PUT /api/plain app.plain",
        "POST /api/x app.both",
        "GET,POST /api/y app.both",
        "GET /b app.index",
    ]


def test_a_blueprint_that_sets_its_own_prefix_has_an_unknown_one() -> None:
    """A class whose constructor does not speak of the prefix is like its base."""
    source = """
from flask import Blueprint

class Module(Blueprint):
    def __init__(self, name, import_name, **kwargs):
        kwargs.setdefault("url_prefix", "/" + name)
        super().__init__(name, import_name, **kwargs)

class Plain(Blueprint):
    def __init__(self, name):
        super().__init__(name, __name__)

pages = Module("pages", __name__)
other = Module("other", __name__, url_prefix="/other")
plain = Plain("plain")
app.register_blueprint(pages)
app.register_blueprint(other)
app.register_blueprint(plain)

@pages.route("/a")
def a(): ...

@other.route("/b")
def b(): ...

@plain.route("/c")
def c(): ...
"""
    assert routes_of({"app.py": APP + source}) == ["GET /<unknown>/a app.a", "GET /c app.c", "GET /other/b app.b"]


def test_blueprints_that_are_found_at_run_time_have_an_unknown_prefix() -> None:
    """Where a call puts one that nobody can tell below a prefix: it may be any that no other call registers."""
    files = {
        "shop/main.py": """
from flask import Flask
from importlib import import_module
from shop import core, plugin

def create_app():
    app = Flask(__name__)
    app.register_blueprint(core.pages)
    for name in ("plugin",):
        app.register_blueprint(import_module(f"shop.{name}").pages, url_prefix=f"/{name}")
    return app
""",
        "shop/core.py": "from flask import Blueprint\n\npages = Blueprint('core', __name__)\n\n@pages.get('/a')\ndef a(): ...\n",
        "shop/plugin.py": "from flask import Blueprint\n\npages = Blueprint('plugin', __name__)\n\n@pages.get('/b')\ndef b(): ...\n",
    }
    assert routes_of(files) == ["GET /<unknown>/b shop.plugin.b", "GET /a shop.core.a"]


def test_a_copy_of_bottle_in_the_project_is_bottle() -> None:
    """A file of its name with its class, imported through a package; a file that only has the name is not."""
    files = {
        "shop/__init__.py": "",
        "shop/wrapper/__init__.py": "from .bottle import *\nfrom .bottle import Bottle\n",
        "shop/wrapper/bottle.py": "class Bottle:\n    def push(self):\n        app = Bottle()\n\ndef route(path=None): ...\n",
        "shop/app.py": """
from .wrapper import Bottle, route

app = Bottle()

@app.get("/a")
def a(): ...

@route("/b")
def b(): ...
""",
        "jar/bottle.py": "class Cork: ...\n\ndef route(path): ...\n",
        "jar/open.py": "from jar.bottle import route\n\n@route('/never')\ndef never(): ...\n",
    }
    assert routes_of(files) == ["GET /a shop.app.a", "GET /b shop.app.b"]
    [service] = audit_sources(files)[0].services
    assert [app.name for app in service.apps] == ["shop.app:app"]


def test_quart_has_websockets_besides() -> None:
    """With Quart's blueprints, and with Trio below."""
    source = """
from quart import Blueprint
from quart_trio import QuartTrio

app = QuartTrio(__name__)
feeds = Blueprint("feeds", __name__, url_prefix="/feeds")

@feeds.get("/")
async def index(): ...

@feeds.websocket("/live")
async def live(): ...

app.register_blueprint(feeds)

def add_more(app):
    @app.route("/more")
    async def more(): ...

add_more(app)
"""
    assert routes_of({"app.py": source}) == [
        "GET /feeds/ app.index",
        "websocket /feeds/live app.live",
        "GET /more app.add_more.more",
    ]


REGISTRARS = {
    "app.py": """
from flask import Flask
from flask.views import MethodView

from routes import page, register_api, route_all, route_get, route_post
import views

app = Flask(__name__)

class Users(MethodView):
    def get(self, id): ...
    def put(self, id): ...

route_get(app, "/a", views.a)
route_post(app, path="/b", func=views.b)
register_api(app, Users, "users", "/users/")
register_api(app, Users, "people", "/people/", pk="name", pk_type="string")
route_all(app, "orders", views.order)

def later(path):
    route_get(app, path, views.later)

@page(app, "/c")
def c(): ...

@page(app, path="/d", methods=["PUT"])
def d(): ...
""",
    "routes.py": """
def route_get(app, path, func):
    app.add_url_rule(path, view_func=func, methods=["GET"])

def route_post(app, path, func, prefix="/v1"):
    app.add_url_rule(prefix + path, view_func=func, methods=["POST"])

def register_api(app, view, endpoint, url, pk="id", pk_type="int"):
    view_func = view.as_view(endpoint)
    app.add_url_rule("%s<%s:%s>" % (url, pk_type, pk), view_func=view_func, methods=["GET", "PUT"])

def route_all(app, name, func):
    rules = [["show", "GET", f"/{name}/<int:id>"], ["store", "POST", "/{}".format(name)], ["all", "PUT", "/{name}/all"]]
    for [action, method, path] in rules:
        app.add_url_rule(path.format(name=name), view_func=func, methods=[method])

def page(app, path, methods=None):
    def register(function):
        app.add_url_rule(path, view_func=function, methods=methods)
        return function
    return register

def nobody(app, path, func):
    app.add_url_rule(path, view_func=func)
""",
    "views.py": "def a(): ...\n\ndef b(): ...\n\ndef later(): ...\n\ndef order(id): ...\n",
    "tests/test_app.py": "from routes import route_get\n\ndef test():\n    route_get(None, '/test', test)\n",
}


def test_a_function_that_registers_what_it_is_given_registers_in_each_of_its_calls() -> None:
    """Also as a decorator; a call whose path is not known has none, and a function that nobody calls registers nothing."""
    assert sorted(routes_of(REGISTRARS)) == [
        "GET /<unknown> views.later",
        "GET /a views.a",
        "GET /c app.c",
        "GET /orders/<int:id> views.order",
        "GET /people/<string:name> app.Users.get",
        "GET /users/<int:id> app.Users.get",
        "POST /orders views.order",
        "POST /v1/b views.b",
        "PUT /d app.d",
        "PUT /orders/all views.order",
        "PUT /people/<string:name> app.Users.put",
        "PUT /users/<int:id> app.Users.put",
    ]


RESOURCES_OF_A_SUBCLASS = """
from flask import Flask
from flask_restful import Api, Resource

class OrgApi(Api):
    def add_org_resource(self, resource, url, **kwargs):
        return self.add_resource(resource, f"/<org>{url}", **kwargs)

class Alerts(Resource):
    def get(self): ...

class Mutes(Resource):
    def post(self): ...

app = Flask(__name__)
api = OrgApi(app)
api.add_org_resource(Alerts, "/alerts", endpoint="alerts")
api.add_org_resource(Mutes, "/mutes")
"""


def test_a_method_of_the_project_that_registers_with_its_own_object() -> None:
    """A subclass of `Api` with a method for paths of its own."""
    assert sorted(routes_of({"app.py": RESOURCES_OF_A_SUBCLASS})) == [
        "GET /<org>/alerts app.Alerts.get",
        "POST /<org>/mutes app.Mutes.post",
    ]


def test_paths_are_put_together_as_python_does() -> None:
    """With `format` and `%`, and numbers of constants in f-strings; what is not known of them is said so."""
    source = """
from flask import Flask
from settings import NAME, VERSION, base

app = Flask(__name__)

@app.get(f"/api/{VERSION}/{NAME}")
def a(): ...

@app.get("/{}/{name}".format("x", name=NAME))
def b(): ...

@app.get("/%s/%d" % (NAME, VERSION))
def c(): ...

@app.get("/%s/{}".format(base()) % NAME)
def d(): ...

@app.get("/{0!r}/{{x}}".format(NAME))
def e(): ...
"""
    assert sorted(routes_of({"app.py": source, "settings.py": "VERSION = 1\nNAME = 'shop'\n\ndef base(): ...\n"})) == [
        "GET /<unknown> app.e",
        "GET /api/1/shop app.a",
        "GET /shop/1 app.c",
        "GET /shop/<unknown> app.d",
        "GET /x/shop app.b",
    ]


def test_a_decorated_view_that_is_registered_by_a_call_is_the_handler_itself() -> None:
    """Not the wrapper around it; also where nothing is known of the decorator, and where the name is imported twice."""
    files = {
        "app.py": "from flask import Flask\nimport views\n\napp = Flask(__name__)\n"
        "app.add_url_rule('/a', view_func=views.a)\napp.add_url_rule('/b', view_func=views.b)\napp.add_url_rule('/c', view_func=views.c)\n",
        "views.py": """
from somewhere import cached

from more import c

def login_required(function):
    def wrapper(*args):
        return function(*args)
    return wrapper

@login_required
def a(): ...

@cached(60)
def b(): ...
""",
        "more.py": "from somewhere import cached\n\n@cached\ndef c(): ...\n",
    }
    assert routes_of(files) == ["GET /a views.a", "GET /b views.b", "GET /c more.c"]


def test_a_view_of_methods_that_dispatches_itself_has_the_routes_of_its_methods() -> None:
    """`dispatch_request` is a handler only of views without methods."""
    source = """
from flask import Flask
from flask.views import MethodView, View

class Base(MethodView):
    def dispatch_request(self, *args): ...

class Users(Base):
    def get(self): ...

class Page(View):
    def dispatch_request(self): ...

app = Flask(__name__)
app.add_url_rule("/users", view_func=Users.as_view("users"))
app.add_url_rule("/page", view_func=Page.as_view("page"))
"""
    assert routes_of({"app.py": source}) == ["GET /page app.Page.dispatch_request", "GET /users app.Users.get"]


HANDLER_CLASSES = {
    "web.py": """
import inspect
from flask import Blueprint

def as_view(given):
    if inspect.isclass(given):
        def view(**values):
            return given().process()
        return view
    return given

class OwnBlueprint(Blueprint):
    def add_url_rule(self, rule, endpoint=None, view_func=None, **options):
        if view_func is not None:
            view_func = as_view(view_func)
        super().add_url_rule(rule, endpoint, view_func, **options)
""",
    "app.py": """
from flask import Flask
from web import OwnBlueprint
import pages

app = Flask(__name__)
things = OwnBlueprint("things", __name__, url_prefix="/things")
things.add_url_rule("/", "all", pages.All)
things.add_url_rule("/new", "new", pages.New, methods=("GET", "POST"))
things.add_url_rule("/old", view_func=pages.old)
app.register_blueprint(things)
""",
    "pages.py": """
class Page:
    def __init__(self): ...

class All(Page):
    def process(self): ...

class New(Page):
    def process(self): ...

def old(): ...
"""
    + "".join(f"class Page{number}(Page):\n    def process(self): ...\n\n" for number in range(12)),
    "more.py": "import pages\nfrom app import things\n\n"
    + "".join(f"things.add_url_rule('/{number}', 'page{number}', pages.Page{number})\n" for number in range(12)),
}


def test_a_blueprint_of_the_project_that_registers_classes() -> None:
    """Its own `add_url_rule` wraps what it is given: a class is named where nothing tells which of its methods runs."""
    assert sorted(routes_of(HANDLER_CLASSES)) == sorted(
        [
            "GET /things/ pages.All",
            "GET,POST /things/new pages.New",
            "GET /things/old pages.old",
            *(f"GET /things/{number} pages.Page{number}" for number in range(12)),
        ]
    )


DEFAULT_BOTTLE = """
from bottle import get, run

@get("/")
def index(): ...

def serve():
    run(host="0.0.0.0", port=8080)
"""


def test_the_application_that_bottle_keeps_itself() -> None:
    """It is where it is got or served, once for each file; what is run with an application of its own is that one."""
    declared = {"requirements.txt": "bottle\n"}
    got = DEFAULT_BOTTLE.replace("def serve():\n    run", "app = bottle.default_app()\nrun").replace("from", "import bottle\nfrom", 1)
    own = DEFAULT_BOTTLE.replace("run(host", "run(mine, host").replace("import get,", "import Bottle, get,") + "\nmine = Bottle()\n"

    def apps_of(source: str) -> list[str]:
        return [app.name for service in audit_sources({"app.py": source} | declared)[0].services for app in service.apps]

    assert apps_of(DEFAULT_BOTTLE) == ["app:serve()"]
    assert apps_of(got) == ["app:app"]
    assert apps_of(own) == ["app:mine"]
    assert routes_of({"app.py": DEFAULT_BOTTLE} | declared) == ["GET / app.index"]


def test_a_class_that_is_imported_under_another_name_makes_the_application() -> None:
    """Applications, routers and what registers."""
    source = """
from bottle import Bottle
from flask import Flask as _Flask

app = _Flask(__name__)

@app.get("/")
def index(): ...
"""
    [service] = audit_sources({"shop/__init__.py": source, "requirements.txt": "flask\n"})[0].services

    assert [app.name for app in service.apps] == ["shop:app"]


def test_a_class_attribute_is_no_name_of_its_methods() -> None:
    """A method that reads a bare name reads the module's, whatever the body of its class calls so."""
    source = """
PREFIX = "/right"

class Pages:
    PREFIX = "/wrong"
    app.add_url_rule(PREFIX, "own", print)

    def register(self):
        app.add_url_rule(PREFIX, "there", self.show)

    def show(self): ...
"""
    assert routes_of({"app.py": APP + source}) == ["GET /right app.Pages.show"]


def test_what_is_spread_into_a_table_of_routes_is_left_out() -> None:
    """The keys that are written are routes; no other text of the file becomes one."""
    source = """
from somewhere import OTHER

def show(): ...

for path in {**OTHER, "/known": 1}:
    app.add_url_rule(path, view_func=show)
for path, view in {**OTHER, "/shown": show}.items():
    app.add_url_rule(path, view_func=view)
last = "/wrong"
"""
    assert routes_of({"app.py": APP + source}) == ["GET /known app.show", "GET /shown app.show"]


def test_an_f_string_that_shows_its_expression_is_no_path() -> None:
    """`{X=}` is `X='items'`; `{X}` is what X is."""
    source = """
X = "items"

@app.route(f"/{X=}/a")
def shown(): ...

@app.route(f"/{X}/b")
def plain(): ...
"""
    assert routes_of({"app.py": APP + source}) == ["GET /<unknown>/a app.shown", "GET /items/b app.plain"]


def test_a_registrar_is_known_under_the_name_that_an_import_gives_it() -> None:
    """The path is what its callers give, also in functions of modules that call it something else."""
    registrar = """
from app import app

def add(path):
    app.add_url_rule(path, view_func=show)

def show(): ...
"""
    caller = """
from registrar import add as register

def fill():
    register("/items")

fill()
"""
    assert routes_of({"app.py": APP, "registrar.py": registrar, "caller.py": caller}) == ["GET /items registrar.show"]


def test_a_decorator_of_the_project_that_registers_a_wrapper_registers_each_function_that_it_stands_on() -> None:
    """With the path and methods that it is given, whether it decorates the wrapper or hands it on; each route is the function's."""
    source = """
import functools

def page(path, methods=None):
    def wrapper(view):
        @app.route("/api%s" % path, methods=methods)
        @functools.wraps(view)
        def handler(**given):
            return view(**given)
        return handler
    return wrapper

def handed(router, path):
    def wrapper(view):
        @functools.wraps(view)
        def handler():
            return view()
        router.add_url_rule(path, view.__name__, handler, methods=["POST"])
        return view
    return wrapper

@page("/a")
def a(): ...

@page("/b", methods=["PUT"])
def b(): ...

@handed(app, "/c")
def c(): ...
"""
    assert sorted(routes_of({"app.py": APP + source})) == ["GET /api/a app.a", "POST /c app.c", "PUT /api/b app.b"]


def test_such_a_decorator_that_stands_on_nothing_registers_what_is_written() -> None:
    """Its path is not known, and no function is made up; a decorator in a function that nobody gives anything is as it was."""
    source = """
def page(path):
    def wrapper(view):
        @app.route(path)
        def handler():
            return view()
        return handler
    return wrapper

def make():
    @app.get("/inner")
    def inner(): ...
"""
    assert sorted(routes_of({"app.py": APP + source})) == ["GET /<unknown> app.page.wrapper.handler", "GET /inner app.make.inner"]


def test_a_route_that_is_spread_into_its_registration() -> None:
    """Each tuple of a table gives the arguments of one call; what is no table of tuples gives none that can be told."""
    views = """\
from flask_restful import Resource

class Sketches(Resource):
    def __init__(self):
        self.all = []
    def get(self):
        return self.all
    def post(self):
        return {}

class Sketch(Resource):
    def get(self, number):
        return number

ROUTES = [(Sketches, "/sketches/", "/drafts/"), (Sketch, "/sketches/<int:number>/")]
"""
    app = """\
from flask import Flask
from flask_restful import Api
from views import ROUTES as KNOWN_ROUTES

app = Flask(__name__)
api = Api(app, prefix="/v1")
for route in KNOWN_ROUTES:
    api.add_resource(*route)
for route in load_routes():
    api.add_resource(*route)
"""
    assert routes_of({"app.py": app, "views.py": views}) == [
        "GET /v1/drafts/ views.Sketches.get",
        "POST /v1/drafts/ views.Sketches.post",
        "GET /v1/sketches/ views.Sketches.get",
        "POST /v1/sketches/ views.Sketches.post",
        "GET /v1/sketches/<int:number>/ views.Sketch.get",
    ]


def test_an_application_that_a_library_gives_back() -> None:
    """What `quart_cors.cors` is given is what it gives: the routes behind it are the application's."""
    app = """\
from quart import Quart
from quart_cors import cors

app = Quart(__name__)
app = cors(app)

@app.get("/voices")
async def voices():
    return []
"""
    assert routes_of({"app.py": app}) == ["GET /voices app.voices"]


def test_blueprints_on_an_application_that_a_library_makes_of_flask() -> None:
    """Of its class no table knows anything: that it is given a blueprint says enough, and a method of the project decides for itself."""
    views = """\
from flask import Blueprint

reviews = Blueprint("reviews", __name__)

@reviews.route("/")
def all_reviews(): ...
"""
    library = """\
from tools.flask import CustomFlask
from views import reviews

application = CustomFlask(__name__)
application.register_blueprint(reviews, url_prefix="/reviews")
"""
    own = """\
from flask import Flask
from views import reviews

class Quiet:
    def register_blueprint(self, blueprint, url_prefix): ...

application = Flask(__name__)
Quiet().register_blueprint(reviews, url_prefix="/reviews")
"""
    served = {"Procfile": "web: gunicorn app:application\n"}
    assert routes_of({"app.py": library, "views.py": views, **served}) == ["GET /reviews/ views.all_reviews"]
    assert routes_of({"app.py": own, "views.py": views, **served}) == ["GET / views.all_reviews"]


def test_one_handler_that_two_frameworks_serve_is_two_routes() -> None:
    """Each where its own framework runs it; frameworks that build on each other serve it once."""
    app = """
from fastapi import FastAPI
from flask import Flask

api = FastAPI()
app = Flask(__name__)

@api.get("/health")
@app.get("/health")
def health(): ...
"""
    services = audit_sources({"main.py": app})[0].services
    assert [(route.label, route.context) for one in services for route in one.routes] == [
        ("GET /health", "threadpool"),
        ("GET /health", "wsgi-worker"),
    ]


def test_one_handler_that_an_extension_registers_is_one_route() -> None:
    """Flask-Smorest's blueprint is one of Flask's."""
    app = """
from flask import Flask
from flask_smorest import Blueprint

blueprint = Blueprint("items", "items")

@blueprint.route("/health")
def health(): ...

app = Flask(__name__)
app.register_blueprint(blueprint)
"""
    assert routes_of({"main.py": app}) == ["GET /health main.health"]
