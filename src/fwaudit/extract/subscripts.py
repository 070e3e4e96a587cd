"""Subscripts."""

from __future__ import annotations

import libcst as cst

from fwaudit.extract.dispatch import lower, lower_optional
from fwaudit.extract.kept import fill_item
from fwaudit.extract.scope import ScopeReading
from fwaudit.model.facts import NOWHERE, Display, Other, Starred, Subscript

_SLICE = Other("slice")


def lower_subscript(scope: ScopeReading, node: cst.Subscript) -> int:
    """The index of a subscript that is read."""
    value = lower(scope, node.value)
    index = scope.add(Subscript(value, lower_index(scope, node)))
    scope.add_item(value, "__getitem__", node)
    return index


def lower_changed_item(scope: ScopeReading, node: cst.Subscript, method: str, stored: int = NOWHERE) -> None:
    """Read a subscript that is assigned to (`stored` tells what) or deleted by the container's `method` ("": it is only declared)."""
    value = lower(scope, node.value)
    index = lower_index(scope, node)
    scope.add_item(value, method, node, stored)
    if method == "__setitem__":
        fill_item(scope, value, index)


def lower_index(scope: ScopeReading, node: cst.Subscript) -> int:
    """The index of what stands in the brackets."""
    elements = node.slice
    if len(elements) == 1 and getattr(elements[0].slice, "star", None) is None:
        return lower_slice(scope, elements[0].slice)
    return scope.add(Display("tuple", tuple(lower_slice(scope, element.slice) for element in elements)))


def lower_slice(scope: ScopeReading, node: cst.BaseSlice) -> int:
    """The index of one part of what stands in the brackets."""
    if type(node) is cst.Index:
        value = lower(scope, node.value)
        return value if node.star is None else scope.add(Starred(value))
    assert type(node) is cst.Slice
    for part in (node.lower, node.upper, node.step):
        lower_optional(scope, part)
    return scope.add(_SLICE)
