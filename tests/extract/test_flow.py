"""Which bindings reach which place."""

from __future__ import annotations

import textwrap

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


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("if x is None:\n    reveal(x)\nelse:\n    reveal(x)", ["None", "a()"], id="is None"),
        pytest.param("if x == None:\n    reveal(x)\nelse:\n    reveal(x)", ["None", "a()"], id="== None"),
        pytest.param("if x is not None:\n    reveal(x)\nelse:\n    reveal(x)", ["a()", "None"], id="is not None"),
        pytest.param("if x != None:\n    reveal(x)\nelse:\n    reveal(x)", ["a()", "None"], id="!= None"),
        pytest.param("if x is y:\n    reveal(x)\nelse:\n    reveal(x)", ["a()", "a()"], id="is something else"),
        pytest.param("if x is None is y:\n    reveal(x)", ["a()"], id="a chain of comparisons"),
        pytest.param("if x.y is None:\n    reveal(x)", ["a()"], id="an attribute is None"),
        pytest.param("if x:\n    reveal(x)\nelse:\n    reveal(x)", ["a()", "None"], id="false"),
        pytest.param("if x.y:\n    pass\nelse:\n    reveal(x)", ["a()"], id="an attribute is false"),
        pytest.param("if not x:\n    reveal(x)\nelse:\n    reveal(x)", ["None", "a()"], id="not"),
        pytest.param("if x:\n    return\nreveal(x)", ["None"], id="the rest after a return"),
        pytest.param("if not x:\n    return\nreveal(x)", ["a()"], id="the rest after a return where it is false"),
        pytest.param("if x is None:\n    x = b()\nreveal(x)", ["a() | b()"], id="replaced where it is None"),
        pytest.param("if x:\n    pass\nreveal(x)", ["a()"], id="nothing is known after both ways"),
        pytest.param("if x:\n    pass\nelif y:\n    reveal(x)\nelse:\n    pass\nreveal(x)", ["None", "a()"], id="elif"),
        pytest.param("if x:\n    x = b()\nelse:\n    pass\nreveal(x)", ["b() | None"], id="rebound on one way only"),
        pytest.param("if x or y:\n    return\nreveal(x)", ["None"], id="or, failed"),
        pytest.param("if x and y:\n    return\nreveal(x)", ["a()"], id="and, failed, proves nothing"),
        pytest.param("x or reveal(x)\nx and reveal(x)\nreveal(x)", ["None", "a()", "a()"], id="right of or and and"),
        pytest.param("reveal(x) if x else reveal(x)\nreveal(x)", ["a()", "None", "a()"], id="conditional expression"),
        pytest.param("assert x is None\nreveal(x)", ["None"], id="assert None"),
        pytest.param("assert x, reveal(x)\nreveal(x)", ["None", "a()"], id="assert true"),
        pytest.param("if z := g():\n    reveal(z)\nelse:\n    reveal(z)", ["g()", "None"], id="walrus"),
        pytest.param("while x:\n    reveal(x)\nreveal(x)", ["a()", "None"], id="while"),
        pytest.param("while x:\n    if y: break\nreveal(x)", ["a()"], id="while that may break"),
        pytest.param("while not x:\n    x = b()\nreveal(x)", ["a() | b()"], id="while not"),
        pytest.param(
            "for i in y:\n    if x is None:\n        reveal(x)\n    reveal(x)\n    x = b()\nreveal(x)",
            ["None", "a() | b()", "a() | b()"],
            id="carried round",
        ),
        pytest.param(
            "while x:\n    x = b()\n    if not x:\n        break\n    reveal(x)\nreveal(x)",
            ["b()", "None | None"],
            id="None on every way out",
        ),
        pytest.param("try:\n    if x: return\n    x = b()\nexcept E:\n    reveal(x)\nreveal(x)", ["a() | b()", "a() | b()"], id="try"),
    ],
)
def test_none(source: str, expected: list[str]) -> None:
    """A name is None exactly where a test found it to be, or found it false; where the ways meet it is what it was."""
    assert revealed("def f():\n    x = a()\n" + textwrap.indent(source, "    ")) == expected


def test_names_of_other_scopes_are_not_known_to_be_none() -> None:
    """A global or free name may be rebound by any call, so a test of it holds for nothing after it; a parameter's holds."""
    source = "def f({}):\n    {}\n    if x:\n        return x\n    connect()\n    reveal(x)"
    assert revealed(source.format("", "global x")) == [""]
    assert revealed(source.format("", "pass")) == [""]
    assert revealed(source.format("x", "pass")) == ["None"]


def test_long_chains_of_names_cost_no_square() -> None:
    """Only the first 64 tests of a chain tell the later ones something."""
    names = [f"x{number}" for number in range(70)]
    source = "".join(f"{name} = a()\n" for name in names) + "if c: pass\n" + "".join(f"elif {name}: pass\n" for name in names)
    assert revealed(source + "else: reveal(x62)") == ["None"]
    assert revealed(source + "else: reveal(x69)") == ["a()"]


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
