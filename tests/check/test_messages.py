"""Each check: what it says, of what, and what it leaves to the others."""

from __future__ import annotations

import pytest

from fwaudit.model.context import Context
from fwaudit.model.finding import Finding
from tests.check.sample import blocked, findings, lost


def said(found: tuple[Finding, ...]) -> list[tuple[str, str]]:
    """Rule and message of each finding."""
    return [(finding.rule, finding.message) for finding in found]


def test_a_blocking_call_on_the_spot_is_named() -> None:
    """The boundary is the leaf."""
    assert said(findings(blocked())) == [("blocking-call-on-loop", "`requests.get` blocks the event loop")]


@pytest.mark.parametrize(
    ("functions", "way"),
    [
        (("app.main", "app.load"), "reached through `app.load`,"),
        (("app.main", "app.load", "app.read"), "reached through `app.load` and 1 more call,"),
        (("app.main", "app.load", "app.read", "app.get"), "reached through `app.load` and 2 more calls,"),
    ],
)
def test_a_blocking_call_further_down_is_named_with_the_way_to_it(functions: tuple[str, ...], way: str) -> None:
    """The message names the first function below the boundary and counts the rest."""
    assert said(findings(blocked(*functions))) == [("blocking-call-on-loop", f"`requests.get`, {way} blocks the event loop")]


def test_an_iteration_that_blocks_is_told_as_one() -> None:
    """There is no call to see in the source, so the message says what is done."""
    assert said(findings(blocked(callee="sqlite3.Cursor", is_iteration=True))) == [
        ("blocking-call-on-loop", "iterating over `sqlite3.Cursor` blocks the event loop")
    ]


def test_work_for_the_processor_has_a_rule_of_its_own() -> None:
    """It does not wait, so it does not block: it keeps the loop busy."""
    assert said(findings(blocked(kind="cpu", callee="bcrypt.hashpw"))) == [
        ("cpu-work-on-loop", "`bcrypt.hashpw` keeps the event loop busy")
    ]


def test_a_loop_inside_a_loop_has_a_rule_of_its_own() -> None:
    """Also where it is started further down."""
    assert said(findings(blocked("app.main", "app.load", kind="nested", callee="asyncio.run", waits_for=None))) == [
        ("nested-event-loop", "`asyncio.run`, reached through `app.load`, runs a loop inside the running one")
    ]


@pytest.mark.parametrize("kind", ["blocking", "cpu"])
def test_a_call_in_the_place_of_a_function_is_told_by_its_own_rule_alone(kind: str) -> None:
    """One place, one finding: neither the blocking call nor the CPU work is told besides."""
    assert said(findings(blocked(kind=kind, called_instead=True))) == [
        ("called-instead-of-offloaded", "`requests.get` is called here, on the event loop, not handed to the thread")
    ]


def test_a_result_in_the_place_of_a_function_is_told_though_nothing_blocks() -> None:
    """The thread is handed something that it cannot call."""
    assert said(findings(not_callable=[lost(3, Context.EVENT_LOOP, "app.size")])) == [
        ("called-instead-of-offloaded", "`app.size` is called here, and its result handed to the thread as the function to run")
    ]


def test_a_lazy_result_is_told_by_its_own_rule_alone() -> None:
    """The two ways in which it is consumed: by iterating over it, and by a call made while iterating."""
    over = blocked(callee="pathlib.Path.glob", is_from_thread=True, is_iteration=True)
    within = blocked("app.other", "app.rows", callee="time.sleep", is_from_thread=True)

    assert said(findings(over, within)) == [
        ("lazy-result-consumed-on-loop", "`pathlib.Path.glob` was made in a thread, but is iterated over on the event loop"),
        ("lazy-result-consumed-on-loop", "the result was made in a thread, but iterating over it calls `time.sleep` on the event loop"),
    ]


def test_a_coroutine_that_nobody_awaits_is_told() -> None:
    """Wherever it is called."""
    assert (
        said(findings(lost=[lost(3, Context.EVENT_LOOP), lost(5, None)]))
        == [("unawaited-coroutine", "the coroutine of `app.work` is never awaited, so its body never runs")] * 2
    )


def test_a_project_without_evidence_has_no_findings() -> None:
    """The checks make nothing up."""
    assert findings() == ()
