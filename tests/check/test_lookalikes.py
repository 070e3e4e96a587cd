"""Code that looks like hand-rolled glue and is none, beside the code that is."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from fwaudit import audit
from tests.support import audit_sources

_APP = """
import asyncio, time
import jwt
from flask import Flask, jsonify, request
app = Flask(__name__)
"""

_RETRIED = """
@app.get("/")
async def ask():
    attempts = 0
    while True:
        try:
            return await work()
        except ValueError:
            attempts += 1
            if attempts > 3:
                raise
            await asyncio.sleep(attempts)
async def work(): ...
"""
_LISTENING = """
async def listen():
    attempts = 0
    while True:
        try:
            await work()
        except ValueError:
            attempts += 1
            if attempts > 3:
                break
            await asyncio.sleep(attempts)
async def work(): ...
"""
_SERVING = """
class Daemon:
    async def serve(self):
        attempts = 0
        while self._running:
            try:
                await work()
            except ValueError:
                attempts += 1
                await asyncio.sleep(attempts)
async def work(): ...
"""
_KEPT = """
_rates = {}
@app.get("/<day>")
def rate(day):
    if day in _rates:
        value, then = _rates[day]
        if time.time() - then < 60:
            return value
    value = work(day)
    _rates[day] = (value, time.time())
    return value
def work(day): ...
"""
_MEASURED = """
_samples = {}
@app.get("/load")
def load():
    now, used = time.time(), work()
    if "cpu" in _samples:
        before, then = _samples["cpu"]
        _samples["cpu"] = (used, now)
        return round((used - before) / (now - then), 2)
    _samples["cpu"] = (used, now)
    return 0
def work(): ...
"""
_COUNTED = """
@app.get("/")
def ask(redis):
    key = str(int(time.time() / 60))
    redis.incr(key)
    redis.expire(key, 60)
    if int(redis.get(key)) > 100:
        return jsonify({}), 429
    return ""
"""
_PAUSED = """
_last = {}
@app.get("/<name>")
def ask(name):
    if time.time() - _last.get(name, 0) < 60:
        return jsonify({}), 429
    _last[name] = time.time()
    return ""
"""
_WORDED = """
@app.errorhandler(OverflowError)
def limited(exc):
    return jsonify({"again": int(time.time() + exc.after)}), 429
"""
_READ = """
@app.get("/")
def ask():
    return jwt.decode(request.headers["Authorization"], app.secret_key, algorithms=["HS256"])
"""
_LOOKED_INTO = """
@app.get("/")
def ask():
    return jwt.decode(request.headers["Authorization"], options={"verify_signature": False})["iss"]
"""
_OF_A_PROVIDER = """
@app.get("/")
def ask():
    token = request.headers["Authorization"]
    named = jwt.get_unverified_header(token)["kid"]
    for key in work()["keys"]:
        if key["kid"] == named:
            return jwt.decode(token, key, algorithms=app.config["ALGORITHMS"])
def work(): ...
"""
_PAGES = """
@app.get("/{name}")
def {name}(query, page, size):
    return query.limit(size).offset((page - 1) * size).all()
"""
_OFFSETS = """
@app.get("/{name}")
def {name}(query, offset, limit):
    return query.limit(limit).offset(offset).all()
"""


@pytest.mark.parametrize(
    ("rule", "source", "confidence"),
    [
        pytest.param("hand-rolled-retry", _RETRIED, "medium", id="a call that is tried again until it succeeds"),
        pytest.param("hand-rolled-retry", _LISTENING, None, id="a loop that listens for ever and connects anew"),
        pytest.param("hand-rolled-retry", _SERVING, None, id="a daemon that waits after a failure"),
        pytest.param("hand-rolled-cache", _KEPT, "medium", id="a value with its time"),
        pytest.param("hand-rolled-cache", _MEASURED, None, id="the last sample of a counter"),
        pytest.param("hand-rolled-rate-limit", _COUNTED, "medium", id="requests that are counted"),
        pytest.param("hand-rolled-rate-limit", _PAUSED, "low", id="a pause between two requests"),
        pytest.param("hand-rolled-rate-limit", _WORDED, None, id="the answer to what somebody else has counted"),
        pytest.param("hand-rolled-jwt", _READ, "medium", id="a token of the service's own"),
        pytest.param("hand-rolled-jwt", _LOOKED_INTO, None, id="a token that is looked into and not checked"),
        pytest.param("hand-rolled-jwt", _OF_A_PROVIDER, "low", id="a token of a provider that publishes its keys"),
        pytest.param("hand-rolled-pagination", "".join(_PAGES.format(name=name) for name in "abc"), "medium", id="pages, counted out"),
        pytest.param("hand-rolled-pagination", "".join(_OFFSETS.format(name=name) for name in "abc"), "low", id="offsets of the caller"),
    ],
)
def test_what_is_hand_rolled(rule: str, source: str, confidence: str | None) -> None:
    """The finding of that rule and how sure it is, or none."""
    findings = audit_sources({"app.py": _APP + textwrap.dedent(source)})[1].findings
    assert [str(one.confidence) for one in findings if one.rule == rule] == [confidence][: 1 if confidence else 0]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param(["OPTIONS", "DELETE"], [], id="OPTIONS alone is in both"),
        pytest.param(["OPTIONS", "GET"], ["duplicate-route"], id="the same method"),
    ],
)
def test_routes_that_share_a_method(second: list[str], expected: list[str]) -> None:
    """A handler is hidden by one that answers what it is for."""
    routes = f"""
@app.route("/key", methods=["OPTIONS", "GET"])
def get(): ...
@app.route("/key", methods={second})
def other(): ...
"""
    found = audit_sources({"app.py": _APP + routes})[1].findings
    assert [one.rule for one in found if one.rule == "duplicate-route"] == expected


_ONE_WORKER = 'workers = 1\nworker_class = "sync"\n'
_WAITING = """
import requests
@app.get("/")
def ask():
    return requests.get("https://example.org", timeout=5).text
"""


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"conf/gunicorn_web.py": _ONE_WORKER}, ["single-worker-blocking-service"], id="one file"),
        pytest.param({"conf/gunicorn_web.py": 'worker_class = "gevent"\n', "conf/gunicorn_worker.py": _ONE_WORKER}, [], id="one of two"),
    ],
)
def test_the_file_that_no_command_reads(files: dict[str, str], expected: list[str], tmp_path: Path) -> None:
    """Of several files of gunicorn side by side nobody says which one serves the application."""
    (tmp_path / "conf").mkdir()
    for path, text in {"app.py": _APP + _WAITING, **files}.items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    found = audit([tmp_path]).findings
    assert [one.rule for one in found if one.rule == "single-worker-blocking-service"] == expected


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        pytest.param('client.get("a")', ["engine-per-request"], id="asked once"),
        pytest.param("client.pubsub()", [], id="subscribed to, which takes a connection for itself"),
    ],
)
def test_a_client_for_a_subscription(used: str, expected: list[str]) -> None:
    """Whoever listens holds a connection for as long, however the client was made."""
    source = f"""
import redis
@app.get("/")
def ask():
    client = redis.Redis()
    return {used}
"""
    found = audit_sources({"app.py": _APP + source})[1].findings
    assert [one.rule for one in found if one.rule == "engine-per-request"] == expected


@pytest.mark.parametrize(("parameter", "expected"), [("_exc", []), ("exc", []), ("order", ["hand-rolled-error-envelope"])])
def test_error_handlers_that_do_not_read_the_exception(parameter: str, expected: list[str]) -> None:
    """They are the one place for errors that a framework has, also where the exception's name says that it is not used."""
    handlers = "".join(
        f"@app.get('/{number}')\ndef answer_{number}({parameter}):\n    return jsonify({{'error': 'no'}}), 40{number}\n"
        for number in range(5)
    )
    found = audit_sources({"app.py": _APP + handlers})[1].findings
    assert [one.rule for one in found if one.rule == "hand-rolled-error-envelope"] == expected
