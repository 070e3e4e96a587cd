"""The routes of a service in APIFlask; its handlers are Flask's own."""

from __future__ import annotations

from typing import Any

REQUIREMENTS = {"3": ["apiflask==3.*", "flask==3.1.*"]}


def observe() -> dict[str, Any]:
    from lighthouse.app import create_app
    from wsgi_routes import routes_of

    return {"contexts": [], "routes": {"apiflask_lighthouse": routes_of(create_app(), "lighthouse")}}
