"""FastAPI, Starlette and aiohttp: each route has the methods, the whole path and the function of the framework's own table."""

from __future__ import annotations

from tests.link.routes import routes_of

FASTAPI = "from fastapi import APIRouter, FastAPI\n\napp = FastAPI()\n"


def test_prefixes_are_constants_of_other_modules_settings_and_formatted_texts() -> None:
    """What the environment decides is said to be unknown."""
    files = {
        "config.py": """
import os
from pydantic_settings import BaseSettings

VERSION = "/v1"
FROM_OUTSIDE = os.getenv("PREFIX", "/api")

class Settings(BaseSettings):
    API: str = "/api"

settings = Settings()
""",
        "main.py": FASTAPI
        + """
import config
from config import FROM_OUTSIDE, VERSION, settings

users = APIRouter(prefix=VERSION)
items = APIRouter()
orders = APIRouter(prefix=f"{settings.API}{VERSION}/orders")
other = APIRouter(prefix=FROM_OUTSIDE)
more = APIRouter(prefix=f"{FROM_OUTSIDE}/more")

@users.get("/users")
def read_users(): ...

@items.get("/items")
def read_items(): ...

@orders.get("")
def read_orders(): ...

@other.get("/other")
def read_other(): ...

@more.get("/x")
def read_more(): ...

app.include_router(users, prefix=settings.API)
app.include_router(items, prefix=config.settings.API + "/all")
app.include_router(orders)
app.include_router(other)
app.include_router(more)
""",
    }
    assert routes_of(files) == [
        "GET /<unknown>/more/x main.read_more",
        "GET /<unknown>/other main.read_other",
        "GET /api/all/items main.read_items",
        "GET /api/v1/orders main.read_orders",
        "GET /api/v1/users main.read_users",
    ]


def test_routers_are_included_in_loops() -> None:
    """Each round has its own router and prefix."""
    source = """
one, two, three, four = APIRouter(), APIRouter(), APIRouter(), APIRouter()
TABLE = [(three, "/three"), (four, "/four")]

for router in (one, two):
    app.include_router(router, prefix="/api")
for router, prefix in TABLE:
    app.include_router(router, prefix=prefix)

@one.get("/1")
def read_one(): ...

@two.get("/2")
def read_two(): ...

@three.get("/3")
def read_three(): ...

@four.get("/4")
def read_four(): ...

def read_a(): ...

def read_b(): ...

for path, endpoint in {"/a": read_a, "/b": read_b}.items():
    app.add_api_route(path, endpoint, methods=["GET"])
"""
    assert routes_of({"main.py": FASTAPI + source}) == [
        "GET /a main.read_a",
        "GET /api/1 main.read_one",
        "GET /api/2 main.read_two",
        "GET /b main.read_b",
        "GET /four/4 main.read_four",
        "GET /three/3 main.read_three",
    ]


def test_applications_and_routers_are_handed_on_and_kept_in_attributes() -> None:
    """Which router it is comes from the calls of the function, the method's instance and what functions return."""
    files = {
        "main.py": """
from fastapi import APIRouter, FastAPI
from views import Users, Orders, make_router

def mount_all(target, prefix_router):
    target.include_router(prefix_router, prefix="/all")

class Service:
    def __init__(self):
        self.app = FastAPI()
        self.users = Users()
        self.orders = Orders()

    def start(self):
        self.app.include_router(self.users.router, prefix="/users")
        self.app.include_router(self.orders.get_router(), prefix="/orders")
        mount_all(self.app, make_router())
        outer = FastAPI()
        outer.mount("/service", self.app)
""",
        "views.py": """
from fastapi import APIRouter

class Base:
    def __init__(self):
        self.router = APIRouter()
        self.add()

    def get_router(self):
        return self.router

    def add(self):
        @self.router.get("/health")
        async def health(): ...

class Users(Base):
    def add(self):
        @self.router.get("/me")
        async def me(): ...

class Orders(Base):
    def add(self):
        super().add()
        self.router.add_api_route("/{order}", self.read, methods=["GET", "PUT"])

    def read(self, order): ...

def make_router():
    router = APIRouter(prefix="/made")

    @router.post("/x")
    def made(): ...

    return router
""",
    }
    assert routes_of(files) == [
        "POST /service/all/made/x views.make_router.made",
        "GET /service/orders/health views.Base.add.health",
        "GET,PUT /service/orders/{order} views.Orders.read",
        "GET /service/users/me views.Users.add.me",
    ]


def test_arguments_are_what_all_calls_give_or_their_default() -> None:
    """A router in a dict that is spread into a call is the parameter of that name."""
    files = {
        "main.py": """
from fastapi import APIRouter, FastAPI

class Reports:
    def __init__(self):
        self.router = APIRouter()
        self.add()

    def get_router(self):
        return self.router

    def add(self):
        @self.router.get("/reports")
        def reports(): ...

class Application:
    def __init__(self, title, reports: Reports):
        self.app = FastAPI(title=title)
        self.reports = reports
        self.start()

    def start(self):
        self.app.include_router(self.reports, prefix="/v3")

def build():
    routers = {"reports": Reports().get_router()}
    return Application("x", **routers)

users = APIRouter()

@users.get("/users")
def read_users(): ...

def create(other, prefix="", version="v1"):
    app = FastAPI()
    base = f"{prefix}/api/{version}"
    app.include_router(users, prefix=f"{base}/{other}")

create("x", version="v2")
create("y", version="v2")
""",
    }
    assert routes_of(files) == ["GET /api/v2/<unknown>/users main.read_users", "GET /v3/reports main.Reports.add.reports"]


def test_starlette_routes_are_nested_in_lists() -> None:
    """A list may be a name, a sum of lists, or hold another one."""
    files = {
        "main.py": """
from starlette.applications import Starlette
from starlette.routing import Host, Mount, Route, Router, WebSocketRoute
from starlette.staticfiles import StaticFiles
from pages import inner_routes, page, sub

async def home(request): ...

async def socket(websocket): ...

routes = [
    Route("/", home),
    Mount("/static", app=StaticFiles(directory="static")),
    Mount("/pages", routes=[
        Route("/{page:path}", page, methods=["GET", "POST"]),
        Mount("/deep", routes=[*inner_routes]),
        WebSocketRoute("/ws", socket),
    ]),
    Mount("/sub", sub),
]
app = Starlette(routes=routes)
""",
        "pages.py": """
from starlette.routing import Route, Router

def page(request): ...

def deep(request): ...

inner_routes = [Route("/", deep)]
sub = Router([Route("/x", deep)])
""",
    }
    assert routes_of(files) == [
        "GET / main.home",
        "GET /pages/deep/ pages.deep",
        "websocket /pages/ws main.socket",
        "GET,POST /pages/{page:path} pages.page",
        "GET /sub/x pages.deep",
    ]


def test_aiohttp_tables_and_nested_applications() -> None:
    """Tables of several modules, lists of routes, methods as handlers, resources and views."""
    files = {
        "main.py": """
from aiohttp import web
import users

class Handlers:
    async def read(self, request): ...

    async def write(self, request): ...

class Item(web.View):
    async def get(self): ...

    async def delete(self): ...

async def either(request): ...

def create():
    app = web.Application()
    admin = web.Application()
    handlers = Handlers()
    admin.add_routes([web.get("/read", handlers.read), web.post("/write", handlers.write)])
    app.router.add_routes(users.routes)
    app.router.add_view("/item", Item)
    app.router.add_route("*", "/either", either)
    resource = app.router.add_resource("/resource")
    resource.add_route("PUT", either)
    app.add_subapp("/admin/", admin)
    return app
""",
        "users.py": """
from aiohttp import web

routes = web.RouteTableDef()

@routes.get("/users")
async def users(request): ...

@routes.view("/user")
class User(web.View):
    async def post(self): ...
""",
    }
    assert routes_of(files) == [
        "GET /admin/read main.Handlers.read",
        "POST /admin/write main.Handlers.write",
        "* /either main.either",
        "DELETE /item main.Item.delete",
        "GET /item main.Item.get",
        "PUT /resource main.either",
        "POST /user users.User.post",
        "GET /users users.users",
    ]


def test_a_router_that_is_included_twice_has_both_paths_and_a_route_twice_the_same_is_one() -> None:
    """The same handler, path and methods is one route."""
    source = """
router = APIRouter()

@router.get("/x")
@router.get("/x")
def read(): ...

app.include_router(router, prefix="/a")
app.include_router(router, prefix="/b")
app.include_router(router, prefix="/b")
"""
    assert routes_of({"main.py": FASTAPI + source}) == ["GET /a/x main.read", "GET /b/x main.read"]


def test_a_method_of_the_projects_own_router_registers_where_it_hands_on() -> None:
    """One that keeps the handler for itself does not."""
    app = """
import fastapi

class SlashRouter(fastapi.APIRouter):
    def add_api_route(self, path, *args, **kwargs):
        super().add_api_route(path, *args, **kwargs)
        super().add_api_route(path + "/", *args, **kwargs)

    def get(self, path, **kwargs):
        kwargs.setdefault("response_model_exclude_none", True)
        return super().get(path, **kwargs)

    def put(self, path, **kwargs):
        return lambda function: self.kept.append(function)

class Server:
    def __init__(self):
        self._app = fastapi.FastAPI()
        self.router = SlashRouter(prefix="/api")
        self.router.add_api_route("/heartbeat", self.heartbeat, methods=["POST"])
        self._app.include_router(self.router)

    async def heartbeat(self): ...

orders = SlashRouter(prefix="/orders")
app = fastapi.FastAPI()
app.include_router(orders)

@orders.get("/all")
async def read_orders(): ...

@orders.put("/kept")
async def keep(): ...
"""
    assert routes_of({"main.py": app}) == ["POST /api/heartbeat main.Server.heartbeat", "GET /orders/all main.read_orders"]


def test_some_names_tell_what_registers_where_nothing_is_known_of_what_they_are_called_on() -> None:
    """With a path that is written there, a function of the project, and the framework imported in the file."""
    main = "from aiohttp import web\n\napp = web.Application()\n"
    plugin = """
from aiohttp import web

class Connector:
    def __init__(self, config, bot=None):
        self.bot = bot
        self.base = config["base"]

    async def connect(self):
        self.bot.web_server.web_app.router.add_post("/connector/chat", self.receive)
        self.bot.web_server.web_app.router.add_get(self.base, self.receive)
        self.bot.add_get("name", self.receive)
        self.bot.router.add_get("/kept", self.bot.other)

    async def receive(self, request): ...
"""
    assert routes_of({"main.py": main, "plugin.py": plugin}) == ["POST /connector/chat plugin.Connector.receive"]
    assert routes_of({"main.py": main, "plugin.py": plugin.replace("from aiohttp import web", "import requests")}) == []


def test_class_based_views_and_versions_of_other_packages() -> None:
    """The methods under `cbv` have decorators of their own; what prefix a version becomes is not worked out."""
    app = """
from fastapi import FastAPI
from fastapi_restful.cbv import cbv
from fastapi_utils.inferring_router import InferringRouter

router = InferringRouter(prefix="/items")
app = FastAPI()

@cbv(router)
class Items:
    @router.get("/")
    def read(self): ...

    @router.post("/")
    async def add(self): ...

    def other(self): ...

app.include_router(router)
"""
    versioned = "from fastapi_versioning import VersionedFastAPI\n" + app + 'app = VersionedFastAPI(app, prefix_format="/v{major}")\n'

    assert routes_of({"main.py": app}) == ["GET /items/ main.Items.read", "POST /items/ main.Items.add"]
    assert routes_of({"main.py": versioned}) == ["GET /<unknown>/items/ main.Items.read", "POST /<unknown>/items/ main.Items.add"]


def test_tables_of_routes_are_read_by_place_and_by_key() -> None:
    """A method `*` is every method that the view has; a key that is computed tells nothing."""
    app = """
from aiohttp import web

class Chat(web.View):
    async def get(self): ...
    async def post(self): ...

async def index(request): ...

TABLE = [{"path": "/kept", "handler": index}]

def setup_routes(app: web.Application, place: int):
    routes = [("GET", "/chat-list", index, "list"), ("*", "/chat", Chat, "chat"), ("GET", "/one", Chat, "one")]
    for route in routes:
        app.router.add_route(route[0], route[1], route[2], name=route[3])
    for entry in TABLE:
        app.router.add_get(entry["path"], entry["handler"])
    for route in routes:
        app.router.add_get(route[place], index)

app = web.Application()
setup_routes(app, 1)
"""
    assert routes_of({"main.py": app}) == [
        "GET /<unknown> main.index",
        "GET /chat main.Chat.get",
        "POST /chat main.Chat.post",
        "GET /chat-list main.index",
        "GET /kept main.index",
        "GET /one main.Chat.get",
    ]


def test_decorators_that_note_what_a_handler_takes_leave_it_as_it_is() -> None:
    """Also on a function that another one makes; one that is not known leaves nothing."""
    app = """
from aiohttp import web
from aiohttp_apispec import docs, response_schema
from elsewhere import unknown

def listing(use_case):
    @docs(tags=["tags"])
    @response_schema(Schema, code=200)
    async def handler(request): ...
    return handler

def other(use_case):
    @unknown
    async def handler(request): ...
    return handler

app = web.Application()
app.add_routes([web.get("/tags", listing(use())), web.get("/other", other(use()))])
"""
    assert routes_of({"main.py": app}) == ["GET /tags main.listing.handler"]
