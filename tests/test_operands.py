"""What an expression is made of: indices of expressions of its body, and no others."""

from __future__ import annotations

import pytest

from fwaudit.extract.module import extract_module
from fwaudit.model import facts
from fwaudit.model.facts import read_body
from fwaudit.model.operands import operands


@pytest.mark.parametrize(
    ("source", "names"),
    [
        pytest.param("f(a, *b, k=c)", {"a", "b", "c"}, id="a call"),
        pytest.param("f({a: b})", {"a", "b"}, id="a dict"),
        pytest.param("f({**a, b: c})", {"a", "b", "c"}, id="a dict that another one is spread into"),
        pytest.param("f(f'{a}{b!r}')", {"a"}, id="an f-string, of which one part is not kept"),
        pytest.param("f(a[b] + c)", {"a", "b", "c"}, id="a subscript and an operation"),
        pytest.param("f(a if b else c)", {"a", "c"}, id="a choice: its test gives it nothing"),
    ],
)
def test_nothing_else_is_a_part(source: str, names: set[str]) -> None:
    """Not the last expression of the file, which an index of -1 would be."""
    body = read_body(extract_module(f"{source}\nlast_of_the_file\n".encode()).scopes[0])
    waiting = [next(index for index in body.calls if facts.last_name(body.expressions[body.call(index).function]) == "f")]
    found = set()
    while waiting:
        expression = body.expressions[waiting.pop()]
        found.add(facts.last_name(expression))
        waiting.extend(operands(expression))

    assert found - {"", "f"} == names
