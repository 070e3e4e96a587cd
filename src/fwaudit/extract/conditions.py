"""Conditions: what is known of a name where a test holds, and where it does not."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from fwaudit.extract.circumstances import EMPTY, FALSE, NONE, NOT_NONE, TRUE, Missing, Passed, Tested
from fwaudit.extract.dispatch import lower
from fwaudit.extract.flow import Condition, Known
from fwaudit.extract.kept import asks_for_life, missing_by_name, missing_item, missing_place, missing_result, reads_place
from fwaudit.extract.scope import ScopeReading
from fwaudit.model.facts import NOWHERE, Assigned, Attribute, Await, Call, Choice, Name, Other

Conditions = list[Known]

_DECIDING = frozenset({"isinstance", "iscoroutinefunction"})
"""Functions of whose answer what is known of the arguments may tell."""

_TRUTH = Other("bool")
_EQUALITIES = frozenset((cst.Is, cst.Equal))
_INEQUALITIES = frozenset((cst.IsNot, cst.NotEqual))
_SINGLETONS = {"None": NONE, "True": TRUE, "False": EMPTY}


def lower_test(scope: ScopeReading, node: cst.BaseExpression) -> tuple[int, Conditions, Conditions]:
    """The index of a condition, what is known where it holds, and what where it does not."""
    if type(node) is cst.Call:
        index = lower(scope, node)
        holds, fails = _instance_conditions(scope, node, index)
        if scope.kind == "function" and _last_name(node.func) in _DECIDING:
            holds.append(Tested(index, TRUE))
            fails.append(Tested(index, FALSE))
        fails.extend(missing_result(scope, index))
        fails.extend(missing_by_name(scope, node))
        return index, holds, fails
    if type(node) is cst.UnaryOperation and type(node.operator) is cst.Not:
        _, holds, fails = lower_test(scope, node.expression)
        return scope.add(_TRUTH), fails, holds
    if type(node) is cst.BooleanOperation:
        return _lower_boolean_test(scope, node)
    index = lower(scope, node)
    if isinstance(node, (cst.Name, cst.NamedExpr)):
        # Few things besides None are false and have methods that matter.
        holds = _passed(scope, node, TRUE)
        fails = [*_none_conditions(scope, node), *_passed(scope, node, FALSE)]
        return index, holds, [*fails, *missing_place(scope, node), *missing_result(scope, index)]
    if type(node) is cst.Attribute:
        return index, [], [*missing_place(scope, node)]
    if type(node) is cst.Comparison:
        return index, *_comparison_conditions(scope, node, index)
    return index, [], []


def _last_name(node: cst.BaseExpression) -> str:
    if type(node) is cst.Attribute:
        node = node.attr
    return node.value if type(node) is cst.Name else ""


def _none_conditions(scope: ScopeReading, subject: cst.CSTNode) -> Conditions:
    """That `subject` is None, if it is a name of this scope."""
    if type(subject) is cst.NamedExpr:
        subject = subject.target
    if type(subject) is not cst.Name or not scope.reaching.get(subject.value):
        return []
    return [Condition(subject.value, scope.none_value(), is_none=True)]


def _comparison_conditions(scope: ScopeReading, node: cst.Comparison, index: int) -> tuple[Conditions, Conditions]:
    if len(node.comparisons) != 1:
        return [], []
    target = node.comparisons[0]
    if type(target.operator) in (cst.In, cst.NotIn):
        missing = _missing_key(scope, index)
        return (missing, []) if type(target.operator) is cst.NotIn else ([], missing)
    if type(target.comparator) is not cst.Name or target.comparator.value not in _SINGLETONS:
        return [], []
    operator = type(target.operator)
    if operator not in _EQUALITIES and operator not in _INEQUALITIES:
        return [], []
    subject = node.left
    same: Conditions = _passed(scope, subject, _SINGLETONS[target.comparator.value])
    # What is not True need not be false: it may be 1 or a text.
    other: Conditions = []
    if target.comparator.value == "None":
        same = [*_none_conditions(scope, subject), *same, *missing_place(scope, subject)]
        # Its operands stand right before the comparison, and None is one expression.
        same.extend(missing_result(scope, index - 2))
        other = _passed(scope, subject, NOT_NONE)
        if scope.kind == "function" and _may_be_told(scope, index - 2):
            same.append(Tested(index, TRUE))
            other.append(Tested(index, FALSE))
    return (same, other) if operator in _EQUALITIES else (other, same)


def _may_be_told(scope: ScopeReading, index: int) -> bool:
    """Whether the expression is an attribute, a call, or a name for the result of one: what these are may exclude None."""
    one = scope.expressions[index]
    if type(one) in (Attribute, Await, Call):
        return True
    if type(one) is not Name or len(one.bindings) != 1:
        return False
    binding = scope.flow.bindings[one.bindings[0]]
    if type(binding) is not Assigned or binding.path or binding.value == NOWHERE:
        return False
    return type(scope.expressions[binding.value]) in (Call, Await)


def _passed(scope: ScopeReading, subject: cst.CSTNode, possible: int) -> Conditions:
    """That `subject` is `possible`, if it is a parameter, or stands for one that was given."""
    if type(subject) is not cst.Name or scope.flow.parameter_given(subject.value)[0] == NOWHERE:
        return []
    return [Passed(subject.value, possible)]


def _missing_key(scope: ScopeReading, index: int) -> Conditions:
    """That the key is missing of which `key in table`, the expression `index`, says whether it is there."""
    # Operands stand right before the comparison: a table that is a name is one expression, an attribute of a name two.
    table = index - 1
    key = table - (2 if type(scope.expressions[table]) is Attribute else 1)
    return [*missing_item(scope, table, key)]


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
    starts: list[int] = []
    otherwise: list[Conditions] = []
    for position, operand in enumerate(reversed(nodes)):
        starts.append(len(scope.expressions))
        if position == 1:
            flow.open()
            flow.circumstances.depth += 1
        flow.narrow(fresh)
        index, holds, fails = lower_test(scope, operand)
        options.append(index)
        fresh, stale = (holds, fails) if operator is cst.And else (fails, holds)
        known.extend(fresh)
        otherwise.append(stale)
    flow.circumstances.depth -= 1
    flow.merge([{}, flow.close()])
    index = scope.add(Choice(tuple(options)))
    # Whichever operand decided: that the place is missing which each of them asks for.
    missing = [one for one in otherwise[0] if type(one) is Missing]
    common: Conditions = [one for one in missing if all(one in others for others in otherwise)]
    # Or that it is missing, or what is there is asked whether it still does.
    parts = [*zip(starts[1:], [*starts[2:], index], strict=True)]
    for one in missing:
        if one not in common and all(reads_place(scope, one.place, *part) for part in parts):
            common.append(replace(one, is_sure=all(asks_for_life(scope, *part) for part in parts)))
    return (index, known, common) if operator is cst.And else (index, common, known)


def lower_boolean(scope: ScopeReading, node: cst.BooleanOperation) -> int:
    """The index of `a and b` or `a or b`."""
    return _lower_boolean_test(scope, node)[0]


def lower_conditional(scope: ScopeReading, node: cst.IfExp) -> int:
    """The index of `a if test else b`."""
    flow = scope.flow
    _, holds, fails = lower_test(scope, node.test)
    flow.circumstances.depth += 1
    flow.open()
    flow.narrow(holds)
    body = lower(scope, node.body)
    when_true = flow.close()
    flow.open()
    flow.narrow(fails)
    orelse = lower(scope, node.orelse)
    flow.circumstances.depth -= 1
    flow.merge([when_true, flow.close()])
    return scope.add(Choice((body, orelse)))
