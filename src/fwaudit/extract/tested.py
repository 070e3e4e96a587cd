"""Branches with what they hang on: where code looks at what it was given, and answers that it does not take it."""

from __future__ import annotations

import libcst as cst

from fwaudit.extract.scope import ScopeReading
from fwaudit.model.facts import Branch

_LEAVING_CALLS = ("abort", "halt")
"""Functions of frameworks that raise."""

_OF_WRONG_VALUES = ("BaseException", "Exception", "ValueError")


def note_branch(scope: ScopeReading, suite: cst.BaseSuite, first: int, last: int) -> None:
    """Take in a branch of an `if` that was just read; its test are the expressions from `first` to `last`."""
    if scope.kind == "function" and first < last:
        scope.branches.append(Branch(first, last, last, len(scope.expressions), is_handler=False, leaves=_leaves(suite)))


def note_handler(scope: ScopeReading, handler: cst.ExceptHandler | cst.ExceptStarHandler, first: int, last: int, begin: int) -> None:
    """Take in an `except` handler that was just read; the body of its `try` are the expressions from `first` to `last`."""
    if scope.kind == "function" and first < last:
        scope.branches.append(
            Branch(
                first, last, begin, len(scope.expressions), is_handler=True, leaves=_leaves(handler.body), is_broad=_is_broad(handler.type)
            )
        )


def _is_broad(caught: cst.BaseExpression | None) -> bool:
    if caught is None:
        return True
    if type(caught) is cst.Tuple:
        return any(_is_broad(one.value) for one in caught.elements)
    return type(caught) is cst.Name and caught.value in _OF_WRONG_VALUES


def _leaves(suite: cst.BaseSuite) -> bool:
    line = suite.body[-1] if suite.body else None
    statement = line.body[-1] if type(line) is cst.SimpleStatementLine and line.body else line
    kind = type(statement)
    if kind is cst.Return or kind is cst.Raise:
        return True
    value = statement.value if type(statement) is cst.Expr else None
    name = value.func if type(value) is cst.Call else None
    if type(name) is cst.Attribute:
        name = name.attr
    return type(name) is cst.Name and name.value in _LEAVING_CALLS
