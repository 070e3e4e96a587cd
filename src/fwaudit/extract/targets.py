"""Targets: what assignments, loops, `with` and `del` do to names and attributes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from fwaudit.extract.dispatch import lower
from fwaudit.extract.scope import ScopeReading
from fwaudit.extract.subscripts import lower_changed_item
from fwaudit.model.facts import NOWHERE, Assigned, AttributeStore, Binding, Name, Opaque

Bind = Callable[[tuple[int, ...]], Binding]
"""Makes the binding of a target at a path."""


def assign_target(scope: ScopeReading, target: cst.CSTNode, value: int, path: tuple[int, ...] = (), annotation: int = NOWHERE) -> None:
    """Give a target of `=` its value (-1: it is only declared), or the part of it at `path`."""
    if type(target) is cst.Name:
        name: str = target.value
        if annotation == NOWHERE and not path:
            annotation = scope.flow.declared.get(name, NOWHERE)
        scope.flow.define(name, Assigned(value, annotation, path))
    elif type(target) is cst.Attribute:
        base = lower(scope, target.value)
        name = target.attr.value
        scope.stores.append(AttributeStore(base, name, value, annotation, path))
        if type(target.value) is cst.Name:
            place = f"{target.value.value}.{name}"
            scope.flow.circumstances.replace(place)
            if scope.flow.circumstances.fillings:
                scope.flow.fill(place)
    elif type(target) is cst.Subscript:
        lower_changed_item(scope, target, "" if value == NOWHERE else "__setitem__", NOWHERE if path else value)
    elif isinstance(target, (cst.Tuple, cst.List)):
        for step, element in unpacked(target.elements):
            if step is None:
                bind_target(scope, element, opaque)
            else:
                assign_target(scope, element, value, (*path, step))


def bind_target(scope: ScopeReading, target: cst.CSTNode, bind: Bind, path: tuple[int, ...] = ()) -> None:
    """Bind a target of `for` or `with`."""
    if type(target) is cst.Name:
        scope.flow.define(target.value, bind(path))
    elif type(target) is cst.Attribute:
        base = lower(scope, target.value)
        name: str = target.attr.value
        # The value of a store is an expression: here a name that only this binding has.
        value = scope.add(Name(name, (scope.flow.add_unnamed(bind(path)),)))
        scope.stores.append(AttributeStore(base, name, value))
    elif type(target) is cst.Subscript:
        lower_changed_item(scope, target, "__setitem__")
    elif isinstance(target, (cst.Tuple, cst.List)):
        for step, element in unpacked(target.elements):
            if step is None:
                bind_target(scope, element, opaque)
            else:
                bind_target(scope, element, bind, (*path, step))


def delete_target(scope: ScopeReading, target: cst.CSTNode) -> None:
    """Unbind a target of `del`."""
    if type(target) is cst.Name:
        scope.flow.define(target.value, Opaque())
    elif isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            delete_target(scope, element.value)
    elif type(target) is cst.Attribute:
        lower(scope, target.value)
    elif type(target) is cst.Subscript:
        lower_changed_item(scope, target, "__delitem__")


def opaque(_path: tuple[int, ...]) -> Binding:
    """A binding that says nothing."""
    return Opaque()


def unpacked(elements: Sequence[cst.BaseElement]) -> list[tuple[int | None, cst.BaseExpression]]:
    """Each target of an unpacking with its step in a path: -1 for the starred one, None after it, where the position is not known."""
    targets: list[tuple[int | None, cst.BaseExpression]] = []
    is_after_star = False
    for position, element in enumerate(elements):
        if type(element) is cst.StarredElement:
            targets.append((NOWHERE, element.value))
            is_after_star = True
        else:
            targets.append((None if is_after_star else position, element.value))
    return targets
