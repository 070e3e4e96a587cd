"""Under which circumstances calls are made."""

from __future__ import annotations

import textwrap

import pytest

from fwaudit.model.facts import Body, Call
from tests.extract.projection import body_named, facts_of, shown


def _called(body: Body, index: int) -> str:
    call = body.expressions[index]
    assert isinstance(call, Call)
    return shown(body, call.function)


def _function(source: str, parameters: str = "p, q") -> Body:
    return body_named(facts_of(f"def f({parameters}):\n" + textwrap.indent(source, "    ")), "f")


def _guards(source: str, parameters: str = "p, q") -> list[str]:
    body = _function(source, parameters)
    names = [name.strip() for name in parameters.split(",")]
    return [f"{_called(body, guard.place)}: {names[guard.parameter]} {guard.kind}" for guard in body.guards]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("if p is None: a()\nelse: b()\nc()", ["a: p none", "b: p not-none"], id="is None"),
        pytest.param("if p is not None: a()\nelse: b()\nc()", ["a: p not-none", "b: p none"], id="is not None"),
        pytest.param("if p == None: a()\nelse: b()", ["a: p none", "b: p not-none"], id="equal to None"),
        pytest.param("if p != None: a()", ["a: p not-none"], id="unequal to None"),
        pytest.param("if p: a()\nelse: b()\nc()", ["a: p true", "b: p false"], id="truth"),
        pytest.param("if not p: a()\nelse: b()", ["a: p false", "b: p true"], id="untruth"),
        pytest.param("if not p: return\na()", ["a: p true"], id="an early return"),
        pytest.param("if p is None: raise E\na()", ["a: p not-none"], id="an early raise"),
        pytest.param("for x in q:\n    if p is None: continue\n    a()\nb()", ["a: p not-none"], id="continue, until the loop ends"),
        pytest.param("if p is not None: return\na()", ["a: p none"], id="an early return if it is given"),
        pytest.param("if p is None: b()\nelif q: a()", ["b: p none", "a: p not-none", "a: q true"], id="elif"),
        pytest.param("if p is not None and q: a()\nelse: b()", ["a: p not-none", "a: q true"], id="a conjunction"),
        pytest.param("if p:\n    if q is None: a()", ["a: p true", "a: q none"], id="nested"),
        pytest.param("p and a(p)", ["a: p true"], id="and"),
        pytest.param("p is None or a(p)", ["a: p not-none"], id="or"),
        pytest.param("x = a() if p is None else b()", ["a: p none", "b: p not-none"], id="ternary"),
        pytest.param("while p is not None: a()\nb()", ["a: p not-none", "b: p none"], id="while"),
        pytest.param("assert p is not None\na()", ["a: p not-none"], id="assert"),
        pytest.param("if p is None: p = a()\nb(p)", ["a: p none"], id="rebound to a default"),
        pytest.param("if p is None:\n    p = 1\n    a()", ["a: p none"], id="rebound after the test"),
        pytest.param("if p:\n    try: a()\n    except E: b()\n    finally: c()", [f"{x}: p true" for x in "abc"], id="try"),
        pytest.param("try:\n    if not p: return\n    a()\nfinally: b()", ["a: p true"], id="finally runs after the return too"),
        pytest.param("if q:\n    if not p: return\nelse:\n    if not p: return\na()", ["a: p true"], id="each way returns"),
        pytest.param("with q:\n    if not p: return\n    a()\nb()", ["a: p true", "b: p true"], id="with"),
        pytest.param("for x in q:\n    if p is None: a()", ["a: p none"], id="a loop that leaves it alone"),
        pytest.param("if p: return\na()", ["a: p false"], id="an early return if it is true"),
        pytest.param("if p is True: a()\nelse: b()", ["a: p true"], id="is True, and anything else"),
        pytest.param("if p is not True: a()\nelse: b()", ["b: p true"], id="is not True"),
        pytest.param("if p == True: a()", ["a: p true"], id="equal to True"),
        pytest.param("if p is False: a()\nelse: b()", ["a: p not-none", "a: p false"], id="is False, and anything else"),
        pytest.param("if p != False: return\na()", ["a: p not-none", "a: p false"], id="unequal to False"),
        pytest.param("if not p and not q: a()", ["a: p false", "a: q false"], id="a conjunction of untruths"),
        pytest.param("if p or q: return\na()", ["a: p false", "a: q false"], id="a disjunction fails"),
        pytest.param("p or a()", ["a: p false"], id="or, of truth"),
        pytest.param("x = a() if p else b()", ["a: p true", "b: p false"], id="ternary of truth"),
        pytest.param("while p: a()\nb()", ["a: p true", "b: p false"], id="while it is true"),
        pytest.param("assert not p\na()", ["a: p false"], id="assert untruth"),
        pytest.param("if p:\n    if p is not None: a()", ["a: p true"], id="a weaker test later"),
        pytest.param("if p is not None:\n    if p: a()\n    else: b()", ["a: p true", "b: p not-none", "b: p false"], id="a stronger test"),
        pytest.param("if not p:\n    if p is None: a()\n    b()", ["a: p none", "b: p false"], id="None among what is false"),
        pytest.param("if p:\n    if p is None: a()\n    b()", ["a: p none", "b: p true"], id="tests that exclude each other"),
        pytest.param(
            "if q[0]:\n    if not p: return\nelse:\n    if p is None: return\na()", ["a: p not-none"], id="what both ways have in common"
        ),
        pytest.param("if p is None: pass\nelif p is False: pass\nelse: return\na()", ["a: p false"], id="two ways to be false"),
    ],
)
def test_guards(source: str, expected: list[str]) -> None:
    """A call has a guard for each test of a parameter's truth, or against None, True or False, that leads to it."""
    assert _guards(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("if p is None or q: a()", id="a disjunction holds"),
        pytest.param("if not (p and q): a()", id="a conjunction fails"),
        pytest.param("p = g\nif p is None: pass", id="no call"),
        pytest.param("p = q\nif p is None: a()", id="rebound before"),
        pytest.param("if q[0]: p = 1\nif p is None: a()", id="perhaps rebound before"),
        pytest.param("x = 1\nif x is None: a()", id="a local name"),
        pytest.param("if p.x is None: a()", id="an attribute"),
        pytest.param("if p is q: a()", id="not against None"),
        pytest.param("if p is None is q: a()", id="a chain of comparisons"),
        pytest.param("if p is None: x = lambda: a()", id="a lambda within"),
        pytest.param("if p is None: x = (a() for b in c)", id="a generator within"),
        pytest.param("if q[0]:\n    if not p: return\na()", id="returned on one way only"),
        pytest.param("if p is None: pass\na()", id="after the branch"),
        pytest.param("if p: pass\nelse: pass\na()", id="after both branches"),
        pytest.param("if p is None: pass\nelif not p: return\na()", id="None or true"),
        pytest.param("if p is True: return\na()", id="not True, which 1 is not either"),
        pytest.param("if p is False: return\na()", id="not False, which None is not either"),
        pytest.param("if p == 1: a()", id="against a number"),
        pytest.param("if p is True is q: a()", id="a chain of comparisons with True"),
        pytest.param("if not p or not q: a()", id="a disjunction of untruths"),
        pytest.param("if p.x: a()\nelse: b()", id="truth of an attribute"),
        pytest.param("p = q[0]\nif p: a()\nelse: b()", id="truth of what it was rebound to"),
        pytest.param("if not p: p = 1\na()", id="a default for what is false"),
        pytest.param("for x in y:\n    if p is None: a()\n    p = x", id="rebound later in the loop"),
        pytest.param("while p is None:\n    a()\n    p = x\nb()", id="rebound in the loop that tests"),
        pytest.param("def g():\n    nonlocal p\n    p = None\nif p is None: a()", id="rebound by an inner function"),
        pytest.param("with q:\n    assert p\n    return\na()", id="swallowed by a context manager"),
    ],
)
def test_no_guards(source: str) -> None:
    """Where a call may be reached whatever was passed, or another value was tested, there is no guard."""
    assert _guards(source) == []


def test_guard_from_before_a_loop_that_rebinds() -> None:
    """A test before a loop guards the calls in it, though the loop rebinds the parameter."""
    source = ":\n    for x in y:\n        if p: a()\n        b()\n        p = x"
    assert _guards("if p is None" + source) == ["a: p none", "b: p none"]
    assert _guards("if q" + source) == ["a: q true", "b: q true"]


def _first_time(source: str, qualified_name: str = "f") -> list[str]:
    body = body_named(facts_of(source), qualified_name)
    return [_called(body, index) for index in body.first_time]


def _with_global(source: str) -> list[str]:
    return _first_time("def f():\n    global X\n" + textwrap.indent(source, "    "))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("if X is None:\n    X = a()\nb()", ["a"], id="is None"),
        pytest.param("if X == None:\n    X = a()", ["a"], id="equal to None"),
        pytest.param("if not X:\n    a()\n    X = b()\n    c()\nd()", ["a", "b", "c"], id="untruth"),
        pytest.param("if X: return X\nX = a()", ["a"], id="an early return"),
        pytest.param("if X is not None: return X\na()\nX = b()", ["a", "b"], id="an early return if it is there"),
        pytest.param("if X: return X\na()\nif X: return X\nX = b()", ["a", "b"], id="two early returns"),
        pytest.param("if X is not None: b()\nelse: X = a()", ["a"], id="else"),
        pytest.param("if X is None:\n    if c: X = a()\n    else: X = b()", ["a", "b"], id="stored on each way"),
        pytest.param("if X is None:\n    if c: X = a()\n    else: raise b()", ["a", "b"], id="the other way raises"),
        pytest.param("if X is None:\n    with c():\n        if X is None: X = a()\nb()", ["c", "a"], id="looked at twice under a lock"),
        pytest.param("if c and X is None:\n    X = a()", ["a"], id="a further condition"),
        pytest.param("if X is None:\n    try: X = a()\n    except E: raise b()", ["a", "b"], id="try"),
    ],
)
def test_first_time(source: str, expected: list[str]) -> None:
    """Calls made only while a global is missing, which is then stored, are made the first time."""
    assert _with_global(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("if X is None:\n    a()", id="never stored"),
        pytest.param("if X is None:\n    a()\nX = b()", id="stored after the branch"),
        pytest.param("if X is None:\n    x = a()\n    if x: X = x", id="stored on one way only"),
        pytest.param("if X is None:\n    Y = a()", id="another name"),
        pytest.param("if X:\n    X = a()", id="while it is there"),
        pytest.param("if X is None or c:\n    X = a()", id="or for another reason"),
        pytest.param("X = None\nif X is None:\n    X = a()", id="emptied before"),
        pytest.param("if X['k'] is None:\n    X['k'] = a()", id="a table"),
    ],
)
def test_not_the_first_time(source: str) -> None:
    """Calls that may be made again are not of the first time."""
    assert _with_global(source) == []


def test_first_time_needs_the_declaration() -> None:
    """A local name is missing on each call."""
    assert _first_time("def f(X=None):\n    if X is None:\n        X = a()") == []
    assert _first_time("def g():\n    X = None\n    def f():\n        nonlocal X\n        if X is None: X = a()", "g.f") == ["a"]


@pytest.mark.parametrize(
    ("subject", "parameter", "expected"),
    [
        pytest.param("cls._x", "cls", ["a"], id="of the class by parameter"),
        pytest.param("C._x", "self", ["a"], id="of the class by name"),
        pytest.param("self._x", "self", [], id="of the instance"),
        pytest.param("other._x", "self, other", [], id="of an argument"),
        pytest.param("cls._x", "self, cls", [], id="of a second parameter called cls"),
    ],
)
def test_first_time_of_attributes(subject: str, parameter: str, expected: list[str]) -> None:
    """A class keeps its attributes, an instance may live for one request."""
    source = f"class C:\n    def m({parameter}):\n        if {subject} is None:\n            {subject} = a()"
    assert _first_time(source, "C.m") == expected
    assert _first_time(source.replace(f"{subject} =", f"{subject}y ="), "C.m") == []


def test_attribute_of_an_outer_function_s_name_is_not_kept() -> None:
    """What an inner function finds on a name of the function around it may live for one request."""
    inner = "def f():\n    if s.x is None:\n        s.x = a()"
    assert _first_time(inner) == ["a"]
    assert _first_time("def g(s):\n" + textwrap.indent(inner, "    "), "g.f") == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("if a(): b()\nelif c(): d()\nelse: e()\nf()", ["b", "c", "d", "e"], id="if"),
        pytest.param("x = b() if a() else c()\nd()", ["b", "c"], id="ternary"),
        pytest.param("a() and b() or c()\nd()", ["b", "c"], id="and, or"),
        pytest.param("match a():\n    case 1 if b(): c()\nd()", ["b", "c"], id="match"),
        pytest.param("for x in a(): b()\nelse: c()\nd()", ["c"], id="a loop's else"),
        pytest.param("with a(): b()\ntry: c()\nfinally: d()", [], id="with and try"),
    ],
)
def test_conditional_calls(source: str, expected: list[str]) -> None:
    """Calls under a condition are told from those that always run."""
    body = _function(source)
    assert [_called(body, index) for index in body.conditional] == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("try: a()\nexcept b(): c()\nelse: d()\nfinally: e()\ng()", ["b", "c"], id="handlers"),
        pytest.param("if a():\n    b()\n    raise c()\nd()", ["b", "c"], id="a branch that raises"),
        pytest.param("if a():\n    b()\nelse: raise c()", ["c"], id="else raises"),
        pytest.param("match x:\n    case 1: raise a()\n    case 2: b()", ["a"], id="a case that raises"),
        pytest.param("if x:\n    if y: raise a()\n    b()\n    raise", ["a", "b"], id="nested branches that raise"),
        pytest.param("a()\nraise b()", [], id="a function that raises"),
    ],
)
def test_unlikely_calls(source: str, expected: list[str]) -> None:
    """Calls in handlers and in branches that raise are unlikely."""
    body = _function(source)
    assert [_called(body, index) for index in body.unlikely] == expected


def test_many_tests_and_calls_stay_cheap() -> None:
    """A scope with very many tested parameters guards by the first of them only."""
    count = 300
    source = "".join(f"if not p{number}: return\n" for number in range(count)) + "a()\n"
    body = _function(source, ", ".join(f"p{number}" for number in range(count)))
    assert 10 < len(body.guards) < count
