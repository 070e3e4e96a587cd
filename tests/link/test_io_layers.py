"""The signal `async_io_layer`: by which kind of library the code of a service waits for others."""

from __future__ import annotations

import pytest

from tests.support import audit_sources

APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"
NONE = {"database": "none", "http": "none", "cache": "none", "queue": "none"}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("", {}),
        ("import requests\n", {"http": "sync"}),
        ("from requests import Session\n", {"http": "sync"}),
        ("import httpx\n\nclient = httpx.AsyncClient()\n", {"http": "async"}),
        ("import httpx\n\nTIMEOUT = httpx.Timeout(3)\n", {}),
        ("import httpx\n\n\ndef load():\n    return httpx.get('x')\n\n\nclient = httpx.AsyncClient()\n", {"http": "mixed"}),
        ("import aiohttp\n\n\nasync def load():\n    async with aiohttp.ClientSession() as session: ...\n", {"http": "async"}),
        ("from aiohttp import web\n", {}),
        ("from sqlalchemy.ext.asyncio import AsyncSession\n", {"database": "async"}),
        ("from sqlalchemy import Column, create_engine\n", {"database": "sync"}),
        ("from sqlalchemy import Column, select\n", {}),
        ("import redis.asyncio as redis\n\nclient = redis.Redis()\n", {"cache": "async"}),
        ("import redis\n\nclient = redis.Redis()\n", {"cache": "sync"}),
        ("from celery import Celery\n", {"queue": "sync"}),
        ("from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import requests\n", {}),
    ],
)
def test_what_code_imports_and_names_tells_the_layer(code: str, expected: dict[str, str]) -> None:
    """Names that wait for nothing tell nothing, nor does what only type checkers import."""
    [found] = audit_sources({"main.py": APP, "client.py": code})[0].services

    assert found.signals["async_io_layer"] == NONE | expected


def test_tests_and_other_services_do_not_count() -> None:
    """Shared code counts where the service's application imports it."""
    files = {
        "a/setup.py": "",
        "a/main.py": "import shared.client\n" + APP,
        "a/tests/test_main.py": "import requests\n",
        "b/setup.py": "",
        "b/main.py": "import requests\n" + APP,
        "shared/__init__.py": "",
        "shared/client.py": "import asyncpg\n",
    }

    one, other = audit_sources(files)[0].services
    assert one.signals["async_io_layer"] == NONE | {"database": "async"}
    assert other.signals["async_io_layer"] == NONE | {"http": "sync"}
