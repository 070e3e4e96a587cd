"""What expressions become."""

from __future__ import annotations

import pytest

from fwaudit.model.facts import Call, read_body
from tests.extract.projection import body_named, facts_of, scope_named, shown, shown_binding


def value_of(expression: str) -> str:
    """What is returned by a function that returns `expression`."""
    body = body_named(facts_of(f"async def f():\n    return {expression}"), "f")
    return shown(body, body.returns[0])


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a.b.c", "a.b.c"),
        ("f(a, *b, c=d, **e)", "f(a, *b, c=d, **=e)"),
        ("f(k=b(), *c())", "f(*c(), k=b())"),
        ("await f()", "await f()"),
        ("a[b]", "a[b]"),
        ("a[b, *c]", "a[tuple(b, *c)]"),
        ("a[b:c]", "a[<slice>]"),
        ("'x' \"y\" r'\\z'", "'xy\\\\z'"),
        ("b'x'", "b'x'"),
        ("f'{a}' 'b'", "<str of a>"),
        ("t'{a}'", "<>"),
        ("-1", "-1"),
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("a / 'b' / c", "((a / 'b') / c)"),
        ("[a, *b]", "list(a, *b)"),
        ("{a: b, **c}", "{a: b, -: c}"),
        ("{a, b}", "set(a, b)"),
        ("(a, b)", "tuple(a, b)"),
        ("a and b and c", "one of a, b, c"),
        ("(a or b) and c", "one of one of a, b, c"),
        ("a if b else c", "one of a, c"),
        ("a is b", "<bool>"),
        ("a == b", "<>"),
        ("not a", "<bool>"),
        ("[x.y for x in z]", "list of x.y"),
        ("{k: v for k, v in z}", "dict of v"),
        ("(x := f())", "f()"),
        ("(yield a)", "yield a"),
        ("None, True, ..., 1.5, 1j", "tuple(None, True, ..., 1.5, 1j)"),
    ],
)
def test_values(expression: str, expected: str) -> None:
    """Each kind of expression keeps what gives it its value."""
    assert value_of(expression) == expected


def test_lone_surrogate_in_a_literal() -> None:
    """A literal that is no valid text is kept as its escape, since the facts are UTF-8."""
    assert value_of("'\\ud800'") == "'\\\\ud800'"


@pytest.mark.parametrize(
    "statement",
    [
        "f'{call()!r:>{1}}'",
        "f'{1:{call()}}'",
        "@call()\ndef g(): pass",
        "@call()\nclass C: pass",
        "def g(a=call()): pass",
        "def g(a: call()): pass",
        "def g(*, a=call()): pass",
        "def g() -> call(): pass",
        "class C(call()): pass",
        "class C(k=call()): pass",
        "x: call() = 1",
        "x: Annotated[int, call()] = 1",
        "a[call()] = 1",
        "call().a = 1",
        "a[call()] += 1",
        "call().a += 1",
        "del call().a",
        "del a[call()]",
        "if call(): pass",
        "if a:\n    pass\nelif call():\n    pass",
        "while call(): pass",
        "for i in call(): pass",
        "for call().a in b: pass",
        "with call() as a: pass",
        "assert a, call()",
        "raise call()",
        "raise E from call()",
        "return_ = lambda: call()",
        "x = (call() for a in b)",
        "x = (a for a in call())",
        "x = [a for a in b if call()]",
        "x = {call(): 1}",
        "match call():\n    case _: pass",
        "match a:\n    case _ if call(): pass",
        "try:\n    pass\nexcept call():\n    pass",
        "type X = call()",
        "def g[T: call()](): pass",
        "a < call() < b",
        "a[call():1]",
        "if TYPE_CHECKING:\n    pass\nelse:\n    call()",
        "def g():\n    return\n    call()",
    ],
)
def test_every_call_is_found(statement: str) -> None:
    """A call is in some body's calls wherever it stands; without it there is none."""

    def calls(source: str) -> int:
        return sum(len(read_body(scope).calls) for scope in facts_of(source).scopes)

    assert calls(statement) == 1
    assert calls(statement.replace("call()", "call")) == 0


def test_called_attribute_is_no_attribute_load() -> None:
    """Of `a.b().c` only `c` may be a property."""
    body = body_named(facts_of("a.b().c\nd.e = f.g"), "")
    assert [shown(body, index) for index in body.attributes] == ["a.b().c", "f.g"]


def test_awaited_and_discarded() -> None:
    """A bare call's value is thrown away; an awaited one is not, nor is a stored one."""
    body = body_named(facts_of("async def f():\n    a()\n    await b()\n    x = c()"), "f")
    assert [shown(body, index) for index in body.awaited] == ["b()"]
    assert [shown(body, index) for index in body.discarded] == ["a()"]
    assert [shown(body, index) for index in body.calls] == ["a()", "b()", "c()"]


def test_iterations() -> None:
    """Loops, comprehensions and `yield from` iterate; an argument does not."""
    body = body_named(
        facts_of("async def f():\n    for i in a: pass\n    async for i in b: pass\n    [x for x in c for y in x]\n    g(d)"), "f"
    )
    assert [(shown(body, found.value), found.is_async) for found in body.iterations] == [
        ("a", False),
        ("b", True),
        ("c", False),
        ("x", False),
    ]
    delegating = body_named(facts_of("def f():\n    yield from e"), "f")
    assert [shown(delegating, found.value) for found in delegating.iterations] == ["e"]


def test_comprehension_targets_stay_inside() -> None:
    """A comprehension's target is none of the scope's names and ends with it; a walrus in it is and stays."""
    body = body_named(facts_of("x = 1\n[(y := x) for x in a]\nx, y"), "")
    after_x, after_y = body.expressions[-3:-1]
    assert [shown_binding(body, body.bindings[index]) for index in after_x.bindings] == ["1"]  # type: ignore[union-attr]
    assert [shown_binding(body, body.bindings[index]) for index in after_y.bindings] == ["x"]  # type: ignore[union-attr]
    assert set(scope_named(facts_of("[(y := x) for x in a]"), "").names) == {"y"}


def test_generator_expression() -> None:
    """A generator expression is a scope that iterates its parameter, whose default is evaluated outside."""
    facts = facts_of("x = (a.b for a in c() if d())")
    scope = scope_named(facts, "<generator>")
    outer, inner = body_named(facts, ""), read_body(scope)
    assert (scope.kind, scope.is_generator, scope.is_async) == ("generator", True, False)
    assert shown(outer, scope.parameters[0].default) == "c()"
    assert shown(inner, inner.iterations[0].value) == ".0"
    assert [shown(inner, index) for index in inner.yields] == ["yield a.b"]
    assert [shown(inner, index) for index in inner.calls] == ["d()"]
    assert scope_named(facts_of("x = (a async for a in b)"), "<generator>").is_async


def test_walrus_in_a_generator_expression() -> None:
    """It binds in the enclosing scope, which is told, though not the value."""
    facts = facts_of("def f():\n    g(y := a for a in b)\n    return y")
    body = body_named(facts, "f")
    assert [type(binding).__name__ for binding in body.bindings] == ["Opaque"]
    assert scope_named(facts, "f").names == {"y": (0,)}
    assert [name for name, _ in scope_named(facts, "f.<generator>").outer_stores] == ["y"]


def test_lambda() -> None:
    """A lambda is a scope that returns its body; its defaults belong outside."""
    facts = facts_of("x = lambda a, *b, c=d(): a.e()")
    scope = scope_named(facts, "<lambda>")
    body = read_body(scope)
    assert [(parameter.name, parameter.kind) for parameter in scope.parameters] == [
        ("a", "plain"),
        ("b", "variadic"),
        ("c", "keyword-only"),
    ]
    assert [shown(body, index) for index in body.returns] == ["a.e()"]
    assert [shown(body_named(facts, ""), index) for index in body_named(facts, "").calls] == ["d()"]


def test_mentions() -> None:
    """A body mentions the attributes and the free names that it reads, not its own names."""
    assert scope_named(facts_of("def f(a):\n    b = a.c(d)\n    b.e = 1\n    return b"), "f").mentions == ("c", "d")


def test_deep_sums_and_choices() -> None:
    """Chains that nest to the left cost no recursion."""
    body = body_named(facts_of("x = " + " + ".join(["f()"] * 300)), "")
    assert (len(body.calls), len(body.operations)) == (300, 299)
    assert isinstance(body.expressions[body.calls[-1]], Call)
