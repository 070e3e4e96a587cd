from __future__ import annotations

import pytest

from fwaudit.model.context import Grade
from fwaudit.report.excerpt import Span, excerpt, expression_end
from fwaudit.report.terminal import Terminal, columns
from tests.support import quick

PLAIN = Terminal(80, color=False, ascii_only=False)


def show(source: str, span: Span, width: int = 80) -> list[str]:
    """An excerpt without colours or margin."""
    return excerpt(source.splitlines(), span, Grade.HIGH, Terminal(width, color=False, ascii_only=False), "")


def test_the_span_is_underlined_below_the_line_before() -> None:
    """The line before gives the reader his bearings; the indentation that both share is left out."""
    assert show("def f():\n    a = 1\n    b = g(a)\n", Span(3, 9, 3, 13)) == ["2 │ a = 1", "3 │ b = g(a)", "  │     ^^^^"]


def test_an_empty_line_before_is_left_out() -> None:
    """An empty line tells nothing."""
    assert show("x = 1\n\ny = f()\n", Span(3, 5, 3, 8)) == ["3 │ y = f()", "  │     ^^^"]


def test_of_a_span_over_several_lines_the_first_and_the_last_are_underlined() -> None:
    """What stands between them needs no marks."""
    lines = show("f(\n    1,\n).g()\n", Span(1, 1, 3, 6))

    assert lines == ["1 │ f(", "  │ ^^", "2 │     1,", "3 │ ).g()", "  │ ^^^^^"]


def test_of_a_long_span_the_middle_is_left_out() -> None:
    """Of more than four lines the first three and the last are shown."""
    lines = show("f(\n    1,\n    2,\n    3,\n    4,\n)\n", Span(1, 1, 6, 2))

    assert lines == ["1 │ f(", "  │ ^^", "2 │     1,", "3 │     2,", "  │ …", "6 │ )", "  │ ^"]


def test_the_end_of_a_span_over_several_lines_is_exact() -> None:
    """The last line is underlined up to the end column."""
    assert show("f(\n    1,\n).g()\n", Span(1, 1, 3, 2))[-1] == "  │ ^"


@pytest.mark.parametrize("span", [Span(0, 1), Span(5, 1), Span(2, 90, 2, 95)])
def test_a_span_outside_the_source_is_no_error(span: Span) -> None:
    """A file that changed since it was analysed gives no excerpt, or one without an underline."""
    assert not any("^" in line for line in show("x = 1\ny = 2\n", span))


def test_a_call_over_several_lines_is_underlined_up_to_its_end() -> None:
    """Where a step says only where its call starts, the lines of a fluent call are shown up to the one that blocks."""
    lines = show("rows = (\n    db.query(A)\n    .all()\n    .x\n)\n", Span(2, 5, name="all"))

    assert lines == ["1 │ rows = (", "2 │     db.query(A)", "  │     ^^^^^^^^^^^", "3 │     .all()", "  │     ^^^^^^"]


def test_a_tab_takes_four_columns() -> None:
    """Tabs become spaces, and the underline stands below the call."""
    assert show("if x:\n\tf()\n", Span(2, 2, 2, 5)) == ["1 │ if x:", "2 │     f()", "  │     ^^^"]


def test_double_width_characters_count_twice() -> None:
    """The underline is as wide as what it stands below."""
    assert show('f("東京", g())\n', Span(1, 9, 1, 12)) == ['1 │ f("東京", g())', "  │         " + "  ^^^"]


def test_what_cannot_be_seen_is_escaped_and_the_underline_moves_along() -> None:
    """A bidi mark in the source is visible and cannot hide code."""
    assert show('a = "\u202e"; f()\n', Span(1, 10, 1, 13)) == ['1 │ a = "\\u202e"; f()', "  │               ^^^"]


def test_a_long_line_is_cut_so_that_the_span_is_seen() -> None:
    """Of a minified line the part around the span is shown."""
    lines = show("x = 1; " * 500 + "f(1)" + "; y = 2" * 500 + "\n", Span(1, 3501, 1, 3505), width=40)

    assert len(lines) == 2
    assert "f(1)" in lines[0]
    assert lines[0].startswith("1 │ …")
    assert lines[0].endswith("…")
    assert columns(lines[0]) <= 40
    assert lines[1].index("^") == lines[0].index("f(1)")
    assert lines[1].count("^") == 4


def test_a_span_wider_than_the_terminal_is_cut_at_its_end() -> None:
    """The underline does not leave the line."""
    lines = show("f(" + "1, " * 100 + ")\n", Span(1, 1, 1, 304), width=40)

    assert [columns(line) for line in lines] == [40, 40]


@pytest.mark.parametrize(
    ("line", "start", "expression"),
    [
        ("return db.query(User).filter(User.id == 1).first()", 7, "db.query(User).filter(User.id == 1).first()"),
        ("x = f(')')[0] + 1", 4, "f(')')[0]"),
        ("x = f('\\')') + 1", 4, "f('\\')')"),
        ("x = [f(1), g(2)]", 5, "f(1)"),
        ("for row in rows:", 11, "rows"),
        ("x = f(1,  # open", 4, "f(1,"),
        ("x = f('''a)''', 1).g() + 2", 4, "f('''a)''', 1).g()"),
        ('x = f("""it (', 4, 'f("""it ('),
        ("x = f(1,  # don't (\n  2)\n  .g()\ny", 4, "f(1,  # don't (\n  2)\n  .g()"),
        ("x = f\n(1)", 4, "f"),
        ("f", 1, ""),
        ("f()", 0, "f()"),
        ("+x", 0, "+"),
    ],
)
def test_an_expression_ends_where_its_brackets_close(line: str, start: int, expression: str) -> None:
    """A step says only where its call starts: the end is read off the line."""
    assert line[start : expression_end(line, start)] == expression


@pytest.mark.parametrize(
    ("line", "name", "expression"),
    [
        ("requests.get(url).json()", "get", "requests.get(url)"),
        ("widget(get(1)).get(2).x", "get", "widget(get(1)).get(2)"),
        ("widget(1).go()", "get", "widget(1).go()"),
        ("get(1)(2)", "get", "get(1)"),
        ("db.query(User)\n  .filter(1)\n  .all()[0]", "all", "db.query(User)\n  .filter(1)\n  .all()"),
    ],
)
def test_an_expression_ends_behind_the_call_that_is_meant(line: str, name: str, expression: str) -> None:
    """Of a chain of calls, only those up to the blocking one are underlined."""
    assert line[: expression_end(line, 0, name)] == expression


@pytest.mark.parametrize(
    "quotes", ['"' + '\\"' * 300_000, "'" * 300_001, "f(" * 300_000, '\\"' * 300_000], ids=["one", "two", "three", "four"]
)
def test_a_line_of_a_million_characters_takes_no_time(quotes: str) -> None:
    """Where a call ends that is not closed is looked for in its first characters only, and each of them is looked at once."""
    with quick():
        show(f"f({quotes}\n", Span(1, 1))
        expression_end(f"f({quotes}", 0)
