"""Cornice's services and resources, called through the WSGI application in the thread that stands for the worker."""

from __future__ import annotations

import contextlib
import warnings
from typing import Any

REQUIREMENTS = {"6": ["cornice==6.*", "pyramid==2.*", "setuptools<70"]}

METHODS = ("delete", "get", "options", "patch", "post", "put")


def observe() -> dict[str, Any]:
    from noting import Notes

    warnings.simplefilter("ignore")
    notes = Notes(main="wsgi-worker")
    for method in METHODS:
        with_service(notes, method)
        with_resource(notes, method)

    from pages import main

    return {"contexts": notes.contexts, "routes": {"pyramid_wiki_clean": routes_of(main())}}


def routes_of(app: Any) -> list[dict[str, Any]]:
    """The definitions of all services, at the patterns of their routes."""
    patterns = {
        entry["introspectable"]["name"]: entry["introspectable"]["pattern"] for entry in app.registry.introspector.get_category("routes")
    }
    found = []
    for service in app.registry.cornice_services.values():
        for method, view, _ in service.definitions:
            if view.__module__.startswith("pages"):
                pattern = "/" + patterns[service.pyramid_route or service.name].lstrip("/")
                found.append({"methods": [method], "path": pattern, "handler": f"{view.__module__}.{view.__qualname__}"})
    return [one for one in found if one["methods"] != ["HEAD"]]


def ask(method: str, path: str, register: Any) -> None:
    from pyramid.config import Configurator
    from pyramid.request import Request

    config = Configurator()
    config.include("cornice")
    register(config)
    with contextlib.suppress(Exception):
        Request.blank(path, method=method.upper()).get_response(config.make_wsgi_app())


def with_service(notes: Any, method: str) -> None:
    from cornice import Service

    name = f"cornice.Service.{method}"
    for is_async, function in zip((False, True), notes.pair_taking(name, "http", {}), strict=True):
        before = len(notes.contexts)
        service = Service(name="service", path="/service")
        getattr(service, method)()(function)
        ask(method, "/service", lambda config, service=service: config.add_cornice_service(service))
        if is_async and len(notes.contexts) == before:
            notes.tell(name, "http", is_async=True, ran="not-awaited")


def with_resource(notes: Any, method: str) -> None:
    from cornice.resource import add_resource

    for prefix, path in (("", "/things/1"), ("collection_", "/things")):
        name = f"cornice.resource.resource.{prefix}{method}"
        for is_async, function in zip((False, True), notes.pair_taking(name, "http", {}), strict=True):
            before = len(notes.contexts)
            members = {f"{prefix}{method}": function, "__init__": lambda self, request, context=None: None}
            class_ = type("Things", (), members)
            add_resource(class_, collection_path="/things", path="/things/{number}")
            ask(method, path, lambda config, class_=class_: add_services(config, class_))
            if is_async and len(notes.contexts) == before:
                notes.tell(name, "http", is_async=True, ran="not-awaited")


def add_services(config: Any, class_: Any) -> None:
    for service in class_._services.values():
        config.add_cornice_service(service)
