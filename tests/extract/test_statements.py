"""What statements evaluate, bind and define."""

from __future__ import annotations

from fwaudit.model.facts import Opaque, read_body
from tests.extract.projection import body_named, facts_of, revealed, scope_named, shown, shown_binding


def bindings_of(source: str) -> list[str]:
    """The bindings of a module."""
    body = body_named(facts_of(source), "")
    return [shown_binding(body, binding) for binding in body.bindings]


def test_chained_assignment() -> None:
    """Each target gets the same value, which is evaluated once."""
    assert bindings_of("x = a = f()") == ["f()", "f()"]
    assert len(body_named(facts_of("x = a = f()"), "").calls) == 1


def test_unpacking() -> None:
    """A path leads to each target; what stands after a star has no known position."""
    assert bindings_of("a, (b, c) = f()") == ["f()[0]", "f()[1][0]", "f()[1][1]"]
    assert bindings_of("a, *b, c = f()") == ["f()[0]", "f()[-1]", "Opaque"]
    assert bindings_of("for a, [b] in c: pass") == ["each of c[0]", "each of c[1][0]"]
    assert bindings_of("with f() as (a, b): pass") == ["entered f()[0]", "entered f()[1]"]


def test_with_and_its_entries() -> None:
    """Each item is entered; `async with` is told from `with`."""
    facts = facts_of("async def f():\n    async with a() as b, c(): pass\n    with (d as e): pass")
    body = body_named(facts, "f")
    assert [(shown(body, entry.value), entry.is_async) for entry in body.entries] == [("a()", True), ("c()", True), ("d", False)]
    assert [shown_binding(body, binding) for binding in body.bindings] == ["async entered a()", "entered d"]


def test_stores_to_self() -> None:
    """A method's stores to its first parameter are its own, also through unpacking, loops and `with`; those to others are not."""
    facts = facts_of(
        """
        class C:
            def m(self, other):
                self.a = f()
                self.b, (self.c, x) = g()
                with h() as self.d: pass
                for self.e in i: pass
                self.n += 1
                other.z = 1
                self.q.z = 1
                self = other
                self.z = 1
            @staticmethod
            def s(self):
                self.z = 1
        def plain(self):
            self.z = 1
        """
    )
    scope = scope_named(facts, "C.m")
    body = read_body(scope)
    assert [name for name, _ in scope.own_stores] == ["a", "b", "c", "d", "e", "n"]
    stored = [body.stores[index] for _, index in scope.own_stores]
    assert [store.path for store in stored] == [(), (0,), (1, 0), (), (), ()]
    entered, each = (body.expressions[store.value] for store in stored[3:5])
    assert shown_binding(body, body.bindings[entered.bindings[0]]) == "entered h()"  # type: ignore[union-attr]
    assert shown_binding(body, body.bindings[each.bindings[0]]) == "each of i"  # type: ignore[union-attr]
    assert shown(body, stored[5].value) == "(self.n + 1)"
    assert scope_named(facts, "C.s").own_stores == ()
    assert scope_named(facts, "plain").own_stores == ()


def test_global_and_nonlocal() -> None:
    """What a scope binds for another is none of its names, and is read as a free name."""
    facts = facts_of("def f():\n    global x\n    x = a()\n    y = x\n    return x, y")
    scope = scope_named(facts, "f")
    body = read_body(scope)
    assert (scope.outer_stores, scope.names, "x" in scope.mentions) == ((("x", 0),), {"y": (1,)}, True)
    assert revealed("def f():\n    x = a()\n    def g():\n        nonlocal x\n        x = b()\n        reveal(x)\n    reveal(x)") == [
        "a()",
        "",
    ]
    assert shown_binding(body, body.bindings[0]) == "a()"


def test_delete_ends_a_binding() -> None:
    """After `del` nothing is known of the name."""
    assert revealed("x = a()\ndel x\nreveal(x)") == ["Opaque"]


def test_function_definition() -> None:
    """Parameters are bindings 0 to n; decorators, annotations and defaults belong outside."""
    facts = facts_of("@d.e(1)\nasync def f(a, /, b: B = c(), *args, k, **kw) -> R:\n    yield a\n    return b")
    scope, outer = scope_named(facts, "f"), body_named(facts, "")
    assert [(item.name, item.kind) for item in scope.parameters] == [
        ("a", "positional-only"), ("b", "plain"), ("args", "variadic"), ("k", "keyword-only"), ("kw", "keywords"),
    ]  # fmt: skip
    assert (shown(outer, scope.parameters[1].annotation), shown(outer, scope.parameters[1].default)) == ("B", "c()")
    assert ([shown(outer, index) for index in scope.decorators], shown(outer, scope.returns)) == (["d.e(1)"], "R")
    assert (scope.is_async, scope.is_generator) == (True, True)
    assert [shown_binding(read_body(scope), binding) for binding in read_body(scope).bindings] == [f"parameter {i}" for i in range(5)]


def test_nested_definitions() -> None:
    """Scopes know their parents and their dotted names; a class's names are its own."""
    facts = facts_of("class A(B, metaclass=M):\n    x = 1\n    def m(self):\n        def n(): return x\n        class C: pass")
    assert [(scope.kind, scope.qualified_name, scope.parent) for scope in facts.scopes] == [
        ("module", "", -1), ("class", "A", 0), ("function", "A.m", 1), ("function", "A.m.n", 2), ("class", "A.m.C", 2),
    ]  # fmt: skip
    assert [(item.qualified_name, item.scope, item.parent) for item in facts.classes] == [("A", 1, 0), ("A.m.C", 4, 2)]
    outer = body_named(facts, "")
    assert [shown(outer, index) for index in facts.classes[0].bases] == ["B"]
    assert [(name, shown(outer, index)) for name, index in facts.classes[0].keywords] == [("metaclass", "M")]
    assert set(facts.scopes[1].names) == {"x", "m"}
    assert "x" in scope_named(facts, "A.m.n").mentions


def test_type_parameters_and_aliases() -> None:
    """A type parameter hides an outer name of the same spelling; an alias is an assignment."""
    facts = facts_of("T = int\ndef f[T](a: T) -> T:\n    return T\ntype X = 'T'\nreveal")
    outer, inner = body_named(facts, ""), body_named(facts, "f")
    annotation = outer.expressions[scope_named(facts, "f").parameters[0].annotation]
    assert isinstance(outer.bindings[annotation.bindings[0]], Opaque)  # type: ignore[union-attr]
    assert isinstance(inner.bindings[inner.expressions[inner.returns[0]].bindings[0]], Opaque)  # type: ignore[union-attr]
    assert revealed("T = int\ntype X = 'T'\nreveal(X)") == ["T"]
    assert set(scope_named(facts, "").names) == {"T", "f", "X"}


def test_update() -> None:
    """`+=` keeps what the name was."""
    assert bindings_of("x = a()\nx += b()") == ["a()", "(a()) += b()"]
