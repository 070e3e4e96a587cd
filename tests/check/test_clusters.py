"""Clusters: all places of one piece of hand-written code in a service are one finding."""

from __future__ import annotations

import pytest

from fwaudit.model.finding import Finding
from tests.support import audit_sources

APP = "from flask import Flask\n\napp = Flask(__name__)\n"
ALLOW = """
def {name}(response):
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
"""


def _glue(files: dict[str, str]) -> list[Finding]:
    return [finding for finding in audit_sources(files)[1].findings if finding.category == "glue"]


def test_one_finding_has_all_places_sorted() -> None:
    """It stands at the first place, and says how many there are, in how much code, and what there is instead."""
    (found,) = _glue({"main.py": APP + ALLOW.format(name="one"), "app/hooks.py": ALLOW.format(name="two") + ALLOW.format(name="three")})

    assert [(place.path, place.line) for place in found.places] == [("app/hooks.py", 3), ("app/hooks.py", 7), ("main.py", 6)]
    assert (found.path, found.line, found.function) == ("app/hooks.py", 3, "app.hooks.two")
    assert ": 3 places in 3 functions of 2 files (" in found.message
    assert found.message.endswith("; for this, flask has Flask-CORS, fastapi has CORSMiddleware, django has django-cors-headers")


def test_it_is_the_same_finding_when_places_come_and_go() -> None:
    """Its fingerprint is that of the rule and the service."""
    (before,) = _glue({"main.py": APP + ALLOW.format(name="one")})
    (after,) = _glue({"main.py": APP + ALLOW.format(name="one"), "app/hooks.py": ALLOW.format(name="two")})

    assert before.fingerprint == after.fingerprint
    assert before.path != after.path


def test_each_service_has_its_own() -> None:
    """Code is counted for the deepest service that holds it."""
    service = {"pyproject.toml": "[project]\nname = '{}'\n", "main.py": APP + ALLOW.format(name="one")}
    files = {f"{folder}/{path}": text.replace("{}", folder) for folder in ("shop", "bank") for path, text in service.items()}
    found = _glue(files)

    assert [(one.service, one.path, len(one.places)) for one in found] == [("bank", "bank/main.py", 1), ("shop", "shop/main.py", 1)]
    assert len({one.fingerprint for one in found}) == 2


def test_what_is_not_served_has_none() -> None:
    """Neither a library without an app, nor tests, nor scripts beside the service."""
    allow = ALLOW.format(name="one")

    assert _glue({"library.py": allow}) == []
    assert _glue({"main.py": APP, "tests/test_cors.py": allow, "scripts/serve.py": allow, "examples/cors.py": allow}) == []


SERVED = """
from flask import Flask
from app.{folder}.cors import allow

app = Flask(__name__)

@app.after_request
def cors(response):
    return allow(response)

@app.get("/items")
def items():
    return allow({{}})
"""


@pytest.mark.parametrize("folder", ["builder", "demo_projects", "docs", "making", "regression", "scripts"])
def test_what_a_route_reaches_is_found_in_any_folder(folder: str) -> None:
    """Whatever its name is mostly given to."""
    (found,) = _glue({"main.py": SERVED.format(folder=folder), f"app/{folder}/cors.py": ALLOW.format(name="allow")})

    assert found.path == f"app/{folder}/cors.py"


@pytest.mark.parametrize(("folder", "number"), [("builder", 1), ("making", 1), ("docs", 0), ("scripts", 0)])
def test_what_no_route_reaches_is_found_where_code_is_mostly_served(folder: str, number: int) -> None:
    """Only folders that are named for what stands beside a service are left out."""
    found = _glue({"main.py": APP, f"app/{folder}/cors.py": ALLOW.format(name="allow")})

    assert len(found) == number


def test_it_never_fails_a_run() -> None:
    """Glue is advice."""
    (found,) = _glue({"main.py": APP + ALLOW.format(name="one")})

    assert (found.fails, found.severity, found.confidence) == (False, "low", "medium")
