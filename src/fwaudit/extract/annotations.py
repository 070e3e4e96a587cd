"""Annotations: expressions in which strings are expressions too."""

from __future__ import annotations

import libcst as cst

from fwaudit.extract.dispatch import EXPRESSIONS, lower
from fwaudit.extract.expressions import add_operation
from fwaudit.extract.scope import ScopeReading
from fwaudit.extract.subscripts import lower_index, lower_slice
from fwaudit.model.facts import Attribute, Constant, Display, Name, Starred, Subscript


def lower_annotation(scope: ScopeReading, node: cst.CSTNode) -> int:
    """The index of an annotation; strings in it are read as annotations, save in `Literal[...]`, metadata and calls."""
    known_items = len(scope.items)
    index = _lower_type(scope, node)
    # What a type is applied to is no item of a container.
    del scope.items[known_items:]
    return index


def _lower_type(scope: ScopeReading, node: cst.CSTNode) -> int:
    if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        return _string_annotation(scope, node)
    if type(node) is cst.Subscript:
        return _subscript_annotation(scope, node)
    if type(node) is cst.BinaryOperation and type(node.operator) is cst.BitOr:
        left = _lower_type(scope, node.left)
        right = _lower_type(scope, node.right)
        return add_operation(scope, "|", left, right, node)
    if isinstance(node, (cst.List, cst.Tuple)):
        return _annotation_display(scope, node)
    return lower(scope, node)


EXPRESSIONS[cst.Annotation] = lower_annotation


def _annotation_display(scope: ScopeReading, node: cst.List | cst.Tuple) -> int:
    items = []
    for element in node.elements:
        value = _lower_type(scope, element.value)
        items.append(scope.add(Starred(value)) if type(element) is cst.StarredElement else value)
    return scope.add(Display("list" if type(node) is cst.List else "tuple", tuple(items)))


def _subscript_annotation(scope: ScopeReading, node: cst.Subscript) -> int:
    value = lower(scope, node.value)
    called = scope.expressions[value]
    name = called.name if isinstance(called, Name | Attribute) else ""
    if name == "Literal":
        index = scope.add(Subscript(value, lower_index(scope, node)))
        scope.file.place(node)
        return index
    items = []
    for position, element in enumerate(node.slice):
        part = element.slice
        if type(part) is cst.Index and part.star is None and (position == 0 or name != "Annotated"):
            items.append(_lower_type(scope, part.value))
        else:
            items.append(lower_slice(scope, part))
    is_tuple = len(items) != 1 or getattr(node.slice[0].slice, "star", None) is not None
    # It has a place, though nothing refers to it, so that the walk over `ast` need not know what is an annotation.
    scope.file.place(node)
    return scope.add(Subscript(value, scope.add(Display("tuple", tuple(items))) if is_tuple else items[0]))


def _string_annotation(scope: ScopeReading, node: cst.CSTNode) -> int:
    index = lower(scope, node)
    literal = scope.expressions[index]
    if type(literal) is not Constant or literal.kind != "str":
        return index
    file = scope.file
    if literal.text not in file.annotations:
        file.annotations[literal.text] = _parsed_annotation(literal.text)
    parsed = file.annotations[literal.text]
    if parsed is None:
        return index
    was_unplaced, file.is_unplaced = file.is_unplaced, True
    index = _lower_type(scope, parsed)
    file.is_unplaced = was_unplaced
    return index


def _parsed_annotation(text: str) -> cst.BaseExpression | None:
    stripped = text.strip()
    if stripped.isidentifier():
        return cst.Name(stripped)
    # Longer texts are prose, and deeper ones nobody writes; the parser is slow on both.
    if not stripped or len(stripped) > 1000 or stripped.count("[") + stripped.count("(") > 50:
        return None
    try:
        # Parentheses let it span lines.
        return cst.parse_expression(f"({stripped})" if "\n" in stripped else stripped)
    except (cst.ParserSyntaxError, cst.CSTLogicError, SyntaxError, ValueError, TypeError):
        return None
