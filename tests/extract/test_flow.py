"""Which bindings reach which place."""

from __future__ import annotations

import pytest

from fwaudit.model.facts import Updated
from tests.extract.projection import body_named, facts_of, revealed, scope_named


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("x = a()\nx = b()\nreveal(x)", ["b()"], id="a later assignment replaces an earlier one"),
        pytest.param("x = a()\nif c:\n    x = b()\nreveal(x)", ["a() | b()"], id="a branch adds to what was there"),
        pytest.param("if c:\n    x = a()\nelse:\n    x = b()\nreveal(x)", ["a() | b()"], id="both branches reach the end"),
        pytest.param("x = a()\nif c:\n    x = b()\nelse:\n    reveal(x)", ["a()"], id="a branch does not see the other"),
        pytest.param("if c:\n    x = a()\nelif d:\n    x = b()\nelse:\n    x = e()\nreveal(x)", ["a() | b() | e()"], id="elif"),
        pytest.param("if m := f():\n    pass\nelif n := g(m):\n    reveal(n)\nreveal(m)", ["g(m)", "f()"], id="walrus in a test"),
        pytest.param("x = a() or (y := b())\nreveal(y)", ["b()"], id="walrus in a choice"),
        pytest.param("reveal(x)\nx = a()", [""], id="nothing reaches before the first binding"),
    ],
)
def test_branches(source: str, expected: list[str]) -> None:
    """What reaches a name is the union of the ways that lead there, in the order of the source."""
    assert revealed(source) == expected


@pytest.mark.parametrize("leave", ["return", "raise E"])
def test_branch_that_leaves_adds_nothing(leave: str) -> None:
    """What a branch binds before it returns or raises does not reach the code after the branch."""
    source = f"def f():\n    x = a()\n    if c:\n        x = b()\n        {leave}\n    reveal(x)"
    assert revealed(source) == ["a()"]
    assert revealed(source.replace(leave, "pass")) == ["a() | b()"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("x = a()\nfor i in y:\n    reveal(x)\n    x = b()\nreveal(x)", ["a() | b()", "a() | b()"], id="carried round"),
        pytest.param("x = a()\nfor i in y:\n    x = b()\n    reveal(x)", ["b()"], id="rebound before the load"),
        pytest.param(
            "x = a()\nwhile c:\n    reveal(x)\n    if d:\n        x = b()\n        continue\n    x = e()",
            ["a() | b() | e()"],
            id="continue",
        ),
        pytest.param(
            "x = a()\nwhile True:\n    x = b()\n    if c:\n        x = d()\n        break\nreveal(x)", ["d()"], id="only a break leads out"
        ),
        pytest.param(
            "x = a()\nwhile c:\n    x = b()\n    if d:\n        break\nreveal(x)", ["a() | b()"], id="break and end both lead out"
        ),
        pytest.param("for i in y:\n    if i: break\nelse:\n    x = a()\nreveal(x)", ["a()"], id="else binds"),
        pytest.param(
            "x = a()\nfor i in y:\n    x = b()\n    if i: break\nelse:\n    x = c()\nreveal(x)", ["b() | c()"], id="else or break"
        ),
        pytest.param(
            "x = a()\nfor i in y:\n    if isinstance(x, T):\n        reveal(x)\n    x = b()",
            ["(a() | b() is T)"],
            id="narrowed and carried",
        ),
    ],
)
def test_loops(source: str, expected: list[str]) -> None:
    """The end of a loop's body leads to its start, and only what can lead out does."""
    assert revealed(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("x = a()\ntry:\n    x = b()\n    x = c()\nexcept E:\n    reveal(x)", ["a() | b() | c()"], id="any point of the body"),
        pytest.param("try:\n    x = b()\nexcept E:\n    x = c()\nreveal(x)", ["b() | c()"], id="import or fallback"),
        pytest.param("try:\n    x = b()\nexcept E:\n    raise\nreveal(x)", ["b()"], id="a handler that raises"),
        pytest.param("try:\n    x = b()\nexcept E:\n    pass\nelse:\n    x = c()\nreveal(x)", ["b() | c()"], id="else replaces"),
        pytest.param("x = a()\ntry:\n    x = b()\nfinally:\n    reveal(x)\nreveal(x)", ["a() | b()", "b()"], id="finally sees both"),
        pytest.param("try:\n    x = b()\nfinally:\n    x = c()\nreveal(x)", ["c()"], id="finally binds last"),
        pytest.param("try:\n    pass\nexcept E as e:\n    reveal(e)\nreveal(e)", ["caught E", ""], id="caught, then unbound"),
        pytest.param("try:\n    pass\nexcept* E as e:\n    reveal(e)", ["caught E"], id="except*"),
        pytest.param("with suppress(E) as x:\n    reveal(x)", ["entered suppress(E)"], id="with"),
    ],
)
def test_try_and_with(source: str, expected: list[str]) -> None:
    """A handler starts from any state of the body; what `finally` binds holds after every way through."""
    assert revealed(source) == expected


def test_update_in_a_loop_starts_from_itself_too() -> None:
    """`+=` in a loop starts from the value before the loop, and from its own of the turn before."""
    carried = body_named(facts_of("x = a()\nfor i in y:\n    x += b"), "").bindings
    assert carried[2] == Updated((0, 2), "+", 2 + 1)
    once = body_named(facts_of("x = a()\nx += b"), "").bindings
    assert once[1] == Updated((0,), "+", 2)


def test_with_that_may_swallow() -> None:
    """Code after a `with` that always returns can be reached only if the context manager swallows an exception."""
    source = (
        "def f():\n    if c:\n        with suppress(E):\n            return a()\n        x = b()\n    else:\n        x = d()\n    reveal(x)"
    )
    assert revealed(source) == ["b() | d()"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("def f(x):\n    if isinstance(x, T):\n        reveal(x)", ["(parameter 0 is T)"], id="if"),
        pytest.param("def f(x):\n    if not isinstance(x, T):\n        return\n    reveal(x)", ["(parameter 0 is T)"], id="early return"),
        pytest.param(
            "def f(x):\n    if isinstance(x, T):\n        pass\n    reveal(x)", ["parameter 0"], id="nothing is known after both ways"
        ),
        pytest.param(
            "def f(x):\n    if isinstance(x, T):\n        pass\n    else:\n        reveal(x)", ["(parameter 0 is no T)"], id="else"
        ),
        pytest.param("def f(x):\n    if isinstance(x, T) or c:\n        reveal(x)", ["parameter 0"], id="or proves nothing"),
        pytest.param("def f(x):\n    if c and isinstance(x, T):\n        reveal(x)", ["(parameter 0 is T)"], id="and"),
        pytest.param("def f(x):\n    isinstance(x, T) and reveal(x)", ["(parameter 0 is T)"], id="right of and"),
        pytest.param("def f(x):\n    isinstance(x, T) or reveal(x)", ["(parameter 0 is no T)"], id="right of or"),
        pytest.param("def f(x):\n    assert isinstance(x, T)\n    reveal(x)", ["(parameter 0 is T)"], id="assert"),
        pytest.param("def f(x):\n    reveal(x) if isinstance(x, T) else None", ["(parameter 0 is T)"], id="conditional expression"),
        pytest.param(
            "def f(x):\n    while not isinstance(x, T):\n        x = g()\n    reveal(x)", ["(parameter 0 | g() is T)"], id="while"
        ),
        pytest.param("def f():\n    if isinstance(x, T):\n        reveal(x)", ["( is T)"], id="a name of an outer scope"),
        pytest.param("def f(y):\n    if isinstance(y.x, T):\n        reveal(y)", ["parameter 0"], id="an attribute narrows no name"),
        pytest.param("def f(y):\n    [reveal(x) for x in y if isinstance(x, T)]", ["(each of y is T)"], id="comprehension"),
    ],
)
def test_narrowing(source: str, expected: list[str]) -> None:
    """`isinstance` narrows a name exactly where it is known to hold or to fail."""
    assert revealed(source) == expected


def test_elif_chain_keeps_what_all_ways_share() -> None:
    """After a chain whose first branch returns, the first test is known to have failed."""
    source = "def f(x):\n    if isinstance(x, A):\n        return\n    elif isinstance(x, B):\n        pass\n    reveal(x)"
    assert revealed(source) == ["(parameter 0 is no A)"]


def test_many_bindings_end_as_unknown() -> None:
    """More than 64 bindings of a name are not told apart: none of them reaches, and the cost stays linear."""
    source = "x = 0\n" + "if c: x = f()\n" * 70 + "reveal(x)"
    assert "Opaque" in revealed(source)[0]
    assert "Opaque" not in revealed("x = 0\n" + "if c: x = f()\n" * 60 + "reveal(x)")[0]


def test_final_bindings() -> None:
    """A module's final bindings are those that can hold at its end; `names` has all of them."""
    scope = scope_named(facts_of("x = 1\nx = 2\nif c:\n    y = 1\nz = 1\ndel z"), "")
    assert scope.final == {"x": (1,), "y": (2,), "z": (4,)}
    assert scope.names == {"x": (0, 1), "y": (2,), "z": (3, 4)}


def test_type_checking_names_the_types() -> None:
    """The branch that type checkers read wins; its imports are not of run time."""
    source = "if TYPE_CHECKING:\n    from m import T\nelse:\n    T = object\n    import n\nreveal(T)\nreveal(n)"
    assert revealed(source) == ["import m:T", "import n"]
    assert [(statement.module, statement.is_runtime) for statement in facts_of(source).imports] == [
        ("m", False),
        ("n", True),
    ]
