"""Expressions: each LibCST node becomes a record in its scope, operands first."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from fwaudit.extract.flow import Condition
from fwaudit.extract.scope import ScopeReading
from fwaudit.model.facts import (
    NOWHERE,
    Assigned,
    Attribute,
    Await,
    Call,
    Choice,
    Comprehension,
    Constant,
    Display,
    FunctionValue,
    Iterated,
    Iteration,
    Name,
    Operation,
    Other,
    ParameterDeclaration,
    Starred,
    Subscript,
    Yield,
)

_UNKNOWN = Other()
_TRUTH = Other("bool")
_TEXT = Other("str")
_SLICE = Other("slice")
_ELLIPSIS = Constant("ellipsis", "...")
_KEYWORDS = {"True": Constant("bool", "True"), "False": Constant("bool", "False"), "None": Constant("None", "None")}
_TRUTH_OPERATORS = frozenset((cst.In, cst.NotIn, cst.Is, cst.IsNot))
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

Conditions = list[Condition]


def lower(scope: ScopeReading, node: cst.CSTNode) -> int:
    """The index of `node`'s value in the scope."""
    return _LOWERINGS[type(node)](scope, node)


def lower_optional(scope: ScopeReading, node: cst.CSTNode | None) -> int:
    """The index of `node`'s value in the scope, -1 if there is no node."""
    return NOWHERE if node is None else _LOWERINGS[type(node)](scope, node)


# --- names and literals ----------------------------------------------------------------------------


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


def _number(kind: str) -> Callable[[ScopeReading, Any], int]:
    def lower_number(scope: ScopeReading, node: cst.BaseNumber) -> int:
        return scope.add(Constant(kind, node.value))  # type: ignore[attr-defined]

    return lower_number


def _ellipsis(scope: ScopeReading, node: cst.Ellipsis) -> int:
    return scope.add(_ELLIPSIS)


def string_constant(node: cst.SimpleString) -> Constant:
    """The literal, with its value as text; that of bytes is its source."""
    source = node.value
    quote = source[0]
    if quote in "\"'":
        width = 3 if len(source) >= 6 and source[1] == quote == source[2] else 1
        text = source[width:-width]
        if "\\" not in text and "\r" not in text:
            return Constant("str", text)
    prefix = source[: min(source.find(quote) for quote in "\"'" if quote in source)].lower()
    if "b" in prefix:
        return Constant("bytes", source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Constant("str", _encodable(ast.literal_eval(source)))
        except (SyntaxError, ValueError):
            return Constant("str", source)


def _encodable(text: str) -> str:
    # msgpack holds UTF-8: a lone surrogate in a literal is shown as an escape.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _string(scope: ScopeReading, node: cst.SimpleString) -> int:
    return scope.add(string_constant(node))


def _concatenated(scope: ScopeReading, node: cst.ConcatenatedString) -> int:
    pieces: list[cst.CSTNode] = []
    rest: cst.CSTNode = node
    while type(rest) is cst.ConcatenatedString:
        pieces.append(rest.left)
        rest = rest.right
    pieces.append(rest)
    literals = [string_constant(piece) for piece in pieces if type(piece) is cst.SimpleString]
    if len(literals) == len(pieces):
        return scope.add(Constant(literals[0].kind, "".join(literal.text for literal in literals)))
    is_template = False
    for piece in pieces:
        if type(piece) is not cst.SimpleString:
            _lower_parts(scope, piece.parts)  # type: ignore[attr-defined]
            is_template = is_template or type(piece) is cst.TemplatedString
    return scope.add(_UNKNOWN if is_template else _TEXT)


def _formatted(scope: ScopeReading, node: cst.FormattedString) -> int:
    _lower_parts(scope, node.parts)
    return scope.add(_TEXT)


def _templated(scope: ScopeReading, node: cst.TemplatedString) -> int:
    _lower_parts(scope, node.parts)
    return scope.add(_UNKNOWN)


def _lower_parts(scope: ScopeReading, parts: Sequence[Any]) -> None:
    for part in parts:
        if type(part) is cst.FormattedStringExpression or type(part) is cst.TemplatedStringExpression:
            lower(scope, part.expression)
            if part.format_spec is not None:
                _lower_parts(scope, part.format_spec)


# --- operators -------------------------------------------------------------------------------


def _attribute(scope: ScopeReading, node: cst.Attribute) -> int:
    index = _attribute_record(scope, node)
    scope.attributes.append(index)
    return index


def _attribute_record(scope: ScopeReading, node: cst.Attribute) -> int:
    base = node.value
    value = _LOWERINGS[type(base)](scope, base)
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
        function = _LOWERINGS[type(function_node)](scope, function_node)
    arguments: tuple[int, ...] = ()
    keywords: tuple[tuple[str, int], ...] = ()
    if node.args:
        arguments, keywords = lower_arguments(scope, node.args)
    expressions = scope.expressions
    expressions.append(Call(function, arguments, keywords, scope.file.place(node)))
    index = len(expressions) - 1
    scope.calls.append(index)
    return index


def lower_arguments(scope: ScopeReading, nodes: Sequence[cst.Arg]) -> tuple[tuple[int, ...], tuple[tuple[str, int], ...]]:
    """The positional arguments, then the keywords: the order in which Python evaluates `f(k=b(), *c())`."""
    arguments: list[int] = []
    named: list[cst.Arg] = []
    for node in nodes:
        if node.keyword is not None or node.star == "**":
            named.append(node)
            continue
        value = node.value
        index = _LOWERINGS[type(value)](scope, value)
        arguments.append(scope.add(Starred(index)) if node.star else index)
    keywords = tuple(("" if node.keyword is None else node.keyword.value, _LOWERINGS[type(node.value)](scope, node.value)) for node in named)
    return tuple(arguments), keywords


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
    for target in node.comparisons:
        lower(scope, target.comparator)
    # `==` and `<` are whatever a class makes of them: a column of a table makes a clause.
    is_truth = all(type(target.operator) in _TRUTH_OPERATORS for target in node.comparisons)
    return scope.add(_TRUTH if is_truth else _UNKNOWN)


def _boolean(scope: ScopeReading, node: cst.BooleanOperation) -> int:
    return _lower_boolean_test(scope, node)[0]


def _subscript(scope: ScopeReading, node: cst.Subscript) -> int:
    value = lower(scope, node.value)
    return scope.add(Subscript(value, lower_index(scope, node)))


def lower_index(scope: ScopeReading, node: cst.Subscript) -> int:
    """The index of what stands in the brackets."""
    elements = node.slice
    if len(elements) == 1 and getattr(elements[0].slice, "star", None) is None:
        return _lower_slice(scope, elements[0].slice)
    return scope.add(Display("tuple", tuple(_lower_slice(scope, element.slice) for element in elements)))


def _lower_slice(scope: ScopeReading, node: cst.BaseSlice) -> int:
    if type(node) is cst.Index:
        value = lower(scope, node.value)
        return value if node.star is None else scope.add(Starred(value))
    assert type(node) is cst.Slice
    for part in (node.lower, node.upper, node.step):
        lower_optional(scope, part)
    return scope.add(_SLICE)


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


# --- conditions ----------------------------------------------------------------------------------


def lower_test(scope: ScopeReading, node: cst.BaseExpression) -> tuple[int, Conditions, Conditions]:
    """The index of a condition, what is known where it holds, and what where it does not."""
    kind = type(node)
    if kind is cst.Call:
        index = _call(scope, node)  # type: ignore[arg-type]
        return index, *_instance_conditions(scope, node, index)  # type: ignore[arg-type]
    if kind is cst.UnaryOperation and type(node.operator) is cst.Not:  # type: ignore[attr-defined]
        _, holds, fails = lower_test(scope, node.expression)  # type: ignore[attr-defined]
        return scope.add(_TRUTH), fails, holds
    if kind is cst.BooleanOperation:
        return _lower_boolean_test(scope, node)  # type: ignore[arg-type]
    return _LOWERINGS[kind](scope, node), [], []


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


def _conditional(scope: ScopeReading, node: cst.IfExp) -> int:
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


# --- displays, comprehensions, functions ----------------------------------------------------------


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


def _comprehension(kind: str) -> Callable[[ScopeReading, Any], int]:
    def lower_comprehension(scope: ScopeReading, node: Any) -> int:
        flow = scope.flow
        flow.open()
        local = _lower_loops(scope, node.for_in, None)
        if kind == "dict" and type(node) is cst.DictComp:
            lower(scope, node.key)
            element = lower(scope, node.value)
        elif kind == "dict":
            element = lower(scope, node.value)
        else:
            element = lower(scope, node.elt)
        changes = flow.close() or {}
        flow.merge([{}, {name: value for name, value in changes.items() if name not in local}])
        return scope.add(Comprehension(kind, element, scope.file.place(node)))

    return lower_comprehension


def _lower_loops(scope: ScopeReading, loops: cst.CompFor, first: int | None) -> set[str]:
    """The targets of a comprehension's loops, after reading all but the element; `first` is what the first iterates, if that is known."""
    local: set[str] = set()
    loop: cst.CompFor | None = loops
    while loop is not None:
        is_async = loop.asynchronous is not None
        value = lower(scope, loop.iter) if first is None else first
        first = None
        scope.iterations.append(Iteration(value, is_async, scope.file.place_any(loop.iter)))
        _bind_loop_target(scope, loop.target, value, is_async, (), local)
        for condition in loop.ifs:
            scope.flow.narrow(lower_test(scope, condition.test)[1])
        loop = loop.inner_for_in
    return local


def _bind_loop_target(scope: ScopeReading, target: cst.CSTNode, value: int, is_async: bool, path: tuple[int, ...], local: set[str]) -> None:
    kind = type(target)
    if kind is cst.Name:
        name: str = target.value  # type: ignore[attr-defined]
        local.add(name)
        scope.flow.define_locally(name, Iterated(value, is_async, path))
    elif kind is cst.Tuple or kind is cst.List:
        for step, element in unpacked(target.elements):  # type: ignore[attr-defined]
            _bind_loop_target(scope, element, value, is_async, (*path, step), local)
    elif kind is cst.Attribute:
        lower(scope, target.value)  # type: ignore[attr-defined]
    elif kind is cst.Subscript:
        lower(scope, target.value)  # type: ignore[attr-defined]
        lower_index(scope, target)  # type: ignore[arg-type]


def unpacked(elements: Sequence[cst.BaseElement]) -> list[tuple[int, cst.BaseExpression]]:
    """Each target of an unpacking with its step in a path; after a starred one, positions are counted as if it took one element."""
    return [(NOWHERE if type(element) is cst.StarredElement else position, element.value) for position, element in enumerate(elements)]


def _generator(scope: ScopeReading, node: cst.GeneratorExp) -> int:
    first = lower(scope, node.for_in.iter)
    span = scope.file.place(node)
    inner = ScopeReading(scope.file, "generator", "<generator>", scope)
    inner.is_generator = True
    parameters = (ParameterDeclaration(".0", "plain", NOWHERE, first),)
    inner.declare(parameters)
    loop = node.for_in
    while loop is not None:
        inner.is_async = inner.is_async or loop.asynchronous is not None
        loop = loop.inner_for_in  # type: ignore[assignment]
    _lower_loops(inner, node.for_in, inner.add(Name(".0", (0,))))
    element = lower(inner, node.elt)
    inner.yields.append(inner.add(Yield(element, False, span)))
    inner.finish(parameters, span=span)
    return scope.add(FunctionValue(inner.index, span))


def _lambda(scope: ScopeReading, node: cst.Lambda) -> int:
    parameters = lower_parameters(scope, node.params)
    span = scope.file.place(node)
    inner = ScopeReading(scope.file, "lambda", "<lambda>", scope)
    inner.declare(parameters)
    inner.returns.append(lower(inner, node.body))
    inner.finish(parameters, span=span)
    return scope.add(FunctionValue(inner.index, span))


def lower_parameters(scope: ScopeReading, node: cst.Parameters) -> tuple[ParameterDeclaration, ...]:
    """The parameters in the order of the source, annotations and defaults in the enclosing `scope`."""
    declarations: list[ParameterDeclaration] = []

    def declare(parameter: cst.Param, kind: str) -> None:
        annotation = NOWHERE if parameter.annotation is None else lower_annotation(scope, parameter.annotation.annotation)
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


# --- annotations -----------------------------------------------------------------------------------


def lower_annotation(scope: ScopeReading, node: cst.CSTNode) -> int:
    """The index of an annotation; strings in it are read as annotations, save in `Literal[...]`, metadata and calls."""
    kind = type(node)
    if kind is cst.SimpleString or kind is cst.ConcatenatedString:
        return _string_annotation(scope, node)
    if kind is cst.Subscript:
        return _subscript_annotation(scope, node)  # type: ignore[arg-type]
    if kind is cst.BinaryOperation and type(node.operator) is cst.BitOr:  # type: ignore[attr-defined]
        left = lower_annotation(scope, node.left)  # type: ignore[attr-defined]
        right = lower_annotation(scope, node.right)  # type: ignore[attr-defined]
        return add_operation(scope, "|", left, right, node)
    if kind is cst.List or kind is cst.Tuple:
        return _annotation_display(scope, node)  # type: ignore[arg-type]
    return _LOWERINGS[kind](scope, node)


def _annotation_display(scope: ScopeReading, node: cst.List | cst.Tuple) -> int:
    items = []
    for element in node.elements:
        value = lower_annotation(scope, element.value)
        items.append(scope.add(Starred(value)) if type(element) is cst.StarredElement else value)
    return scope.add(Display("list" if type(node) is cst.List else "tuple", tuple(items)))


def _subscript_annotation(scope: ScopeReading, node: cst.Subscript) -> int:
    value = lower(scope, node.value)
    called = scope.expressions[value]
    name = called.name if isinstance(called, Name | Attribute) else ""
    if name == "Literal":
        return scope.add(Subscript(value, lower_index(scope, node)))
    items = []
    for position, element in enumerate(node.slice):
        part = element.slice
        if type(part) is cst.Index and part.star is None and (position == 0 or name != "Annotated"):
            items.append(lower_annotation(scope, part.value))
        else:
            items.append(_lower_slice(scope, part))
    is_tuple = len(items) != 1 or getattr(node.slice[0].slice, "star", None) is not None
    return scope.add(Subscript(value, scope.add(Display("tuple", tuple(items))) if is_tuple else items[0]))


def _string_annotation(scope: ScopeReading, node: cst.CSTNode) -> int:
    index = lower(scope, node)
    literal = scope.expressions[index]
    if type(literal) is not Constant or literal.kind != "str":
        return index
    file = scope.file
    if literal.text not in file.annotations:
        file.annotations[literal.text] = _parsed_annotation(literal.text)
    parsed = file.annotations[literal.text]
    if parsed is None:
        return index
    was_unplaced, file.is_unplaced = file.is_unplaced, True
    index = lower_annotation(scope, parsed)
    file.is_unplaced = was_unplaced
    return index


def _parsed_annotation(text: str) -> cst.BaseExpression | None:
    stripped = text.strip()
    if stripped.isidentifier():
        return cst.Name(stripped)
    # Longer texts are prose, and deeper ones nobody writes: a parser of untrusted text needs both limits.
    if len(stripped) > 1000 or stripped.count("[") + stripped.count("(") > 50:
        return None
    try:
        return cst.parse_expression(f"({stripped})")
    except (cst.ParserSyntaxError, cst.CSTLogicError, SyntaxError, ValueError, TypeError):
        return None


_LOWERINGS: dict[type[cst.CSTNode], Callable[[ScopeReading, Any], int]] = {
    cst.Name: _name,
    cst.Attribute: _attribute,
    cst.Call: _call,
    cst.SimpleString: _string,
    cst.ConcatenatedString: _concatenated,
    cst.FormattedString: _formatted,
    cst.TemplatedString: _templated,
    cst.Integer: _number("int"),
    cst.Float: _number("float"),
    cst.Imaginary: _number("complex"),
    cst.Ellipsis: _ellipsis,
    cst.Await: _await,
    cst.BinaryOperation: _binary,
    cst.UnaryOperation: _unary,
    cst.BooleanOperation: _boolean,
    cst.Comparison: _comparison,
    cst.Subscript: _subscript,
    cst.NamedExpr: _named,
    cst.Yield: _yield,
    cst.IfExp: _conditional,
    cst.Tuple: _elements("tuple"),
    cst.List: _elements("list"),
    cst.Set: _elements("set"),
    cst.Dict: _dict,
    cst.StarredElement: _starred,
    cst.ListComp: _comprehension("list"),
    cst.SetComp: _comprehension("set"),
    cst.DictComp: _comprehension("dict"),
    cst.StarredDictComp: _comprehension("dict"),
    cst.GeneratorExp: _generator,
    cst.Lambda: _lambda,
}
