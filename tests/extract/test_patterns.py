"""`match`."""

from __future__ import annotations

import pytest

from tests.extract.projection import revealed


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        pytest.param("case y:\n            reveal(y)", "x", id="a capture of the whole"),
        pytest.param("case [y, *_]:\n            reveal(y)", "Opaque", id="an element"),
        pytest.param("case [_, *y]:\n            reveal(y)", "Opaque", id="a rest"),
        pytest.param("case {'k': y}:\n            reveal(y)", "Opaque", id="a value"),
        pytest.param("case {**y}:\n            reveal(y)", "Opaque", id="the other keys"),
        pytest.param("case T(y, k=1):\n            reveal(y)", "Opaque", id="an attribute"),
        pytest.param("case T():\n            reveal(x)", "(parameter 0 is T)", id="a class narrows the subject"),
        pytest.param("case T() as y:\n            reveal(y)", "(x is T)", id="a class narrows a capture"),
        pytest.param("case T() | U():\n            reveal(x)", "parameter 0", id="alternatives do not narrow"),
        pytest.param("case _ if isinstance(x, T):\n            reveal(x)", "(parameter 0 is T)", id="a guard narrows"),
    ],
)
def test_captures(case: str, expected: str) -> None:
    """A pattern's captures are unknown, save that of the whole subject; a class pattern narrows it."""
    assert revealed(f"def f(x):\n    match x:\n        {case}") == [expected]


def test_ways_out() -> None:
    """Without a case that always matches, the state before `match` reaches the code after it."""
    source = "y = a()\nmatch x:\n    case 1:\n        y = b()\n    case _:\n        y = c()\nreveal(y)"
    assert revealed(source) == ["b() | c()"]
    assert revealed(source.replace("case _:", "case _ if d:")) == ["a() | b() | c()"]
