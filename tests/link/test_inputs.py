"""Where input of requests goes: what is found of each function that reads some."""

from __future__ import annotations

import textwrap

import pytest

from fwaudit.model.inputs import RequestInput
from tests.support import audit_sources

_HEAD = """
    import jsonschema
    from flask import Flask, abort, request
    from flask_sqlalchemy import SQLAlchemy
    from sqlmodel import SQLModel

    app = Flask(__name__)
    db = SQLAlchemy(app)

    class User(db.Model):
        name = db.Column(db.String)

    class Hero(SQLModel, table=True):
        name: str

"""


def _inputs(source: str) -> tuple[RequestInput, ...]:
    return audit_sources({"app.py": textwrap.dedent(_HEAD) + textwrap.dedent(source)})[0].inputs


def _ends(source: str) -> list[str]:
    return [f"{end.field}: {end.callee}" for read in _inputs(source) for end in read.ends]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("User(name=request.json['a'])", ["a: app.User"], id="item"),
        pytest.param("User(name=request.json.get('a', ''))", ["a: app.User"], id="get"),
        pytest.param("data = request.get_json()\nUser(**data)", [": app.User"], id="spread"),
        pytest.param("name = request.json['a'].strip()\nUser(name=f'Dr {name}')", ["a: app.User"], id="text"),
        pytest.param("user = User()\nuser.name = request.json['a']", ["a: app.User.name"], id="attribute of a model"),
        pytest.param("hero = Hero()\nhero.name = request.json['a']", ["a: app.Hero.name"], id="field without a value"),
        pytest.param("user = User()\nuser.plain_password = request.json['a']", [], id="attribute that is no field"),
        pytest.param("User.query.filter_by(name=request.args['a'])", ["a: sqlalchemy.orm.Query.filter_by"], id="query"),
        pytest.param("save(request.json['a'])", ["a: app.User"], id="a function of the project"),
        pytest.param("User(name=named(request.json)['a'])", ["a: app.User"], id="what a function gives back"),
        pytest.param("kept = {'path': request.path, 'body': request.json}\nUser(name=kept['path'])", [], id="beside something else"),
        pytest.param("User(name=len(request.json['a']))", [], id="a number made of it"),
        pytest.param("print(request.json['a'])", [], id="no end"),
    ],
)
def test_ends(body: str, expected: list[str]) -> None:
    """Input is followed through names, items, texts and functions to where it ends."""
    source = "def save(name):\n    User(name=name)\n\ndef named(data):\n    return data\n\n@app.post('/')\ndef f():\n"
    assert _ends(source + textwrap.indent(body, "    ") + "\n    return ''\n") == expected


def test_a_function_returns_to_the_call_that_handed_the_input_in() -> None:
    """What another call of it gives is not of this input."""
    source = """
    def same(value):
        return value

    @app.post("/a")
    def a():
        same(request.json["x"])
        return ""

    @app.post("/b")
    def b():
        User(name=same("fixed"))
        return ""
    """
    assert _ends(source) == []


@pytest.mark.parametrize(
    ("body", "checked"),
    [
        pytest.param("if 'a' not in data:\n    abort(400)", "a", id="in"),
        pytest.param("if not data.get('a'):\n    return '', 400", "a", id="truth"),
        pytest.param("if any(one not in data for one in ('a', 'b')):\n    abort(400)", "*", id="generator"),
        pytest.param("try:\n    int(data['a'])\nexcept ValueError:\n    abort(422)", "a", id="conversion"),
    ],
)
def test_checks_by_hand(body: str, checked: str) -> None:
    """A test that is answered as the client's mistake checks the field that it reads."""
    source = "@app.post('/')\ndef f():\n    data = request.get_json()\n" + textwrap.indent(body, "    ") + "\n    return ''\n"
    (read,) = _inputs(source)
    assert [(one.field, one.answers) for one in read.checks] == [(checked, True)]


def test_an_answer_below_a_further_test_is_that_test_s() -> None:
    """The password is compared, and what is refused is the address."""
    source = """
    @app.post("/login")
    def login():
        data = request.get_json()
        if data["password"] == "secret":
            back = data["back"]
            if "//" in back:
                return "", 400
            return back
        return "wrong"
    """
    [read] = _inputs(source)
    assert sorted((one.field, one.answers) for one in read.checks) == [("back", True), ("password", False)]


def test_an_error_that_every_caller_catches_is_caught() -> None:
    """A caller that does not is enough to let it through."""
    source = """
    def page():
        return int(request.args["page"])

    @app.get("/items")
    def items():
        try:
            return str(page())
        except ValueError:
            return "", 400
    """
    other = """
    @app.get("/names")
    def names():
        return str(page())
    """
    assert [one.is_guarded for read in _inputs(source) for one in read.conversions] == [True]
    assert [one.is_guarded for read in _inputs(source + other) for one in read.conversions] == [False]


@pytest.mark.parametrize(
    ("caught", "expected"),
    [
        pytest.param("", [], id="all"),
        pytest.param("Exception", [], id="Exception"),
        pytest.param("(KeyError, ValueError)", [], id="one of several"),
        pytest.param("LookupError as error", ["a: sqlalchemy.orm.Query.filter_by"], id="another one"),
    ],
)
def test_a_lookup_in_a_try(caught: str, expected: list[str]) -> None:
    """Where what a wrong value raises is caught, a lookup that it makes fail is answered; what is stored is stored all the same."""
    source = f"""
    @app.get("/items")
    def items():
        try:
            User.query.filter_by(name=request.json["a"])
            User(name=request.json["b"])
        except {caught}:
            return "", 400
        return ""
    """
    assert _ends(source.replace("except :", "except:")) == [*expected, "b: app.User"]


def test_the_handler_of_a_try_speaks_of_what_raises() -> None:
    """`len` of a field is no test of it, though an `except` around it answers 400."""
    source = """
    @app.post("/items")
    def items():
        data = request.json
        try:
            if len(data["name"]):
                save(float(data["price"]))
        except ValueError:
            return "", 400
        return ""

    def save(price):
        pass
    """
    [read] = _inputs(source)
    assert sorted({one.field for one in read.checks if one.answers}) == ["price"]


def test_a_suppressed_error_is_caught() -> None:
    """The default stays where the number is none."""
    source = """
    from contextlib import suppress

    @app.get("/items")
    def items():
        page = 1
        with suppress(ValueError):
            page = int(request.args["page"])
        return str(page)
    """
    [read] = _inputs(source)
    assert [one.is_guarded for one in read.conversions] == [True]


def test_a_schema_in_a_helper_validates() -> None:
    """By its argument, wherever it stands."""
    source = """
    def checked(data):
        jsonschema.validate(data, {})
        return data

    @app.post("/")
    def f():
        User(name=checked(request.json)["a"])
        return ""
    """
    (read,) = _inputs(source)
    assert read.validators == ("jsonschema", "unknown")


def test_functions_that_call_each_other() -> None:
    """Input that goes round comes to an end."""
    source = """
    def even(value, left):
        return odd(value, left - 1) if left else value

    def odd(value, left):
        return even(value, left - 1)

    @app.post("/")
    def f():
        User(name=even(request.json["a"], 9))
        return ""
    """
    assert _ends(source) == ["a: app.User"]


_STORE = """
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

class Base(DeclarativeBase): ...

class User(Base):
    __tablename__ = "users"
    name = mapped_column(primary_key=True)

def store(name):
    with Session() as session:
        session.add(User(name=name))
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(
            """
            from starlette.applications import Starlette
            from starlette.routing import WebSocketRoute
            from starlette.websockets import WebSocket
            async def talk(socket: WebSocket):
                async for data in socket.iter_json():
                    store(data["name"])
            app = Starlette(routes=[WebSocketRoute("/talk", talk)])
            """,
            ["message name"],
            id="each message of an ASGI socket",
        ),
        pytest.param(
            """
            from aiohttp import web
            async def talk(request):
                socket = web.WebSocketResponse()
                await socket.prepare(request)
                async for message in socket:
                    store(message.json()["name"])
                return socket
            app = web.Application()
            app.router.add_get("/talk", talk)
            """,
            ["message name"],
            id="each message of aiohttp's socket",
        ),
        pytest.param(
            """
            import json
            import tornado.websocket
            class Talk(tornado.websocket.WebSocketHandler):
                def open(self, room):
                    store(room["name"])
                def on_message(self, message):
                    store(json.loads(message)["name"])
            """,
            ["message name"],
            id="what Tornado hands to on_message alone",
        ),
        pytest.param(
            """
            from channels.generic.websocket import JsonWebsocketConsumer
            class Chat(JsonWebsocketConsumer):
                def receive_json(self, content):
                    store(content["name"])
                def disconnect(self, code):
                    store(code["name"])
            """,
            ["message name"],
            id="what a consumer receives",
        ),
        pytest.param(
            """
            from flask import Flask
            from flask_socketio import SocketIO
            app = Flask(__name__)
            socketio = SocketIO(app)
            @socketio.on("create")
            def create(data):
                store(data["name"])
            """,
            ["message name"],
            id="the data of an event",
        ),
        pytest.param(
            """
            from flask import Flask
            from flask_socketio import SocketIO
            from pydantic import BaseModel
            app = Flask(__name__)
            socketio = SocketIO(app)
            class New(BaseModel):
                name: str
            @socketio.on("create")
            def create(data):
                store(New.model_validate(data).name)
            """,
            [],
            id="the data of an event, checked",
        ),
        pytest.param(
            """
            from pyramid.config import Configurator
            def create(request):
                store(request.json_body["name"])
                return {}
            def main(settings):
                config = Configurator()
                config.add_route("users", "/users")
                config.add_view(create, route_name="users")
                return config.make_wsgi_app()
            """,
            ["body name"],
            id="Pyramid's request, which no annotation names",
        ),
        pytest.param(
            """
            from bottle import get, request
            @get("/users")
            def create():
                store(request.query.name)
                store(request.query.getunicode("other"))
            """,
            ["query name"],
            id="an attribute that is a field",
        ),
        pytest.param(
            """
            import falcon, json
            class Users:
                def on_post(self, req, resp):
                    store(json.load(req.bounded_stream)["name"])
            app = falcon.App()
            app.add_route("/users", Users())
            """,
            ["body name"],
            id="JSON that is read from the stream",
        ),
        pytest.param(
            """
            import sqlite3
            from flask import Flask
            app = Flask(__name__)
            @app.get("/users/<name>/<int:number>")
            def show(name, number):
                sqlite3.connect("x").execute(f"SELECT * FROM users WHERE name = '{name}' AND number = {number}")
            """,
            ["path name"],
            id="text of the path in the text of a query, and a number",
        ),
        pytest.param(
            """
            import sqlite3
            from fastapi import FastAPI
            app = FastAPI()
            @app.get("/users/{name}/{number}")
            def show(name: str, number: int):
                sqlite3.connect("x").execute(f"SELECT * FROM users WHERE name = '{name}' AND number = {number}")
            """,
            ["path name"],
            id="text of the path, and a number that FastAPI checks",
        ),
    ],
)
def test_where_input_enters(source: str, expected: list[str]) -> None:
    """Requests, messages and parts of the path, in each framework's own way."""
    audit = audit_sources({"app.py": _STORE + textwrap.dedent(source)})[0]
    assert [f"{read.kind} {end.field}" for read in audit.inputs for end in read.open_ends] == expected
