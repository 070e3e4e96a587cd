"""Bottle's routes, errors and hooks, called as WSGI in the thread that stands for the worker."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

REQUIREMENTS = {"0.12": ["bottle==0.12.*"], "0.13": ["bottle==0.13.*"]}

VERBS = ("delete", "get", "patch", "post", "put")


def observe() -> dict[str, Any]:
    import bottle
    from noting import Notes

    notes = Notes(main="wsgi-worker")
    with_apps(notes)
    with_the_default_app(notes)
    # The fixture's routes are those of the default app, which holds nothing else yet.
    bottle.app.push()

    from cards.pages import root

    return {"contexts": notes.contexts, "routes": {"bottle_index_clean": routes_of(root)}}


def _names_of(owner: Any) -> list[str]:
    """Bottle 0.12 has no `patch`."""
    return [name for name in ("route", *VERBS) if hasattr(owner, name)]


def ask(app: Any, path: str = "/", method: str = "GET") -> list[bytes]:
    environment = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "SERVER_NAME": "probe",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
    }
    return list(app(environment, lambda *given: None))


def noting(notes: Any, name: str, kind: str) -> Callable[..., str]:
    def plain(*given: Any) -> str:
        notes.note(name, kind, is_async=False)
        return "x"

    return plain


def with_apps(notes: Any) -> None:
    import bottle

    for name in _names_of(bottle.Bottle):
        app = bottle.Bottle()
        method = "GET" if name == "route" else name.upper()
        getattr(app, name)("/decorated")(noting(notes, f"bottle.Bottle.{name}", "http"))
        getattr(app, name)("/called", callback=noting(notes, f"bottle.Bottle.{name}", "http"))
        ask(app, "/decorated", method)
        ask(app, "/called", method)
    app = bottle.Bottle()
    app.route("/x")(lambda: "x")
    app.error(404)(noting(notes, "bottle.Bottle.error", "exception"))
    app.hook("before_request")(noting(notes, "bottle.Bottle.hook", "middleware"))
    app.add_hook("after_request", noting(notes, "bottle.Bottle.add_hook", "middleware"))
    ask(app, "/x")
    ask(app, "/missing")


def with_the_default_app(notes: Any) -> None:
    import bottle

    for name in _names_of(bottle):
        app = bottle.app.push()
        method = "GET" if name == "route" else name.upper()
        getattr(bottle, name)("/decorated")(noting(notes, f"bottle.{name}", "http"))
        getattr(bottle, name)("/called", callback=noting(notes, f"bottle.{name}", "http"))
        ask(app, "/decorated", method)
        ask(app, "/called", method)
    app = bottle.app.push()
    bottle.error(404)(noting(notes, "bottle.error", "exception"))
    bottle.hook("before_request")(noting(notes, "bottle.hook", "middleware"))
    ask(app, "/missing")


def routes_of(app: Any) -> list[dict[str, Any]]:
    """A registration for several methods is several routes of Bottle's; here it is one again."""
    methods: dict[tuple[str, Any], list[str]] = {}
    for route in _leaves(app):
        methods.setdefault((route.rule, route.callback), []).append(route.method)
    return [
        {"methods": sorted(own), "path": rule, "handler": f"{callback.__module__}.{callback.__qualname__}"}
        for (rule, callback), own in methods.items()
    ]


def _leaves(app: Any) -> list[Any]:
    """The routes of the app and, in their full path, of those mounted on it: Bottle 0.12 keeps one route for all of a mounted app."""
    found = []
    for route in app.routes:
        mounted = route.config.get("mountpoint") or {}
        target = mounted.get("target") or route.config.get("mountpoint.target")
        if target is None or route.callback.__module__ != "bottle":
            found.append(route)
            continue
        prefix = mounted.get("prefix") or route.config.get("mountpoint.prefix")
        for inner in target.routes:
            inner.rule = prefix.rstrip("/") + inner.rule if not inner.rule.startswith(prefix) else inner.rule
            found.append(inner)
    return found
