"""Which calls run again and again."""

from __future__ import annotations

import textwrap

import pytest

from fwaudit.model.facts import Call, Loop
from tests.extract.projection import body_named, facts_of, shown


def _loops(source: str, name: str = "f") -> list[str]:
    """Of each loop, what it iterates and what it calls; in brackets what it calls in one turn only."""
    body = body_named(facts_of("def f(p, q):\n" + textwrap.indent(source, "    ")), name)

    def called(loop: Loop) -> str:
        names = []
        for index in body.calls:
            call = body.expressions[index]
            assert isinstance(call, Call)
            if loop.first <= index < loop.end:
                name = shown(body, call.function)
                names.append(f"[{name}]" if any(first <= index < end for first, end in loop.leaving) else name)
        return f"{shown(body, loop.iterated)}: {' '.join(names)}"

    return [called(loop) for loop in body.loops]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("for x in a():\n    b()\nc()", ["a(): b"], id="for"),
        pytest.param("for x in p:\n    b()\nelse:\n    c()", ["p: b"], id="the else of a loop runs once"),
        pytest.param("while a():\n    b()\nc()", ["-: a b"], id="while"),
        pytest.param("for x in p:\n    for y in a(x):\n        b()", ["a(x): b", "p: a b"], id="nested"),
        pytest.param("[b(x) for x in a() if c(x)]", ["a(): c b"], id="comprehension"),
        pytest.param("{b(x): c(x) for x in a()}", ["a(): b c"], id="dict comprehension"),
        pytest.param("[b(y) for x in p for y in a(x)]", ["a(x): b", "p: a b"], id="two loops in a comprehension"),
        pytest.param("for x in p:\n    if x:\n        a()\n        break\n    b()", ["p: [a] b"], id="break"),
        pytest.param("for x in p:\n    if x:\n        return a()\n    b()", ["p: [a] b"], id="return"),
        pytest.param("for x in p:\n    if x:\n        raise a()\n    b()", ["p: [a] b"], id="raise"),
        pytest.param("for x in p:\n    if x:\n        a()\n        continue\n    b()", ["p: a b"], id="continue"),
        pytest.param("for x in p:\n    return a(x)", ["p: [a]"], id="a loop of one turn"),
        pytest.param(
            "for x in p:\n    for y in q:\n        if y:\n            a()\n            break",
            ["q: [a]", "p: a"],
            id="break of the inner loop",
        ),
        pytest.param(
            "for x in p:\n    for y in q:\n        if y:\n            return a()", ["q: [a]", "p: [a]"], id="return from both loops"
        ),
        pytest.param("while True:\n    try:\n        a()\n        break\n    except E:\n        b()", ["-: [a] b"], id="try again"),
        pytest.param("for x in p:\n    pass", [], id="nothing happens"),
        pytest.param("a()\nreturn b()", [], id="no loop"),
    ],
)
def test_loops(source: str, expected: list[str]) -> None:
    """A loop holds what its turns evaluate; what leaves it is told apart."""
    assert _loops(source) == expected


def test_a_generator_expression_loops_in_its_own_scope() -> None:
    """What its first loop iterates is read outside."""
    assert _loops("any(b(x) for x in a())", "f.<generator>") == [".0: b"]
    assert _loops("any(b(x) for x in a())") == []
