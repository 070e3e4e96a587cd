"""Conditions: what is known of a name where a test holds, and where it does not."""

from __future__ import annotations

import libcst as cst

from fwaudit.extract.dispatch import lower
from fwaudit.extract.flow import Condition
from fwaudit.extract.scope import ScopeReading
from fwaudit.model.facts import Call, Choice, Name, Other

Conditions = list[Condition]

_TRUTH = Other("bool")


def lower_test(scope: ScopeReading, node: cst.BaseExpression) -> tuple[int, Conditions, Conditions]:
    """The index of a condition, what is known where it holds, and what where it does not."""
    kind = type(node)
    if kind is cst.Call:
        index = lower(scope, node)
        return index, *_instance_conditions(scope, node, index)  # type: ignore[arg-type]
    if kind is cst.UnaryOperation and type(node.operator) is cst.Not:  # type: ignore[attr-defined]
        _, holds, fails = lower_test(scope, node.expression)  # type: ignore[attr-defined]
        return scope.add(_TRUTH), fails, holds
    if kind is cst.BooleanOperation:
        return _lower_boolean_test(scope, node)  # type: ignore[arg-type]
    index = lower(scope, node)
    if kind is cst.Name or kind is cst.NamedExpr:
        # Few things besides None are false and have methods that matter.
        return index, [], _none_conditions(scope, node)
    if kind is cst.Comparison:
        return index, *_comparison_conditions(scope, node)  # type: ignore[arg-type]
    return index, [], []


def _none_conditions(scope: ScopeReading, subject: cst.CSTNode) -> Conditions:
    """That `subject` is None, if it is a name of this scope."""
    if type(subject) is cst.NamedExpr:
        subject = subject.target
    if type(subject) is not cst.Name or not scope.reaching.get(subject.value):
        return []
    return [Condition(subject.value, scope.none_value(), is_none=True)]


def _comparison_conditions(scope: ScopeReading, node: cst.Comparison) -> tuple[Conditions, Conditions]:
    if len(node.comparisons) != 1:
        return [], []
    target = node.comparisons[0]
    if type(target.comparator) is not cst.Name or target.comparator.value != "None":
        return [], []
    operator = type(target.operator)
    if operator is cst.Is or operator is cst.Equal:
        return _none_conditions(scope, node.left), []
    if operator is cst.IsNot or operator is cst.NotEqual:
        return [], _none_conditions(scope, node.left)
    return [], []


def _instance_conditions(scope: ScopeReading, node: cst.Call, index: int) -> tuple[Conditions, Conditions]:
    call = scope.expressions[index]
    if not isinstance(call, Call) or len(call.arguments) != 2 or call.keywords:
        return [], []
    function = scope.expressions[call.function]
    if type(function) is not Name or function.name != "isinstance" or function.bindings:
        return [], []
    subject: cst.CSTNode = node.args[0].value
    if type(subject) is cst.NamedExpr:
        subject = subject.target
    if type(subject) is not cst.Name or node.args[0].star or node.args[1].star:
        return [], []
    return [Condition(subject.value, call.arguments[1], True)], [Condition(subject.value, call.arguments[1], False)]


def _lower_boolean_test(scope: ScopeReading, node: cst.BooleanOperation) -> tuple[int, Conditions, Conditions]:
    """Like `lower_test`; `a and b and c`, which nests to the left, is one choice."""
    operator = type(node.operator)
    nodes: list[cst.BaseExpression] = []
    first: cst.BaseExpression = node
    while type(first) is cst.BooleanOperation and type(first.operator) is operator:
        nodes.append(first.right)
        first = first.left
    nodes.append(first)
    flow = scope.flow
    known: Conditions = []
    fresh: Conditions = []
    options: list[int] = []
    for position, operand in enumerate(reversed(nodes)):
        if position == 1:
            flow.open()
        flow.narrow(fresh)
        index, holds, fails = lower_test(scope, operand)
        options.append(index)
        fresh = holds if operator is cst.And else fails
        known.extend(fresh)
    flow.merge([{}, flow.close()])
    index = scope.add(Choice(tuple(options)))
    return (index, known, []) if operator is cst.And else (index, [], known)


def lower_boolean(scope: ScopeReading, node: cst.BooleanOperation) -> int:
    """The index of `a and b` or `a or b`."""
    return _lower_boolean_test(scope, node)[0]


def lower_conditional(scope: ScopeReading, node: cst.IfExp) -> int:
    """The index of `a if test else b`."""
    flow = scope.flow
    _, holds, fails = lower_test(scope, node.test)
    flow.open()
    flow.narrow(holds)
    body = lower(scope, node.body)
    when_true = flow.close()
    flow.open()
    flow.narrow(fails)
    orelse = lower(scope, node.orelse)
    flow.merge([when_true, flow.close()])
    return scope.add(Choice((body, orelse)))
