from __future__ import annotations

import time

import pytest

from fwaudit.discover.ignore import GLOB_LIMIT, LENGTH_LIMIT, LINE_LIMIT, PatternList


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        pytest.param("a.py", ["a.py", "x/a.py", "a.py/b.py"], ["b.py", "a.pyx", "xa.py"], id="a bare name at any depth"),
        pytest.param("/a.py", ["a.py"], ["x/a.py"], id="an anchored name only at the top"),
        pytest.param("x/a.py", ["x/a.py"], ["y/x/a.py", "a.py"], id="a slash in the middle anchors"),
        pytest.param("build/", ["build/a.py", "x/build/a.py"], ["build", "rebuild/a.py"], id="a final slash means folders only"),
        pytest.param("*.py", ["a.py", "x/b.py", ".py"], ["a.pyi"], id="a star at the front"),
        pytest.param("test_*", ["test_a.py", "x/test_/a.py"], ["atest_.py"], id="a star at the end"),
        pytest.param("a*b*c.py", ["abc.py", "aXXbYYc.py"], ["acb.py", "a/bc.py"], id="stars do not cross folders"),
        pytest.param("?.py", ["a.py", "é.py"], ["ab.py", ".py"], id="a question mark is one character"),
        pytest.param("[a-c].py", ["b.py"], ["d.py", "-.py"], id="a class with a range"),
        pytest.param("[!a].py", ["b.py"], ["a.py"], id="a class negated with !"),
        pytest.param("[^a].py", ["b.py"], ["a.py"], id="a class negated with ^"),
        pytest.param("[]a].py", ["].py", "a.py"], ["b.py"], id="a class that holds a bracket"),
        pytest.param("[a.py", ["[a.py"], ["a.py"], id="a bracket that is not closed is itself"),
        pytest.param(r"\*.py", ["*.py"], ["a.py"], id="a backslash makes a star a star"),
        pytest.param(r"\#a.py", ["#a.py"], [r"\#a.py"], id="a backslash makes a number sign one"),
        pytest.param(r"\!a.py", ["!a.py"], ["a.py"], id="a backslash makes an exclamation mark one"),
        pytest.param("a.py   ", ["a.py"], ["a.py   "], id="trailing spaces are dropped"),
        pytest.param("a\\ ", ["a "], ["a", "a\\ "], id="a backslash keeps a trailing space"),
        pytest.param("a.py\r", ["a.py"], ["a.py\r"], id="a Windows line end is dropped"),
        pytest.param("**/a.py", ["a.py", "x/a.py", "x/y/a.py"], ["xa.py"], id="two stars at the front"),
        pytest.param("x/**", ["x/a.py", "x/y/a.py"], ["x", "y/x/a.py"], id="two stars at the end need something inside"),
        pytest.param("x/**/a.py", ["x/a.py", "x/y/a.py", "x/y/z/a.py"], ["y/a.py", "x/ya.py"], id="two stars in the middle"),
        pytest.param("x/**/y/**/a.py", ["x/y/a.py", "x/1/y/2/3/a.py"], ["x/1/a.py"], id="two stars twice"),
        pytest.param("**", ["a", "x/a.py"], [], id="two stars alone are everything"),
        pytest.param("#a.py", [], ["#a.py", "a.py"], id="a comment is no pattern"),
        pytest.param("/", [], ["a.py"], id="a slash alone is no pattern"),
        pytest.param("", [], ["a.py"], id="a blank line is no pattern"),
        pytest.param("[b-a].py", [], ["a.py", "b.py"], id="a reversed range matches nothing"),
    ],
)
def test_one_pattern(pattern: str, matching: list[str], other: list[str]) -> None:
    """One .gitignore line matches what git says it does, and nothing near it."""
    patterns = PatternList([pattern])

    assert [path for path in matching if not patterns.matches(path)] == []
    assert [path for path in other if patterns.matches(path)] == []


def test_the_last_pattern_that_matches_decides() -> None:
    """A later negation takes a file back in, a still later pattern out again, whatever form each has."""
    patterns = PatternList(["*.py", "!keep.py", "/x/keep.py", "!x/*/keep.py"])

    assert patterns.verdict((), "a.py", is_folder=False) is True
    assert patterns.verdict((), "keep.py", is_folder=False) is False
    assert patterns.verdict(("x",), "keep.py", is_folder=False) is True
    assert patterns.verdict(("x", "y"), "keep.py", is_folder=False) is False
    assert patterns.verdict((), "a.txt", is_folder=False) is None


def test_a_literal_name_after_a_star_decides_too() -> None:
    """Quick paths for literal names keep the order of the lines."""
    assert PatternList(["!a.py", "*.py"]).verdict((), "a.py", is_folder=False) is True
    assert PatternList(["*.py", "!a.py"]).verdict((), "a.py", is_folder=False) is False


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        pytest.param("a*" * 25 + "b", "a" * 200 + "c", id="many stars in one name"),
        pytest.param("**/a/" * 40 + "b", "a/" * 100 + "c", id="many double stars"),
        pytest.param("**/*a*/" * 40 + "b", "aaaa/" * 100 + "c", id="many double stars with stars between"),
        pytest.param("*?*" * 100 + "b", "a" * 250, id="stars and question marks in turn"),
        pytest.param("[a-z]*" * 100 + "b", "a" * 250, id="many classes"),
    ],
)
def test_no_pattern_hangs_the_matcher(pattern: str, path: str) -> None:
    """Lines that take others minutes are answered at once: pathspec 1.1.1 needs more than 20 s for fifteen `a*`."""
    start = time.perf_counter()

    assert not PatternList([pattern]).matches(path)
    assert time.perf_counter() - start < 2


def test_too_many_and_too_long_lines_are_refused_and_named() -> None:
    """What is not used of a list is told with its line; the lines before it hold."""
    long = PatternList(["a.py", "x" * (LENGTH_LIMIT + 1), "b.py"])
    many = PatternList(["a.py", *(f"n{number}" for number in range(LINE_LIMIT))])
    wild = PatternList(["a.py", *(f"n{number}*" for number in range(GLOB_LIMIT + 1)), "b.py"])

    assert [line for line, _ in long.refused] == [2]
    assert long.matches("a.py")
    assert long.matches("b.py")
    assert [line for line, _ in many.refused] == [LINE_LIMIT + 1]
    assert many.matches(f"n{LINE_LIMIT - 2}")
    assert not many.matches(f"n{LINE_LIMIT - 1}")
    assert [line for line, _ in wild.refused] == [GLOB_LIMIT + 2]
    assert PatternList(["a.py"]).refused == []
