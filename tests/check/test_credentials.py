"""Code about credentials and passwords that is where a library or framework asks for it, and its twins that are not."""

from __future__ import annotations

import pytest

from tests.support import audit_sources

_APP = """
from flask import Flask, abort, redirect, request, session

app = Flask(__name__)

def authenticate(needs):
    return needs
"""
_REVOKE = """
@app.delete("/tokens")
{decorator}
def revoke():
    if not request.headers["Authorization"].split()[1]:
        abort(401)
    return ""
"""
_FORGED = """
{decorator}
def forged(reason):
    if "user_id" not in session:
        return "", 401
    return "", 400
"""
_HASHER = """
import hashlib
from flask import Flask
{imported}

app = Flask(__name__)

class OldHasher({base}):
    def encode(self, password, salt):
        return hashlib.sha1((salt + password).encode()).hexdigest()
"""


def rules_of(source: str) -> set[str]:
    """The names of the rules that find something in it."""
    return {finding.rule for finding in audit_sources({"app.py": source})[1].findings}


@pytest.mark.parametrize(
    ("source", "is_found"),
    [
        pytest.param(
            "from apifairy import authenticate\n" + _REVOKE.format(decorator="@authenticate(1)"), False, id="a library has let in"
        ),
        pytest.param(_REVOKE.format(decorator="@authenticate(1)"), True, id="a decorator of the service's own"),
        pytest.param(_REVOKE.format(decorator=""), True, id="no decorator"),
        pytest.param(_FORGED.format(decorator="@app.errorhandler(ValueError)"), False, id="a handler of errors"),
        pytest.param(_FORGED.format(decorator='@app.get("/x")'), True, id="a handler of requests"),
    ],
)
def test_credentials_that_somebody_else_has_refused(source: str, is_found: bool) -> None:
    """A library's decorator has refused who is unknown; an error handler answers what was refused elsewhere."""
    assert ("hand-rolled-auth-check" in rules_of(_APP + source)) is is_found


@pytest.mark.parametrize(
    ("imported", "base", "is_found"),
    [
        pytest.param("from django.contrib.auth.hashers import BasePasswordHasher", "BasePasswordHasher", False, id="Django's hasher"),
        pytest.param("", "object", True, id="a class of its own"),
    ],
)
def test_a_hasher_that_the_framework_asks_for(imported: str, base: str, is_found: bool) -> None:
    """Django compares, salts and replaces the hashes of its hashers itself."""
    assert ("hand-rolled-password-hashing" in rules_of(_HASHER.format(imported=imported, base=base))) is is_found


def test_the_message_names_the_module_that_hashes() -> None:
    """`crypt` is not `hashlib`."""
    source = _APP + "import crypt\n\ndef hashed(password):\n    return crypt.crypt(password)\n"
    [finding] = [one for one in audit_sources({"app.py": source})[1].findings if one.rule == "hand-rolled-password-hashing"]

    assert finding.message.startswith("passwords are hashed with `crypt` in the service's own code")
