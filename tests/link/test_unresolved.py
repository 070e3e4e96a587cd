"""Calls on a loop of which nothing can be said, and that are counted."""

from __future__ import annotations

from tests.support import audit_sources


def test_calls_into_a_library_without_a_table_are_counted() -> None:
    """Whether they wait is not known, and without a number an audit would seem an all-clear. What is awaited is not counted."""
    text = (
        "import json\nimport sightings\nfrom fastapi import FastAPI\napp = FastAPI()\n"
        "client = sightings.Client()\n"
        "@app.get('/one')\nasync def one():\n    return sightings.latest(), client.newest(), json.dumps(await sightings.coming())\n"
        "@app.get('/two')\ndef two():\n    return sightings.latest()\n"
    )
    assert audit_sources({"app.py": text})[0].unresolved_calls == {"unknown-library": 2}
