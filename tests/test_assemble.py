"""The filter: what is shown, what fails, and how the Audit counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from fwaudit.assemble import filter_findings, make_audit
from fwaudit.config import Config, choose_rules
from fwaudit.extract.module import extract_module
from fwaudit.model.context import Grade
from fwaudit.model.facts import ModuleFacts
from fwaudit.model.finding import Finding, Location, Step
from fwaudit.model.source import Problem, Role, SourceFile, Workspace

RULES = {"blocking-call-on-loop": "event-loop", "cpu-work-on-loop": "event-loop", "unused-suppression": "meta"}
FINDING = Finding(
    rule="blocking-call-on-loop",
    category="event-loop",
    severity=Grade.HIGH,
    confidence=Grade.HIGH,
    fails=False,
    message="`time.sleep` blocks the event loop",
    path="app/main.py",
    line=2,
    column=5,
    end_line=2,
    end_column=11,
    function="app.main.items",
    service=None,
    context="event-loop",
    callee="time.sleep",
    waits_for=None,
    root_cause="rc-1",
    routes=("GET /items",),
    steps=(Step("app/main.py", 2, 5, "app.main.items", ""), Step("app/store.py", 9, 5, "app.store.load", "")),
    places=(),
    fix=None,
    fingerprint="f1",
)


def vary(**changes: Any) -> Finding:
    """FINDING with other fields."""
    return msgspec.structs.replace(FINDING, **changes)


def source(path: str, *, reported: bool = True) -> SourceFile:
    """A source file of the workspace."""
    return SourceFile(path, b"", 0, Role.CODE if reported else Role.TEST, reported)


def shown(
    *findings: Finding,
    settings: dict[str, Any] | None = None,
    named: tuple[str, ...] | None = None,
    root: str = "/srv/shop",
    text: str = "",
) -> tuple[Finding, ...]:
    """What the filter leaves of `findings`; `text` is the content of app/main.py."""
    workspace = Workspace(root, (source("app/main.py"), source("app/store.py"), source("tests/test_a.py", reported=False)), (), (), named)
    config = Config(**(settings or {}))
    facts: dict[str, ModuleFacts] = {"app/main.py": extract_module(text.encode())} if text else {}
    selection = choose_rules(config, RULES)
    return filter_findings(findings, workspace=workspace, facts=facts, config=config, selection=selection, today=date(2026, 11, 21))


@pytest.mark.parametrize(
    ("finding", "settings", "is_shown"),
    [
        (FINDING, {}, True),
        (vary(confidence=Grade.MEDIUM, severity=Grade.LOW), {}, True),
        (vary(confidence=Grade.LOW), {}, False),
        (vary(confidence=Grade.LOW), {"min_confidence": Grade.LOW}, True),
        (vary(severity=Grade.MEDIUM), {"min_severity": Grade.HIGH}, False),
        (FINDING, {"ignore": ("event-loop",)}, False),
        (FINDING, {"select": ("cpu-work-on-loop",)}, False),
        (vary(path="tests/test_a.py"), {}, False),
        (FINDING, {"per_path_ignores": {"app/": ("event-loop",)}}, False),
        (FINDING, {"per_path_ignores": {"main.py": ("blocking-call-on-loop",)}}, False),
        (FINDING, {"per_path_ignores": {"app/": ("cpu-work-on-loop",), "store.py": ("event-loop",)}}, True),
    ],
)
def test_what_is_shown(finding: Finding, settings: dict[str, Any], is_shown: bool) -> None:
    """A finding is shown by its rule, place, severity and confidence, as the settings say."""
    assert bool(shown(finding, settings=settings)) is is_shown


def test_patterns_are_relative_to_the_settings() -> None:
    """A pattern counts from the folder of the settings, also where the workspace lies below it."""
    settings = {"folder": "/srv", "per_path_ignores": {"/shop/app/": ("event-loop",)}}

    assert not shown(FINDING, settings=settings, root="/srv/shop")
    assert shown(FINDING, settings=settings, root="/srv/other")


@pytest.mark.parametrize(
    ("named", "is_shown"),
    [(("app/main.py",), True), (("app/store.py",), True), (("app/other.py",), False), ((), False)],
)
def test_named_files_show_what_touches_them(named: tuple[str, ...], is_shown: bool) -> None:
    """With named files, a finding is shown if its place or any step of its evidence lies in one of them."""
    assert bool(shown(FINDING, named=named)) is is_shown
    assert bool(shown(vary(steps=(), places=(Location("app/store.py", 1, 1, 1, 2),)), named=("app/store.py",)))


def test_silenced_findings_stay_and_do_not_fail() -> None:
    """A silenced finding stays in the list with its reason and never fails the run; the same one unsilenced does."""
    text = "async def items():\n    load(){}\n"

    (silenced,) = shown(FINDING, text=text.format("  # fwaudit: ignore[blocking-call-on-loop] known"))
    (open_finding,) = shown(FINDING, text=text.format(""))

    assert (silenced.silenced, silenced.reason, silenced.fails) == ("suppression", "known", False)
    assert (open_finding.silenced, open_finding.fails) == (None, True)


def test_a_hidden_finding_still_uses_its_suppression() -> None:
    """A suppression of a finding that a setting hides is not reported as unused."""
    text = "async def items():\n    load()  # fwaudit: ignore[blocking-call-on-loop]\n"

    assert shown(vary(confidence=Grade.LOW), text=text) == ()
    assert [finding.rule for finding in shown(text=text)] == ["unused-suppression"]


def test_findings_are_sorted() -> None:
    """Whatever order the checks give, findings come by path, line, column and rule."""
    findings = (vary(path="app/store.py"), vary(line=3), vary(column=9), FINDING, vary(rule="cpu-work-on-loop"))

    assert shown(*findings) == shown(*reversed(findings))
    assert [(finding.path, finding.line, finding.column, finding.rule) for finding in shown(*findings)] == [
        ("app/main.py", 2, 5, "blocking-call-on-loop"),
        ("app/main.py", 2, 5, "cpu-work-on-loop"),
        ("app/main.py", 2, 9, "blocking-call-on-loop"),
        ("app/main.py", 3, 5, "blocking-call-on-loop"),
        ("app/store.py", 2, 5, "blocking-call-on-loop"),
    ]


def test_the_summary_leaves_silenced_findings_out() -> None:
    """Counts are of open findings; silenced ones are counted apart, and a cause that only they share is no root cause."""
    findings = (
        vary(fails=True),
        vary(line=3, severity=Grade.LOW),
        vary(line=4, silenced="suppression", root_cause="rc-2"),
    )

    audit = make_audit(findings, {}, (), {"b": 1, "a": 2}, ())

    summary = audit.summary
    assert (summary.findings, summary.failing, summary.silenced, summary.root_causes) == (2, 1, 1, 1)
    assert summary.by_rule == {"blocking-call-on-loop": 2}
    assert list(summary.by_severity.items()) == [("high", 1), ("medium", 0), ("low", 1)]
    assert list(summary.unresolved_calls) == ["a", "b"]
    assert len(audit.findings) == 3


def test_root_causes_come_worst_first() -> None:
    """Root causes count their findings and distinct routes, stand at the leaf, and are ordered by severity, then routes."""
    findings = (
        vary(root_cause="rc-mild", severity=Grade.MEDIUM),
        vary(root_cause="rc-few"),
        vary(root_cause="rc-many"),
        vary(root_cause="rc-many", line=3, routes=("GET /items", "GET /more")),
    )

    causes = make_audit(findings, {}, (), {}, ()).root_causes

    assert [(cause.id, cause.findings, cause.routes) for cause in causes] == [("rc-many", 2, 2), ("rc-few", 1, 1), ("rc-mild", 1, 1)]
    assert (causes[0].callee, causes[0].path, causes[0].line, causes[0].function) == ("time.sleep", "app/store.py", 9, "app.store.load")


def test_files_are_counted_with_those_left_out() -> None:
    """Every Python file is either analysed or not; skipped paths are neither, and one file with two problems is one."""
    problems = (
        Problem("b.py", 3, "not valid Python"),
        Problem("b.py", 9, "not valid Python either"),
        Problem("fifo.py", 1, "a FIFO", "skipped"),
        Problem("a.py", 1, "a remark on a file that has facts"),
    )

    audit = make_audit((), {"a.py": extract_module(b"x = 1\ny = 2\n")}, (), {}, problems)

    assert (audit.summary.files, audit.summary.analysed, audit.summary.lines) == (2, 1, 2)
    assert audit.problems == tuple(sorted(problems))
