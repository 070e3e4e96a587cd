"""Running the checks: each is its rule's module, and one that fails takes nothing of the others with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fwaudit.check import blocking_call_on_loop
from fwaudit.check.findings import Draft
from fwaudit.check.run import checks, run_checks
from fwaudit.cli import run
from fwaudit.model.context import Context
from fwaudit.model.project import Project
from fwaudit.model.source import Problem
from tests.check.sample import CATALOG, blocked, lost, project

LATE = "unused-suppression"
"""The one rule without a check: it is judged once all findings are known."""


def test_each_rule_but_the_last_has_a_check_of_its_name() -> None:
    """In one order, by name."""
    names = [name for name, _ in checks()]

    assert names == sorted(set(CATALOG.rules) - {LATE})


def test_a_check_finds_what_bears_its_name_only() -> None:
    """The name of the module is the rule of every finding; that there are some, the examples of its page show."""
    everything = project(
        *(blocked(kind=kind) for kind in ("blocking", "cpu", "nested")),
        blocked(called_instead=True),
        blocked(is_from_thread=True),
        lost=[lost(3, None)],
        not_callable=[lost(4, Context.EVENT_LOOP)],
    )
    found = {name: {draft.rule for draft in check(everything)} for name, check in checks()}
    assert all(rules <= {name} for name, rules in found.items())
    assert {name for name, rules in found.items() if rules} >= {
        "blocking-call-on-loop",
        "called-instead-of-offloaded",
        "cpu-work-on-loop",
        "lazy-result-consumed-on-loop",
        "nested-event-loop",
        "unawaited-coroutine",
    }


def test_a_broken_check_is_a_problem_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it found before it broke is kept out; what the others found stays."""

    def broken(_: Project) -> Iterator[Draft]:
        raise KeyError("gone")
        yield

    monkeypatch.setattr(blocking_call_on_loop, "check", broken)
    found, problems = run_checks(project(blocked(), blocked(kind="cpu")), CATALOG)

    assert [finding.rule for finding in found] == ["cpu-work-on-loop"]
    assert problems == (Problem(".", 1, "the check `blocking-call-on-loop` failed: KeyError: 'gone'", "incomplete"),)


def test_whole_checks_make_no_problem() -> None:
    """The negative twin."""
    found, problems = run_checks(project(blocked(), blocked(kind="cpu")), CATALOG)

    assert [finding.rule for finding in found] == ["blocking-call-on-loop", "cpu-work-on-loop"]
    assert problems == ()


def test_a_broken_check_ends_the_command_with_three(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Incomplete, whatever else was found, and `--exit-zero` does not hide it."""

    def broken(_: Project) -> Iterator[Draft]:
        raise KeyError("gone")
        yield

    (tmp_path / "app.py").write_text("import time\n\n\nasync def main():\n    time.sleep(1)\n", encoding="utf-8")
    arguments = [str(tmp_path), "--isolated", "--no-cache", "--format", "json"]
    assert run(arguments) == 1
    monkeypatch.setattr(blocking_call_on_loop, "check", broken)
    assert run(arguments) == 3
    assert run([*arguments, "--exit-zero"]) == 3
    assert "the check `blocking-call-on-loop` failed: KeyError: 'gone'" in capsys.readouterr().out
