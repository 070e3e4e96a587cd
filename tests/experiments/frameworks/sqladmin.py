"""SQLAdmin's own pages and actions, below a Starlette application, called by its test client, whose loop is the one that serves."""

from __future__ import annotations

import contextlib
from typing import Any

REQUIREMENTS = {"0": ["sqladmin==0.*", "httpx2", "itsdangerous", "aiosqlite", "greenlet"]}


def observe() -> dict[str, Any]:
    from noting import Notes
    from sqladmin import BaseView, ModelView, action, expose
    from sqlalchemy import Column, Integer
    from sqlalchemy.orm import declarative_base
    from starlette.responses import PlainTextResponse

    notes = Notes()
    page = PlainTextResponse("")
    for function in notes.pair_taking("sqladmin.expose", "http", page):
        ask(type("Probe", (BaseView,), {"name": "Probe", "page": expose("/page")(function)}), "/admin/page")

    thing = type("Thing", (declarative_base(),), {"__tablename__": "thing", "id": Column(Integer, primary_key=True)})
    for function in notes.pair_taking("sqladmin.action", "http", page):
        function.__name__ = "act"
        ask(type("Probe", (ModelView,), {"act": action("act")(function)}, model=thing), "/admin/thing/action/act")
    return {"contexts": notes.contexts, "routes": {}}


def ask(view: Any, path: str) -> None:
    from sqladmin import Admin
    from sqlalchemy import create_engine
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    app = Starlette()
    Admin(app, create_engine("sqlite://")).add_view(view)
    with contextlib.suppress(Exception), TestClient(app, raise_server_exceptions=False) as client:
        client.get(path)
        client.post(path)
