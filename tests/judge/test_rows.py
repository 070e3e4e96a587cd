"""Each row of the advice changes something on one service and nothing on its twin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tomli

from fwaudit.judge.verdict import judge_service
from fwaudit.model.service import Service
from fwaudit.model.verdict import Verdict
from tests.judge.sample import ADVICE, judged, service, words

CASES: dict[str, dict[str, Any]] = tomli.loads((Path(__file__).parent / "rows.toml").read_text(encoding="utf-8"))
ROWS = {row.id: row for row in ADVICE.rows}


def without(one: Service, row: str) -> Service:
    """The service as judged without a row."""
    rest = tuple(
        msgspec.structs.replace(
            each,
            when=[test for test in each.when if test.fact != f"rows.{row}"],
            any=[test for test in each.any if test.fact != f"rows.{row}"],
            countered_by=[name for name in each.countered_by if name != row],
        )
        for each in ADVICE.rows
        if each.id != row
    )
    return judge_service(one, replace(ADVICE, rows=rest))


def said(one: Service) -> tuple[Any, ...]:
    """All that a reader is told, besides what was looked for and not found."""
    verdict: Verdict | None = one.verdict
    return verdict, tuple(trigger for trigger in one.triggers if trigger.target == "note" and trigger.state == "fired")


def test_every_row_has_a_case() -> None:
    """The cases are those of the tables, in their order."""
    assert list(CASES) == list(ROWS)


@pytest.mark.parametrize("name", CASES)
def test_a_row_holds_and_counts(name: str) -> None:
    """On its service, the row has fired, the verdict is the one said, and without the row a reader is told something else."""
    case = CASES[name]

    one = judged(case["framework"], case["has"])

    assert words(one) == case["says"]
    assert next(trigger.state for trigger in one.triggers if trigger.id == name) == "fired"
    assert said(one) != said(without(service(case["framework"], case["has"]), name))


@pytest.mark.parametrize("name", CASES)
def test_a_row_does_not_hold_on_the_twin(name: str) -> None:
    """On the twin the row is silent, or nobody can tell, the verdict is the one said, and is the same without the row."""
    case = CASES[name]
    twin = (case["framework"], case["has"], case["twin"])

    one = judged(*twin)

    assert words(one) == case["twin_says"]
    assert next(trigger.state for trigger in one.triggers if trigger.id == name) in ("silent", "unknown")
    assert said(one) == said(without(service(*twin), name))


@pytest.mark.parametrize("name", ROWS)
def test_every_argument_has_its_source(name: str) -> None:
    """A row names a publication that exists, a section, and a sentence that ends as one."""
    row = ROWS[name]

    source = ADVICE.source_of(row)

    assert source.publisher
    assert source.title
    assert source.section
    assert row.text.endswith(".")
