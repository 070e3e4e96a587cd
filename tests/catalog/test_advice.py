"""Advice that hangs together: what a row, a contradiction or a view asks for is there, and a mistake is said with its file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fwaudit.catalog import files
from fwaudit.catalog.load import load_advice
from fwaudit.errors import CatalogError

RULES = Path(__file__).parents[2] / "rules"
KINDS = "a fact is `signals.x`, `answers.x`, `history.x`, `profile.x`"


def _mistake(monkeypatch: pytest.MonkeyPatch, folder: Path, changes: dict[str, tuple[str, str] | None]) -> str:
    """What is said of the shipped advice where the first match of a pattern is replaced in a file; None: the file is missing."""
    (folder / "libraries").mkdir()
    (folder / "advice").mkdir()
    for path in (RULES / "advice").glob("*.toml"):
        change = changes.get(path.stem, ("", ""))
        if change is not None:
            text, number = re.subn(change[0], change[1], path.read_text(encoding="utf-8"), count=1)
            assert number == 1
            (folder / "advice" / path.name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(files, "_shipped_folder", lambda: folder)
    try:
        load_advice()
    except CatalogError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("triggers", ("signals\\.routes", "signal.routes"), f"{KINDS}, `rows.x`, not"),
        ("triggers", ("answers\\.team", "answers.teams"), "there is no question `teams`"),
        ("triggers", ("rows\\.workers-run-out", "rows.workers-walk-out"), "no earlier row is `workers-walk-out`"),
        ("triggers", ('countered_by = \\["', 'countered_by = ["nothing", "'), "no earlier row is `nothing`"),
        ("triggers", ('rules_out = \\["', 'rules_out = ["migrate:nowhere", "'), "no later row is for `migrate:nowhere`"),
        ("triggers", ('\nsource = "uvik"', '\nsource = "nobody"'), "there is no source `nobody`"),
        ("questions", ("answers\\.horizon", "answer.horizon"), f"contradictions: {KINDS}, not"),
        ("questions", ("answers\\.horizon", "answers.horizont"), "contradictions: there is no question `horizont`"),
        ("questions", ("answers\\.horizon", "rows.few-routes"), "contradictions: a fact is"),
        ("fit", ("answers\\.hiring", "answers.hirings"), "there is no question `hirings`"),
        ("fit", ("answers\\.hiring", "rows.few-routes"), f"{KINDS}, not"),
        ("fit", ('source = "\\w+', 'source = "nobody'), "there is no source `nobody"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_its_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str, change: tuple[str, str], message: str
) -> None:
    """Each when the tables are read, not when a row is judged."""
    said = _mistake(monkeypatch, tmp_path, {file: change})

    assert said.startswith(f"rules/advice/{file}.toml: ")
    assert message in said


@pytest.mark.parametrize("file", ["fit", "questions", "signals", "sources", "timing", "triggers"])
def test_a_missing_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str) -> None:
    """Not a KeyError."""
    assert _mistake(monkeypatch, tmp_path, {file: None}) == f"rules/advice/{file}.toml is missing; install fwaudit again"


def test_the_shipped_advice_has_no_mistake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The negative twin of all."""
    assert _mistake(monkeypatch, tmp_path, {}) == ""
