"""Numbers as audited text spells them: each is read as Python reads it, and none ends a check."""

from __future__ import annotations

import pytest

from fwaudit.model.numbers import number_of, whole_number
from tests.support import audit_sources

LOOP = """
import threading
import time
from flask import Flask

app = Flask(__name__)


def clean_up():
    while True:
        print("cleaning")
        time.sleep({seconds})


threading.Thread(target=clean_up, daemon=True).start()
"""
POOL = """
from fastapi import FastAPI
from sqlalchemy import create_engine, text

app = FastAPI()
engine = create_engine("postgresql:///shop", pool_size={size}, max_overflow=0)


@app.get("/items")
def items() -> list[str]:
    with engine.connect() as connection:
        return [row.name for row in connection.execute(text("select name from items limit 9"))]
"""
ROUTES = """
from flask import Flask

app = Flask(__name__)


@app.route("/{{{field}}}".format("items"))
def items():
    return ("a", "b")[{position}]
"""
LONG = "9" * 5000
"""More digits than Python makes an int of."""


@pytest.mark.parametrize(
    ("source", "value"),
    [("5", 5.0), ("-1", -1.0), ("0x1F", 31.0), ("0b11", 3.0), ("0o17", 15.0), ("1_000", 1000.0), (".5", 0.5), ("2.5e3", 2500.0)],
)
def test_a_literal_is_read(source: str, value: float) -> None:
    """Every way to write a number."""
    assert number_of(source) == value


@pytest.mark.parametrize("source", ["", "-", "x", "²", "-²", "5j", "nan", "inf", "0x", "1__0", "0x" + "f" * 5000])
def test_what_is_no_number_is_none(source: str) -> None:
    """Nothing is raised."""
    assert number_of(source) is None


def test_decimal_digits() -> None:
    """Those of options and of fields: no other digits than 0 to 9, and not endless ones."""
    assert (whole_number("0"), whole_number("12")) == (0, 12)
    assert [whole_number(text) for text in ("", "-1", "1.5", "²", "٣", LONG)] == [None] * 6


@pytest.mark.parametrize(("seconds", "is_found"), [("0x1F", True), ("1_000", True), ("6.5", True), ("0x1", False), (".5", False)])
def test_a_sleep_in_any_notation(seconds: str, is_found: bool) -> None:
    """A loop that sleeps five seconds or more is found, one that sleeps less is not, however the number is written."""
    findings = audit_sources({"app.py": LOOP.format(seconds=seconds)})[1].findings

    assert ("hand-rolled-scheduler" in {one.rule for one in findings}) is is_found


@pytest.mark.parametrize(("size", "is_found"), [("3", True), ("0x3", True), ("99", False), ('"²"', False), (f'"{LONG}"', False)])
def test_a_pool_size_in_any_notation(size: str, is_found: bool) -> None:
    """A small number is found; a large one is enough, and of what is no number nothing is said."""
    findings = audit_sources({"app.py": POOL.format(size=size)})[1].findings

    assert ("pool-smaller-than-threads" in {one.rule for one in findings}) is is_found


@pytest.mark.parametrize(("field", "path"), [("0", "/items"), ("²", "/<unknown>"), (LONG, "/<unknown>")])
def test_a_field_that_is_no_position(field: str, path: str) -> None:
    """Of a format string, and an index beside it: what cannot be a position leads nowhere."""
    (service,) = audit_sources({"app.py": ROUTES.format(field=field, position=LONG if field == LONG else 0)})[1].services

    assert [route.path for route in service.routes] == [path]


def test_threads_that_are_no_number() -> None:
    """Of a start that does not say how many threads there are, nothing is said; the others count."""
    flask = POOL.format(size=3).replace("fastapi import FastAPI", "flask import Flask").replace("FastAPI()", "Flask(__name__)")
    found = {
        threads: {
            one.rule for one in audit_sources({"app.py": flask, "Procfile": f"web: gunicorn --threads {threads} app:app\n"})[1].findings
        }
        for threads in ("8", "²", LONG)
    }

    assert ["pool-smaller-than-threads" in rules for rules in found.values()] == [True, False, False]


def test_workers_that_are_no_number() -> None:
    """A server would not start so; the audit goes on."""
    files = {"app.py": ROUTES.format(field="0", position=0), "uwsgi.ini": f"[uwsgi]\nmodule = app:app\nprocesses = {LONG}\n"}

    assert [route.path for route in audit_sources(files)[1].services[0].routes] == ["/items"]
