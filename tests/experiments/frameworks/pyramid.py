"""Pyramid's views, called through the WSGI application in the thread that stands for the worker."""

from __future__ import annotations

import warnings
from typing import Any

REQUIREMENTS = {
    "1.10": ["pyramid==1.10.*", "cornice==6.*", "setuptools<70"],
    "2": ["pyramid==2.*", "cornice==6.*", "setuptools<70"],
}


def observe() -> dict[str, Any]:
    from noting import Notes
    from pyramid_routes import routes_of

    warnings.simplefilter("ignore")
    notes = Notes(main="wsgi-worker")
    with_views(notes)
    with_exceptions(notes)

    from pages import main

    return {"contexts": notes.contexts, "routes": {"pyramid_wiki_clean": routes_of(main(), "pages")}}


def answer(notes: Any, name: str, kind: str, is_async: bool, configure: Any, *, path: str = "/") -> None:
    """One request to an application of its own; a coroutine that nobody awaited is told."""
    from pyramid.config import Configurator
    from pyramid.request import Request

    before = len(notes.contexts)
    config = Configurator()
    config.add_route("route", "/")
    configure(config)
    app = config.make_wsgi_app()
    try:
        Request.blank(path).get_response(app)
    except Exception as error:  # noqa: BLE001  a coroutine is no response
        print(name, type(error).__name__)
    if len(notes.contexts) == before and is_async:
        notes.tell(name, kind, is_async, "not-awaited")


def scanned(config: Any, decorator: Any, function: Any) -> None:
    """Applies a decorator and has Pyramid find it in a module."""
    import sys
    import types

    module = types.ModuleType("scanned")
    module.__file__ = "scanned.py"
    function.__module__ = module.__name__
    sys.modules[module.__name__] = module
    exec("def attach(decorator, function):\n    return decorator(function)\n", module.__dict__)
    module.view = module.attach(decorator, function)
    config.scan(module)


def pairs(notes: Any, name: str, kind: str) -> list[tuple[bool, Any]]:
    from pyramid.response import Response

    def plain(request: Any) -> Any:
        notes.note(name, kind, is_async=False)
        return Response("x")

    async def asynchronous(request: Any) -> Any:
        notes.note(name, kind, is_async=True)
        return Response("x")

    return [(False, plain), (True, asynchronous)]


def with_views(notes: Any) -> None:
    from pyramid.view import view_config

    for is_async, function in pairs(notes, "pyramid.view.view_config", "http"):
        answer(
            notes,
            "pyramid.view.view_config",
            "http",
            is_async,
            lambda config, function=function: scanned(config, view_config(route_name="route"), function),
        )
    name = "pyramid.config.Configurator.add_view"
    for is_async, function in pairs(notes, name, "http"):
        answer(notes, name, "http", is_async, lambda config, function=function: config.add_view(function, route_name="route"))


def failing(request: Any) -> None:
    raise KeyError


def forbidden(request: Any) -> None:
    from pyramid.httpexceptions import HTTPForbidden

    raise HTTPForbidden


def with_exceptions(notes: Any) -> None:
    from pyramid import view

    cases = [
        ("exception_view_config", "add_exception_view", (KeyError,), failing, "/"),
        ("forbidden_view_config", "add_forbidden_view", (), forbidden, "/"),
        ("notfound_view_config", "add_notfound_view", (), failing, "/none"),
    ]
    for decorator, method, given, page, path in cases:
        name = f"pyramid.view.{decorator}"
        for is_async, function in pairs(notes, name, "exception"):

            def decorated(config: Any, function: Any = function, decorator: str = decorator, page: Any = page, given: Any = given) -> None:
                config.add_view(page, route_name="route")
                scanned(config, getattr(view, decorator)(*given), function)

            answer(notes, name, "exception", is_async, decorated, path=path)
        name = f"pyramid.config.Configurator.{method}"
        for is_async, function in pairs(notes, name, "exception"):

            def called(config: Any, function: Any = function, method: str = method, page: Any = page, given: Any = given) -> None:
                config.add_view(page, route_name="route")
                keywords = {"context": given[0]} if given else {}
                getattr(config, method)(function, **keywords)

            answer(notes, name, "exception", is_async, called, path=path)
