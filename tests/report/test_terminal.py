from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fwaudit.model.context import Grade
from fwaudit.report.terminal import Terminal, columns, fitting, pad

PLAIN = Terminal(20, color=False, ascii_only=False)
COLOR = Terminal(20, color=True, ascii_only=False)
wide_text = st.text("ab 東e\u0301é👍", max_size=30)


@pytest.mark.parametrize(("text", "width"), [("", 0), ("abc", 3), ("東京", 4), ("e\u0301", 1), ("👍", 2), ("größe", 5)])
def test_columns_count_what_a_terminal_shows(text: str, width: int) -> None:
    """East Asian characters and emoji take two columns, marks on letters none."""
    assert columns(text) == width


@given(wide_text, st.integers(0, 20))
def test_what_fits_fits_and_is_the_longest_start(text: str, width: int) -> None:
    """Cutting leaves a start of the text that one character more would make too wide."""
    start = fitting(text, width)

    assert text.startswith(start)
    assert columns(start) <= width
    assert start == text or columns(text[: len(start) + 1]) > width


@given(wide_text, st.integers(1, 20))
def test_cropped_text_fits_at_either_end(text: str, width: int) -> None:
    """Both ways of cutting keep to the width, and leave alone what fits."""
    for cropped in (PLAIN.crop(text, width), PLAIN.crop_start(text, width)):
        assert columns(cropped) <= width
        assert (cropped == text) is (columns(text) <= width)


@given(st.lists(st.text("ab東", min_size=1, max_size=9), min_size=1))
def test_wrapping_loses_no_word_and_keeps_to_the_width(words: list[str]) -> None:
    """Lines hold all words in order; only a single word may be too wide."""
    lines = PLAIN.wrap(" ".join(words), "- ", "    ")

    assert " ".join(line[2:] if index == 0 else line[4:] for index, line in enumerate(lines)) == " ".join(words)
    assert all(columns(line) <= 20 or " " not in line.strip("- ") for line in lines)
    assert lines[0].startswith("- ")
    assert all(line.startswith("    ") for line in lines[1:])


def test_pieces_stay_whole() -> None:
    """A remark of several words is not broken."""
    assert PLAIN.flow(["high confidence", "fails the run"], " · ") == ["high confidence", "fails the run"]
    assert PLAIN.flow(["low", "fails the run"], " · ") == ["low · fails the run"]


def test_colours_are_there_only_if_asked_for() -> None:
    """Without colours text is as it was; empty text is never painted."""
    assert (PLAIN.bold("a"), PLAIN.dim("a"), PLAIN.severity("a", Grade.HIGH)) == ("a", "a", "a")
    assert COLOR.severity("a", Grade.HIGH) == "\x1b[1;31ma\x1b[0m"
    assert COLOR.bold("") == ""


def test_padding_counts_columns() -> None:
    """What stands below each other is aligned, also behind double-width characters."""
    assert pad("東", 4) == "東  "
    assert pad("abcde", 4) == "abcde"
