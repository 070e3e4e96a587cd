"""Adapters between the interfaces: the rules know those of the tables, a user's own among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import audit_sources

APP = """
from acme import Adapter
from flask import Flask

flask = Flask(__name__)
app = Adapter(flask)
"""
RULES = {"asgi": "wsgi-app-inside-asgi-app", "wsgi": "asgi-app-behind-wsgi-adapter"}


def _found(folder: Path, table: str) -> set[str]:
    (folder / "servers.toml").write_text(f"servers = []\nwrappers = []\n{table}", encoding="utf-8")
    return {one.rule for one in audit_sources({"app.py": APP}, {"rules": [str(folder)]})[1].findings} & {*RULES.values()}


@pytest.mark.parametrize("interface", ["asgi", "wsgi"])
def test_an_adapter_of_a_users_table_is_found(tmp_path: Path, interface: str) -> None:
    """By what it makes of an application."""
    row = f'[[adapters]]\ncalls = ["acme.Adapter"]\ninterface = "{interface}"\nsource = "https://example.org/"\n'

    assert _found(tmp_path, row) == {RULES[interface]}


def test_a_call_that_no_table_knows_is_none(tmp_path: Path) -> None:
    """Whatever its name says."""
    assert _found(tmp_path, "") == set()
