"""Resources of Flask-RESTful, called by Flask's test client in the thread that stands for the WSGI worker."""

from __future__ import annotations

import asyncio
from typing import Any

REQUIREMENTS = {"0.3": ["flask-restful==0.3.*", "flask[async]==3.1.*"]}


def observe() -> dict[str, Any]:
    import flask
    import flask_restful
    from noting import Notes

    notes = Notes(main="wsgi-worker")
    # No loop serves here: each that is seen to run was made for the one call.
    notes.loop = asyncio.new_event_loop()
    for name in ("add_resource", "resource"):
        for function in notes.pair_taking(f"flask_restful.Api.{name}", "http", "x"):
            app = flask.Flask("probe")
            app.testing = True
            api = flask_restful.Api(app)
            resource = type("Probe", (flask_restful.Resource,), {"get": function})
            if name == "resource":
                api.resource("/x", "/y")(resource)
            else:
                api.add_resource(resource, "/x", "/y")
            before = len(notes.contexts)
            try:
                app.test_client().get("/x")
            except TypeError:
                # A coroutine came back in place of a response.
                if len(notes.contexts) > before:
                    raise
                notes.tell(f"flask_restful.Api.{name}", "http", True, "not-awaited")
    return {"contexts": notes.contexts}
