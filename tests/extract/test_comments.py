"""Suppression comments."""

from __future__ import annotations

import pytest

from fwaudit.extract.comments import read_suppressions
from tests.extract.projection import facts_of


def test_all_parts() -> None:
    """Rules, reason and expiry are read; columns count code points from 1."""
    (found,) = facts_of("é = f()  # fwaudit: ignore[rule-a, rule-b] runs before the loop until=2027-01-31\n").suppressions
    assert (found.rules, found.reason, found.until, found.whole_file) == (("rule-a", "rule-b"), "runs before the loop", "2027-01-31", False)
    assert (found.line, found.column, found.end_column) == (1, 10, 81)


def test_whole_file() -> None:
    """`ignore-file` is for the whole file."""
    (found,) = facts_of("# fwaudit: ignore-file[rule-a]\n").suppressions
    assert (found.rules, found.reason, found.until, found.whole_file) == (("rule-a",), "", "", True)


def test_after_another_comment() -> None:
    """A suppression may follow another tool's comment, and be followed by one."""
    (found,) = facts_of("x = 1  # noqa: E501  # fwaudit: ignore[rule-a] why  # type: ignore\n").suppressions
    assert (found.reason, found.column, found.end_column) == ("why", 22, 51)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("x = '# fwaudit: ignore[rule-a]'\n", id="in a string"),
        pytest.param('"""\n# fwaudit: ignore[rule-a]\n"""\n', id="in a docstring"),
        pytest.param("x = 1  # fwaudit: ignores[rule-a]\n", id="a longer word"),
        pytest.param("x = 1  # fwaudit: ignore-line[rule-a]\n", id="another command"),
        pytest.param("x = 1  # fwaudits: ignore[rule-a]\n", id="another word"),
    ],
)
def test_not_a_suppression(source: str) -> None:
    """What only looks like a suppression silences nothing."""
    assert facts_of(source).suppressions == ()


@pytest.mark.parametrize(
    ("comment", "whole_file", "reason"),
    [
        ("# fwaudit: ignore", False, ""),
        ("# fwaudit: ignore[]", False, ""),
        ("# fwaudit: ignore[ , ] why", False, "why"),
        ("# fwaudit: ignore [rule-a]", False, "[rule-a]"),
        ("# fwaudit: ignore[rule-a", False, "[rule-a"),
        ("# fwaudit: ignore-file it is old", True, "it is old"),
    ],
)
def test_without_a_rule(comment: str, whole_file: bool, reason: str) -> None:
    """A suppression whose rule is missing is handed on without one, so that its author can be told."""
    (found,) = facts_of(f"x = 1  {comment}\n").suppressions
    assert (found.rules, found.whole_file, found.reason) == ((), whole_file, reason)
    assert (found.column, found.end_column) == (8, 8 + len(comment))


def test_grammar_that_tokenize_does_not_know() -> None:
    """Where the text cannot be split into tokens, comments on lines without quotes before them still count."""
    source = "x = 1  # fwaudit: ignore[rule-a]\ny = $ '# fwaudit: ignore[rule-b]'\n"
    broken = source + "z = (\n"
    assert [found.rules for found in read_suppressions(broken.encode(), "utf-8")] == [("rule-a",)]
