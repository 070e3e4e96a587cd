"""`fwaudit explain`, `rules` and `schema`: what fwaudit knows, and the form of what it says."""

from __future__ import annotations

import json
import re

import pytest

from fwaudit.catalog.advice import Advice
from fwaudit.catalog.files import read_tables
from fwaudit.catalog.load import load_advice, written_table
from fwaudit.report.table_pages import table_page
from fwaudit.report.trigger_pages import trigger_page
from tests.command import Command


def test_explain_shows_pages_of_rules_libraries_and_frameworks(command: Command) -> None:
    """However their names are written."""
    assert command("explain", "blocking-call-on-loop").stdout.startswith("# blocking-call-on-loop\n")
    assert command("explain", "requests").stdout.startswith("# requests\n\nThe distribution `requests`, releases >=2,<3, ")
    assert command("explain", "fastapi").stdout.startswith("# fastapi\n\nA web framework, served over ASGI ")
    assert command("explain", "SQLAlchemy") == command("explain", "sqlalchemy")
    assert command("explain", "SQLAlchemy").code == 0
    assert command("explain", "grpcio").stdout.count("# grpcio\n") == 2  # entry points, and a library


def test_the_page_of_a_framework_says_where_its_handlers_run(command: Command) -> None:
    """By kind, release and interface, with the way of registering and its source below; a row that was not run says why."""
    fastapi = command("explain", "fastapi").stdout.partition("## Where code runs\n\n")[2]
    django = command("explain", "django").stdout

    assert fastapi.startswith("- http: `def` threadpool, `async def` event-loop\n    - decorator `fastapi.{APIRouter,FastAPI}.{delete,get,")
    assert "\n- websocket: event-loop\n    - decorator `fastapi.{APIRouter,FastAPI}.{websocket,websocket_route}` (https://" in fastapi
    assert "\n- http, served over WSGI: `def` wsgi-worker, `async def` private-loop\n" in django
    assert "\n- event, releases <5.0, served over ASGI: `def` threadpool, `async def` unknown\n" in django
    assert "; not run: " in django


def test_the_page_of_a_library_says_what_blocks_and_what_async_code_uses(command: Command) -> None:
    """Each row with what it waits for, when, and its source."""
    requests, redis = command("explain", "requests").stdout, command("explain", "redis").stdout
    asyncio = command("explain", "python-asyncio").stdout

    assert "options,patch,post,put,request}` waits for the network; async code uses `httpx.AsyncClient.{name}` (https://" in requests
    assert "- `requests.{connect,trace}` waits for the network, only with the setting `parity` (https://" in requests
    assert ", not where `" in redis or ", where `" in redis
    assert "`asyncio.to_thread` runs its argument 0 in a thread (https://" in asyncio
    assert "- `asyncio.run` (https://" in asyncio.partition("## What runs a coroutine on a loop of its own and waits\n")[2]


def test_every_table_can_be_explained() -> None:
    """Each of its rows that says what holds a thread or where code runs is on its page, with its source."""
    for file in (file for file in read_tables() if file.kind in ("frameworks", "libraries")):
        table = written_table(file)
        page = table_page(table, file.name)
        rows = [*table.blocking, *table.iterating, *table.entering, *table.offloaders, *table.loop_runners, *getattr(table, "handlers", ())]

        assert page.startswith(f"# {file.name}\n\n")
        assert page.count("\n- ") + page.count("\n    - ") >= len(rows), file.shown
        assert [row.source for row in rows if f"({row.source})" not in page] == [], file.shown


def test_explain_knows_the_triggers_of_the_verdict(command: Command) -> None:
    """What one says, when it fires, what counters it, what it asks and its source; every one has a page, and another word has none."""
    page = command("explain", "Workers-Run-Out").stdout

    assert page.startswith("# workers-run-out\n\n<outbound_routes> routes wait for other services")
    assert "speaks for moving to fastapi and decides alone; its weight is 3." in page
    assert "- `signals.outbound_routes` is at least 3\n" in page
    assert "`answers.profiled-bottleneck` is threads; `profile.worker_saturation` is at least 0.9" in page
    counters = page.partition("## What counters it")[2].partition("\n## ")[0]
    assert set(re.findall(r"^- `([a-z-]+)`: ", counters, re.MULTILINE)) >= {"narrow-and-stable", "pages-drawn-on-the-server"}
    assert "(`profiled-bottleneck`: threads, database, serialization, cpu)" in page
    assert page.rstrip().endswith("“When to move from Flask to FastAPI”")
    assert "## What counters it" not in command("explain", "loop-mostly-held-up").stdout
    assert "did you mean `workers-run-out`?" in command("explain", "workers-run-ot").stderr


@pytest.mark.parametrize("row", load_advice().rows, ids=lambda row: row.id)
def test_every_trigger_can_be_explained(row: Advice) -> None:
    """Its page has no hole left, and a sentence for each of its tests."""
    page = trigger_page(row, load_advice())

    assert not re.search(r"[{}]|None", page), page
    assert page.count("\n- ") >= len(row.when) + bool(row.any)


def test_rules_lists_every_rule(command: Command) -> None:
    """`rules` has one line for each page, with category and severity."""
    lines = command("rules").stdout.splitlines()

    assert len(lines) > 5
    assert any(line.split()[:4] == ["unused-suppression", "meta", "low", "none"] for line in lines)
    assert any(line.split()[:5] == ["blocking-call-on-loop", "event-loop", "up", "to", "high"] for line in lines)


def test_schema_is_json(command: Command) -> None:
    """`schema` prints a JSON Schema."""
    assert "$defs" in json.loads(command("schema").stdout)
