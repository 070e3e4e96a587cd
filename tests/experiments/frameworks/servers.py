"""Where servers run handlers: real servers, each with an application of its own, which answers where it runs; and what yields in greenlets.

It is no framework: what is seen is compared with rules/servers.toml and, where that says nothing of its own, with the frameworks' tables.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

REQUIREMENTS = {
    "2023": [
        *("gunicorn==21.*", "gevent==23.*", "gevent-websocket", "eventlet==0.33.*", "uvicorn==0.23.*"),
        *("flask==2.3.*", "starlette==0.27.*"),
    ],
    "2026": [
        *("gunicorn", "packaging", "gevent", "eventlet", "hypercorn[trio]", "uvicorn", "uvicorn-worker", "tornado", "aiohttp"),
        *("flask", "starlette", "quart", "quart-trio", "a2wsgi", "asgiref", "fastapi"),
    ],
}

PLACE = """
import asyncio
import sys


def place():
    try:
        asyncio.get_running_loop()
        return "event-loop"
    except RuntimeError:
        pass
    if "trio" in sys.modules and sys.modules["trio"].lowlevel.in_trio_task():
        return "event-loop"
    if "greenlet" in sys.modules and sys.modules["greenlet"].getcurrent().parent is not None:
        return "greenlet"
    return WITHOUT
"""
APPS = {
    "flask": """
from flask import Flask
from place import place
app = Flask("probe")
app.add_url_rule("/plain", "plain", lambda: place())
""",
    "starlette": """
from place import place
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
def plain(request):
    return PlainTextResponse(place())
async def asynchronous(request):
    return PlainTextResponse(place())
app = Starlette(routes=[Route("/plain", plain), Route("/asynchronous", asynchronous)])
""",
    "quart": """
from place import place
from quart_trio import QuartTrio
app = QuartTrio("probe")
@app.route("/plain")
def plain():
    return place()
@app.route("/asynchronous")
async def asynchronous():
    return place()
""",
    "tornado": """
from place import place
from tornado.web import Application, RequestHandler
class Plain(RequestHandler):
    def get(self):
        self.write(place())
class Asynchronous(RequestHandler):
    async def get(self):
        self.write(place())
app = Application([("/plain", Plain), ("/asynchronous", Asynchronous)])
""",
    "aiohttp": """
from aiohttp import web
from place import place
async def asynchronous(request):
    return web.Response(text=place())
app = web.Application()
app.router.add_get("/asynchronous", asynchronous)
""",
    "served_by_gevent": """
from gevent import monkey
monkey.patch_all()
import sys
from gevent.pywsgi import WSGIServer
from on_flask import app
WSGIServer(("127.0.0.1", int(sys.argv[1])), app, log=None).serve_forever()
""",
    "served_by_eventlet": """
import eventlet
eventlet.monkey_patch()
import sys
import eventlet.wsgi
from on_flask import app
eventlet.wsgi.server(eventlet.listen(("127.0.0.1", int(sys.argv[1]))), app)
""",
}
NAMES = {
    "aiohttp": "aiohttp.web.UrlDispatcher.add_get",
    "flask": "flask.Flask.add_url_rule",
    "quart": "quart.Quart.route",
    "starlette": "starlette.routing.Route",
    "tornado": "tornado.web.RequestHandler.get",
}
GUNICORN = (
    ("sync", "flask"),
    ("gthread", "flask"),
    ("gevent", "flask"),
    ("gevent_pywsgi", "flask"),
    ("eventlet", "flask"),
    ("tornado", "tornado"),
    ("asgi", "starlette"),
    ("uvicorn_worker.UvicornWorker", "starlette"),
    ("uvicorn.workers.UvicornWorker", "starlette"),
    ("aiohttp.GunicornWebWorker", "aiohttp"),
    ("geventwebsocket.gunicorn.workers.GeventWebSocketWorker", "flask"),
)
ADAPTERS = (
    "a2wsgi.WSGIMiddleware",
    "asgiref.wsgi.WsgiToAsgi",
    "fastapi.middleware.wsgi.WSGIMiddleware",
    "starlette.middleware.wsgi.WSGIMiddleware",
)
HYPERCORN = (("asyncio", "starlette"), ("uvloop", "starlette"), ("trio", "starlette"), ("trio", "quart"))


def observe() -> dict[str, Any]:
    Path("place.py").write_text(PLACE.replace("WITHOUT", repr("wsgi-worker")), encoding="utf-8")
    for name, text in APPS.items():
        Path(f"on_{name}.py").write_text(text, encoding="utf-8")
    seen: list[dict[str, Any]] = []
    for worker, framework in GUNICORN:
        command = ["-m", "gunicorn", "--worker-class", worker, "--bind", "127.0.0.1:{port}", f"on_{framework}:app"]
        seen += ask(f"gunicorn {worker}", framework, command)
    for worker, framework in HYPERCORN:
        seen += ask(f"hypercorn {worker}", framework, ["-m", "hypercorn", "-k", worker, "-b", "127.0.0.1:{port}", f"on_{framework}:app"])
    for server in ("gevent", "eventlet"):
        seen += ask(server, "flask", [f"on_served_by_{server}.py", "{port}"])
    for adapter in ADAPTERS:
        module, _, name = adapter.rpartition(".")
        wrapped = f"from {module} import {name}\nfrom on_flask import app as inner\napp = {name}(inner)\n"
        Path(f"adapted_by_{name}_{len(module)}.py").write_text(wrapped, encoding="utf-8")
        command = ["-m", "uvicorn", "--port", "{port}", f"adapted_by_{name}_{len(module)}:app"]
        # No loop runs where it ran, and no greenlet: in a thread of the server's process.
        seen += [{**one, "ran": "threadpool" if one["ran"] == "wsgi-worker" else one["ran"]} for one in ask(adapter, "flask", command)]
    return {"contexts": seen}


def ask(server: str, framework: str, command: list[str]) -> Iterator[dict[str, Any]]:
    """What the handlers of the framework's application say under the server; nothing where it does not start."""
    port = free_port()
    child = subprocess.Popen(
        [sys.executable, *(word.replace("{port}", str(port)) for word in command)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for name in ("plain", "asynchronous"):
            if f" {name}(" in APPS[framework] or f'"/{name}"' in APPS[framework]:
                ran = fetch(f"http://127.0.0.1:{port}/{name}", child)
                if ran and name == "plain" and framework in ("quart", "starlette") and ran == "wsgi-worker":
                    ran = "threadpool"
                if ran:
                    row = {"name": NAMES[framework], "kind": "http", "is_async": name == "asynchronous", "ran": ran}
                    yield {**row, "served_by": server}
    finally:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(5)
        child.kill()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def fetch(url: str, child: subprocess.Popen[bytes]) -> str:
    """The answer, within some seconds; "" where the server ended or says something else."""
    end = time.monotonic() + 15
    while time.monotonic() < end and child.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.2)
    return ""
