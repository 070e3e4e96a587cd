"""The tree that facts are read from: LibCST's, but for white space and comments."""

from __future__ import annotations

import contextlib
from pathlib import Path

import libcst as cst
import pytest

from fwaudit.extract import module
from fwaudit.extract.module import extract_module
from fwaudit.extract.parser import parse_for_facts

SOURCES = sorted(Path(__file__).parents[2].glob("src/fwaudit/**/*.py"))
WITH_COMMENTS = b"# one\n\nx = (  # two\n    a.b,\n)  # three\n\ndef f(y: int):  # four\n    # five\n    return y  # six\n# seven\n"


def test_facts_of_the_whole_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """The facts of a file are those that the whole tree gives."""
    contents = [WITH_COMMENTS, *(path.read_bytes() for path in SOURCES)]
    found = [extract_module(content) for content in contents]
    monkeypatch.setattr(module, "parse_for_facts", cst.parse_module)
    assert found == [extract_module(content) for content in contents]


def test_no_white_space_is_built() -> None:
    """All white space and comments of the tree are one node, so the parser of this version still looks their classes up by name."""
    tree = parse_for_facts(WITH_COMMENTS)
    statement = tree.body[0]
    assert isinstance(statement, cst.SimpleStatementLine)
    assert {id(node) for node in (*tree.header, *statement.leading_lines, statement.trailing_whitespace)} == {id(tree.header[0])}


@pytest.mark.parametrize("content", [WITH_COMMENTS, b"def f(:\n", b"x = '\xff'\n"])
def test_nothing_stays_replaced(content: bytes) -> None:
    """Whatever became of a parse, LibCST is as it was for everybody else: whole trees, checked nodes."""
    with contextlib.suppress(cst.ParserSyntaxError, SyntaxError):
        parse_for_facts(content)
    assert cst.parse_module(WITH_COMMENTS).code.encode() == WITH_COMMENTS
    with pytest.raises(cst.CSTValidationError):
        cst.Name("")
