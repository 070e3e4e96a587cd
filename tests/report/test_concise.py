from __future__ import annotations

import msgspec

from fwaudit.report.concise import render
from tests.conftest import Golden
from tests.report.sample import audit, findings


def test_the_shop_is_its_golden_file(golden: Golden) -> None:
    """A line for each finding that is not silenced, in the audit's order."""
    golden("shop_concise.txt", render(audit()))


def test_nothing_found_is_nothing_written() -> None:
    """Without findings the report is empty."""
    assert render(audit(())) == ""


def test_silenced_findings_are_left_out() -> None:
    """Only what is open gets a line."""
    silenced = tuple(msgspec.structs.replace(one, silenced="baseline") for one in findings())

    assert render(audit(silenced)) == ""
    assert len(render(audit()).splitlines()) == 8


def test_a_finding_stays_on_one_line() -> None:
    """Line feeds and escape codes in names are written out."""
    one = msgspec.structs.replace(findings()[0], path="a\nb\x1b[31m.py", message="`f\n` blocks")

    assert render(audit((one,))) == "a\\nb\\x1b[31m.py:11:26: low[high] blocking-call-on-loop `f\\n` blocks\n"
