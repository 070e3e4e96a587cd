"""The language of type expressions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fwaudit.catalog.types import TypeExpression, class_names, parse_type

SIMPLE = st.sampled_from(["self", "element", "None", "unknown", "builtins.str", "a.B", "argument:0", "result:12", "class:a.B"])
EXPRESSIONS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds("awaitable[{}]".format, inner),
        st.builds("async_context[{}]".format, inner),
        st.builds("builtins.dict[{}, {}]".format, inner, inner),
    ),
    max_leaves=6,
)


def test_a_class_with_elements() -> None:
    """Brackets hold the elements' types."""
    found = parse_type("builtins.dict[builtins.str, a.B]")
    assert found == TypeExpression("builtins.dict", (TypeExpression("builtins.str"), TypeExpression("a.B")))


def test_a_union_is_flat() -> None:
    """The members of a union are its arguments, in order."""
    assert parse_type("a.B | None | c.D").arguments == (TypeExpression("a.B"), TypeExpression("None"), TypeExpression("c.D"))


def test_words_that_take_an_argument() -> None:
    """A position or a keyword says which argument is meant; without a colon `element` is the receiver's."""
    assert parse_type("result:1") == TypeExpression("result", position=1)
    assert parse_type("instance:class_") == TypeExpression("instance", keyword="class_")
    assert parse_type("element") == TypeExpression("element")
    assert parse_type("element:0") == TypeExpression("element", position=0)


def test_a_class_itself_is_not_an_instance() -> None:
    """`class:X` keeps X as its argument."""
    assert parse_type("class:a.B") == TypeExpression("class", (TypeExpression("a.B"),))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("str", "`str` is neither a dotted class name"),
        ("", "`` is neither"),
        ("awaitable", "needs its type in brackets"),
        ("self[a.B]", "takes no brackets"),
        ("builtins.list[a.B", "a bracket is not closed"),
        ("a.B]", "is left over"),
        ("a.B |", "is neither"),
        ("a..B", "is not a dotted name"),
        ("argument:", "after the colon stands"),
        ("arguments:0", "before the colon stands"),
        ("class:" * 5000 + "a.B", "nested too deeply"),
        ("awaitable[" * 5000 + "a.B" + "]" * 5000, "nested too deeply"),
    ],
)
def test_what_is_no_expression(text: str, reason: str) -> None:
    """A mistake is named."""
    with pytest.raises(ValueError, match=reason.replace(".", r"\.")):
        parse_type(text)


@pytest.mark.parametrize("text", ["class:" * 40 + "a.B", "awaitable[" * 40 + "a.B" + "]" * 40, " | ".join(["a.B"] * 200)])
def test_a_deep_or_long_expression_is_read(text: str) -> None:
    """Deeper and longer than any table needs."""
    assert class_names(parse_type(text)) == ("a.B",) * (text.count("|") + 1)


@given(EXPRESSIONS, EXPRESSIONS)
def test_an_expression_reads_back_as_it_is_written(first: str, second: str) -> None:
    """The text of a parsed expression parses to the same expression."""
    parsed = parse_type(f"{first} | {second}")
    assert parse_type(str(parsed)) == parsed
    assert str(parsed) == f"{first} | {second}"


def test_class_names_are_those_at_any_depth() -> None:
    """Words of the language are not classes."""
    assert class_names(parse_type("awaitable[builtins.list[a.B] | class:c.D | None]")) == ("builtins.list", "a.B", "c.D")
