"""Connexion's handlers, with Flask below them and without; the routes that its documents make."""

from __future__ import annotations

import asyncio
import inspect
import re
from pathlib import Path
from typing import Any

REQUIREMENTS = {
    "2": ["connexion==2.14.*", "flask<2.3", "werkzeug<2.3", "asgiref"],
    "3": ["connexion[flask]==3.*"],
}

DOCUMENT = """
openapi: 3.0.0
info: { title: Probe, version: "1" }
paths:
  /plain:
    get:
      operationId: handlers.plain
      responses: { "200": { description: x } }
  /asynchronous:
    get:
      operationId: handlers.asynchronous
      responses: { "200": { description: x } }
"""


def observe() -> dict[str, Any]:
    contexts: list[dict[str, Any]] = []
    import connexion

    for name in ("FlaskApp", "AsyncApp"):
        if hasattr(connexion, name):
            contexts += handlers_of(name)
    return {"contexts": contexts, "routes": {"connexion_kennel_clean": list(routes())}}


def handlers_of(name: str) -> list[dict[str, Any]]:
    """Where the handlers of a document ran, asked by Connexion's own test client."""
    import sys
    from types import ModuleType

    import connexion
    from noting import Notes

    notes = Notes(main="wsgi-worker")
    handlers = ModuleType("handlers")
    plain, asynchronous = notes.pair(f"connexion.{name}.add_api", "http", "x")
    vars(handlers).update(plain=plain, asynchronous=asynchronous)
    sys.modules["handlers"] = handlers
    Path("probe.yaml").write_text(DOCUMENT, encoding="utf-8")
    app = getattr(connexion, name)("probe", specification_dir=str(Path.cwd()))
    app.add_api("probe.yaml")
    client = app.test_client() if hasattr(app, "test_client") else app.app.test_client()
    if hasattr(app, "middleware"):
        serve(app, notes)
        return [{**one, "interface": "asgi"} for one in notes.contexts]
    # No loop serves here: each that is seen to run was made for the one request.
    notes.loop = asyncio.new_event_loop()
    for path in ("/plain", "/asynchronous"):
        try:
            client.get(path)
        except Exception:  # noqa: BLE001  a coroutine as an answer
            continue
    if not any(one["is_async"] for one in notes.contexts):
        notes.tell(f"connexion.{name}.add_api", "http", True, "not-awaited")
    return notes.contexts


def serve(app: Any, notes: Any) -> None:
    """Asks the ASGI application on a loop of ours, which is the one that serves."""
    from noting import ask_asgi

    async def ask() -> None:
        notes.serves()
        await ask_asgi(app, "/plain", "/asynchronous")

    asyncio.run(ask())


def routes() -> Any:
    from kennel.app import app
    from noting import ask_asgi

    if hasattr(app, "middleware"):
        # Documents are read when the first request comes.
        asyncio.run(ask_asgi(app, "/"))
    for rule in app.app.url_map.iter_rules():
        function = app.app.view_functions[rule.endpoint]
        function = inspect.unwrap(getattr(function, "_fn", function))
        if function.__module__.startswith("kennel"):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            methods = sorted(set(rule.methods or ()) - {"HEAD", "OPTIONS"})
            yield {"methods": methods, "path": path, "handler": f"{function.__module__}.{function.__qualname__}"}
