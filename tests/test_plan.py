"""`fwaudit plan`: the verdict in words, from the source and from a saved audit."""

from __future__ import annotations

import json
import os
from typing import Any

import msgspec
import pytest

from fwaudit.report.verdict import render_plan
from tests.command import Command
from tests.judge.sample import judged
from tests.support import audit_sources

HAND_MADE = """
from flask import Flask, jsonify, request

app = Flask(__name__)
""" + "".join(
    f"""

@app.post("/things/{number}")
def add_{number}():
    return jsonify(request.get_json()["name"])
"""
    for number in range(24)
)
SMALL = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/x')\nasync def x():\n    return 1\n"


def test_the_plan_of_a_service_that_should_move(command: Command) -> None:
    """Verdict, arguments with places and sources, what would change it, and every trigger with its state."""
    command.write("app.py", HAND_MADE)

    outcome = command("plan", "--no-cache")

    assert outcome.code == 0
    text = " ".join(outcome.stdout.split())
    assert text.startswith("app: migrate to fastapi, medium confidence flask; 24 routes in 1 file; 124 lines in 1 module for 24 of 24")
    assert "app.py:8, app.py:13, app.py:18, and others" in text
    assert "When to move from Flask to FastAPI" in text
    assert "what would change it consumers-of-openapi = false: stay (Are clients generated" in text
    assert "horizon = stable: stay (Is the product under active change" in text
    assert "reasons that only an answer, a history or a profile can tell narrow-and-stable" in text
    assert "reasons looked for and not found" in text


def test_a_service_with_little_evidence_stays(command: Command) -> None:
    """A small service stays, and nothing is made up against it."""
    command.write("app.py", SMALL)

    outcome = command("plan", "--no-cache")

    assert outcome.stdout.startswith("app: stay, high confidence\n  fastapi; 1 route in 1 file; 8 lines in 1 module\n  for\n")
    assert "\n  against\n" not in outcome.stdout


def test_what_the_verdict_had_to_do_without_is_said(command: Command) -> None:
    """A profile that is none, a history that cannot be read and answers that contradict each other; without any, nothing is said."""
    command.write("app.py", HAND_MADE)
    whole = command("plan", "--no-cache").stdout
    command.write("cut.json", '{"$schema": "https://www.speedscope.app/file-format-schema.json", "profiles": [{"ty')
    command.write(".git", "gitdir: nowhere")
    command.write("fwaudit.toml", '[answers]\nhorizon = "stable"\nplans-streaming = true\n')

    outcome = command("plan", "--no-cache", "--profile", "cut.json")

    assert outcome.code == 0
    text = " ".join(outcome.stdout.split())
    assert "what is missing" not in whole
    assert text.startswith("app: ")
    missing = text.partition("what is missing, or is not as it was given")[2]
    assert "cut.json:1: the profile is not used" in missing
    assert ".git:1: the git history is not read: .git names a repository that is not there" in missing
    assert "fwaudit.toml:1: answers contradict: `horizon = stable`" in missing


@pytest.mark.parametrize(("days", "is_complete", "is_said"), [(12, False, True), (400, False, False), (12, True, False)])
def test_a_clone_that_ends_early_is_said(days: int, is_complete: bool, is_said: bool) -> None:
    """Where the year before HEAD is not there, whether the service still changes is not known."""
    one = msgspec.structs.replace(judged("flask"), history={"is_complete": is_complete, "age_days": days})
    audit = msgspec.structs.replace(audit_sources({})[1], services=(one,))

    text = " ".join(render_plan(audit, width=100, color=False).split())

    assert ("the history of this clone ends 12 days before HEAD" in text) is is_said


def test_the_report_ends_with_the_verdict_in_short(command: Command) -> None:
    """The audit's report has it before its summary; with `--statistics`, or where files are named, it has not."""
    command.write("app.py", HAND_MADE)

    assert "app: migrate to fastapi, medium confidence" in command("--no-cache").stdout
    assert "migrate to" not in command("--no-cache", "--statistics").stdout
    assert "migrate to" not in command("--no-cache", "app.py").stdout


def test_a_saved_audit_gives_the_same_plan(command: Command) -> None:
    """`--from` needs no source: the text and the JSON are the same."""
    source = command.folder / "app.py"
    command.write("app.py", HAND_MADE)
    text, form = command("plan", "--no-cache").stdout, command("plan", "--no-cache", "--format", "json").stdout
    command("--no-cache", "--format", "json", "--output", "saved.json")
    source.unlink()

    assert command("plan", "--from", "saved.json").stdout == text
    assert command("plan", "--from", "saved.json", "--format", "json").stdout == form
    assert json.loads(form)["services"][0]["verdict"]["action"] == "migrate"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an audit that `fwaudit --format json` wrote"),
        (b"[1, 2", "not an audit that `fwaudit --format json` wrote"),
        (b'{"services": []}', "not an audit that `fwaudit --format json` wrote"),
        (b"\xff\xfe", "not an audit that `fwaudit --format json` wrote"),
    ],
)
def test_a_file_that_is_no_audit_exits_2(command: Command, content: bytes, message: str) -> None:
    """It is named, with what is wrong."""
    (command.folder / "saved.json").write_bytes(content)

    outcome = command("plan", "--from", "saved.json")

    assert (outcome.code, outcome.stdout) == (2, "")
    assert f"saved.json: {message}" in outcome.stderr


@pytest.mark.parametrize(
    ("where", "name", "value"),
    [
        ("signals", "routes", "many"),
        ("signals", "modules", [1]),
        ("signals", "lines", {}),
        ("signals", "routes_known", "no"),
        ("signals", "llm_route_names", 5),
        ("signals", "llm_route_names", [["GET /"]]),
        ("profile", "routes", [1]),
        ("profile", "routes", {"GET /x": {"seconds": "1"}}),
        ("answers", "weight-hiring", "heavy"),
    ],
)
def test_a_saved_audit_with_a_fact_of_the_wrong_type_exits_2(command: Command, where: str, name: str, value: object) -> None:
    """It is damaged, and no defect of fwaudit; the message says where."""
    saved = saved_audit(command)
    saved["services"][0][where][name] = value
    command.write("damaged.json", json.dumps(saved))

    outcome = command("plan", "--from", "damaged.json")

    assert (outcome.code, outcome.stdout) == (2, "")
    assert "damaged.json: not an audit that `fwaudit --format json` wrote: Expected" in outcome.stderr


def test_a_saved_audit_without_some_facts_or_with_others_is_judged(command: Command) -> None:
    """The negative twin: nothing is known of what is not there, and what nobody reads by name may be anything."""
    saved = saved_audit(command)
    saved["services"][0]["signals"] = {"routes": None, "crud_share": "most", "added_later": [1, {}]}
    saved["services"][0]["answers"] = {"weight-hiring": 2, "team": 7}
    command.write("other.json", json.dumps(saved))

    outcome = command("plan", "--from", "other.json")

    assert outcome.code == 0, outcome.stderr
    assert "routes unknown" in outcome.stdout


def saved_audit(command: Command) -> dict[str, Any]:
    """An audit of a small service, as it is saved."""
    command.write("app.py", SMALL)
    document: dict[str, Any] = json.loads(command("--no-cache", "--format", "json").stdout)
    return document


@pytest.mark.parametrize(
    "option", ["--config=/nowhere.toml", "--isolated", "--jobs=2", "--no-cache", "--cache-dir=x", "--profile=x", "--ask"]
)
def test_an_option_of_an_audit_beside_a_saved_one_is_refused(command: Command, option: str) -> None:
    """Nothing would come of it: it exits 2 and names the option, before the file is looked for."""
    outcome = command("plan", "--from", "missing.json", option)

    assert outcome.code == 2
    assert f"{option.partition('=')[0]} cannot be used with it" in outcome.stderr


def test_how_a_saved_audit_is_shown_can_be_said(command: Command) -> None:
    """The negative twin: colour, form and how much is said. `--verbose` lists the problems that were saved."""
    command.write("broken.py", "def f(:\n")
    command.write("saved.json", json.dumps(saved_audit(command)))

    outcome = command("plan", "--from", "saved.json", "--color", "always", "--verbose")

    assert outcome.code == 0
    assert "\x1b[" in outcome.stdout
    assert "broken.py:1: syntax error" in outcome.stderr


def test_another_form_of_audit_exits_2(command: Command) -> None:
    """A document of another version is not misread."""
    command.write("app.py", SMALL)
    command("--no-cache", "--format", "json", "--output", "saved.json")
    saved = command.folder / "saved.json"
    saved.write_text(saved.read_text().replace('"schema_version": 1', '"schema_version": 99'))

    assert "has the form 99" in command("plan", "--from", "saved.json").stderr


def test_what_cannot_be_read_exits_2(command: Command) -> None:
    """No such file, a FIFO, and a path beside `--from`."""
    os.mkfifo(command.folder / "fifo.json")
    command.write("app.py", SMALL)

    assert (command("plan", "--from", "missing.json").code, command("plan", "--from", "fifo.json").code) == (2, 2)
    assert "not both" in command("plan", ".", "--from", "missing.json").stderr


def test_a_folder_without_services_says_so(command: Command) -> None:
    """A library gets no verdict."""
    command.write("lib.py", "def f():\n    return 1\n")

    assert command("plan", "--no-cache").stdout.startswith("No service to judge")
