"""Resources of Flask-RESTful, called by Flask's test client in the thread that stands for the WSGI worker; the routes of a service."""

from __future__ import annotations

import asyncio
from typing import Any

REQUIREMENTS = {"0.3": ["flask-restful==0.3.*", "flask[async]==3.1.*", "requests"]}


def observe() -> dict[str, Any]:
    import flask
    import flask_restful
    from apiary.app import app as apiary
    from noting import Notes
    from wsgi_routes import routes_of

    notes = Notes(main="wsgi-worker")
    # No loop serves here: each that is seen to run was made for the one call.
    notes.loop = asyncio.new_event_loop()
    for name in ("add_resource", "resource"):
        for function in notes.pair_taking(f"flask_restful.Api.{name}", "http", "x"):
            app = flask.Flask("probe")
            api = flask_restful.Api(app)
            resource = type("Probe", (flask_restful.Resource,), {"get": function})
            if name == "resource":
                api.resource("/x", "/y")(resource)
            else:
                api.add_resource(resource, "/x", "/y")
            ask(app, notes, f"flask_restful.Api.{name}")
    for method in ("delete", "get", "head", "options", "patch", "post", "put", "trace"):
        for function in notes.pair_taking(f"flask_restful.Resource.{method}", "http", "x"):
            app = flask.Flask("probe")
            flask_restful.Api(app).add_resource(type("Probe", (flask_restful.Resource,), {method: function}), "/x")
            ask(app, notes, f"flask_restful.Resource.{method}", method)
    return {"contexts": notes.contexts, "routes": {"flask_restful_apiary": routes_of(apiary, "apiary")}}


def ask(app: Any, notes: Any, name: str, method: str = "get") -> None:
    """One request; a coroutine that came back in place of a response was not awaited."""
    app.testing = True
    before = len(notes.contexts)
    try:
        app.test_client().open("/x", method=method.upper())
    except TypeError:
        if len(notes.contexts) > before:
            raise
        notes.tell(name, "http", True, "not-awaited")
