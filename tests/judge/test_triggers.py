"""What makes a verdict sure: rows that rest on the code alone, each for a reason of its own."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from fwaudit.catalog.advice import AdviceTables
from fwaudit.judge.triggers import judge_rows
from fwaudit.judge.verdict import judge_service
from fwaudit.model.service import Service
from tests.judge.sample import ADVICE, service

PAGES = {"signals": {"template_share": 0.5, "template_routes": 15, "outbound_routes": 6}}
THREADS = {"answers": {"profiled-bottleneck": "threads"}}
UNCHECKED = {"signals": {"raw_input_routes": 12, "raw_input_share": 0.4, "openapi": "none"}}


def _resting_on_code(one: Service) -> set[str]:
    """The rows that are shown and rest on the code."""
    return {row.row.id for row in judge_rows(ADVICE, one) if row.rests_on_code and row.state in ("fired", "countered")}


def _advice(**reasons: str) -> AdviceTables:
    """The shipped tables, some rows (with dashes) with other reasons; the first one of them decides."""
    known = {name.replace("_", "-"): reason for name, reason in reasons.items()}
    first = next(iter(known))
    rows = (msgspec.structs.replace(row, reason=known[row.id], decides=row.id == first) if row.id in known else row for row in ADVICE.rows)
    return replace(ADVICE, rows=tuple(rows))


def test_a_row_on_top_of_an_answer_does_not_rest_on_the_code() -> None:
    """That the workers run out is what somebody answered, whatever is built on it."""
    one = service("flask", PAGES, THREADS)

    shown = {row.row.id for row in judge_rows(ADVICE, one) if row.state in ("fired", "countered")}
    assert {"workers-run-out", "many-waits-beside-a-core", "pages-drawn-on-the-server"} <= shown
    assert _resting_on_code(one).isdisjoint({"workers-run-out", "many-waits-beside-a-core"})


def test_a_row_on_top_of_code_rests_on_it() -> None:
    """The loop is seen to be held up, and so is that plain handlers would do."""
    held = {"blocking_findings": 9, "blocked_routes": 12, "illusion_share": 0.5, "async_share": 0.1, "async_io_layer": {"database": "sync"}}
    one = service("fastapi", {"signals": held})

    assert {"loop-mostly-held-up", "plain-handlers-instead-of-async"} <= _resting_on_code(one)


def test_two_rows_of_one_reason_do_not_make_a_verdict_sure() -> None:
    """They count once, as they do where the verdict is made."""
    verdict = judge_service(service("flask", UNCHECKED), _advice(hand_made_validation="contract", no_openapi_from_code="contract")).verdict

    assert verdict is not None
    assert (verdict.action, verdict.confidence, len(verdict.arguments_for)) == ("migrate", "medium", 2)


def test_that_something_is_missing_does_not_make_a_verdict_sure() -> None:
    """Whether somebody wants the document that is not there is not in the code."""
    verdict = judge_service(service("flask", UNCHECKED), ADVICE).verdict

    assert verdict is not None
    assert (verdict.action, verdict.confidence) == ("migrate", "medium")
    assert {("consumers-of-openapi = false", "stay")} <= {(one.answer, one.action) for one in verdict.would_change}


def test_on_a_loop_a_missing_document_counts_where_somebody_wants_it() -> None:
    """Concurrency is there: the move would bring the contract alone."""
    one = service("tornado", UNCHECKED, {"signals": {"async_share": 0.9}})
    verdict = judge_service(one, ADVICE).verdict

    assert verdict is not None
    assert verdict.action == "stay"
    assert {("consumers-of-openapi = true", "migrate")} <= {(change.answer, change.action) for change in verdict.would_change}


def test_two_rows_of_two_reasons_make_a_verdict_sure() -> None:
    """Nothing speaks against it: a document that is kept by hand shows that one is wanted."""
    kept = {"signals": {**UNCHECKED["signals"], "openapi": "file"}}
    verdict = judge_service(service("flask", kept), _advice(hand_made_validation="input", document_kept_by_hand="contract")).verdict

    assert verdict is not None
    assert (verdict.action, verdict.confidence, len(verdict.arguments_for)) == ("migrate", "high", 2)
