"""Django: each route has the methods, the whole path and the handler that the URL resolver of the running project has."""

from __future__ import annotations

from tests.link.routes import routes_of
from tests.support import audit_sources

PROJECT = {
    "manage.py": """
import os
import sys
from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
execute_from_command_line(sys.argv)
""",
    "shop/__init__.py": "",
    "shop/settings.py": 'ROOT_URLCONF = "shop.urls"\n',
    "shop/wsgi.py": """
import os
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_wsgi_application()
""",
    "shop/views.py": """
def index(request): ...
def show(request, pk): ...
""",
}


def routes(urls: str, **others: str) -> list[str]:
    """The routes of a project with that root urlconf; `others` are further modules, by name."""
    return routes_of(PROJECT | {"shop/urls.py": urls} | {f"shop/{name}.py": text for name, text in others.items()})


def test_paths_are_joined_as_they_are_written() -> None:
    """Converters and groups stay, anchors go."""
    urls = """
from django.urls import include, path, re_path
from shop import views

items = [path("", views.index), path("<int:pk>/", views.show)]
urlpatterns = [
    path("items/", include(items)),
    re_path(r"^old/(?P<pk>[0-9]+)/$", views.show),
    path("named/", include((items, "shop"), namespace="x")),
]
"""
    assert routes(urls) == [
        "http /items/ shop.views.index",
        "http /items/<int:pk>/ shop.views.show",
        "http /named/ shop.views.index",
        "http /named/<int:pk>/ shop.views.show",
        "http /old/(?P<pk>[0-9]+)/ shop.views.show",
    ]


def test_lists_grow_in_many_ways() -> None:
    """Added up, unpacked, appended, extended, reassigned in a branch; each entry once."""
    urls = """
from django.conf import settings
from django.urls import path
from shop.views import index, show

more = [path("more/", index)]
urlpatterns = [path("a/", index), *more]
urlpatterns += [path("b/", index)] + [path("c/", index)]
urlpatterns.append(path("d/", index))
urlpatterns.extend([path("e/", index)])
if settings.DEBUG:
    urlpatterns = [path("f/", index)] + urlpatterns
"""
    assert [one.split()[1] for one in routes(urls)] == ["/a/", "/b/", "/c/", "/d/", "/e/", "/f/", "/more/"]


def test_included_modules_by_name_and_by_object() -> None:
    """A module of a library is one entry, without routes that nobody wrote."""
    urls = """
from django.contrib import admin
from django.urls import include, path
from shop import other

urlpatterns = [
    path("x/", include("shop.other")),
    path("y/", include(other)),
    path("admin/", admin.site.urls),
    path("accounts/", include("django.contrib.auth.urls")),
    path("gone/", include("shop.gone")),
]
"""
    other = 'from django.urls import path\nfrom shop.views import index\nurlpatterns = [path("in", index)]\n'
    assert routes(urls, other=other) == [
        "http /accounts/ django.contrib.auth.urls",
        "http /admin/ django.contrib.admin.site.urls",
        "http /x/in shop.views.index",
        "http /y/in shop.views.index",
    ]


def test_a_urlconf_that_imports_its_list() -> None:
    """Under the same name or another, and with more appended; two that import each other end."""
    urls = "from django.urls import include, path\nurlpatterns = [path('m/', include('shop.more')), path('o/', include('shop.own'))]\n"
    more = "from django.urls import path\nfrom shop.lists import index, urlpatterns\nurlpatterns.append(path('z', index))\n"
    lists = (
        "from django.urls import path\nfrom shop.views import index\nurlpatterns = (path('a/', index), path('b/', index))\nplaces = []\n"
    )
    own = "from shop.lists import urlpatterns as urlpatterns, places\nfrom shop.around import urlpatterns\n"
    around = "from shop.own import urlpatterns\n"
    found = routes(urls, more=more, lists=lists, own=own, around=around)

    assert found == ["http /m/a/ shop.views.index", "http /m/b/ shop.views.index", "http /m/z shop.views.index"]


def test_a_urlconf_that_includes_itself_ends() -> None:
    """It adds nothing to itself."""
    urls = """
from django.urls import include, path
from shop.views import index

urlpatterns = [path("a/", include("shop.urls")), path("b/", include("shop.urls")), path("c/", index)]
"""
    assert routes(urls) == ["http /c/ shop.views.index"]


def test_what_is_not_literal_is_said_to_be_unknown() -> None:
    """A loop over a table, a setting; no path is made up."""
    urls = """
import os
from django.urls import path
from shop.views import index, show

PREFIX = "v1/"
urlpatterns = [path(f"{name}/", index) for name in ("a", "b")]
urlpatterns += [path(os.environ["X"], show), path(PREFIX + "y/", show)]
"""
    assert routes(urls) == ["http /<unknown> shop.views.show", "http /<unknown>/ shop.views.index", "http /v1/y/ shop.views.show"]


def test_languages_stand_in_front() -> None:
    """`i18n_patterns` puts the language of the request there; translated paths keep their source text."""
    urls = """
from django.conf.urls.i18n import i18n_patterns
from django.urls import path
from django.utils.translation import gettext_lazy as _
from shop.views import index

urlpatterns = i18n_patterns(path(_("about/"), index))
"""
    assert routes(urls) == ["http /<language>/about/ shop.views.index"]


def test_decorated_views_are_the_views() -> None:
    """Around the view in the urlconf, above its definition, with methods."""
    urls = """
from django.contrib.auth.decorators import login_required
from django.urls import path
from django.views.decorators.cache import cache_page
from django.views.decorators.http import require_POST
from shop import views

urlpatterns = [
    path("a/", login_required(views.index)),
    path("b/", cache_page(60)(require_POST(views.index))),
    path("c/", views.drop),
    path("d/", views.wrapped),
]
"""
    more = """
from django.views.decorators.http import require_http_methods
from somewhere import wrap

@require_http_methods(["GET", "DELETE"])
def drop(request): ...

@wrap
def wrapped(request): ...
"""
    assert routes(urls, views=PROJECT["shop/views.py"] + more) == [
        "http /a/ shop.views.index",
        "POST /b/ shop.views.index",
        "GET,DELETE /c/ shop.views.drop",
        "http /d/ shop.views.wrapped",
    ]


def test_class_based_views_serve_their_methods() -> None:
    """Own, inherited, of a generic view; a class of a library is named as it is."""
    urls = """
from django.urls import path
from django.views.generic import RedirectView
from shop.views import Both, Child, Listed, Only

both = Both.as_view()
urlpatterns = [
    path("a/", both),
    path("b/", Child.as_view()),
    path("c/", Listed.as_view(template_name="x.html")),
    path("d/", Only.as_view()),
    path("e/", RedirectView.as_view(url="/")),
]
"""
    views = """
from django.views import View
from django.views.generic import ListView

class Both(View):
    def get(self, request): ...
    def post(self, request): ...
    def helper(self): ...

class Child(Both):
    async def get(self, request): ...

class Listed(ListView):
    def get_queryset(self): ...

class Only(Both):
    http_method_names = ["post"]
"""
    assert routes(urls, views=views) == [
        "GET /a/ shop.views.Both.get",
        "POST /a/ shop.views.Both.post",
        "GET /b/ shop.views.Child.get",
        "POST /b/ shop.views.Both.post",
        "GET /c/ shop.views.Listed.get",
        "POST /d/ shop.views.Both.post",
        "http /e/ django.views.generic.RedirectView",
    ]


VIEWSETS = """
from rest_framework import mixins, viewsets
from rest_framework.decorators import action, api_view
from rest_framework.views import APIView

class Items(viewsets.ModelViewSet):
    lookup_field = "slug"

    def list(self, request): ...

    @action(detail=True, methods=["post", "put"], url_path="on-sale")
    def sell(self, request, slug): ...

    @sell.mapping.delete
    def keep(self, request, slug): ...

class Read(viewsets.ReadOnlyModelViewSet):
    @action(detail=False)
    def newest(self, request): ...

class Plain(APIView):
    def put(self, request): ...

@api_view(["GET", "POST"])
def both(request): ...

@api_view()
def one(request): ...
"""


def test_routers_of_rest_framework() -> None:
    """Actions of view sets, own and inherited, with extra ones; a router may be filled from another module."""
    urls = """
from django.urls import include, path
from rest_framework.routers import DefaultRouter, SimpleRouter
from rest_framework_nested.routers import NestedSimpleRouter
from shop import api

router = DefaultRouter()
router.register("items", api.Items)
plain = SimpleRouter(trailing_slash=False)
plain.register(r"read", api.Read)
nested = NestedSimpleRouter(router, "items", lookup="item")
nested.register("parts", api.Read)
urlpatterns = [
    path("api/", include(router.urls)),
    path("api/", include(plain.urls + nested.urls)),
    path("plain", api.Plain.as_view()),
    path("both", api.both),
    path("one", api.one),
    path("some", api.Items.as_view({"get": "list", "head": "list"})),
]
"""
    assert routes(urls, api=VIEWSETS) == [
        "GET /api/items/ shop.api.Items.list",
        "POST /api/items/ shop.api.Items.create",
        "GET /api/items/(?P<item_slug>[^/.]+)/parts/ shop.api.Read.list",
        "GET /api/items/(?P<item_slug>[^/.]+)/parts/(?P<pk>[^/.]+)/ shop.api.Read.retrieve",
        "GET /api/items/(?P<item_slug>[^/.]+)/parts/newest/ shop.api.Read.newest",
        "DELETE /api/items/(?P<slug>[^/.]+)/ shop.api.Items.destroy",
        "GET /api/items/(?P<slug>[^/.]+)/ shop.api.Items.retrieve",
        "PATCH /api/items/(?P<slug>[^/.]+)/ shop.api.Items.partial_update",
        "PUT /api/items/(?P<slug>[^/.]+)/ shop.api.Items.update",
        "DELETE /api/items/(?P<slug>[^/.]+)/on-sale/ shop.api.Items.keep",
        "POST,PUT /api/items/(?P<slug>[^/.]+)/on-sale/ shop.api.Items.sell",
        "GET /api/read shop.api.Read.list",
        "GET /api/read/(?P<pk>[^/.]+) shop.api.Read.retrieve",
        "GET /api/read/newest shop.api.Read.newest",
        "GET,POST /both shop.api.both",
        "GET /one shop.api.one",
        "PUT /plain shop.api.Plain.put",
        "GET,HEAD /some shop.api.Items.list",
    ]


def test_operations_of_ninja() -> None:
    """Routers by object and by dotted name, within each other, on an API that a function fills."""
    urls = """
from django.urls import path
from shop.api import api

urlpatterns = [path("api/", api.urls)]
"""
    api = """
from ninja import NinjaAPI, Router
from shop.more import router as more

def fill(api: NinjaAPI) -> NinjaAPI:
    api.add_router("/users/", "shop.users.router")
    return api

api = NinjaAPI()
api = fill(api)
api.add_router("/more", more)

@api.get("/ping")
def ping(request): ...

@api.api_operation(["POST", "PATCH"], "/two/{pk}")
async def two(request, pk: int): ...
"""
    more = """
from ninja import Router

router = Router()
inner = Router()
router.add_router("inner", inner)

@inner.delete("/{pk}")
def drop(request, pk: int): ...
"""
    users = 'from ninja import Router\nrouter = Router()\n@router.get("/me")\ndef me(request): ...\n'
    assert routes(urls, api=api, more=more, users=users) == [
        "DELETE /api/more/inner/{pk} shop.more.drop",
        "GET /api/ping shop.api.ping",
        "POST,PATCH /api/two/{pk} shop.api.two",
        "GET /api/users/me shop.users.me",
    ]


def test_operations_of_an_api_that_a_library_derives() -> None:
    """Ninja Extra's API takes Ninja's routers, and its own."""
    urls = "from django.urls import path\nfrom shop.api import api\nurlpatterns = [path('api/', api.urls)]\n"
    api = """
from ninja import Router
from ninja_extra import NinjaExtraAPI, Router as ExtraRouter

api = NinjaExtraAPI(urls_namespace="shop")
users = Router()
orders = ExtraRouter()
api.add_router("/users", users)

@users.get("/me")
def me(request): ...

@api.post("/ping")
def ping(request): ...
"""
    assert routes(urls, api=api) == ["POST /api/ping shop.api.ping", "GET /api/users/me shop.api.me"]


CONTROLLERS = """
from ninja_extra import api_controller, http_delete, route

@api_controller("/users", tags=["users"])
class Users:
    @route.get("/me", response=dict)
    def me(self, request): ...

    @http_delete("/{pk}")
    async def drop(self, pk: int): ...

    def helper(self): ...

@api_controller
class Root:
    @route.post("")
    def start(self): ...

class NotOne:
    @route.get("/never")
    def never(self): ...
"""


def test_controllers_of_ninja_extra() -> None:
    """Those that the API is given, or all that there are; a class that is no controller has no routes."""
    urls = "from django.urls import path\nfrom shop.api import api\nurlpatterns = [path('api/', api.urls)]\n"
    api = "from ninja_extra import NinjaExtraAPI\nfrom shop.users import NotOne, Users\napi = NinjaExtraAPI()\n"
    users = ["DELETE /api/users/{pk} shop.users.Users.drop", "GET /api/users/me shop.users.Users.me"]
    given = api + "api.register_controllers(NotOne, Users)\n"
    found = api + "api.auto_discover_controllers()\n"

    assert sorted(routes(urls, api=api, users=CONTROLLERS)) == []
    assert sorted(routes(urls, api=given, users=CONTROLLERS)) == users
    assert sorted(routes(urls, api=found, users=CONTROLLERS)) == [*users, "POST /api/ shop.users.Root.start"]


def test_consumers_of_channels() -> None:
    """One route a consumer; routers within each other; what wraps them is looked through."""
    asgi = """
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path, re_path
from shop.consumers import Chat, News

websockets = [
    re_path(r"^ws/chat/(?P<room>\\w+)/$", Chat.as_asgi()),
    path("ws/inner/", URLRouter([path("news/", News.as_asgi())])),
]
application = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": AuthMiddlewareStack(URLRouter(websockets))})
"""
    consumers = """
from channels.generic.websocket import AsyncWebsocketConsumer, JsonWebsocketConsumer

class Chat(AsyncWebsocketConsumer):
    async def receive(self, text_data): ...

class News(JsonWebsocketConsumer):
    def receive_json(self, content): ...
"""
    files = PROJECT | {"shop/urls.py": "urlpatterns = []", "shop/asgi.py": asgi, "shop/consumers.py": consumers}
    service = audit_sources(files)[0].services[0]
    assert [(route.kind, route.path, route.handler, route.is_async, str(route.context)) for route in service.routes] == [
        ("websocket", "/ws/chat/(?P<room>\\w+)/", "shop.consumers.Chat", True, "event-loop"),
        ("websocket", "/ws/inner/news/", "shop.consumers.News", False, "threadpool"),
    ]
    assert service.interface == "asgi"


def test_where_views_run_depends_on_the_interface() -> None:
    """Under WSGI in the worker and on a loop of their own; REST framework awaits nothing, adrf does."""
    urls = """
from django.urls import path
from shop.views import Async, Rest, fast, index

urlpatterns = [path("a", index), path("b", fast), path("c", Rest.as_view()), path("d", Async.as_view())]
"""
    views = """
from adrf.views import APIView as AsyncAPIView
from rest_framework.views import APIView

def index(request): ...
async def fast(request): ...
class Rest(APIView):
    async def get(self, request): ...
class Async(AsyncAPIView):
    async def get(self, request): ...
"""
    service = audit_sources(PROJECT | {"shop/urls.py": urls, "shop/views.py": views})[0].services[0]
    assert [str(route.context) for route in service.routes] == ["wsgi-worker", "private-loop", "wsgi-worker", "private-loop"]
    assert service.interface == "wsgi"
    assert [(one.name, one.role) for one in service.frameworks] == [
        ("django", "primary"),
        ("adrf", "secondary"),
        ("djangorestframework", "secondary"),
    ]


def test_rest_framework_does_not_hide_how_django_is_served() -> None:
    """However many of the routes are its views: the project is Django's, and served by what serves that."""
    urls = (
        "from django.urls import path\nfrom shop.views import Rest\nurlpatterns = [path('a', Rest.as_view()), path('b', Rest.as_view())]\n"
    )
    views = "from rest_framework.views import APIView\nclass Rest(APIView):\n    def get(self, request): ...\n"
    asgi = PROJECT["shop/wsgi.py"].replace("wsgi", "asgi")
    manifests = {"Procfile": "web: gunicorn -k uvicorn_worker.UvicornWorker shop.asgi:application\n"}
    service = audit_sources(PROJECT | manifests | {"shop/urls.py": urls, "shop/views.py": views, "shop/asgi.py": asgi})[0].services[0]
    assert (service.frameworks[0].name, service.interface) == ("django", "asgi")
    assert {str(route.context) for route in service.routes} == {"threadpool"}


def test_settings_without_a_project_are_no_service() -> None:
    """A plugin with settings for its tests, or with a demo whose settings are test code."""
    tool = {"plugin/__init__.py": "", "plugin/urls.py": "from django.urls import path\nurlpatterns = [path('a', print)]\n"}
    assert audit_sources(tool | {"scripts/settings.py": 'ROOT_URLCONF = "plugin.urls"\n'})[0].services == ()
    manage = PROJECT["manage.py"].replace("shop.settings", "tests.settings")
    assert audit_sources(tool | {"manage.py": manage, "tests/settings.py": 'ROOT_URLCONF = "plugin.urls"\n'})[0].services == ()


def test_settings_in_several_files_name_a_urlconf_once() -> None:
    """`from .base import *`, and each of them with the same root."""
    urls = "from django.urls import path\nfrom shop.views import index\nurlpatterns = [path('a', index)]\n"
    split = {
        "shop/settings/__init__.py": "",
        "shop/settings/base.py": 'ROOT_URLCONF = "shop.urls"\n',
        "shop/settings/local.py": 'from .base import *\nROOT_URLCONF = "shop.urls"\n',
    }
    files = {path: text for path, text in PROJECT.items() if path != "shop/settings.py"}
    assert routes_of(files | split | {"shop/urls.py": urls}) == ["http /a shop.views.index"]


CONFIGURED = {
    "manage.py": "from configurations.management import execute_from_command_line\n\nexecute_from_command_line([])\n",
    "shop/__init__.py": "",
    "shop/settings.py": 'from configurations import Configuration\n\nclass Base(Configuration):\n    ROOT_URLCONF = "shop.urls"\n',
    "shop/urls.py": "from django.urls import path\nfrom shop.views import index\nurlpatterns = [path('a', index)]\n",
    "shop/views.py": "def index(request): ...\n",
    "shop/wsgi.py": "from configurations.wsgi import get_wsgi_application\n\napplication = get_wsgi_application()\n",
}


def test_settings_are_attributes_of_a_class_of_django_configurations() -> None:
    """The class and its subclasses are settings; a class of another kind is not."""
    assert routes_of(CONFIGURED) == ["http /a shop.views.index"]

    other = CONFIGURED | {"shop/settings.py": 'class Base:\n    ROOT_URLCONF = "shop.urls"\n'}
    assert audit_sources(other)[0].services == ()


def test_the_root_urlconf_is_put_together() -> None:
    """`"{}.urls".format(PROJECT)` is a text; with a name that nothing tells it is none."""
    files = PROJECT | {"shop/urls.py": "from django.urls import path\nfrom shop.views import index\nurlpatterns = [path('a', index)]\n"}
    put_together = 'PROJECT = "shop"\nROOT_URLCONF = "{}.urls".format(PROJECT)\n'

    assert routes_of(files | {"shop/settings.py": put_together}) == ["http /a shop.views.index"]
    unknown = 'import os\nROOT_URLCONF = "{}.urls".format(os.environ["PROJECT"])\n'
    assert audit_sources(files | {"shop/settings.py": unknown})[0].services == ()


def test_settings_that_are_kept_elsewhere_lie_beside_the_root_urlconf() -> None:
    """Where the module that makes the application names them, and they are not there; a package without urlconf is no project."""
    files = {path: text for path, text in PROJECT.items() if path != "shop/settings.py"}
    urls = "from django.urls import path\nfrom shop.views import index\nurlpatterns = [path('a', index)]\n"

    assert routes_of(files | {"shop/urls.py": urls}) == ["http /a shop.views.index"]
    assert audit_sources(files)[0].services == ()


APPS = {
    "accounts/__init__.py": "",
    "accounts/apps.py": "from django.apps import AppConfig\n\nclass AccountsConfig(AppConfig):\n    name = 'accounts'\n",
    "accounts/views.py": "from rest_framework import viewsets\n\nclass Accounts(viewsets.ModelViewSet): ...\n",
    "mails/__init__.py": "",
    "mails/apps.py": "from django.apps import AppConfig\n\nclass MailsConfig(AppConfig):\n    name = 'mails'\n",
    "mails/views.py": "# Create your views here.\n",
}


def test_apps_of_a_project_that_keeps_its_settings_to_itself() -> None:
    """Those with views, where requirements say that Django runs here; an app that is built into a package is for others."""
    requirements = {"requirements.txt": "django==3.0.3\ndjangorestframework==3.11.0\n"}
    [found] = audit_sources(APPS | requirements)[0].services

    assert (found.root, [one.name for one in found.frameworks], [one.name for one in found.apps], found.interface, found.routes) == (
        "accounts",
        ["django", "djangorestframework"],
        ["accounts.apps:AccountsConfig"],
        "wsgi",
        (),
    )
    assert audit_sources(APPS)[0].services == ()
    assert audit_sources(APPS | requirements | {"setup.py": "from setuptools import setup\nsetup()\n"})[0].services == ()
    assert audit_sources(APPS | {"pyproject.toml": '[project]\nname = "accounts"\ndependencies = ["django"]\n'})[0].services == ()


def problems(urls: str, **others: str) -> list[str]:
    """What could not be read of the urls of a project: `path:line: message`."""
    project, _ = audit_sources(PROJECT | {"shop/urls.py": urls} | {f"shop/{name}.py": text for name, text in others.items()})
    return [f"{one.path}:{one.line}: {one.message}" for one in project.problems]


def test_an_included_module_that_is_not_there_is_said_and_gives_no_route() -> None:
    """By name, by object, or by a list that it would have."""
    urls = """
from django.urls import include, path
from shop import gone
from . import lost

urlpatterns = [
    path("a/", include("shop.missing")),
    path("b/", include(gone)),
    path("c/", include(lost.patterns)),
]
"""
    assert problems(urls) == [
        "shop/urls.py:7: the urls of `shop.missing` are not listed: no analysed file is that module",
        "shop/urls.py:8: the urls of `shop.gone` are not listed: no analysed file is that module",
        "shop/urls.py:9: the urls of `shop.lost` are not listed: no analysed file is that module",
    ]
    assert not routes(urls)


def test_nothing_is_said_of_included_modules_that_are_there_or_of_libraries() -> None:
    """Nor of names that a module may take from another one."""
    urls = """
from django.contrib import admin
from django.urls import include, path
from rest_framework.routers import DefaultRouter
from shop import other
from shop.stars import patterns

router = DefaultRouter()
urlpatterns = [
    path("a/", include("shop.other")),
    path("b/", include(other)),
    path("c/", include(other.urlpatterns)),
    path("d/", include(patterns)),
    path("e/", include("allauth.urls")),
    path("f/", include(router.urls)),
    path("g/", admin.site.urls),
]
"""
    other = 'from django.urls import path\nfrom shop.views import index\nurlpatterns = [path("in", index)]\n'
    assert not problems(urls, other=other, stars="from somewhere import *\n")


def test_a_root_urlconf_that_is_not_there_is_said() -> None:
    """In the settings that name it; facts keep no line of a plain string."""
    project, _ = audit_sources(PROJECT)
    assert [(one.path, one.line) for one in project.problems] == [("shop/settings.py", 1)]


def test_a_router_without_a_prefix_adds_no_slash_of_its_own() -> None:
    """Seen in djangorestframework 3.18: the patterns are `^$`, `^newest/$` and `^(?P<pk>[^/.]+)/$`."""
    urls = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter
from shop import api

router = SimpleRouter()
router.register("", api.Read)
urlpatterns = [path("read/", include(router.urls))]
"""
    assert routes(urls, api=VIEWSETS) == [
        "GET /read/ shop.api.Read.list",
        "GET /read/(?P<pk>[^/.]+)/ shop.api.Read.retrieve",
        "GET /read/newest/ shop.api.Read.newest",
    ]
