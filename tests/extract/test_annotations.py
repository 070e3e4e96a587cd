"""Annotations and the strings in them."""

from __future__ import annotations

import pytest

from fwaudit.model.facts import read_body
from tests.extract.projection import body_named, facts_of, scope_named, shown


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("'A'", "A"),
        ("'a.B | None'", "(a.B | None)"),
        ("'A' | B", "(A | B)"),
        ("Optional['A']", "Optional[A]"),
        ("dict[str, 'A']", "dict[tuple(str, A)]"),
        ("Callable[['A'], 'B']", "Callable[tuple(list(A), B)]"),
        ("Annotated['A', 'text', f('text')]", "Annotated[tuple(A, 'text', f('text'))]"),
        ("Literal['A']", "Literal['A']"),
        ("'List[\"A\"]'", "List[A]"),
        ("'no type at all'", "'no type at all'"),
        ("'('", "'('"),
        ("''", "''"),
    ],
)
def test_strings(annotation: str, expected: str) -> None:
    """A string is an annotation where a type stands, and text where a value stands or where it does not parse."""
    facts = facts_of(f"def f(p: {annotation}) -> {annotation}:\n    x: {annotation} = 1\n    self.y: {annotation} = 2")
    outer, inner = body_named(facts, ""), body_named(facts, "f")
    scope = scope_named(facts, "f")
    assert shown(outer, scope.parameters[0].annotation) == expected
    assert shown(outer, scope.returns) == expected
    assert shown(inner, inner.bindings[1].annotation) == expected  # type: ignore[union-attr]
    assert shown(inner, inner.stores[0].annotation) == expected


def test_strings_have_no_place() -> None:
    """What is read out of a string has no span; what stands in the source has one."""
    body = body_named(facts_of("x: 'a.b'\ny: a.b"), "")
    assert [body.expressions[index].span for index in body.attributes] == [-1, 0]  # type: ignore[union-attr]


def test_declared_name_keeps_its_annotation() -> None:
    """An annotation holds for later assignments to that name, and for no other."""
    facts = facts_of("def f():\n    x: A\n    x = b()\n    y = c()")
    bindings = read_body(scope_named(facts, "f")).bindings
    assert [binding.annotation >= 0 for binding in bindings] == [True, True, False]  # type: ignore[union-attr]
