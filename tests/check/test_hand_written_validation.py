"""How sure it is that tests of input are validation written by hand."""

from __future__ import annotations

import pytest

from fwaudit.model.context import Grade
from tests.support import audit_sources

_SOURCE = """
from flask import Flask, abort, request

app = Flask(__name__)

def validated(schema):
    def decorate(function):
        def wrapper():
            return function()
        return wrapper
    return decorate

@app.post("/users")
{decorator}
def edit():
    data = request.get_json()
    if data["name"] == "root":
        abort(400)
    if data["mail"] == "root@localhost":
        abort(400)
    if data["age"] < 18:
        abort(400)
    return ""
"""


@pytest.mark.parametrize(
    ("decorator", "confidence"),
    [
        pytest.param("", Grade.MEDIUM, id="nothing before"),
        pytest.param("@validated({})", Grade.LOW, id="a schema before"),
    ],
)
def test_tests_of_what_a_schema_has_checked(decorator: str, confidence: Grade) -> None:
    """They may say what the caller may do, which no schema replaces."""
    findings = audit_sources({"app.py": _SOURCE.format(decorator=decorator)})[1].findings
    assert [one.confidence for one in findings if one.rule == "hand-written-validation"] == [confidence]
