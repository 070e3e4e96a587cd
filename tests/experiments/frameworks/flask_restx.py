"""Resources of Flask-RESTX, called by Flask's test client in the thread that stands for the WSGI worker."""

from __future__ import annotations

import asyncio
from typing import Any

REQUIREMENTS = {"1.3": ["flask-restx==1.3.*", "flask[async]==3.1.*"]}


def observe() -> dict[str, Any]:
    from noting import Notes
    from seeds.app import app
    from wsgi_routes import routes_of

    notes = Notes(main="wsgi-worker")
    # No loop serves here: each that is seen to run was made for the one call.
    notes.loop = asyncio.new_event_loop()
    for owner in ("Api", "Namespace"):
        with_resources(notes, owner)
        with_errors(notes, owner)
    with_methods(notes)
    return {"contexts": notes.contexts, "routes": {"flask_restx_api_clean": routes_of(app, "seeds")}}


def made(owner: str) -> tuple[Any, Any, Any]:
    """An app, its API, and what resources are registered with."""
    import flask
    import flask_restx

    app = flask.Flask("probe")
    api = flask_restx.Api(app)
    return app, api, api if owner == "Api" else flask_restx.Namespace("probe", path="/")


def ask(app: Any, api: Any, registered_with: Any, notes: Any, name: str, kind: str, method: str = "get") -> None:  # noqa: PLR0917  a request has so many sides
    """One request; a coroutine that came back in place of a response was not awaited."""
    if registered_with is not api:
        api.add_namespace(registered_with)
    app.testing = True
    before = len(notes.contexts)
    try:
        app.test_client().open("/x", method=method.upper())
    except (AttributeError, TypeError):
        if len(notes.contexts) > before:
            raise
        notes.tell(name, kind, True, "not-awaited")


def with_resources(notes: Any, owner: str) -> None:
    import flask_restx

    for function in notes.pair_taking(f"flask_restx.{owner}.route", "http", "x"):
        app, api, one = made(owner)
        one.route("/x", "/y")(type("Probe", (flask_restx.Resource,), {"get": function}))
        ask(app, api, one, notes, f"flask_restx.{owner}.route", "http")
    for function in notes.pair_taking(f"flask_restx.{owner}.add_resource", "http", "x"):
        app, api, one = made(owner)
        one.add_resource(type("Probe", (flask_restx.Resource,), {"get": function}), "/x", "/y")
        ask(app, api, one, notes, f"flask_restx.{owner}.add_resource", "http")


def with_methods(notes: Any) -> None:
    import flask_restx

    for method in ("delete", "get", "head", "options", "patch", "post", "put", "trace"):
        for function in notes.pair_taking(f"flask_restx.Resource.{method}", "http", "x"):
            app, api, one = made("Api")
            one.route("/x")(type("Probe", (flask_restx.Resource,), {method: function}))
            ask(app, api, one, notes, f"flask_restx.Resource.{method}", "http", method)


def with_errors(notes: Any, owner: str) -> None:
    import flask_restx

    def fails(self: Any) -> str:
        raise KeyError

    for function in notes.pair_taking(f"flask_restx.{owner}.errorhandler", "exception", ({"message": "x"}, 500)):
        app, api, one = made(owner)
        one.errorhandler(KeyError)(function)
        one.route("/x")(type("Probe", (flask_restx.Resource,), {"get": fails}))
        ask(app, api, one, notes, f"flask_restx.{owner}.errorhandler", "exception")
