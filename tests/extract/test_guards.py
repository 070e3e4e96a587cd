from __future__ import annotations

import time

import pytest

from fwaudit.extract.guards import BRACKET_LIMIT, PATTERN_LIMIT, refusal


@pytest.mark.parametrize(
    ("source", "line"),
    [
        pytest.param("x = 1\ny = " + "(" * 201 + "1" + ")" * 201, 2, id="brackets closed"),
        pytest.param("\n\nx = " + "[" * 5000, 3, id="brackets never closed"),
        pytest.param("x = " + "{[(" * 100 + "1" + ")]}" * 100, 1, id="brackets of all kinds"),
        pytest.param(")" * 300 + "\n" + "(" * 300, 2, id="brackets closed before they open"),
        pytest.param("match x:\n    case " + "{1:" * 12 + "1" + "}" * 12 + ":\n        pass", 2, id="mappings in a pattern"),
        pytest.param("match x:\n    case " + "(" * 24 + "1" + ")" * 24 + ": pass", 2, id="groups in a pattern"),
        pytest.param("match x:\n    case A(" + "A(\n" * 24 + "1" + ")" * 25 + ": pass", 2, id="a pattern over several lines"),
        pytest.param("match x:\n    case 1: pass\n    case a if " + "[" * 10 + "]" * 10 + ": pass", 3, id="a guard nested as deep"),
    ],
)
def test_what_would_hang_or_kill_the_parser_is_refused(source: str, line: int) -> None:
    """Deep brackets and deep patterns are refused with the line where they begin."""
    found = refusal(source.encode())

    assert found is not None
    assert found[0] == line


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("", id="nothing"),
        pytest.param("x = " + "(" * BRACKET_LIMIT + "1" + ")" * BRACKET_LIMIT, id="as deep as Python allows"),
        pytest.param("x = '" + "(" * 300 + "'", id="brackets in a string"),
        pytest.param('x = """' + "(\n" * 300 + '"""', id="brackets in a long string"),
        pytest.param("x = '\\'" + "(" * 300 + "'", id="brackets after an escaped quote"),
        pytest.param("# " + "(" * 300, id="brackets in a comment"),
        pytest.param(":) " * 300 + "()", id="brackets that only close"),
        pytest.param("()" * 100_000, id="many brackets side by side"),
        pytest.param(
            "match x:\n    case " + "(" * (PATTERN_LIMIT - 1) + "1" + ")" * (PATTERN_LIMIT - 1) + ": pass", id="a pattern just less deep"
        ),
        pytest.param("match x:\n    case 1:\n        y = " + "(" * 20 + "1" + ")" * 20, id="deep brackets under a case"),
        pytest.param("match x:\n    case 1: y = " + "(" * 20 + "1" + ")" * 20, id="deep brackets after the colon"),
        pytest.param("match x:\n    case '((((((((((((((((': pass", id="brackets in a pattern's string"),
        pytest.param("case = match = " + "(" * 20 + "1" + ")" * 20, id="names that are keywords elsewhere, deep"),
        pytest.param("x = " + "(" * 20 + "1" + ")" * 20 + "\nmatch = case = 1", id="no pattern at all"),
    ],
)
def test_what_python_can_run_is_not_refused(source: str) -> None:
    """What only looks deep is left to the parser."""
    assert refusal(source.encode()) is None


@pytest.mark.parametrize("unit", [b"'", b'"', b"'''", b'"""', b"\\", b"'\\", b"#", b"(", b"case (", b"\ncase (", b"match case [\n"])
def test_the_guards_are_linear(unit: bytes) -> None:
    """A megabyte of quotes, backslashes or brackets is looked through in a moment."""
    start = time.perf_counter()
    refusal(b"match\ncase " + b"(" * 300 + b")" * 300 + unit * (1_000_000 // len(unit)))

    assert time.perf_counter() - start < 3
