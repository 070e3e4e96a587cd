"""One file's facts as a whole."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from fwaudit.extract.module import NotAnalysed, extract_module
from fwaudit.model.facts import Call, decode_facts, encode_facts, read_body

LIBRARY = Path(os.__file__).parent
MODULES = [
    "abc", "argparse", "asyncio/base_events", "asyncio/tasks", "bdb", "calendar", "codecs", "contextlib", "copy", "csv",
    "dis", "enum", "functools", "heapq", "http/client", "inspect", "json/decoder", "keyword", "linecache", "numbers",
    "operator", "pathlib/__init__", "pathlib", "pprint", "queue", "random", "reprlib", "sched", "selectors", "shelve",
    "shlex", "socketserver", "statistics", "string", "tempfile", "textwrap", "tokenize", "types", "urllib/request", "uuid",
    "weakref", "zipfile",
]  # fmt: skip
FILES = [path for name in MODULES if (path := LIBRARY / f"{name}.py").is_file()]


@pytest.mark.parametrize("path", FILES, ids=[path.relative_to(LIBRARY).as_posix() for path in FILES])
def test_real_module(path: Path) -> None:
    """Every call that `ast` sees is in some body, placed where `ast` has it, and the facts survive encoding."""
    content = path.read_bytes()
    facts = extract_module(content)
    wanted = sorted(
        (node.lineno, node.col_offset + 1, node.end_lineno) for node in ast.walk(ast.parse(content)) if isinstance(node, ast.Call)
    )
    found = []
    for scope in facts.scopes:
        body = read_body(scope)
        for call in (body.expressions[index] for index in body.calls):
            assert isinstance(call, Call)
            if call.span >= 0:
                found.append(facts.span(call.span)[:3])
    assert sorted(found) == wanted
    assert decode_facts(encode_facts(facts)) == facts


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"x = 1\ndef f(:\n", 2, "syntax error"),
        (b"# coding: nonsense\n", 1, "nonsense"),
        (b"# coding: utf-8\nx = '\xff'\n", 1, "utf-8"),
        (b"x = 01\n", 1, "leading zeros"),
    ],
)
def test_what_cannot_be_read(content: bytes, line: int, message: str) -> None:
    """A file that is not Python is named with its first bad line and one sentence."""
    with pytest.raises(NotAnalysed) as caught:
        extract_module(content)
    assert message in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"def (:\n", 1, "syntax error at column 5"),
        (b"\xef\xbb\xbfdef (:\n", 1, "syntax error at column 5"),
        ("größe = 1 +\n".encode(), 1, "syntax error at column 12"),
        (b"if x:\n    y = )\n", 2, "syntax error at column 9: unmatched ')'"),
        (b"def f():\n    return (1,\n", 2, "syntax error at column 12"),
        (b"x = '\\d'\nprint 'x'\n", 2, "syntax error at column 1"),
    ],
)
def test_the_place_of_a_syntax_error(content: bytes, line: int, message: str) -> None:
    """Line and column are those of the first bad token, counted in characters from 1."""
    with pytest.raises(NotAnalysed) as caught:
        extract_module(content)
    assert (caught.value.line, caught.value.message) == (line, message)


def test_the_place_of_a_syntax_error_that_only_the_parser_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this Python cannot tell the place, the line is the parser's and no column is made up."""

    def fail(_: bytes) -> None:
        raise RecursionError

    monkeypatch.setattr("ast.parse", fail)
    with pytest.raises(NotAnalysed) as caught:
        extract_module(b"x = 1\ndef f(:\n")
    assert (caught.value.line, caught.value.message) == (2, "syntax error")


@pytest.mark.parametrize(
    ("content", "lines"), [(b"", 0), (b"x", 1), (b"x\n", 1), (b"x\r\ny\n", 2), (b"x\ry", 2), (b"x = 1;\x0cy = 1\n", 1)]
)
def test_lines(content: bytes, lines: int) -> None:
    """Lines end as Python has it: a form feed ends none."""
    assert extract_module(content).lines == lines
