"""Looks up the names of the framework tables in the frameworks that are installed; where handlers run is asked by run.py.

python -m venv frameworks && frameworks/bin/pip install -e . pytest pytest-xdist fastapi httpx2 python-multipart aiohttp django litestar
frameworks/bin/pytest -W ignore tests/experiments/test_framework_names.py
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from importlib import metadata

import pytest
from packaging.specifiers import SpecifierSet

from fwaudit.catalog.braces import expand_braces
from fwaudit.catalog.framework_schema import Framework
from fwaudit.catalog.load import load_catalog


def installed() -> Iterator[tuple[Framework, str]]:
    """The frameworks that are installed, each with its version."""
    for framework in load_catalog().frameworks:
        for name in framework.distributions[:1]:
            try:
                yield framework, metadata.version(name)
            except metadata.PackageNotFoundError:
                continue


INSTALLED = {framework.name: (framework, version) for framework, version in installed()}

NOT_THERE = (
    "django.conf.urls.url",  # of Django 3
    "django.contrib.gis",  # needs GDAL
    "django.db.models.Manager.adelete",  # rows speak of managers and query sets together
    "django.db.models.Manager.delete",
    "django.db.models.RawQuerySet",  # made by a method; the module is django.db.models.query
    "django.db.models.fields.related.RelatedManager",  # made for each field
    "falcon.api.API",  # of Falcon 2
    "fastapi.FastAPI.add_event_handler",  # from Starlette below 1
    "fastapi.FastAPI.route",
    "flask_restplus",  # the name of Flask-RESTX before
    "flask_restx.Api.add_resource",  # from the namespace, by __getattr__
    "flask_restx.Api.route",
    "mcp.server.FastMCP",  # of mcp 1
    "mcp.server.fastmcp",
    "rest_framework.request.Request.GET",  # handed on by __getattr__
    "rest_framework_nested",  # packages of their own
    "sanic.app.ctx",  # names of ours for what instances hold
    "sanic.request.ctx",
    "sanic.websocket.WebSocketConnection",  # of Sanic 21
    "sanic.Sanic.register_blueprint",
    "starlite",  # the name of Litestar before
    "taskiq_",
    "tornado.gen.engine",  # of Tornado 5
    *(f"aiogram.{owner}." for owner in ("Dispatcher", "Router")),  # attributes that instances get
)
"""How names begin that the newest release, or its class, lacks, and why."""


@pytest.fixture(scope="module", autouse=True)
def _django() -> None:
    set_up_django()


def set_up_django() -> None:
    """Django's modules can only be imported in a project."""
    if "django" in INSTALLED:
        conf, django = importlib.import_module("django.conf"), importlib.import_module("django")
        apps = [f"django.contrib.{name}" for name in ("admin", "auth", "contenttypes", "messages", "sessions", "sites")]
        conf.settings.configure(INSTALLED_APPS=apps, DATABASES={}, SECRET_KEY="names")
        django.setup()


@pytest.mark.parametrize("name", sorted(INSTALLED))
def test_every_name_of_the_tables_exists(name: str) -> None:
    """Each name of a framework's table is in the installed version; handlers of other versions are left out."""
    framework, version = INSTALLED[name]
    written = [*framework.apps, *framework.routers, *framework.injection]
    for handlers in framework.handlers:
        if version in SpecifierSet(handlers.versions):
            written += [*handlers.decorators, *handlers.calls, *handlers.bases]
    for rows in (framework.mounts, framework.returns, framework.coroutines, framework.offloaders, framework.servers):
        written += [call for each in rows for call in each.calls]
    for rows in (framework.blocking, framework.kept, framework.lazy_fields, framework.queries, framework.relations, framework.unlimited):
        written += [call.removesuffix(".*") for each in rows for call in each.calls]
    for rows in (framework.sinks, framework.validators):
        written += [one for each in rows for one in (*each.calls, *each.bases, *getattr(each, "decorators", ()))]
    written += [one for each in framework.inputs for one in (*each.names, *each.handlers)]
    written += [one for each in framework.classes for one in (*each.names, *each.bases)]
    written += [spelling for alias in framework.aliases for spelling in (alias.spelling, alias.means)]
    names = {one for text in written for one in expand_braces(text)}
    assert [one for one in sorted(names) if not one.startswith(NOT_THERE) and not is_there(one)] == []


def is_there(name: str) -> bool:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            if isinstance(found, property):  # a list or signal: its methods are those of what it gives
                return True
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False
