"""py4web's actions, called through its WSGI application in the thread that stands for the worker."""

from __future__ import annotations

import io
import os
import sys
import warnings
from pathlib import Path
from typing import Any

REQUIREMENTS = {"1": ["py4web>=1.20240101,<2", "setuptools<70"]}


def observe() -> dict[str, Any]:
    from noting import Notes

    warnings.simplefilter("ignore")
    notes = Notes(main="wsgi-worker")
    fixture = next(Path(folder) / "apps" for folder in sys.path if folder.endswith("py4web_notes_clean"))
    os.environ["PY4WEB_APPS_FOLDER"] = str(fixture)
    from py4web.core import Reloader, action, wsgi

    plain, asynchronous = notes.pair("py4web.action", "http", "x")
    app = wsgi(apps_folder=str(fixture), service_folder=str(Path.cwd() / "service"), dashboard_mode="none", password_file="none")
    routes = [{"methods": [one["method"]], "path": one["rule"], "handler": one["action"]} for one in Reloader.ROUTES["notebook"]]
    plain.__module__ = asynchronous.__module__ = "apps.notebook.controllers"  # py4web shows the file
    action("/plain")(plain)
    action("/asynchronous")(asynchronous)
    for path in ("/plain", "/asynchronous"):
        before = len(notes.contexts)
        status = ask(app, path)
        print(path, status)
        if path == "/asynchronous" and len(notes.contexts) == before:
            notes.tell("py4web.action", "http", is_async=True, ran="not-awaited")
    return {"contexts": notes.contexts, "routes": {"py4web_notes_clean": merged(routes)}}


def merged(routes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One route for each action and path, with all its methods: py4web keeps one for each method."""
    found: dict[tuple[str, str], list[str]] = {}
    for route in routes:
        found.setdefault((route["path"], route["handler"]), []).extend(route["methods"])
    return [{"methods": methods, "path": path, "handler": f"apps.notebook.controllers.{name}"} for (path, name), methods in found.items()]


def ask(app: Any, path: str) -> str:
    told = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "probe",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
    }
    for _ in app(environ, lambda status, headers, error=None: told.append(status)):
        pass
    return told[0]
