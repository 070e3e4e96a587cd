"""The function that a wrapper stands for: what a decorator of the project was put on."""

from __future__ import annotations

from fwaudit.link.symbols import Function
from fwaudit.link.values import Frame, FunctionObject
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

_MOST_WRAPPERS = 8
"""Decorators on top of each other."""


def written_under(handler: Frame) -> Function:
    """The function that a decorator or `functools.wraps` put the handler around, else the handler itself."""
    function, closure = handler.function, handler.closure
    found, keeps_name = function, True
    for _ in range(_MOST_WRAPPERS):
        inner = _wrapped(closure)
        if inner is None:
            break
        keeps_name = keeps_name and _keeps_name(function)
        function, closure = inner.function, inner.closure
        if keeps_name or function.scope.decorators:
            found = function
    return found


def _wrapped(closure: Frame | None) -> FunctionObject | None:
    """The only function that the function around a wrapper was given."""
    if closure is None or closure.function.scope.kind != "function":
        return None
    given = {value for values in closure.arguments.values() for value, _ in values if isinstance(value, FunctionObject)}
    return given.pop() if len(given) == 1 else None


def _keeps_name(function: Function) -> bool:
    """Whether `functools.wraps` gives a wrapper the name of what it wraps."""
    if function.scope.parent == NOWHERE:
        return False
    expressions = function.module.functions[function.scope.parent].body.expressions
    calls = [call for index in function.scope.decorators if isinstance(call := expressions[index], facts.Call)]
    callees = [expressions[call.function] for call in calls]
    return any(facts.last_name(callee) == "wraps" for callee in callees)
