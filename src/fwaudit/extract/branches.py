"""Statements that branch, loop or enter: what reaches the places after them."""

from __future__ import annotations

from functools import partial

import libcst as cst

from fwaudit.extract.conditions import lower_test
from fwaudit.extract.dispatch import lower, lower_branch, lower_optional, lower_suite
from fwaudit.extract.flow import Changes, Known
from fwaudit.extract.scope import ScopeReading
from fwaudit.extract.targets import bind_target
from fwaudit.extract.tested import note_branch, note_handler
from fwaudit.model.facts import NOWHERE, Caught, Entered, Iterated, Iteration, WithItem

_LONGEST_NARROWING = 64
"""Tests of one chain of `elif`s whose failing tells the later ones something: else a chain would cost its square."""


def read_if(scope: ScopeReading, node: cst.If) -> None:
    """Read a chain of `if`, `elif` and `else`."""
    checked = _type_checking_branch(node)
    if checked is not None:
        _if_type_checking(scope, node, checked)
        return
    flow, circumstances = scope.flow, scope.flow.circumstances
    depth = circumstances.depth
    outcomes: list[Changes | None] = []
    flow.open()
    branch: cst.If | cst.Else | None = node
    while type(branch) is cst.If:
        first = len(scope.expressions)
        _, holds, fails = lower_test(scope, branch.test)
        last = len(scope.expressions)
        flow.open()
        circumstances.depth = depth + 1
        flow.narrow(holds)
        lower_branch(scope, branch.body)
        note_branch(scope, branch.body, first, last)
        changes = flow.close()
        if branch.orelse is None:
            circumstances.depth = depth
        if changes is not None and flow.journal:
            changes = {**{name: flow.reaching[name] for name in flow.journal}, **changes}
        outcomes.append(changes)
        if len(outcomes) <= _LONGEST_NARROWING:
            flow.narrow(fails)
        branch = branch.orelse
    if branch is not None:
        lower_branch(scope, branch.body)
    circumstances.depth = depth
    outcomes.append(flow.close())
    flow.merge(outcomes)


def _type_checking_branch(node: cst.If) -> bool | None:
    """Whether the body is the branch that type checkers read; None for an ordinary `if`."""
    test: cst.CSTNode = node.test
    is_body = True
    if type(test) is cst.UnaryOperation and type(test.operator) is cst.Not:
        test, is_body = test.expression, False
    if type(test) is cst.Attribute:
        test = test.attr
    return is_body if type(test) is cst.Name and test.value == "TYPE_CHECKING" else None


def _if_type_checking(scope: ScopeReading, node: cst.If, body_is_checked: bool) -> None:
    """Read what type checkers read as if it ran: it names the types. The other branch adds only names that this one lacks."""
    flow, file = scope.flow, scope.file
    lower(scope, node.test)
    outcomes: list[Changes] = []
    was_dead, was_runtime = flow.dead, file.is_runtime
    for suite, is_checked in ((node.body, body_is_checked), (node.orelse, not body_is_checked)):
        flow.open()
        file.is_runtime = was_runtime and not is_checked
        if type(suite) is cst.If:
            read_if(scope, suite)
        elif suite is not None:
            lower_suite(scope, suite if isinstance(suite, cst.BaseSuite) else suite.body)
        flow.dead = was_dead
        outcomes.append(flow.close() or {})
        file.is_runtime = was_runtime
    checked, other = outcomes if body_is_checked else reversed(outcomes)
    flow.apply({**other, **checked})


def read_while(scope: ScopeReading, node: cst.While) -> None:
    """Read a `while` loop."""
    flow = scope.flow
    start = len(scope.expressions), len(flow.bindings)
    scope.repeats.enter(NOWHERE, start[0])
    _, holds, fails = lower_test(scope, node.test)
    loop = flow.enter_loop()
    flow.narrow(holds)
    lower_suite(scope, node.body)
    scope.repeats.leave(len(scope.expressions))
    back = flow.leave_loop()
    carried = flow.carry(back, scope.expressions, *start)
    breaks = [carried.widen_all(changes) for changes in loop.breaks]
    exhausted = None if _always_holds(node.test) else [{}, *back]
    _leave_loop(scope, exhausted, fails, node.orelse, breaks)


def _always_holds(test: cst.BaseExpression) -> bool:
    return (type(test) is cst.Name and test.value == "True") or (type(test) is cst.Integer and test.value == "1")


def _leave_loop(
    scope: ScopeReading,
    exhausted: list[Changes] | None,
    fails: list[Known],
    orelse: cst.Else | None,
    breaks: list[Changes],
) -> None:
    """Go on after a loop, which ends exhausted (None: it cannot), by way of `else`, or by a `break`."""
    flow = scope.flow
    flow.open()
    flow.merge(exhausted or [])
    flow.narrow(fails)
    if orelse is not None:
        flow.circumstances.depth += 1
        lower_suite(scope, orelse.body)
        flow.circumstances.depth -= 1
    flow.merge([flow.close(), *breaks])


def read_for(scope: ScopeReading, node: cst.For) -> None:
    """Read a `for` loop."""
    flow = scope.flow
    is_async = node.asynchronous is not None
    value = lower(scope, node.iter)
    scope.iterations.append(Iteration(value, is_async, scope.file.place_any(node.iter)))
    start = len(scope.expressions), len(flow.bindings)
    loop = flow.enter_loop()
    scope.repeats.enter(value, start[0])
    bind_target(scope, node.target, partial(Iterated, value, is_async))
    lower_suite(scope, node.body)
    scope.repeats.leave(len(scope.expressions))
    back = flow.leave_loop()
    carried = flow.carry(back, scope.expressions, *start)
    breaks = [carried.widen_all(changes) for changes in loop.breaks]
    _leave_loop(scope, [{}, *back], [], node.orelse, breaks)


def read_try(scope: ScopeReading, node: cst.Try | cst.TryStar) -> None:
    """Read a `try`: a handler starts from any state that the body went through."""
    flow = scope.flow
    start = len(flow.bindings)
    first = len(scope.expressions)
    flow.open()
    lower_suite(scope, node.body)
    last = len(scope.expressions)
    raised = flow.touched(start)
    if node.orelse is not None:
        lower_suite(scope, node.orelse.body)
    outcomes = [flow.close()]
    raised = {name: _joined(value, flow.reaching.get(name, ())) for name, value in raised.items()}
    for handler in node.handlers:
        flow.open()
        flow.apply(raised)
        flow.circumstances.handlers += 1
        before = len(scope.expressions)
        _handler(scope, handler)
        note_handler(scope, handler, first, last, before)
        flow.circumstances.handlers -= 1
        outcomes.append(flow.close())
    if node.finalbody is None:
        flow.merge(outcomes)
        return
    _finally(scope, node.finalbody, start, outcomes)


def _joined(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted({*first, *second}))


def _handler(scope: ScopeReading, node: cst.ExceptHandler | cst.ExceptStarHandler) -> None:
    caught = lower_optional(scope, node.type)
    name = ""
    if node.name is not None and type(node.name.name) is cst.Name:
        name = node.name.name.value
        scope.flow.define(name, Caught(caught))
    lower_suite(scope, node.body)
    if name:
        scope.flow.reach(name, ())


def _finally(scope: ScopeReading, node: cst.Finally, start: int, outcomes: list[Changes | None]) -> None:
    """The body runs once in whatever state; what it changes holds after each way through."""
    flow = scope.flow
    flow.open()
    flow.apply(flow.touched(start))
    flow.open()
    lower_suite(scope, node.body)
    changes = flow.close()
    flow.close()
    flow.merge(outcomes)
    if changes is None:
        flow.dead = True
    else:
        flow.apply(changes)


def read_with(scope: ScopeReading, node: cst.With) -> None:
    """Read a `with`."""
    is_async = node.asynchronous is not None
    for item in node.items:
        value = lower(scope, item.item)
        scope.entries.append(WithItem(value, is_async, scope.file.place_any(item.item)))
        if item.asname is not None:
            bind_target(scope, item.asname.name, partial(Entered, value, is_async))
    flow = scope.flow
    was_dead = flow.dead
    before = {key: flow.reaching.get(key, ()) for key in flow.circumstances.subjects}
    lower_suite(scope, node.body)
    if flow.dead and not was_dead:
        flow.left_by_with = True
        # What follows may run though a test in the body failed and raised.
        for key in flow.circumstances.subjects:
            flow.reach(key, before.get(key, ()))
