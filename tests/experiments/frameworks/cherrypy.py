"""CherryPy's exposed handlers and tools, asked through its own server."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
import warnings
from typing import Any

REQUIREMENTS = {"18": ["cherrypy==18.*", "setuptools<70"]}


def observe() -> dict[str, Any]:
    import cherrypy
    from noting import Notes

    warnings.simplefilter("ignore")
    notes = Notes()
    main = threading.current_thread()

    def note(name: str, kind: str) -> None:
        """In a thread of the server, which is CherryPy's WSGI worker."""
        assert threading.current_thread() is not main
        notes.tell(name, kind, is_async=False, ran="wsgi-worker")

    class Root:
        @cherrypy.expose
        def plain(self) -> str:
            note("cherrypy.expose", "http")
            return "x"

        @cherrypy.expose
        async def asynchronous(self) -> str:
            notes.note("cherrypy.expose", "http", is_async=True)
            return "x"

        @cherrypy.expose
        @cherrypy.config(**{"tools.noted.on": True})
        def tooled(self) -> str:
            return "x"

    cherrypy.tools.noted = cherrypy.Tool("before_handler", lambda: note("cherrypy.Tool", "middleware"))
    cherrypy.tree.mount(Root(), "/probe")
    from orchard.site import mount

    mount()
    routes = routes_of(cherrypy.tree.apps)
    settings = {"server.socket_port": 0, "server.socket_host": "127.0.0.1", "log.screen": False, "engine.autoreload.on": False}
    cherrypy.config.update(settings)
    cherrypy.engine.start()
    try:
        port = cherrypy.server.bound_addr[1]
        for path in ("plain", "asynchronous", "tooled"):
            before = len(notes.contexts)
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/probe/{path}").read()
            except urllib.error.HTTPError as error:
                print(path, error)
            if path == "asynchronous" and len(notes.contexts) == before:
                notes.tell("cherrypy.expose", "http", is_async=True, ran="not-awaited")
    finally:
        cherrypy.engine.exit()
    return {"contexts": notes.contexts, "routes": {"cherrypy_tree_clean": routes}}


def routes_of(apps: dict[str, Any]) -> list[dict[str, Any]]:
    """What the dispatchers find for the paths of all exposed attributes, of the fixture's applications."""
    found = []
    for script, app in apps.items():
        if script == "/probe":
            continue
        if getattr(app.root, "exposed", False):
            verbs = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
            found += [_route([verb], script or "/", getattr(app.root, verb)) for verb in verbs if hasattr(app.root, verb)]
            continue
        found += _below(app.root, script)
    return found


def _below(node: Any, path: str) -> list[dict[str, Any]]:
    found = []
    for name in dir(node):
        member = getattr(node, name)
        if name.startswith("_") or name == "favicon_ico":  # that one is CherryPy's own
            continue
        if callable(member) and getattr(member, "exposed", False):
            found.append(_route([], f"{path}/" if name == "index" else f"{path}/*" if name == "default" else f"{path}/{name}", member))
        elif type(member).__module__.startswith("orchard"):
            found += _below(member, f"{path}/{name}")
    return found


def _route(methods: list[str], path: str, handler: Any) -> dict[str, Any]:
    handler = getattr(handler, "__wrapped__", handler)
    return {"methods": methods, "path": path, "handler": f"{handler.__module__}.{handler.__qualname__}"}
