"""What is measured of small services, family by family, each with what must not count."""

from __future__ import annotations

from typing import Any

import pytest

from fwaudit.model.service import Service
from tests.support import audit_sources, documented_signals

CHAT = """
import openai
import requests
from flask import Flask, Response, jsonify, request, render_template

app = Flask(__name__)
client = openai.OpenAI()


@app.post("/chat")
def chat():
    asked = request.get_json()
    answer = client.chat.completions.create(model="m", messages=asked, stream=True)
    return Response((part for part in answer), mimetype="text/event-stream")


@app.get("/export")
def export():
    return Response("a,b", mimetype="text/csv")


@app.get("/both")
def both():
    return jsonify(requests.get("https://a.example").json(), requests.get("https://b.example").json())


@app.get("/page")
def page():
    return render_template("page.html")
"""


def signals(files: dict[str, str]) -> dict[str, Any]:
    """The signals of the only service."""
    return one(files).signals


def one(files: dict[str, str]) -> Service:
    """The only service."""
    (service,) = audit_sources(files)[1].services
    return service


def test_events_that_are_sent_and_events_that_are_handled() -> None:
    """Files stream, too, but send no events; handlers also where nothing says what they are registered on."""
    board = """
from flask import Flask, Response, stream_with_context
from flask_socketio import SocketIO

app = Flask(__name__)
sockets = SocketIO(app)


@app.get("/events")
def events():
    return app.response_class(("data: x" for _ in range(3)), content_type="text/event-stream")


@app.get("/file")
def file():
    return Response(stream_with_context(open("a.csv")), mimetype="text/csv")


def register(sio):
    @sio.on("connect")
    def joined():
        pass

    @sio.on("disconnect")
    def left():
        pass


register(sockets)
"""
    found = signals({"app.py": board})

    assert (found["event_stream_routes"], found["streaming_routes"], found["event_handlers"]) == (1, 2, 2)


def test_workload() -> None:
    """Routes that ask a model, stream, or wait for several others; a response that does not stream is none."""
    found = signals({"app.py": CHAT})

    assert (found["routes"], found["route_files"], found["worker_routes"], found["async_share"]) == (4, 1, 4, 0.0)
    assert (found["llm_imports"], found["llm_calls"], found["llm_route_names"]) == (1, 1, ["POST /chat"])
    assert (found["streaming_routes"], found["llm_streaming_routes"]) == (1, 1)
    assert (found["outbound_calls"], found["fan_out_routes"], found["outbound_routes"]) == (2, 1, 2)


def test_every_place_is_where_the_name_is_used() -> None:
    """Places are those of the calls, and of the routes."""
    places = one({"app.py": CHAT}).signal_places

    assert [place.line for place in places["llm_calls"]] == [13]
    assert [place.line for place in places["streaming_calls"]] == [14]


def test_contract() -> None:
    """Raw input, validators, and where the OpenAPI document comes from."""
    flask = signals({"app.py": CHAT})
    described = signals({"app.py": CHAT, "openapi.yaml": "openapi: 3.1.0\n"})
    generated = signals(
        {"app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/x')\ndef x(size: int):\n    return size\n"}
    )

    assert (flask["openapi"], flask["raw_input_routes"], flask["raw_input_share"]) == ("none", 1, 0.25)
    assert described["openapi"] == "file"
    assert (generated["openapi"], generated["validated_routes"], generated["validators"]) == ("generated", 1, [])


@pytest.mark.parametrize(("included", "expected"), [("pyramid_openapi3", "enforced"), ("pyramid_jinja2", "none")])
def test_a_document_that_requests_are_checked_against(included: str, expected: str) -> None:
    """Pyramid's extensions are included by their name."""
    found = signals(
        {
            "app.py": f"""
from wsgiref.simple_server import make_server
from pyramid.config import Configurator

config = Configurator()
config.include("{included}")
make_server("", 80, config.make_wsgi_app()).serve_forever()
"""
        }
    )

    assert found["openapi"] == expected


def test_product() -> None:
    """Models, relations and an admin; a class that only has the name of one does not count."""
    found = signals(
        {
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
            "shop/settings.py": "ROOT_URLCONF = 'shop.urls'\n",
            "shop/urls.py": "from django.urls import path\n\nurlpatterns = []\n",
            "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\n\napplication = get_wsgi_application()\n",
            "shop/models.py": """
from django.db import models


class Author(models.Model):
    name = models.TextField()


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
    readers = models.ManyToManyField(Author, related_name="read")


class Model:
    author = 1
""",
            "shop/admin.py": """
from django.contrib import admin
from shop.models import Author, Book


class Books(admin.TabularInline):
    model = Book


@admin.register(Author)
class AuthorAdmin(admin.ModelAdmin):
    inlines = [Books]


admin.site.register(Book)
""",
        }
    )

    assert (found["models"], found["relations"], found["many_to_many"]) == (2, 2, 1)
    assert (found["admin_models"], found["admin_customisations"]) == (2, 1)


def test_pages_and_plugins() -> None:
    """Routes that draw templates; extensions by their import."""
    found = signals({"app.py": CHAT + "\nimport flask_login\nfrom flask_admin import Admin\nimport flask_own\n"})

    assert (found["template_routes"], found["template_share"]) == (1, 0.25)
    assert (found["plugins"], found["plugin_count"]) == (["flask_admin", "flask_login"], 2)


def test_pages_of_a_theme_are_pages() -> None:
    """Also through a function of the project; a text that names a template draws none."""
    source = "from flask import Flask\nfrom flask_themes2 import render_theme_template\n\napp = Flask(__name__)\n\n\n"
    source += "def draw(name):\n    return render_theme_template('plain', name)\n\n\n"
    source += "@app.get('/')\ndef home():\n    return draw('home.html')\n\n\n"
    source += "@app.get('/name')\ndef name():\n    return 'home.html'\n"

    assert signals({"app.py": source})["template_routes"] == 1


def test_the_illusion() -> None:
    """Blocking work on the loop, by the share of the routes there; in a plain handler it is none."""
    found = signals(
        {
            "app.py": """
import time
from fastapi import FastAPI

app = FastAPI()


@app.get("/slow")
async def slow():
    time.sleep(1)


@app.get("/fine")
async def fine():
    return 1


@app.get("/plain")
def plain():
    time.sleep(1)
"""
        }
    )

    assert (found["blocking_findings"], found["blocked_routes"], found["illusion_share"]) == (1, 1, 0.5)
    assert found["async_routes"] == 2


def test_deployment() -> None:
    """Workers are those of the commands that start the service."""
    found = signals({"app.py": CHAT, "Procfile": "web: gunicorn app:app --workers 4 --worker-class gevent\n"})

    assert (found["worker_classes"], found["workers"]) == (["gevent"], 4)


def test_tests_and_other_services_do_not_count() -> None:
    """What a test imports is nothing that the service uses."""
    found = signals(
        {"app.py": CHAT.replace("import openai\n", "").replace("client = openai.OpenAI()\n", ""), "tests/test_app.py": "import openai\n"}
    )

    assert found["llm_imports"] == 0


def test_a_generator_that_is_streamed_belongs_to_its_route() -> None:
    """What it asks and waits for is the route's, whatever reads it; one that nothing streams is nobody's."""
    streamed = """
import openai
from flask import Flask, Response

app = Flask(__name__)
client = openai.OpenAI()


def tokens():
    for part in client.chat.completions.create(model="m", stream=True):
        yield part


@app.get("/told")
def told():
    return Response(tokens(), mimetype="text/event-stream")


@app.get("/other")
def other():
    return "x"
"""
    found = signals({"app.py": streamed})
    unused = signals({"app.py": streamed.replace("Response(tokens(), ", "Response('x', ")})

    assert (found["llm_route_names"], found["llm_streaming_routes"]) == (["GET /told"], 1)
    assert (unused["llm_routes"], unused["llm_streaming_routes"]) == (0, 0)


def test_what_no_request_runs_holds_nobody_up() -> None:
    """A job blocks a loop of its own; middleware is on the way of every route."""
    plain = """
import asyncio
import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/a")
async def a():
    return 1


@app.get("/b")
async def b():
    return 2


async def job():
    requests.get("https://example.org", timeout=3)
"""
    around = (
        plain
        + """

@app.middleware("http")
async def timed(request, call_next):
    await job()
    return await call_next(request)
"""
    )
    beside = signals({"app.py": plain + "\n\nif __name__ == '__main__':\n    asyncio.run(job())\n"})
    within = signals({"app.py": around})

    assert (beside["blocking_findings"], beside["illusion_share"]) == (0, 0.0)
    assert (within["blocking_findings"], within["blocked_routes"], within["illusion_share"]) == (1, 2, 1.0)


def test_routes_that_stand_elsewhere_are_not_taken_for_none() -> None:
    """Connexion reads them from a document; of a service without any route nothing is known either."""
    told = signals({"app.py": "import connexion\n\napp = connexion.FlaskApp(__name__)\napp.add_api('api.yaml')\napp.run()\n"})
    none = signals({"app.py": "from flask import Flask\n\napp = Flask(__name__)\napp.run()\n"})
    pages = "import connexion\n\napp = connexion.FlaskApp(__name__)\n\n@app.route('/')\ndef page():\n    return 'a page'\n\napp.run()\n"

    for found in (told, none, signals({"app.py": pages})):
        assert found["routes_known"] is False
        assert {"routes", "raw_input_share", "llm_routes", "template_share"}.isdisjoint(found)


def test_sessions_tie_routes_together() -> None:
    """Reading or writing the session, or a cookie; a session of another kind is none."""
    found = signals(
        {
            "app.py": """
from flask import Flask, request, session
from app.db import pool

app = Flask(__name__)


@app.get("/me")
def me():
    return session["user"]


@app.get("/theme")
def theme():
    return request.cookies.get("theme", "")


@app.get("/rows")
def rows():
    return pool.session.rows()
""",
            "app/db.py": "class Pool:\n    session = object()\n\n\npool = Pool()\n",
        }
    )

    assert found["session_routes"] == 2


def test_a_hashed_password_and_a_packed_answer_are_no_work_for_a_queue() -> None:
    """They are part of answering; what a model reckons is not."""
    source = """
import gzip

import bcrypt
from flask import Flask, request
from sentence_transformers import SentenceTransformer

app = Flask(__name__)
model = SentenceTransformer("small")

@app.post("/login")
def login(): return str(bcrypt.checkpw(request.data, b"hash"))

@app.get("/packed")
def packed(): return gzip.compress(b"text")

@app.post("/vectors")
def vectors(): return model.encode("text")
"""
    found = one({"app.py": source})

    assert [route.path for route in found.routes if "cpu" in route.waits_for] == ["/login", "/packed", "/vectors"]
    assert (found.signals["cpu_routes"], [place.line for place in found.signal_places["cpu_routes"]]) == (1, [18])


def test_handing_on_a_task_is_no_wait_for_another_service() -> None:
    """The broker answers at once; a request to another service does not."""
    tasks = "import celery\nimport requests\n\nqueue = celery.Celery()\n\n\n@queue.task\ndef work():\n    pass\n"
    views = """
from flask import Flask
import requests
from tasks import work

app = Flask(__name__)


@app.post("/later")
def later():
    work.delay()
    return ""


@app.post("/now")
def now():
    return requests.get("https://example.org", timeout=3).text
"""
    assert signals({"tasks.py": tasks, "app.py": views})["outbound_routes"] == 1


def test_djangos_packages_are_its_own_wherever_they_lie() -> None:
    """An application beside the project's package, with its models and its admin, which nothing imports by name."""
    found = signals(
        {
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_.settings')\n",
            "site_/__init__.py": "",
            "site_/settings.py": "ROOT_URLCONF = 'site_.urls'\n",
            "site_/urls.py": "from django.urls import path\nfrom shop import views\n\nurlpatterns = [path('x', views.Page.as_view())]\n",
            "site_/wsgi.py": "from django.core.wsgi import get_wsgi_application\n\napplication = get_wsgi_application()\n",
            "shop/__init__.py": "",
            "shop/models.py": "from django.db import models\n\n\nclass Item(models.Model):\n    name = models.TextField()\n",
            "shop/admin.py": "from django.contrib import admin\nfrom shop.models import Item\n\nadmin.site.register(Item)\n",
            "shop/views.py": "from django.views.generic import TemplateView\n\n\nclass Page(TemplateView):\n    template_name = 'x.html'\n",
            "other/__init__.py": "",
            "other/models.py": "from django.db import models\n\n\nclass Thing(models.Model):\n    name = models.TextField()\n",
        }
    )

    assert (found["models"], found["admin_models"], found["template_routes"]) == (1, 1, 1)


def test_every_signal_is_documented() -> None:
    """docs/signals.md names what is measured, and nothing else."""
    assert documented_signals() == set(signals({"app.py": CHAT}))


FLASK = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get('/')\ndef index():\n    return 'x'\n"
FASTAPI = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/')\ndef index():\n    return 'x'\n"
DJANGO = {
    "manage.py": "from django.core.management import execute_from_command_line\n\nexecute_from_command_line()\n",
    "shop/settings.py": "ROOT_URLCONF = 'shop.urls'\n",
    "shop/urls.py": "from django.urls import path\nfrom shop.views import index\n\nurlpatterns = [path('', index)]\n",
    "shop/views.py": "def index(request): ...\n",
}


@pytest.mark.parametrize(
    ("files", "code", "framework", "signal"),
    [
        ({"main.py": FLASK}, "import flask_restx", "flask-restx", "plugins"),
        ({"main.py": FLASK}, "import flask_smorest", "flask-smorest", "plugins"),
        ({"main.py": FLASK}, "import flask_restful", "flask-restful", "plugins"),
        ({"main.py": FLASK}, "import flask_socketio", "flask-socketio", "plugins"),
        ({"main.py": FLASK}, "import flask_login", "flask-login", "plugins"),
        ({"main.py": FLASK}, "import flask_login", "flask-login", "auth_uses"),
        ({"main.py": FLASK}, "from flask_admin import Admin\nAdmin().add_view(1)", "flask-admin", "admin_models"),
        ({"main.py": FLASK}, "import flask_sqlalchemy", "flask-sqlalchemy", "plugins"),
        ({"main.py": FLASK}, "import flask_apispec", "flask-apispec", "openapi"),
        ({"main.py": FLASK}, "import apiflask", "apiflask", "openapi"),
        ({"main.py": FLASK}, "import flasgger", "flasgger", "openapi"),
        ({"main.py": FLASK}, "import connexion", "connexion", "openapi"),
        (DJANGO, "import rest_framework\nimport drf_spectacular", "drf-spectacular", "openapi"),
        (DJANGO, "import rest_framework\nimport drf_yasg", "drf-yasg", "openapi"),
        (DJANGO, "import django_filters", "django-filter", "plugins"),
        (DJANGO, "import django_tenants", "django-tenants", "plugins"),
        ({"main.py": FASTAPI}, "from sqladmin import Admin\nAdmin(1, 2).add_view(3)", "sqladmin", "admin_models"),
        ({"main.py": FASTAPI}, "from piccolo_admin.endpoints import create_admin\ncreate_admin([])", "piccolo-admin", "admin_models"),
        ({"main.py": FASTAPI}, "from sqlmodel import SQLModel\n\nclass Item(SQLModel, table=True): ...", "", "models"),
    ],
)
def test_secondary_frameworks_are_seen_and_counted(files: dict[str, str], code: str, framework: str, signal: str) -> None:
    """Each is named beside its primary framework, and one signal is other than without it."""
    folder = "shop/" if files is DJANGO else ""
    without, beside = one(files), one({**files, f"{folder}more.py": f"{code}\n"})

    assert framework in ("", *(use.name for use in beside.frameworks if use.role == "secondary"))
    assert beside.signals[signal] != without.signals[signal]


ORM = """
from django.db import models


class Country(models.Model):
    code = models.CharField(max_length=2, unique=True)
    name = models.CharField(max_length=40, unique=False)


class City(models.Model):
    country = models.ForeignKey("Country", on_delete=models.CASCADE)
    capital_of = models.ForeignKey("self", on_delete=models.CASCADE)

    class Meta:
        unique_together = [("country", "capital_of")]


class Placed(models.Model):
    city = models.ForeignKey(City, on_delete=models.CASCADE)

    class Meta:
        abstract = True


class Shop(Placed):
    owner = models.OneToOneField(to="shop.Person", on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner"], name="one"), models.CheckConstraint(check=1, name="two")]


class Person(models.Model):
    favourite = models.ForeignKey(Shop, on_delete=models.CASCADE)


class Form:
    class Meta:
        unique_together = ["not", "a", "model"]
"""


def test_how_models_hang_together() -> None:
    """The farthest that one leads, through what a base class holds, and in a circle; constraints of models alone."""
    found = signals({**DJANGO, "shop/models.py": ORM})
    flat = signals({**DJANGO, "shop/models.py": ORM.partition("class City")[0]})

    assert (found["relation_depth"], found["constraints"]) == (3, 4)
    assert (flat["relation_depth"], flat["constraints"]) == (0, 1)


@pytest.mark.parametrize(
    ("head", "user", "team"),
    [
        (
            "from sqlalchemy import Column, ForeignKey\nfrom sqlalchemy.orm import *\n\nclass Base(DeclarativeBase): ...\n",
            "Column(ForeignKey('places.id'), unique=True)\n    places = relationship('Place', back_populates='teams')",
            "Base",
        ),
        (
            "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n",
            "db.Column(db.ForeignKey('places.id'), unique=True)",
            "db.Model",
        ),
        ("from sqlmodel import Field, SQLModel\n", "Field(foreign_key='places.id', unique=True)", "SQLModel, table=True"),
    ],
)
def test_keys_of_tables_lead_to_models(head: str, user: str, team: str) -> None:
    """By the name of the table that a class gives; a table that no class is of leads nowhere."""
    source = f"{head}\nclass Place({team}):\n    __tablename__ = 'places'\n\nclass Team({team}):\n    place_id = {user}\n"
    found = signals({"main.py": FLASK + source})
    other = signals({"main.py": FLASK + source.replace("'places.id'", "'rooms.id'")})

    assert (found["relation_depth"], found["constraints"]) == (1, 1)
    assert other["relation_depth"] == 0


def test_texts_in_several_languages() -> None:
    """Under whatever name a translation is imported; a function that only has its name is none."""
    told = signals(
        {"main.py": FLASK + "from flask_babel import lazy_gettext as _\n\nTITLE = _('Title')\n\ndef greet():\n    return _('Hello')\n"}
    )
    own = signals({"main.py": FLASK + "import babel.dates\n\ndef gettext(text):\n    return text\n\nTITLE = gettext('Title')\n"})

    assert (told["i18n_imports"], told["translated_texts"]) == (1, 2)
    assert (own["i18n_imports"], own["translated_texts"]) == (0, 0)


def test_waits_that_are_long_by_their_own_words() -> None:
    """A short pause, a short timeout and what is reckoned are none."""
    source = """
import time
import requests
from flask import Flask

app = Flask(__name__)


@app.get("/report")
def report():
    while not requests.get("https://example.org", timeout=120).ok:
        time.sleep(10)
    return ""


@app.get("/quick")
def quick():
    time.sleep(0.5)
    time.sleep(len("too long to tell"))
    return requests.get("https://example.org", timeout=3).text


def poll():
    time.sleep(60)
"""
    found = signals({"app.py": source})

    assert (found["long_waits"], found["long_wait_routes"]) == (3, 1)


def test_glue_is_as_long_as_its_functions() -> None:
    """Each function once, however many places of glue lie in it; other functions do not count."""
    source = """
from flask import Flask

app = Flask(__name__)


@app.after_request
def allow(response):
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Methods"] = "GET"
    response.headers.add("Access-Control-Allow-Headers", "X-Own")
    return response


@app.get("/")
def index():
    return "x".upper()
"""
    found = signals({"app.py": source})
    none = signals({"main.py": FLASK})

    assert found["glue_kinds"] == {"hand-rolled-cors": 1}
    assert (found["glue_functions"], found["glue_lines"]) == (1, 4)
    assert (none["glue_functions"], none["glue_lines"]) == (0, 0)


def test_what_services_of_a_workspace_share() -> None:
    """Files that both use; an empty file and what one alone uses are not shared."""
    models = "from sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase): ...\n\n\nclass Item(Base): ...\n"
    files = {
        "common/__init__.py": "",
        "common/models.py": models,
        "shop/main.py": FASTAPI + "from common.models import Item\n",
        "shop/own.py": models,
        "stock/main.py": FASTAPI + "from common.models import Item\n",
    }
    shop, stock = audit_sources(files)[1].services
    apart = audit_sources({**files, "stock/main.py": FASTAPI})[1].services

    assert (shop.signals["shared_modules"], stock.signals["shared_modules"]) == (1, 1)
    assert [place.path for place in shop.signal_places["shared_modules"]] == ["common/models.py"]
    assert shop.signals["shared_models"] == 2
    assert [one.signals["shared_modules"] for one in apart] == [0, 0]
