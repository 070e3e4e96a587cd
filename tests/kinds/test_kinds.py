"""The kinds of blocking that no peer found when they were compared (November 2026), each with its negative twins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.marks import Section
from tests.support import assert_marks_hold, sections_in

KINDS = sorted(Path(__file__).parent.glob("*.md"))


@pytest.mark.parametrize("section", sections_in(*KINDS))
def test_a_kind_is_found_and_its_twins_are_not(section: Section) -> None:
    """The blocking form has a finding; the same thing offloaded, in a thread or awaited has none."""
    assert_marks_hold(section)
