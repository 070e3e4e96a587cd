"""Which function reads which node: `expressions` and `statements` fill the two tables once, every reader looks them up.

Readers tell nodes apart by `type(node) is ...`, on the hot path instead of `isinstance`;
mypy does not follow that far, hence their ignores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from fwaudit.extract.scope import ScopeReading
from fwaudit.model.facts import NOWHERE

EXPRESSIONS: dict[type[cst.CSTNode], Callable[[ScopeReading, Any], int]] = {}
STATEMENTS: dict[type[cst.CSTNode], Callable[[ScopeReading, Any], None]] = {}


def lower(scope: ScopeReading, node: cst.CSTNode) -> int:
    """The index of `node`'s value in the scope."""
    return EXPRESSIONS[type(node)](scope, node)


def lower_optional(scope: ScopeReading, node: cst.CSTNode | None) -> int:
    """The index of `node`'s value in the scope, -1 if there is no node."""
    return NOWHERE if node is None else EXPRESSIONS[type(node)](scope, node)


def lower_block(scope: ScopeReading, statements: Sequence[cst.CSTNode]) -> None:
    """Read statements in order."""
    flow = scope.flow
    start = len(scope.expressions)
    for statement in statements:
        if flow.dead and flow.left_by_with:
            # The context manager may have swallowed what left its body, else nobody would write this line.
            flow.dead = flow.left_by_with = False
        STATEMENTS[type(statement)](scope, statement)
    scope.repeats.note_block(statements, start, len(scope.expressions))


def lower_branch(scope: ScopeReading, node: cst.BaseSuite) -> None:
    """Read the body of a branch, whose calls are unlikely if it ends in `raise`."""
    start = len(scope.calls)
    lower_block(scope, node.body)
    if len(scope.calls) > start and _ends_in_raise(node):
        scope.flow.circumstances.unlikely.extend(scope.calls[start:])


def _ends_in_raise(node: cst.BaseSuite) -> bool:
    last = node.body[-1] if node.body else None
    if type(last) is cst.SimpleStatementLine:
        last = last.body[-1]
    return type(last) is cst.Raise


def lower_suite(scope: ScopeReading, node: cst.BaseSuite) -> None:
    """Read the body of a compound statement."""
    lower_block(scope, node.body)
