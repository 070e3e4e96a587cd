"""The routes of a service in Flask-Smorest; its handlers are Flask's own."""

from __future__ import annotations

from typing import Any

REQUIREMENTS = {"0.47": ["flask-smorest==0.47.*", "flask==3.1.*"]}


def observe() -> dict[str, Any]:
    from tools.app import create_app
    from wsgi_routes import routes_of

    return {"contexts": [], "routes": {"flask_smorest_api_clean": routes_of(create_app(), "tools")}}
