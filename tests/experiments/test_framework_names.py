"""Looks up the names of the framework tables in the frameworks that are installed; where handlers run is asked by run.py.

python -m venv frameworks && frameworks/bin/pip install -e . pytest fastapi httpx2 python-multipart aiohttp django litestar
frameworks/bin/pytest -W ignore tests/experiments/test_framework_names.py
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from importlib import metadata

import pytest
from packaging.specifiers import SpecifierSet

from fwaudit.catalog.index import expand_braces
from fwaudit.catalog.load import load_catalog
from fwaudit.catalog.schema import Framework


def installed() -> Iterator[tuple[Framework, str]]:
    """The frameworks that are installed, each with its version."""
    for framework in load_catalog().frameworks:
        for name in framework.distributions[:1]:
            try:
                yield framework, metadata.version(name)
            except metadata.PackageNotFoundError:
                continue


INSTALLED = {framework.name: (framework, version) for framework, version in installed()}

INHERITED = {"fastapi.FastAPI.add_event_handler", "fastapi.FastAPI.route"}
"""Methods that FastAPI had from Starlette below 1."""


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
    written += [one for each in framework.classes for one in (*each.names, *each.bases)]
    written += [spelling for alias in framework.aliases for spelling in (alias.spelling, alias.means)]
    names = {one for text in written for one in expand_braces(text)}
    gone = INHERITED if name == "fastapi" and metadata.version("starlette") in SpecifierSet(">=1") else set()
    assert {one for one in names if not is_there(one)} == gone & names


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
