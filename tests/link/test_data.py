"""How the code uses databases and clients."""

from __future__ import annotations

import pytest

from tests.support import audit_sources

_ROUTE = """
from fastapi import FastAPI
from sqlalchemy import create_engine

app = FastAPI()
"""


def _found(source: str, rule: str) -> list[tuple[int, str]]:
    """(line below `_ROUTE`, confidence) of each finding of the rule."""
    _, audit = audit_sources({"app.py": _ROUTE + source}, {"min-confidence": "low"})
    start = _ROUTE.count("\n")
    return [(finding.line - start, finding.confidence.value) for finding in audit.findings if finding.rule == rule]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("@app.get('/')\ndef f():\n    create_engine('x')\n", [(3, "high")], id="in the handler"),
        pytest.param("def g():\n    create_engine('x')\n\n@app.get('/')\ndef f():\n    g()\n", [(2, "medium")], id="below it"),
        pytest.param("@app.get('/')\ndef f(url: str):\n    create_engine(url)\n", [(3, "low")], id="of an address that comes along"),
        pytest.param(
            "@app.get('/')\ndef f(host: str):\n    url = 'db://' + host\n    create_engine(url)\n",
            [(4, "low")],
            id="of a part that comes along",
        ),
        pytest.param("def g():\n    create_engine('x')\n", [], id="in no request"),
        pytest.param("def g():\n    create_engine('x')\n\n@app.get('/')\ndef f(a: int):\n    if a:\n        g()\n", [], id="not always"),
        pytest.param("engine = create_engine('x')\n\n@app.get('/')\ndef f():\n    engine.connect()\n", [], id="at import"),
        pytest.param("@keep_once\ndef g():\n    create_engine('x')\n\n@app.get('/')\ndef f():\n    g()\n", [], id="under an unknown memo"),
        pytest.param("@app.on_event('startup')\ndef f():\n    create_engine('x')\n", [], id="at startup"),
    ],
)
def test_an_engine_is_made_by_each_request(source: str, expected: list[tuple[int, str]]) -> None:
    """Only where a request makes it under no condition; what the request brings makes it less sure."""
    assert _found(source, "engine-per-request") == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("requests.get('u')", ["high"]),
        ("requests.get('u', timeout=None)", ["high"]),
        ("requests.get('u', timeout=5)", []),
        ("requests.get('u', timeout=a)", []),
        ("requests.get('u', **a)", []),
        ("requests.get(*a)", []),
        ("urlopen('u')", ["high"]),
        ("urlopen('u', None, 5)", []),
        ("session.get('u')", ["high"]),
        ("(session.mount('https://', a), session.get('u'))", ["low"]),
        ("(session.mount('https://', a), requests.get('u'))", ["high"]),
    ],
)
def test_a_call_without_a_limit(call: str, expected: list[str]) -> None:
    """What may be limited elsewhere is less sure."""
    source = f"import requests\nfrom urllib.request import urlopen\nsession = requests.Session()\n\ndef f(a):\n    {call}\n"

    assert [confidence for _, confidence in _found(source, "outbound-call-without-timeout")] == expected
