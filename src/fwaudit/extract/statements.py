"""Statements: what each one evaluates, binds and decides, in execution order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from fwaudit.extract.exported import note_exported
from fwaudit.extract.expressions import (
    OPERATORS,
    add_operation,
    lower,
    lower_annotation,
    lower_arguments,
    lower_index,
    lower_optional,
    lower_parameters,
    lower_test,
    unpacked,
)
from fwaudit.extract.flow import Changes, Condition
from fwaudit.extract.scope import ScopeReading
from fwaudit.model.facts import (
    NOWHERE,
    Assigned,
    Attribute,
    AttributeStore,
    Binding,
    Call,
    Caught,
    ClassDeclaration,
    DefinedClass,
    DefinedFunction,
    Display,
    Entered,
    Entry,
    Imported,
    ImportStatement,
    Iterated,
    Iteration,
    Name,
    Narrowed,
    Opaque,
    Other,
    Subscript,
    Updated,
)

Bind = Callable[[tuple[int, ...]], Binding]
"""Makes the binding of a target at a path."""

_AUGMENTED = {
    getattr(cst, f"{name}Assign"): OPERATORS[getattr(cst, name)]
    for name in "Add Subtract Multiply Divide FloorDivide Modulo Power LeftShift RightShift BitOr BitAnd BitXor MatrixMultiply".split()
}


def lower_block(scope: ScopeReading, statements: Sequence[cst.CSTNode]) -> None:
    """Read statements in order."""
    flow = scope.flow
    for statement in statements:
        if flow.dead and flow.left_by_with:
            # The context manager may have swallowed what left its body, else nobody would write this line.
            flow.dead = flow.left_by_with = False
        _LOWERINGS[type(statement)](scope, statement)


def _suite(scope: ScopeReading, node: cst.BaseSuite) -> None:
    lower_block(scope, node.body)


def _simple_statements(scope: ScopeReading, node: cst.SimpleStatementLine) -> None:
    for statement in node.body:
        _LOWERINGS[type(statement)](scope, statement)


def _nothing(scope: ScopeReading, node: cst.CSTNode) -> None:
    pass


# --- simple statements ---------------------------------------------------------------------------


def _expression(scope: ScopeReading, node: cst.Expr) -> None:
    value = node.value
    kind = type(value)
    if kind is cst.SimpleString:
        return
    index = lower(scope, value)
    if kind is cst.Call:
        scope.discarded.append(index)
        if scope.index == 0:
            note_exported(scope.file, node)


def _assign(scope: ScopeReading, node: cst.Assign) -> None:
    value = lower(scope, node.value)
    for target in node.targets:
        _assign_target(scope, target.target, value)
    if scope.index == 0:
        note_exported(scope.file, node)


def _assign_target(scope: ScopeReading, target: cst.CSTNode, value: int, path: tuple[int, ...] = (), annotation: int = NOWHERE) -> None:
    kind = type(target)
    if kind is cst.Name:
        name: str = target.value  # type: ignore[attr-defined]
        if annotation == NOWHERE and not path:
            annotation = scope.flow.declared.get(name, NOWHERE)
        scope.flow.define(name, Assigned(value, annotation, path))
    elif kind is cst.Attribute:
        base = lower(scope, target.value)  # type: ignore[attr-defined]
        scope.stores.append(AttributeStore(base, target.attr.value, value, annotation, path))  # type: ignore[attr-defined]
    elif kind is cst.Subscript:
        lower(scope, target.value)  # type: ignore[attr-defined]
        lower_index(scope, target)  # type: ignore[arg-type]
    else:
        for step, element in unpacked(target.elements):  # type: ignore[attr-defined]
            _assign_target(scope, element, value, (*path, step))


def _bind_target(scope: ScopeReading, target: cst.CSTNode, bind: Bind, path: tuple[int, ...] = ()) -> None:
    """Bind a target of `for` or `with`."""
    kind = type(target)
    if kind is cst.Name:
        scope.flow.define(target.value, bind(path))  # type: ignore[attr-defined]
    elif kind is cst.Attribute:
        base = lower(scope, target.value)  # type: ignore[attr-defined]
        name: str = target.attr.value  # type: ignore[attr-defined]
        # The value of a store is an expression: here a name that only this binding has.
        value = scope.add(Name(name, (scope.flow.add_unnamed(bind(path)),)))
        scope.stores.append(AttributeStore(base, name, value))
    elif kind is cst.Subscript:
        lower(scope, target.value)  # type: ignore[attr-defined]
        lower_index(scope, target)  # type: ignore[arg-type]
    else:
        for step, element in unpacked(target.elements):  # type: ignore[attr-defined]
            _bind_target(scope, element, bind, (*path, step))


def _annotated_assign(scope: ScopeReading, node: cst.AnnAssign) -> None:
    annotation = lower_annotation(scope, node.annotation.annotation)
    value = lower_optional(scope, node.value)
    if type(node.target) is cst.Name:
        scope.flow.declared[node.target.value] = annotation
    _assign_target(scope, node.target, value, (), annotation)
    if scope.index == 0:
        note_exported(scope.file, node)


def _augmented_assign(scope: ScopeReading, node: cst.AugAssign) -> None:
    target = node.target
    operator = _AUGMENTED[type(node.operator)]
    kind = type(target)
    if kind is cst.Name:
        name: str = target.value  # type: ignore[attr-defined]
        before = scope.reaching.get(name, ())
        if not before:
            scope.free_names.add(name)
        scope.flow.define(name, Updated(before, operator, lower(scope, node.value)))
    elif kind is cst.Attribute:
        attribute: str = target.attr.value  # type: ignore[attr-defined]
        base = lower(scope, target.value)  # type: ignore[attr-defined]
        scope.attribute_names.add(attribute)
        left = scope.add(Attribute(base, attribute, scope.file.place(target)))
        scope.attributes.append(left)
        value = add_operation(scope, operator, left, lower(scope, node.value), node)
        scope.stores.append(AttributeStore(base, attribute, value))
    else:
        base = lower(scope, target.value)  # type: ignore[attr-defined]
        left = scope.add(Subscript(base, lower_index(scope, target)))  # type: ignore[arg-type]
        add_operation(scope, operator, left, lower(scope, node.value), node)
    if scope.index == 0:
        note_exported(scope.file, node)


def _delete(scope: ScopeReading, node: cst.Del) -> None:
    _delete_target(scope, node.target)


def _delete_target(scope: ScopeReading, target: cst.CSTNode) -> None:
    kind = type(target)
    if kind is cst.Name:
        scope.flow.define(target.value, Opaque())  # type: ignore[attr-defined]
    elif kind is cst.Tuple or kind is cst.List:
        for element in target.elements:  # type: ignore[attr-defined]
            _delete_target(scope, element.value)
    elif kind is cst.Attribute:
        lower(scope, target.value)  # type: ignore[attr-defined]
    elif kind is cst.Subscript:
        lower(scope, target.value)  # type: ignore[attr-defined]
        lower_index(scope, target)  # type: ignore[arg-type]


def _return(scope: ScopeReading, node: cst.Return) -> None:
    if node.value is not None:
        scope.returns.append(lower(scope, node.value))
    scope.flow.dead = True


def _raise(scope: ScopeReading, node: cst.Raise) -> None:
    lower_optional(scope, node.exc)
    if node.cause is not None:
        lower(scope, node.cause.item)
    scope.flow.dead = True


def _assert(scope: ScopeReading, node: cst.Assert) -> None:
    _, holds, fails = lower_test(scope, node.test)
    scope.flow.open()
    scope.flow.narrow(fails)
    lower_optional(scope, node.msg)
    scope.flow.close()
    scope.flow.narrow(holds)


def _break(scope: ScopeReading, node: cst.Break) -> None:
    scope.flow.jump(is_break=True)


def _continue(scope: ScopeReading, node: cst.Continue) -> None:
    scope.flow.jump(is_break=False)


def _outer_names(scope: ScopeReading, node: cst.Global | cst.Nonlocal) -> None:
    if scope.kind != "module":
        scope.flow.outer.update(item.name.value for item in node.names)


def _type_alias(scope: ScopeReading, node: cst.TypeAlias) -> None:
    flow = scope.flow
    flow.open()
    _type_parameters(scope, node.type_parameters)
    value = lower_annotation(scope, node.value)
    flow.close()
    flow.define(node.name.value, Assigned(value))


# --- imports ---------------------------------------------------------------------------------------


def _import(scope: ScopeReading, node: cst.Import) -> None:
    span = scope.file.place(node)
    for alias in node.names:
        module = _dotted(alias.name)
        scope.file.imports.append(ImportStatement(module, "", 0, span, scope.file.is_runtime))
        if alias.asname is not None:
            scope.flow.define(alias.asname.name.value, Imported(module))  # type: ignore[union-attr]
        else:
            first = module.partition(".")[0]
            scope.flow.define(first, Imported(first))


def _import_from(scope: ScopeReading, node: cst.ImportFrom) -> None:
    span = scope.file.place(node)
    module = "" if node.module is None else _dotted(node.module)
    level = len(node.relative)
    if type(node.names) is cst.ImportStar:
        scope.file.imports.append(ImportStatement(module, "*", level, span, scope.file.is_runtime))
        scope.file.star_imports.append((module, level))
        return
    for alias in node.names:  # type: ignore[union-attr]
        name: str = alias.name.value
        scope.file.imports.append(ImportStatement(module, name, level, span, scope.file.is_runtime))
        bound = name if alias.asname is None else alias.asname.name.value
        scope.flow.define(bound, Imported(module, name, level))


def _dotted(node: cst.CSTNode) -> str:
    parts: list[str] = []
    while type(node) is cst.Attribute:
        parts.append(node.attr.value)
        node = node.value
    parts.append(node.value)  # type: ignore[attr-defined]
    return ".".join(reversed(parts))


# --- branches and loops --------------------------------------------------------------------------------


def _if(scope: ScopeReading, node: cst.If) -> None:
    checked = _type_checking_branch(node)
    if checked is not None:
        _if_type_checking(scope, node, checked)
        return
    flow = scope.flow
    outcomes: list[Changes | None] = []
    flow.open()
    branch: cst.CSTNode | None = node
    while type(branch) is cst.If:
        _, holds, fails = lower_test(scope, branch.test)
        flow.open()
        flow.narrow(holds)
        _suite(scope, branch.body)
        changes = flow.close()
        if changes is not None and flow.journal:
            changes = {**{name: flow.reaching[name] for name in flow.journal}, **changes}
        outcomes.append(changes)
        flow.narrow(fails)
        branch = branch.orelse
    if branch is not None:
        _suite(scope, branch.body)  # type: ignore[attr-defined]
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
            _if(scope, suite)
        elif suite is not None:
            _suite(scope, suite if isinstance(suite, cst.BaseSuite) else suite.body)  # type: ignore[union-attr]
        flow.dead = was_dead
        outcomes.append(flow.close() or {})
        file.is_runtime = was_runtime
    checked, other = outcomes if body_is_checked else reversed(outcomes)
    flow.apply({**other, **checked})


def _while(scope: ScopeReading, node: cst.While) -> None:
    flow = scope.flow
    start = len(scope.expressions), len(flow.bindings)
    _, holds, fails = lower_test(scope, node.test)
    loop = flow.enter_loop()
    flow.narrow(holds)
    _suite(scope, node.body)
    back = flow.leave_loop()
    carried = flow.carry(back, scope.expressions, *start)
    breaks = [carried.widen_all(changes) for changes in loop.breaks]
    exhausted = None if _always_holds(node.test) else [{}, *back]
    _leave_loop(scope, exhausted, fails, node.orelse, breaks)


def _always_holds(test: cst.BaseExpression) -> bool:
    return (type(test) is cst.Name and test.value == "True") or (type(test) is cst.Integer and test.value == "1")


def _leave_loop(scope: ScopeReading, exhausted: list[Changes] | None, fails: list[Condition], orelse: cst.Else | None, breaks: list[Changes]) -> None:
    flow = scope.flow
    flow.open()
    flow.merge(exhausted or [])
    flow.narrow(fails)
    if orelse is not None:
        _suite(scope, orelse.body)
    flow.merge([flow.close(), *breaks])


def _for(scope: ScopeReading, node: cst.For) -> None:
    flow = scope.flow
    is_async = node.asynchronous is not None
    value = lower(scope, node.iter)
    scope.iterations.append(Iteration(value, is_async, scope.file.place_any(node.iter)))
    start = len(scope.expressions), len(flow.bindings)
    loop = flow.enter_loop()
    _bind_target(scope, node.target, lambda path: Iterated(value, is_async, path))
    _suite(scope, node.body)
    back = flow.leave_loop()
    carried = flow.carry(back, scope.expressions, *start)
    breaks = [carried.widen_all(changes) for changes in loop.breaks]
    _leave_loop(scope, [{}, *back], [], node.orelse, breaks)


def _try(scope: ScopeReading, node: cst.Try | cst.TryStar) -> None:
    flow = scope.flow
    start = len(flow.bindings)
    flow.open()
    _suite(scope, node.body)
    raised = flow.touched(start)
    if node.orelse is not None:
        _suite(scope, node.orelse.body)
    outcomes = [flow.close()]
    raised = {name: _joined(value, flow.reaching.get(name, ())) for name, value in raised.items()}
    for handler in node.handlers:
        flow.open()
        flow.apply(raised)
        _handler(scope, handler)
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
    if node.name is not None:
        name = node.name.name.value  # type: ignore[union-attr]
        scope.flow.define(name, Caught(caught))
    _suite(scope, node.body)
    if name:
        scope.flow.set(name, ())


def _finally(scope: ScopeReading, node: cst.Finally, start: int, outcomes: list[Changes | None]) -> None:
    """The body runs once in whatever state; what it changes holds after each way through."""
    flow = scope.flow
    flow.open()
    flow.apply(flow.touched(start))
    flow.open()
    _suite(scope, node.body)
    changes = flow.close()
    flow.close()
    flow.merge(outcomes)
    if changes is None:
        flow.dead = True
    else:
        flow.apply(changes)


def _with(scope: ScopeReading, node: cst.With) -> None:
    is_async = node.asynchronous is not None
    for item in node.items:
        value = lower(scope, item.item)
        scope.entries.append(Entry(value, is_async, scope.file.place_any(item.item)))
        if item.asname is not None:
            _bind_entered(scope, item.asname.name, value, is_async)
    was_dead = scope.flow.dead
    _suite(scope, node.body)
    if scope.flow.dead and not was_dead:
        scope.flow.left_by_with = True


def _bind_entered(scope: ScopeReading, target: cst.CSTNode, value: int, is_async: bool) -> None:
    _bind_target(scope, target, lambda path: Entered(value, is_async, path))


# --- match -----------------------------------------------------------------------------------------


def _match(scope: ScopeReading, node: cst.Match) -> None:
    flow = scope.flow
    subject = lower(scope, node.subject)
    name = node.subject.value if type(node.subject) is cst.Name else ""
    outcomes: list[Changes | None] = []
    falls_through = True
    for case in node.cases:
        flow.open()
        _pattern(scope, case.pattern, subject, name)
        if case.guard is not None:
            flow.narrow(lower_test(scope, case.guard)[1])
        _suite(scope, case.body)
        outcomes.append(flow.close())
        if case.guard is None and type(case.pattern) is cst.MatchAs and case.pattern.pattern is None:
            falls_through = False
    flow.merge([*outcomes, {}] if falls_through else outcomes)


def _pattern(scope: ScopeReading, node: cst.CSTNode, subject: int, name: str) -> None:
    """Bind what a pattern captures; `subject` is the value that the whole of it matches (-1: unknown), `name` its name, if it has one."""
    kind = type(node)
    if kind is cst.MatchAs:
        _capture(scope, node, subject, name)  # type: ignore[arg-type]
    elif kind is cst.MatchValue:
        lower(scope, node.value)  # type: ignore[attr-defined]
    elif kind is cst.MatchClass:
        _class_pattern(scope, node, name)  # type: ignore[arg-type]
    elif kind is cst.MatchOr:
        for element in node.patterns:  # type: ignore[attr-defined]
            _pattern(scope, element.pattern, NOWHERE, "")
    elif kind is cst.MatchMapping:
        _mapping_pattern(scope, node)  # type: ignore[arg-type]
    elif kind is cst.MatchList or kind is cst.MatchTuple:
        for element in node.patterns:  # type: ignore[attr-defined]
            _element_pattern(scope, element)


def _element_pattern(scope: ScopeReading, node: cst.CSTNode) -> None:
    if type(node) is cst.MatchStar:
        if node.name is not None:
            scope.flow.define(node.name.value, Opaque())
    else:
        _pattern(scope, node.value, NOWHERE, "")  # type: ignore[attr-defined]


def _class_pattern(scope: ScopeReading, node: cst.MatchClass, name: str) -> int:
    """The index of the class; the subject is narrowed to it."""
    matched = lower(scope, node.cls)
    if name:
        scope.flow.narrow([Condition(name, matched, True)])
    for element in node.patterns:
        _element_pattern(scope, element)
    for keyword in node.kwds:
        _pattern(scope, keyword.pattern, NOWHERE, "")
    return matched


def _mapping_pattern(scope: ScopeReading, node: cst.MatchMapping) -> None:
    for element in node.elements:
        lower(scope, element.key)
        _pattern(scope, element.pattern, NOWHERE, "")
    if node.rest is not None:
        scope.flow.define(node.rest.value, Opaque())


def _capture(scope: ScopeReading, node: cst.MatchAs, subject: int, name: str) -> None:
    binding: Binding = Opaque() if subject == NOWHERE else Assigned(subject)
    if type(node.pattern) is cst.MatchClass:
        matched = _class_pattern(scope, node.pattern, name)
        if subject != NOWHERE and node.name is not None:
            whole = scope.flow.add_unnamed(binding)
            binding = Narrowed(node.name.value, (whole,), matched, True)
    elif node.pattern is not None:
        _pattern(scope, node.pattern, NOWHERE, "")
    if node.name is not None:
        scope.flow.define(node.name.value, binding)


# --- definitions --------------------------------------------------------------------------------------


def _type_parameters(scope: ScopeReading, node: cst.TypeParameters | None) -> None:
    """Bind type parameters for as long as the branch is open."""
    for parameter in () if node is None else node.params:
        declared = parameter.param
        scope.flow.define_locally(declared.name.value, Opaque())
        if type(declared) is cst.TypeVar and declared.bound is not None:
            lower_annotation(scope, declared.bound)
        if parameter.default is not None:
            lower_annotation(scope, parameter.default)


def _bind_type_parameters(scope: ScopeReading, node: cst.TypeParameters | None) -> None:
    for parameter in () if node is None else node.params:
        scope.flow.set(parameter.param.name.value, (scope.flow.add_unnamed(Opaque()),))


def _function(scope: ScopeReading, node: cst.FunctionDef) -> None:
    decorators = tuple([lower(scope, decorator.decorator) for decorator in node.decorators])
    span = scope.file.place(node)
    flow = scope.flow
    flow.open()
    _type_parameters(scope, node.type_parameters)
    parameters = lower_parameters(scope, node.params)
    returns = NOWHERE if node.returns is None else lower_annotation(scope, node.returns.annotation)
    changes = flow.close() or {}
    if node.type_parameters is None:
        flow.apply(changes)
    inner = ScopeReading(scope.file, "function", node.name.value, scope, is_async=node.asynchronous is not None)
    inner.declare(parameters)
    _bind_type_parameters(inner, node.type_parameters)
    _suite(inner, node.body)
    inner.finish(parameters, decorators, returns, span)
    flow.define(node.name.value, DefinedFunction(inner.index))


def _class(scope: ScopeReading, node: cst.ClassDef) -> None:
    decorators = tuple([lower(scope, decorator.decorator) for decorator in node.decorators])
    file, flow = scope.file, scope.flow
    span = file.place(node)
    index = len(file.classes)
    file.classes.append(None)
    flow.open()
    _type_parameters(scope, node.type_parameters)
    bases, _ = lower_arguments(scope, node.bases)
    _, keywords = lower_arguments(scope, node.keywords)
    changes = flow.close() or {}
    if node.type_parameters is None:
        flow.apply(changes)
    name = node.name.value
    inner = ScopeReading(file, "class", name, scope)
    _bind_type_parameters(inner, node.type_parameters)
    lower_block(inner, node.body.body)
    inner.finish(decorators=decorators, span=span)
    file.classes[index] = ClassDeclaration(name, inner.qualified_name, inner.index, scope.index, bases, keywords, decorators, span)
    flow.define(name, DefinedClass(index))


_LOWERINGS: dict[type[cst.CSTNode], Callable[[ScopeReading, Any], None]] = {
    cst.SimpleStatementLine: _simple_statements,
    cst.Expr: _expression,
    cst.Assign: _assign,
    cst.AnnAssign: _annotated_assign,
    cst.AugAssign: _augmented_assign,
    cst.Del: _delete,
    cst.Return: _return,
    cst.Raise: _raise,
    cst.Assert: _assert,
    cst.Pass: _nothing,
    cst.Break: _break,
    cst.Continue: _continue,
    cst.Global: _outer_names,
    cst.Nonlocal: _outer_names,
    cst.TypeAlias: _type_alias,
    cst.Import: _import,
    cst.ImportFrom: _import_from,
    cst.LazyImport: _import,
    cst.LazyImportFrom: _import_from,
    cst.If: _if,
    cst.While: _while,
    cst.For: _for,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.With: _with,
    cst.Match: _match,
    cst.FunctionDef: _function,
    cst.ClassDef: _class,
}
