"""JSON, and where in it what is said."""

from __future__ import annotations

import json

import pytest

from fwaudit.manifests.json_text import JsonText
from fwaudit.manifests.text import ManifestText
from tests.manifests.reading import problems, starts


def _read(text: str) -> JsonText:
    return JsonText(ManifestText("x.json", "x", text))


def test_lines_of_strings_and_objects() -> None:
    """The first of each; a key of an object counts before a string that says the same."""
    document = _read('{"a": "b",\n "c": "d \\" {",\n\n "b": {"e":\n {}}}')

    assert [document.line_of_string(text) for text in ("a", "b", "c", "e")] == [1, 1, 2, 4]
    assert document.line_of_object("b") == 4
    assert document.line_of_object("c") == 2, "no object: where the string stands"
    assert document.line_of_string('d " {') == 1, "written with an escape: not known"
    assert document.line_of_object("nowhere", 7) == 7


def test_every_stage_is_found_in_one_pass() -> None:
    """Thousands of stages, each of which was looked for from the start of the file, with its end as far away as can be."""
    apps = [f"app_{number}.main" for number in range(15_000)]
    settings = {"padding": ["x"] * 100_000} | {f"stage{number}": {"app_function": app} for number, app in enumerate(apps)}
    said = starts({"zappa_settings.json": json.dumps(settings, indent=0)})
    assert len(said) == 15_000
    assert "zappa app_14999.main in . zappa_settings.json:145002" in said


@pytest.mark.parametrize("name", ["Pipfile.lock", "openapi.json", "railway.json", "vercel.json", "zappa_settings.json"])
def test_what_is_no_json_is_said_alike(name: str) -> None:
    """By every reader: with its line, in one form."""
    assert problems({name: '{"a":\n1,}'})[0].startswith(f"{name}:2 is not valid JSON: ")
    assert problems({name: "[" * 100_000}) == [f"{name}:1 is nested too deeply"]
    assert problems({name: "1" * 5_000})[0].startswith(f"{name}:1 is not valid JSON: Exceeds the limit")
    assert problems({name: '{"a": 1}'}) == []
