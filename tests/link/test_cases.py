"""What link resolves, by language feature: every section of cases/*.md is a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.marks import Section
from tests.support import assert_marks_hold, sections_in

CASES = sorted((Path(__file__).parent / "cases").glob("*.md"))


@pytest.mark.parametrize("section", sections_in(*CASES))
def test_a_case_is_linked_as_marked(section: Section) -> None:
    """Calls resolve, contexts reach and findings stand as the marks say, and there are no others."""
    assert_marks_hold(section)
