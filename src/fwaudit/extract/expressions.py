"""Expressions: each LibCST node becomes a record in its scope, operands first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from fwaudit.extract.comprehensions import lower_comprehension, lower_generator, lower_lambda
from fwaudit.extract.conditions import lower_boolean, lower_conditional, lower_test
from fwaudit.extract.dispatch import EXPRESSIONS, lower
from fwaudit.extract.kept import fill_item
from fwaudit.extract.literals import lower_concatenated, lower_ellipsis, lower_formatted, lower_number, lower_string, lower_templated
from fwaudit.extract.scope import ScopeReading
from fwaudit.extract.subscripts import lower_subscript
from fwaudit.model.facts import (
    NOWHERE,
    Assigned,
    Attribute,
    Await,
    Call,
    Constant,
    Display,
    ItemAccess,
    Iteration,
    Name,
    Operation,
    Other,
    Starred,
    Yield,
)

_UNKNOWN = Other()
_TRUTH = Other("bool")
_KEYWORDS = {"True": Constant("bool", "True"), "False": Constant("bool", "False"), "None": Constant("None", "None")}
_TRUTH_OPERATORS = frozenset((cst.In, cst.NotIn, cst.Is, cst.IsNot))
_CONTAINMENTS = frozenset((cst.In, cst.NotIn))
OPERATORS: dict[type[cst.CSTNode], str] = {
    cst.Add: "+",
    cst.Subtract: "-",
    cst.Multiply: "*",
    cst.Divide: "/",
    cst.FloorDivide: "//",
    cst.Modulo: "%",
    cst.Power: "**",
    cst.LeftShift: "<<",
    cst.RightShift: ">>",
    cst.BitOr: "|",
    cst.BitAnd: "&",
    cst.BitXor: "^",
    cst.MatrixMultiply: "@",
}


def _name(scope: ScopeReading, node: cst.Name) -> int:
    name = node.value
    expressions = scope.expressions
    reaching = scope.reaching.get(name)
    if reaching:
        expressions.append(Name(name, reaching))
    elif name in _KEYWORDS:
        expressions.append(_KEYWORDS[name])
    else:
        scope.free_names.add(name)
        expressions.append(Name(name))
    return len(expressions) - 1


def _attribute(scope: ScopeReading, node: cst.Attribute) -> int:
    index = _attribute_record(scope, node)
    scope.note_attribute(index)
    return index


def _attribute_record(scope: ScopeReading, node: cst.Attribute) -> int:
    base = node.value
    value = EXPRESSIONS[type(base)](scope, base)
    name = node.attr.value
    scope.attribute_names.add(name)
    expressions = scope.expressions
    expressions.append(Attribute(value, name, scope.file.place(node)))
    return len(expressions) - 1


def _call(scope: ScopeReading, node: cst.Call) -> int:
    function_node = node.func
    if type(function_node) is cst.Attribute:
        function = _attribute_record(scope, function_node)
    else:
        function = EXPRESSIONS[type(function_node)](scope, function_node)
    arguments: tuple[int, ...] = ()
    keywords: tuple[tuple[str, int], ...] = ()
    if node.args:
        arguments, keywords = lower_arguments(scope, node.args, _first_is_type(scope.expressions[function], node.args[0].value))
    expressions = scope.expressions
    expressions.append(Call(function, arguments, keywords, scope.file.place(node)))
    index = len(expressions) - 1
    scope.calls.append(index)
    circumstances = scope.flow.circumstances
    if circumstances.depth or circumstances.handlers or circumstances.subjects:
        circumstances.note(index, scope.reaching)
    if circumstances.fillings and arguments:
        _note_filled(scope, function, arguments)
    return index


def _note_filled(scope: ScopeReading, function: int, arguments: Sequence[int]) -> None:
    """Take in `table.setdefault(key, value)` and `table.update({key: value})`."""
    called, first = scope.expressions[function], scope.expressions[arguments[0]]
    if type(called) is not Attribute:
        return
    if called.name == "setdefault" and len(arguments) > 1:
        fill_item(scope, called.value, arguments[0])
    elif called.name == "update" and type(first) is Display and first.kind == "dict":
        for key in first.keys:
            if key != NOWHERE:
                fill_item(scope, called.value, key)


def _first_is_type(function: object, first: cst.BaseExpression) -> bool:
    """Whether the first argument is a type in a string: `cast("Session", value)`."""
    return type(first) is cst.SimpleString and isinstance(function, Name | Attribute) and function.name == "cast"


def lower_arguments(
    scope: ScopeReading, nodes: Sequence[cst.Arg], first_is_type: bool = False
) -> tuple[tuple[int, ...], tuple[tuple[str, int], ...]]:
    """The positional arguments, then the keywords: the order in which Python evaluates `f(k=b(), *c())`."""
    arguments: list[int] = []
    named: list[cst.Arg] = []
    for node in nodes:
        if node.keyword is not None or node.star == "**":
            named.append(node)
            continue
        value = node.value
        index = EXPRESSIONS[cst.Annotation if first_is_type and not arguments else type(value)](scope, value)
        arguments.append(scope.add(Starred(index)) if node.star else index)
    keywords = []
    for node in named:
        value = node.value
        keywords.append(("" if node.keyword is None else node.keyword.value, EXPRESSIONS[type(value)](scope, value)))
    return tuple(arguments), tuple(keywords)


def _await(scope: ScopeReading, node: cst.Await) -> int:
    value = lower(scope, node.expression)
    scope.awaited.append(value)
    if scope.kind == "generator":
        scope.is_async = True
    return scope.add(Await(value, scope.file.place(node)))


def _binary(scope: ScopeReading, node: cst.BinaryOperation) -> int:
    chain: list[cst.BinaryOperation] = []
    first: cst.BaseExpression = node
    while type(first) is cst.BinaryOperation:
        chain.append(first)
        first = first.left
    left = lower(scope, first)
    for operation in reversed(chain):
        right = lower(scope, operation.right)
        left = add_operation(scope, OPERATORS[type(operation.operator)], left, right, operation)
    return left


def add_operation(scope: ScopeReading, operator: str, left: int, right: int, node: cst.CSTNode) -> int:
    """The index of `left operator right`, which stands at `node`."""
    index = scope.add(Operation(operator, left, right, scope.file.place(node)))
    scope.operations.append(index)
    return index


def _unary(scope: ScopeReading, node: cst.UnaryOperation) -> int:
    operator = type(node.operator)
    if operator is cst.Not:
        return lower_test(scope, node)[0]
    operand = lower(scope, node.expression)
    value = scope.expressions[operand]
    if operator is cst.Minus and type(value) is Constant and value.kind in ("int", "float"):
        return scope.add(Constant(value.kind, "-" + value.text))
    return scope.add(_UNKNOWN)


def _comparison(scope: ScopeReading, node: cst.Comparison) -> int:
    lower(scope, node.left)
    containers = []
    for target in node.comparisons:
        value = lower(scope, target.comparator)
        if type(target.operator) in _CONTAINMENTS:
            containers.append(value)
    if containers:
        span = scope.file.place(node)
        if span != NOWHERE:
            scope.items.extend([ItemAccess(value, "__contains__", span) for value in containers])
    # `==` and `<` are whatever a class makes of them: a column of a table makes a clause.
    is_truth = all(type(target.operator) in _TRUTH_OPERATORS for target in node.comparisons)
    return scope.add(_TRUTH if is_truth else _UNKNOWN)


def _named(scope: ScopeReading, node: cst.NamedExpr) -> int:
    value = lower(scope, node.value)
    target = node.target
    if type(target) is cst.Name:
        index = scope.flow.define(target.value, Assigned(value))
        if scope.kind == "generator" and scope.parent is not None:
            scope.flow.outer_stores.append((target.value, index))
            scope.parent.bind_from_inside(target.value)
    return value


def _yield(scope: ScopeReading, node: cst.Yield) -> int:
    value, is_from = NOWHERE, False
    if type(node.value) is cst.From:
        is_from = True
        value = lower(scope, node.value.item)
        scope.iterations.append(Iteration(value, False, scope.file.place_any(node.value.item)))
    elif node.value is not None:
        value = lower(scope, node.value)
    scope.is_generator = True
    index = scope.add(Yield(value, is_from, scope.file.place(node)))
    scope.yields.append(index)
    return index


def _elements(kind: str) -> Callable[[ScopeReading, Any], int]:
    def lower_elements(scope: ScopeReading, node: cst.Tuple | cst.List | cst.Set) -> int:
        items = []
        for element in node.elements:
            value = lower(scope, element.value)
            items.append(scope.add(Starred(value)) if type(element) is cst.StarredElement else value)
        return scope.add(Display(kind, tuple(items)))

    return lower_elements


def _dict(scope: ScopeReading, node: cst.Dict) -> int:
    keys, items = [], []
    for element in node.elements:
        keys.append(lower(scope, element.key) if type(element) is cst.DictElement else NOWHERE)
        items.append(lower(scope, element.value))
    return scope.add(Display("dict", tuple(items), tuple(keys)))


def _starred(scope: ScopeReading, node: cst.StarredElement) -> int:
    return scope.add(Starred(lower(scope, node.value)))


EXPRESSIONS.update(
    {
        cst.Name: _name,
        cst.Attribute: _attribute,
        cst.Call: _call,
        cst.SimpleString: lower_string,
        cst.ConcatenatedString: lower_concatenated,
        cst.FormattedString: lower_formatted,
        cst.TemplatedString: lower_templated,
        cst.Integer: lower_number("int"),
        cst.Float: lower_number("float"),
        cst.Imaginary: lower_number("complex"),
        cst.Ellipsis: lower_ellipsis,
        cst.Await: _await,
        cst.BinaryOperation: _binary,
        cst.UnaryOperation: _unary,
        cst.BooleanOperation: lower_boolean,
        cst.Comparison: _comparison,
        cst.Subscript: lower_subscript,
        cst.NamedExpr: _named,
        cst.Yield: _yield,
        cst.IfExp: lower_conditional,
        cst.Tuple: _elements("tuple"),
        cst.List: _elements("list"),
        cst.Set: _elements("set"),
        cst.Dict: _dict,
        cst.StarredElement: _starred,
        cst.ListComp: lower_comprehension("list"),
        cst.SetComp: lower_comprehension("set"),
        cst.DictComp: lower_comprehension("dict"),
        cst.StarredDictComp: lower_comprehension("dict"),
        cst.GeneratorExp: lower_generator,
        cst.Lambda: lower_lambda,
    }
)
