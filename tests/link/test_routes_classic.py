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
        "DELETE /bonus<unknown> orders.on_delete",
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
import somewhere

def login_required(function):
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper

class Things:
    @login_required
    def on_get(self, req, resp): ...

    @somewhere.unknown(1)
    def on_put(self, req, resp): ...

app = falcon.App()
app.add_route("/things", Things())
"""


def test_a_decorated_handler_is_named_by_its_own_definition() -> None:
    """Not by the wrapper that its decorator puts around it, also where nothing is known of the decorator."""
    assert routes_of({"app.py": DECORATED}) == ["GET /things app.Things.on_get", "PUT /things app.Things.on_put"]


def test_what_only_tests_register_is_no_route_of_the_code() -> None:
    """Their own app is not deployed."""
    test = "import falcon\n\nfrom app import Things\n\napp = falcon.App()\napp.add_route('/in-tests', Things())\n"

    assert routes_of({"app.py": DECORATED, "tests/test_app.py": test}) == routes_of({"app.py": DECORATED})


CHERRYPY = """
import functools

import cherrypy

def secured(function=None, level=0):
    if function is None:
        return functools.partial(secured, level=level)
    function.exposed = True

    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper

def logged(function):
    return function

class Users:
    @cherrypy.expose
    def index(self): ...

    @cherrypy.expose
    def default(self, *rest): ...

    @cherrypy.expose(["all", "every"])
    def list(self): ...

    def helper(self): ...

    @logged
    def other(self): ...

class Items:
    exposed = True

    def GET(self, id=None): ...

    def POST(self): ...

    def helper(self): ...

class Base:
    @cherrypy.expose
    def shared(self): ...

    @cherrypy.expose
    def hidden(self): ...

@cherrypy.popargs("band")
class Band:
    @cherrypy.expose
    def index(self, band): ...

class Root(Base):
    items = Items()

    def __init__(self):
        self.users = Users()
        self._private = Users()
        self.root = self

    @secured
    def index(self): ...

    @secured(level=2)
    def admin(self): ...

    def old(self): ...
    old.exposed = True

    def hidden(self): ...

    def outside(self): ...

    @cherrypy.expose
    async def never(self): ...

Root.outside.exposed = True
root = Root()
root.band = Band()

if __name__ == "__main__":
    cherrypy.quickstart(root, "/app")
"""


def test_cherrypy_handlers_answer_below_the_attributes_that_lead_to_them() -> None:
    """Exposed by decorator, mark, the project's own decorator; not without; an override is not exposed by what it overrides."""
    assert routes_of({"app.py": CHERRYPY}) == [
        "GET /app/items app.Items.GET",
        "POST /app/items app.Items.POST",
        "http /app/ app.Root.index",
        "http /app/admin app.Root.admin",
        "http /app/band/{band}/ app.Band.index",
        "http /app/old app.Root.old",
        "http /app/outside app.Root.outside",
        "http /app/shared app.Base.shared",
        "http /app/users/ app.Users.index",
        "http /app/users/* app.Users.default",
        "http /app/users/all app.Users.list",
        "http /app/users/every app.Users.list",
        "http /app/users/list app.Users.list",
    ]


def test_cherrypy_applications_are_what_is_mounted() -> None:
    """An object that is only made is no application; a path that is no literal is said to be unknown."""
    mounted = CHERRYPY.replace('quickstart(root, "/app")', "tree.mount(Users(), cherrypy.config.get('base'))")
    [service] = audit_sources({"app.py": mounted})[0].services

    assert [app.name for app in service.apps] == ["app:Users"]
    assert [route.path for route in service.routes][:2] == ["/<unknown>/", "/<unknown>/*"]
    assert audit_sources({"app.py": CHERRYPY.partition("if __name__")[0]})[0].services == ()


ROUTES_DISPATCHER = """
import cherrypy

class Pages:
    def show(self, id): ...

dispatcher = cherrypy.dispatch.RoutesDispatcher()
dispatcher.connect("show", "/pages/{id}", controller=Pages(), action="show", conditions=dict(method=["GET"]))
cherrypy.tree.mount(None, "/", {"/": {"request.dispatch": dispatcher}})
"""


def test_cherrypy_routes_by_pattern() -> None:
    """What a RoutesDispatcher connects needs no exposure."""
    assert routes_of({"app.py": ROUTES_DISPATCHER}) == ["GET /pages/{id} app.Pages.show"]


WEB2PY_CONTROLLER = """
def index():
    return dict(notes=db(db.note).select())

def _single_underscore(): return dict()

def __hidden(): return dict()

def with_argument(note): return dict()

async def coroutine(): return dict()

if request.is_local:
    def indented(): return dict()

@auth.requires_login()
def edit():
    def inner(): return None
    return dict()

@request.restful()
def api():
    def GET(*args): return dict()
    def POST(*args): return dict()
    return locals()
"""


def test_web2py_exposes_functions_by_their_names() -> None:
    """Without arguments, at the left margin, not hidden; nothing else of the application."""
    files = {
        "applications/notes/controllers/default.py": WEB2PY_CONTROLLER,
        "applications/notes/models/db.py": "def helper(): return 1\n",
        "applications/notes/modules/tools.py": "def tool(): return 1\n",
    }

    assert routes_of(files) == [
        "GET,POST /notes/default/api applications.notes.controllers.default.api",
        "http /notes/default/_single_underscore applications.notes.controllers.default._single_underscore",
        "http /notes/default/edit applications.notes.controllers.default.edit",
        "http /notes/default/index applications.notes.controllers.default.index",
    ]


def test_controllers_of_others_are_not_web2pys() -> None:
    """Packages, and folders of that name without models or any use of web2py, are the project's own."""
    controller = "def index(): return 1\n"

    assert routes_of({"controllers/default.py": controller}) == []
    assert routes_of({"controllers/default.py": controller, "models/db.py": "import sqlalchemy\n"}) == []
    assert (
        routes_of({"app/controllers/__init__.py": "", "app/controllers/default.py": controller, "app/models/db.py": "import gluon\n"}) == []
    )
    assert routes_of({"applications/x/controllers/default.py": controller}) == []


def test_an_application_of_web2py_alone_is_named_by_who_installs_it() -> None:
    """Its folder is copied below `applications`."""
    files = {"controllers/default.py": "def index(): return 1\n", "models/db.py": "from gluon.tools import Auth\n"}

    assert routes_of(files) == ["http /<unknown>/default/index controllers.default.index"]


PY4WEB = """
from py4web import action, request
from py4web.utils.factories import ActionFactory
from somewhere import path

authenticated = ActionFactory()

@action("index")
@action.uses("index.html")
def index(): ...

@action("notes/<note_id:int>", method=["GET", "PUT"])
@action("/absolute/", method="DELETE")
def note(note_id): ...

@action(path)
def elsewhere(): ...

@authenticated()
def by_name(first, second): ...

@authenticated.get("given")
def given(): ...

@action.uses("index.html")
def no_route(): ...
"""


def test_py4web_actions_answer_below_their_app() -> None:
    """The default app has no name in its paths; `index` may be left out of one."""
    assert routes_of({"apps/notes/__init__.py": PY4WEB}) == [
        "DELETE /absolute notes.note",
        "GET /notes/given notes.given",
        "GET,POST /notes notes.index",
        "GET,POST /notes/<unknown> notes.elsewhere",
        "GET,POST /notes/index notes.index",
        "GET,POST,PUT,HEAD,DELETE /notes/by_name/<first>/<second> notes.by_name",
        "GET,PUT /notes/notes/<note_id:int> notes.note",
    ]
    default = "from py4web import action\n\n@action('index')\ndef index(): ...\n"
    assert routes_of({"apps/_default/__init__.py": default}) == ["GET,POST / _default.index", "GET,POST /index _default.index"]


PYRAMID = {
    "wiki/__init__.py": """
from pyramid.config import Configurator

def main(global_config, **settings):
    with Configurator(settings=settings) as config:
        config.include(".routes")
        config.include("wiki.api", route_prefix="/api")
        config.scan()
    return config.make_wsgi_app()
""",
    "wiki/routes.py": """
def includeme(config):
    config.add_static_view("static", "static")
    config.add_route("home", "/")
    config.add_route("page", "/{name}", request_method="GET")
    config.add_route("nobody", "/nobody")
    config.add_route("url_only", "/url", static=True)
    config.add_route("elsewhere", "https://example.com/{x}")
    add_more(config)

def add_more(config):
    config.add_route("more", "/more")
""",
    "wiki/views.py": """
from pyramid.view import view_config, view_defaults, notfound_view_config

from wiki.decorators import json_view, logged

@view_config(route_name="home", request_method=("GET", "HEAD"))
def home(request): ...

@view_config(route_name="page")
@view_config(route_name="more", request_method="POST")
def page(request): ...

@view_config(route_name="not_added")
def lost(request): ...

@view_config(route_name="url_only")
def url_only(request): ...

@json_view(route_name="home", request_method="PUT")
def wrapped(request): ...

SETTINGS = {"route_name": "more", "request_method": "OPTIONS"}

@json_view(renderer="string", **SETTINGS)
def spread(request): ...

@view_config(**somewhere())
def not_known(request): ...

@logged(route_name="home")
def not_a_view(request): ...

@notfound_view_config()
def missing(request): ...

@view_config(context=Exception)
def failed(request): ...

@view_config(name="edit")
def found_by_traversal(request): ...

@view_config(route_name="home")
async def never(request): ...

@view_defaults(route_name="more")
class More:
    def __init__(self, request): ...

    @view_config(request_method="GET")
    def get(self): ...

    @view_config(request_method="DELETE")
    def delete(self): ...

    def helper(self): ...

@view_config(route_name="home", attr="run", request_method="PATCH")
class Runner:
    def run(self): ...
""",
    "wiki/decorators.py": """
from pyramid.view import view_config

def json_view(**settings):
    settings.setdefault("renderer", "json")
    return view_config(**settings)

def logged(**settings):
    return lambda function: function
""",
    "wiki/api.py": """
def item(request): ...

def includeme(config):
    config.add_route("item", "/items/{id}")
    config.add_view(item, route_name="item", request_method="GET")
    config.add_view("wiki.api.item", route_name="item", request_method="PUT")
""",
}


def test_pyramid_views_are_where_their_routes_say() -> None:
    """A route without a view, for URLs only or of another host is none; prefixes are those of the includes."""
    assert routes_of(PYRAMID) == [
        "DELETE /more wiki.views.More.delete",
        "GET /api/items/{id} wiki.api.item",
        "GET /more wiki.views.More.get",
        "GET /{name} wiki.views.page",
        "GET,HEAD / wiki.views.home",
        "OPTIONS /more wiki.views.spread",
        "PATCH / wiki.views.Runner.run",
        "POST /more wiki.views.page",
        "PUT / wiki.views.wrapped",
        "PUT /api/items/{id} wiki.api.item",
        "http /<unknown> wiki.views.lost",
        "http /<unknown> wiki.views.not_known",
        "http <traversal>/edit wiki.views.found_by_traversal",
    ]
    [service] = audit_sources(PYRAMID)[0].services
    assert [app.name for app in service.apps] == ["wiki:main()"]


OWN_CONFIGURATOR = {
    "site/__init__.py": "",
    "site/config.py": """
from pyramid.config import Configurator as _Configurator

class Configurator(_Configurator):
    def make_wsgi_app(self, *args):
        return wrap(super().make_wsgi_app(*args))

    def add_own(self):
        self.scan()

def configure(settings=None):
    config = Configurator(settings=settings)
    config.include(".routes")
    config.scan()
    return config
""",
    "site/routes.py": "def includeme(config):\n    config.add_route('home', '/')\n",
    "site/views.py": "from pyramid.view import view_config\n\n@view_config(route_name='home')\ndef home(request): ...\n",
    "site/wsgi.py": "from site.config import configure\n\napplication = configure().make_wsgi_app()\n",
}


def test_a_configurator_of_the_project_makes_the_application_where_it_is_asked_for() -> None:
    """Not in the method that does it in place of the library's."""
    [service] = audit_sources(OWN_CONFIGURATOR)[0].services

    assert [app.name for app in service.apps] == ["site.wsgi:application"]
    assert routes_of(OWN_CONFIGURATOR) == ["http / site.views.home"]


CONFIGURATOR_OF_A_LIBRARY = {
    "tokens/__init__.py": """
from company.config import get_configurator

def includeme(config):
    config.add_route("token", "/token")
    config.scan("tokens.views")

def main(global_config, **settings):
    config = get_configurator(global_config, **settings)
    config.include(includeme)
    return config.make_wsgi_app()
""",
    "tokens/views.py": "from pyramid.view import view_config\n\n@view_config(route_name='token')\ndef token(request): ...\n",
    "tokens/metrics.py": "from prometheus_client import make_wsgi_app\n\nmetrics = make_wsgi_app()\n",
}


def test_a_configurator_that_a_library_makes_makes_the_application() -> None:
    """By the method's name; a library's function of that name makes none."""
    [service] = audit_sources(CONFIGURATOR_OF_A_LIBRARY)[0].services

    assert [app.name for app in service.apps] == ["tokens:main()"]
    assert routes_of(CONFIGURATOR_OF_A_LIBRARY) == ["http /token tokens.views.token"]


CORNICE = """
from cornice import Service
from cornice.resource import resource, view
from pyramid.config import Configurator

builds = Service(name="builds", path="/builds/{id}")
other = Service("other", "/other")

@builds.get(permission="view")
def read(request): ...

@builds.post()
def write(request): ...

@other.put()
def put(request): ...

def helper(request): ...

@resource(collection_path="/users", path="/users/{id}")
class Users:
    def collection_get(self): ...

    @view(renderer="json")
    def get(self): ...

    def helper(self): ...

def v1(config):
    config.scan()

def main(global_config):
    config = Configurator()
    config.include("cornice")
    config.include(v1, route_prefix="v1")
    return config.make_wsgi_app()
"""


def test_cornice_services_answer_at_the_path_that_they_are_made_with() -> None:
    """Below the prefix of what scans their module."""
    assert routes_of({"app.py": CORNICE}) == [
        "GET /v1/builds/{id} app.read",
        "GET /v1/users app.Users.collection_get",
        "GET /v1/users/{id} app.Users.get",
        "POST /v1/builds/{id} app.write",
        "PUT /v1/other app.put",
    ]


CATALOGUE = {
    "app.py": """
import falcon
import v2

class Versions:
    def on_get(self, req, resp): ...

class Driver:
    def __init__(self, conf):
        catalogue = [("/v2", v2.endpoints(self)), ("/v3", v2.conditional(conf)), ("/", [("", Versions())])]
        self.app = falcon.App()
        for prefix, endpoints in catalogue:
            if endpoints:
                for route, resource in endpoints:
                    self.app.add_route(prefix + route, resource)
""",
    "v2.py": """
from somewhere import versioned

class Queues:
    def __init__(self, driver): ...

    def on_get(self, req, resp): ...

    def on_post(self, req, resp): ...

@versioned(2)
def endpoints(driver):
    storage = driver.storage
    return [("/queues", Queues(storage)), ("/queues/{name}", Queues(storage))]

def conditional(conf):
    if conf.private:
        return [("/private", Queues(None))]
    return []
""",
}


def test_loops_over_tables_that_functions_return_are_read_round_by_round() -> None:
    """Loops in loops, too; what a function returns in one place of several is not told."""
    assert [one for one in routes_of(CATALOGUE) if "<unknown>" not in one] == [
        "GET / app.Versions.on_get",
        "GET /v2/queues v2.Queues.on_get",
        "GET /v2/queues/{name} v2.Queues.on_get",
        "POST /v2/queues v2.Queues.on_post",
        "POST /v2/queues/{name} v2.Queues.on_post",
    ]


CHERRYPY_MOUNTED_ELSEWHERE = {
    "app.py": """
import cherrypy
from cherrypy import Application

class Home:
    @cherrypy.expose
    def index(self): ...

@cherrypy.tools.allow(methods=["GET"])
class Root:
    def __init__(self):
        self.home = Home()

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def status(self): ...

class Site(Application):
    def __init__(self, cfg):
        self.cfg = cfg
        Application.__init__(self, root=Root(), config={})

class Admin(Application):
    def __init__(self):
        super().__init__(Home(), "/admin")

class Pages:
    @cherrypy.expose
    def all(self): ...

class Server:
    def serve(self, handler, at):
        cherrypy.tree.mount(handler, at)
        cherrypy.engine.start()

    def start(self):
        self.serve(Pages(), "/pages")

def main(cls=Site):
    cherrypy.quickstart(cls(1))
""",
}


def test_cherrypy_trees_are_mounted_by_constructors_and_by_functions_that_get_them() -> None:
    """A subclass of `Application` hands its root on; a function that mounts what it is given does so in each of its calls."""
    assert routes_of(CHERRYPY_MOUNTED_ELSEWHERE) == [
        "http /admin/ app.Home.index",
        "http /home/ app.Home.index",
        "http /pages/all app.Pages.all",
        "http /status app.Root.status",
    ]
