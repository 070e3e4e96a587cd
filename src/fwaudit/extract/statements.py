"""Statements that run straight on, and definitions: what each one evaluates and binds, in execution order."""

from __future__ import annotations

import libcst as cst

from fwaudit.extract.annotations import lower_annotation
from fwaudit.extract.branches import read_for, read_if, read_try, read_while, read_with
from fwaudit.extract.comprehensions import lower_parameters
from fwaudit.extract.conditions import lower_test
from fwaudit.extract.dispatch import STATEMENTS, lower, lower_block, lower_optional, lower_suite
from fwaudit.extract.exported import note_exported
from fwaudit.extract.expressions import OPERATORS, add_operation, lower_arguments
from fwaudit.extract.imports import read_import, read_import_from
from fwaudit.extract.kept import tell_changing_keys
from fwaudit.extract.patterns import read_match
from fwaudit.extract.scope import ScopeReading
from fwaudit.extract.subscripts import lower_index
from fwaudit.extract.targets import assign_target, delete_target
from fwaudit.model.facts import (
    NOWHERE,
    Assigned,
    Attribute,
    AttributeStore,
    Call,
    ClassDeclaration,
    DefinedClass,
    DefinedFunction,
    ItemAccess,
    Name,
    Opaque,
    Subscript,
    Updated,
)

_AUGMENTED: dict[type[cst.CSTNode], str] = {
    cst.AddAssign: OPERATORS[cst.Add],
    cst.SubtractAssign: OPERATORS[cst.Subtract],
    cst.MultiplyAssign: OPERATORS[cst.Multiply],
    cst.DivideAssign: OPERATORS[cst.Divide],
    cst.FloorDivideAssign: OPERATORS[cst.FloorDivide],
    cst.ModuloAssign: OPERATORS[cst.Modulo],
    cst.PowerAssign: OPERATORS[cst.Power],
    cst.LeftShiftAssign: OPERATORS[cst.LeftShift],
    cst.RightShiftAssign: OPERATORS[cst.RightShift],
    cst.BitOrAssign: OPERATORS[cst.BitOr],
    cst.BitAndAssign: OPERATORS[cst.BitAnd],
    cst.BitXorAssign: OPERATORS[cst.BitXor],
    cst.MatrixMultiplyAssign: OPERATORS[cst.MatrixMultiply],
}


def read_module(scope: ScopeReading, node: cst.Module) -> None:
    """Read a whole module into its scope and finish it."""
    lower_block(scope, node.body)
    scope.finish()


def _simple_statements(scope: ScopeReading, node: cst.SimpleStatementLine) -> None:
    for statement in node.body:
        STATEMENTS[type(statement)](scope, statement)


def _nothing(_scope: ScopeReading, _node: cst.CSTNode) -> None:
    pass


def _expression(scope: ScopeReading, node: cst.Expr) -> None:
    value = node.value
    if type(value) is cst.SimpleString:
        return
    index = lower(scope, value)
    if type(value) is cst.Call:
        scope.discarded.append(index)
        if scope.index == 0:
            note_exported(scope.file, node)


def _assign(scope: ScopeReading, node: cst.Assign) -> None:
    value = lower(scope, node.value)
    for target in node.targets:
        assign_target(scope, target.target, value)
    if scope.index == 0:
        note_exported(scope.file, node)


def _annotated_assign(scope: ScopeReading, node: cst.AnnAssign) -> None:
    annotation = lower_annotation(scope, node.annotation.annotation)
    if node.value is not None and _is_type_alias(scope.expressions[annotation]):
        value = lower_annotation(scope, node.value)
    else:
        value = lower_optional(scope, node.value)
    if type(node.target) is cst.Name:
        scope.flow.declared[node.target.value] = annotation
    assign_target(scope, node.target, value, (), annotation)
    if scope.index == 0:
        note_exported(scope.file, node)


def _is_type_alias(annotation: object) -> bool:
    return isinstance(annotation, Name | Attribute) and annotation.name == "TypeAlias"


def _augmented_assign(scope: ScopeReading, node: cst.AugAssign) -> None:
    target = node.target
    operator = _AUGMENTED[type(node.operator)]
    if type(target) is cst.Name:
        name: str = target.value
        before = scope.reaching.get(name, ())
        if not before:
            scope.free_names.add(name)
        scope.flow.define(name, Updated(before, operator, lower(scope, node.value)))
    elif type(target) is cst.Attribute:
        attribute: str = target.attr.value
        base = lower(scope, target.value)
        scope.attribute_names.add(attribute)
        left = scope.add(Attribute(base, attribute, scope.file.place(target)))
        scope.note_attribute(left)
        value = add_operation(scope, operator, left, lower(scope, node.value), node)
        scope.stores.append(AttributeStore(base, attribute, value))
    elif type(target) is cst.Subscript:
        base = lower(scope, target.value)
        left = scope.add(Subscript(base, lower_index(scope, target)))
        span = scope.file.place(target)
        scope.items.append(ItemAccess(base, "__getitem__", span))
        add_operation(scope, operator, left, lower(scope, node.value), node)
        scope.items.append(ItemAccess(base, "__setitem__", span))
    if scope.index == 0:
        note_exported(scope.file, node)


def _delete(scope: ScopeReading, node: cst.Del) -> None:
    delete_target(scope, node.target)


def _return(scope: ScopeReading, node: cst.Return) -> None:
    if node.value is not None:
        value = lower(scope, node.value)
        scope.returns.append(value)
        if scope.flow.circumstances.subjects and type(scope.expressions[value]) is not Call:
            scope.flow.circumstances.note_returned(value, scope.reaching)
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


def _break(scope: ScopeReading, _node: cst.Break) -> None:
    scope.flow.jump(is_break=True)


def _continue(scope: ScopeReading, _node: cst.Continue) -> None:
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
        if scope.kind == "class":
            # Not an attribute of the class.
            scope.flow.define_locally(parameter.param.name.value, Opaque())
        else:
            scope.flow.define(parameter.param.name.value, Opaque())


def _function(scope: ScopeReading, node: cst.FunctionDef) -> None:
    decorators = tuple([lower(scope, decorator.decorator) for decorator in node.decorators])
    span = scope.file.place(node)
    flow = scope.flow
    flow.open()
    _type_parameters(scope, node.type_parameters)
    parameters = lower_parameters(scope, node.params, lower_annotation)
    returns = NOWHERE if node.returns is None else lower_annotation(scope, node.returns.annotation)
    changes = flow.close() or {}
    if node.type_parameters is None:
        flow.apply(changes)
    inner = ScopeReading(scope.file, "function", node.name.value, scope, is_async=node.asynchronous is not None)
    inner.declare(parameters)
    _bind_type_parameters(inner, node.type_parameters)
    lower_suite(inner, node.body)
    tell_changing_keys(inner)
    inner.finish(parameters, decorators, returns, span)
    defined = flow.define(node.name.value, DefinedFunction(inner.index))
    if flow.circumstances.subjects:
        flow.circumstances.note_defined(defined, scope.reaching)


def _class(scope: ScopeReading, node: cst.ClassDef) -> None:
    decorators = tuple([lower(scope, decorator.decorator) for decorator in node.decorators])
    file, flow = scope.file, scope.flow
    span = file.place(node)
    index = len(file.classes)
    file.classes.append(None)
    flow.open()
    _type_parameters(scope, node.type_parameters)
    known_items = len(scope.items)
    bases, _ = lower_arguments(scope, node.bases)
    del scope.items[known_items:]
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


STATEMENTS.update(
    {
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
        cst.Import: read_import,
        cst.ImportFrom: read_import_from,
        cst.LazyImport: read_import,
        cst.LazyImportFrom: read_import_from,
        cst.If: read_if,
        cst.While: read_while,
        cst.For: read_for,
        cst.Try: read_try,
        cst.TryStar: read_try,
        cst.With: read_with,
        cst.Match: read_match,
        cst.FunctionDef: _function,
        cst.ClassDef: _class,
    }
)
