"""Branches with what they hang on."""

from __future__ import annotations

import textwrap

import pytest

from fwaudit.model.facts import Name
from tests.extract.projection import body_named, facts_of


def _branches(source: str) -> list[str]:
    """Of each branch, the names that are read in what it hangs on and in it; `!` where it leaves the function, `except` for handlers."""
    body = body_named(facts_of("def f(p, q):\n" + textwrap.indent(source, "    ")), "f")

    def names(first: int, last: int) -> str:
        return " ".join(one.name for one in body.expressions[first:last] if isinstance(one, Name))

    return [
        f"{'except ' if one.is_handler else ''}{names(one.first, one.last)}: {names(one.begin, one.end)}{'!' if one.leaves else ''}"
        for one in body.branches
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("if p:\n    return a", ["p: a!"], id="return"),
        pytest.param("if not p:\n    raise a", ["p: a!"], id="raise"),
        pytest.param("if p:\n    abort(400)", ["p: abort!"], id="abort"),
        pytest.param("if p:\n    flask.abort(400)", ["p: flask!"], id="abort of a module"),
        pytest.param("if p:\n    a()", ["p: a"], id="goes on"),
        pytest.param("if p:\n    return a\nelif q:\n    b()\nelse:\n    c()", ["p: a!", "q: b"], id="elif"),
        pytest.param("try:\n    int(p)\nexcept E:\n    return a", ["except int p: E a!"], id="handler"),
        pytest.param(
            "try:\n    int(p)\nexcept E:\n    a()\nexcept F:\n    raise b", ["except int p: E a", "except int p: F b!"], id="two handlers"
        ),
        pytest.param("try:\n    pass\nexcept E:\n    a()", [], id="nothing is tried"),
        pytest.param("while p:\n    a()", [], id="a loop is none"),
    ],
)
def test_branches(source: str, expected: list[str]) -> None:
    """Each branch of an `if` and each handler stands with what decides on it."""
    assert _branches(source) == expected
