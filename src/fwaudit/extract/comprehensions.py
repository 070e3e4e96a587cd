"""Comprehensions, generator expressions and lambdas, and the parameters of the last."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import libcst as cst

from fwaudit.extract.conditions import lower_test
from fwaudit.extract.dispatch import lower, lower_optional
from fwaudit.extract.scope import ScopeReading
from fwaudit.extract.subscripts import lower_changed_item
from fwaudit.extract.targets import Bind, opaque, unpacked
from fwaudit.model.facts import (
    NOWHERE,
    Comprehension,
    FunctionValue,
    Iterated,
    Iteration,
    Name,
    ParameterDeclaration,
    Yield,
)

Annotate = Callable[[ScopeReading, cst.CSTNode], int]
"""Reads an annotation."""


def lower_comprehension(kind: str) -> Callable[[ScopeReading, Any], int]:
    """The reader of list, set or dict comprehensions."""

    def lower_one(scope: ScopeReading, node: Any) -> int:
        flow = scope.flow
        flow.open()
        local, depth = _lower_loops(scope, node.for_in, None)
        if kind == "dict" and type(node) is cst.DictComp:
            lower(scope, node.key)
            element = lower(scope, node.value)
        elif kind == "dict":
            element = lower(scope, node.value)
        else:
            element = lower(scope, node.elt)
        _leave_loops(scope, depth)
        changes = flow.close() or {}
        flow.merge([{}, {name: value for name, value in changes.items() if name not in local}])
        return scope.add(Comprehension(kind, element, scope.file.place(node)))

    return lower_one


def _lower_loops(scope: ScopeReading, loops: cst.CompFor, first: int | None) -> tuple[set[str], int]:
    """The targets of a comprehension's loops, and how many these are, after reading all but the element.

    `first` is what the first iterates, if that is known.
    """
    local: set[str] = set()
    depth = 0
    loop: cst.CompFor | None = loops
    while loop is not None:
        is_async = loop.asynchronous is not None
        value = lower(scope, loop.iter) if first is None else first
        first = None
        scope.iterations.append(Iteration(value, is_async, scope.file.place_any(loop.iter)))
        scope.repeats.enter(value, len(scope.expressions))
        depth += 1
        _bind_loop_target(scope, loop.target, partial(Iterated, value, is_async), local)
        for condition in loop.ifs:
            scope.flow.narrow(lower_test(scope, condition.test)[1])
        loop = loop.inner_for_in
    return local, depth


def _leave_loops(scope: ScopeReading, depth: int) -> None:
    for _ in range(depth):
        scope.repeats.leave(len(scope.expressions))


def _bind_loop_target(scope: ScopeReading, target: cst.CSTNode, bind: Bind, local: set[str], path: tuple[int, ...] = ()) -> None:
    if type(target) is cst.Name:
        name: str = target.value
        local.add(name)
        scope.flow.define_locally(name, bind(path))
    elif isinstance(target, (cst.Tuple, cst.List)):
        for step, element in unpacked(target.elements):
            if step is None:
                _bind_loop_target(scope, element, opaque, local)
            else:
                _bind_loop_target(scope, element, bind, local, (*path, step))
    elif type(target) is cst.Attribute:
        lower(scope, target.value)
    elif type(target) is cst.Subscript:
        lower_changed_item(scope, target, "__setitem__")


def lower_generator(scope: ScopeReading, node: cst.GeneratorExp) -> int:
    """The index of a generator expression; what its first loop iterates belongs to `scope` and is its only parameter."""
    first = lower(scope, node.for_in.iter)
    span = scope.file.place(node)
    inner = ScopeReading(scope.file, "generator", "<generator>", scope)
    inner.is_generator = True
    parameters = (ParameterDeclaration(".0", "plain", NOWHERE, first),)
    inner.declare(parameters)
    loop: cst.CompFor | None = node.for_in
    while loop is not None:
        inner.is_async = inner.is_async or loop.asynchronous is not None
        loop = loop.inner_for_in
    _, depth = _lower_loops(inner, node.for_in, inner.add(Name(".0", (0,))))
    element = lower(inner, node.elt)
    _leave_loops(inner, depth)
    inner.yields.append(inner.add(Yield(element, False, span)))
    inner.finish(parameters, span=span)
    return scope.add(FunctionValue(inner.index, span))


def lower_lambda(scope: ScopeReading, node: cst.Lambda) -> int:
    """The index of a lambda."""
    parameters = lower_parameters(scope, node.params, lower)
    span = scope.file.place(node)
    inner = ScopeReading(scope.file, "lambda", "<lambda>", scope)
    inner.declare(parameters)
    inner.returns.append(lower(inner, node.body))
    inner.finish(parameters, span=span)
    return scope.add(FunctionValue(inner.index, span))


def lower_parameters(scope: ScopeReading, node: cst.Parameters, annotate: Annotate) -> tuple[ParameterDeclaration, ...]:
    """The parameters in the order of the source, annotations and defaults in the enclosing `scope`; `annotate` reads annotations."""
    declarations: list[ParameterDeclaration] = []

    def declare(parameter: cst.Param, kind: str) -> None:
        annotation = NOWHERE if parameter.annotation is None else annotate(scope, parameter.annotation.annotation)
        declarations.append(ParameterDeclaration(parameter.name.value, kind, annotation, lower_optional(scope, parameter.default)))

    for parameter in node.posonly_params:
        declare(parameter, "positional-only")
    for parameter in node.params:
        declare(parameter, "plain")
    if type(node.star_arg) is cst.Param:
        declare(node.star_arg, "variadic")
    for parameter in node.kwonly_params:
        declare(parameter, "keyword-only")
    if node.star_kwarg is not None:
        declare(node.star_kwarg, "keywords")
    return tuple(declarations)
