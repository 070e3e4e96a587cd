"""Handlers that load a whole table: a query for all rows, without a condition or a limit."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft
from fwaudit.check.shapes import last_name
from fwaudit.model import facts
from fwaudit.model.code import CodeBody
from fwaudit.model.context import Grade, WaitsFor
from fwaudit.model.project import Project

RULE = "unbounded-query"
_KEEPING = frozenset({"execute", "exec", "options", "order_by", "query", "scalars", "unique"})
"""Calls on the way that leave all rows."""
_LONGEST = 12


def check(project: Project) -> Iterator[Draft]:
    """A finding for each query in code that a route's handler runs; of low confidence, because code does not tell which tables grow."""
    loading, statements = (frozenset(project.names[RULE][key]) for key in ("loading", "statements"))
    for body in project.code.bodies:
        if body.kind == "function" and "all" in body.scope.mentions and body.routes:
            for index in body.body.calls:
                call = body.body.expressions[index]
                if isinstance(call, facts.Call) and last_name(body, call.function) == "all" and not call.arguments:
                    names = loading.intersection(body.names(call.function))
                    if names and (model := _whole_table(body, call, statements)):
                        message = f"all rows of `{model}` are loaded at once, without a condition or a limit"
                        place = body.place_of(index)
                        yield Draft(RULE, Grade.LOW, Grade.LOW, message, place, model, None, body.routes, WaitsFor.DATABASE)


def _whole_table(body: CodeBody, call: facts.Call, statements: frozenset[str]) -> str:
    """The model all of whose rows the query gives; "" where something on the way may leave rows out, or cannot be told."""
    index = call.function
    for _ in range(_LONGEST):
        expression = body.body.expressions[index]
        if isinstance(expression, facts.Await):
            index = expression.value
        elif isinstance(expression, facts.Attribute):
            if expression.name == "query" and last_name(body, expression.value)[:1].isupper():
                return last_name(body, expression.value)
            index = expression.value
        elif isinstance(expression, facts.Name):
            index = _assigned_once(body, expression)
        elif isinstance(expression, facts.Call):
            name = last_name(body, expression.function)
            given = expression.arguments[0] if len(expression.arguments) == 1 and not expression.keywords else -1
            if name == "select" and not statements.isdisjoint(body.names(expression.function)):
                return _model(body, given)
            if name not in _KEEPING:
                return ""
            if name == "query":
                return _model(body, given)
            index = given if name in ("exec", "execute") or (name == "scalars" and given >= 0) else expression.function
        else:
            return ""
        if index < 0:
            return ""
    return ""


def _assigned_once(body: CodeBody, name: facts.Name) -> int:
    bindings = [body.body.bindings[one] for one in name.bindings]
    return bindings[0].value if len(bindings) == 1 and isinstance(bindings[0], facts.Assigned) and not bindings[0].path else -1


def _model(body: CodeBody, index: int) -> str:
    """The class that is asked for; "" for columns, functions and what is not one thing."""
    name = last_name(body, index) if index >= 0 else ""
    return name if name[:1].isupper() else ""
