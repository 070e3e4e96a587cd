"""Frames of one function: what does not hang on the arguments is answered once for all of them, and nothing that does."""

from __future__ import annotations

from pathlib import Path

import pytest

from fwaudit.extract.module import extract_module
from fwaudit.link.inference.dependence import Dependence
from fwaudit.link.symbols import Module
from fwaudit.model import facts
from fwaudit.model.source import Role
from tests.marks import Section
from tests.support import audit_sources, sections_in

CASES = [
    Path(__file__).parent / "cases" / f"{name}.md"
    for name in ("callables", "closures", "decorators", "generators", "mended", "offloading", "own-offloaders", "untyped-helpers")
]


def own_calls(source: str, *, arguments: tuple[int, ...] = (), states: tuple[int, ...] = ()) -> list[str]:
    """The names of the calls in the first function of the source that hang on these parameters."""
    function = Module("app.py", "app.py", "app", extract_module(source.encode()), Role.CODE).functions[1]
    own, _ = Dependence(function).on(arguments, states)
    return [facts.last_name(function.body.expressions[function.body.call(index).function]) for index in function.body.calls if index in own]


@pytest.mark.parametrize("section", sections_in(*CASES))
def test_answers_are_those_of_frames_that_share_nothing(section: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit of every case is the same where each frame works everything out on its own."""
    _, shared = audit_sources(section.files)
    monkeypatch.setattr(Dependence, "on", lambda *_: (range(100_000), range(100_000)))
    _, apart = audit_sources(section.files)

    assert shared == apart


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("def f(a, b):\n    one(a)\n    two(b)\n    three()\n", ["one"], id="argument"),
        pytest.param("def f(a):\n    x = a.b\n    one(x)\n    y = 1\n    two(y)\n", ["one"], id="local"),
        pytest.param("def f(a):\n    a.one()\n    one().two()\n", ["one"], id="callee"),
        pytest.param("def f(a):\n    x = None\n    for i in o:\n        one(x)\n        x = a\n", ["one"], id="carried by a loop"),
        pytest.param("def f(a):\n    def g():\n        return a\n    def h():\n        return 1\n    g()\n    h()\n", ["g"], id="closure"),
        pytest.param("def f(a):\n    one(lambda: a)\n    two(lambda: 1)\n", ["one"], id="lambda"),
        pytest.param("def f(a):\n    one(x for x in a)\n    two(x for x in o)\n    three([x for x in a])\n", ["one", "three"], id="loops"),
        pytest.param("def f(a):\n    with a as x:\n        one(x)\n        two()\n", ["one"], id="entered"),
        pytest.param("def f(a):\n    if isinstance(a, A):\n        one(a)\n        two()\n", ["isinstance", "one"], id="narrowed"),
        pytest.param("def f(a):\n    x = 1\n    def g():\n        nonlocal x\n        x = a\n    one(x)\n", ["one"], id="rebound inside"),
        pytest.param("def f(a):\n    super()\n    one()\n", ["super"], id="super"),
    ],
)
def test_what_hangs_on_an_argument(source: str, expected: list[str]) -> None:
    """A call hangs on what goes into its function and its arguments, by whatever name."""
    assert own_calls(source, arguments=(0,)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("def f(a):\n    one(a)\n    two(a.b)\n    a.three()\n", ["one"], id="handed on itself"),
        pytest.param("def f(a):\n    x = a or None\n    one(x)\n    two(k=x)\n    three(y=x.z)\n", ["one", "two"], id="under another name"),
        pytest.param("def f(a):\n    one(a).two()\n    three(one(a).b)\n", ["two", "one", "three", "one"], id="what is made with it"),
    ],
)
def test_what_hangs_on_a_state(source: str, expected: list[str]) -> None:
    """Whether a parameter is None counts where it is handed on, and for what hangs on that."""
    assert sorted(own_calls(source, states=(0,))) == sorted(expected)
