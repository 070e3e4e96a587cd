"""The nodes of an `ast` tree that have a span, in the order in which `statements` and `expressions` place theirs."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

Place = Callable[[Any], None]


def placed_nodes(tree: ast.Module) -> list[Any]:
    """The nodes; in a tuple where any expression may stand."""
    nodes: list[Any] = []
    _walk(tree, nodes.append)
    return nodes


def _walk(node: Any, place: Place) -> None:
    kind = type(node)
    special = _SPECIAL.get(kind)
    if special is not None:
        special(node, place)
        return
    for field in _FIELDS[kind]:
        child = getattr(node, field, None)
        if type(child) is list:
            for element in child:
                if type(element) not in _LEAVES:
                    _walk(element, place)
        elif type(child) not in _LEAVES:
            _walk(child, place)
    if kind in _PLACED:
        place(node)


def _walk_all(nodes: Sequence[Any], place: Place) -> None:
    for node in nodes:
        if type(node) not in _LEAVES:
            _walk(node, place)


def _walk_function(node: Any, place: Place) -> None:
    _walk_all(node.decorator_list, place)
    place(node)
    _walk_all(getattr(node, "type_params", ()), place)
    _walk_parameters(node.args, place)
    _walk_all((node.returns,), place)
    _walk_all(node.body, place)


def _walk_class(node: Any, place: Place) -> None:
    _walk_all(node.decorator_list, place)
    place(node)
    _walk_all(getattr(node, "type_params", ()), place)
    _walk_all(node.bases, place)
    _walk_all(node.keywords, place)
    _walk_all(node.body, place)


def _walk_lambda(node: Any, place: Place) -> None:
    _walk_parameters(node.args, place)
    place(node)
    _walk_all((node.body,), place)


def _walk_parameters(node: ast.arguments, place: Place) -> None:
    positional = [*node.posonlyargs, *node.args]
    defaults = [None] * (len(positional) - len(node.defaults)) + node.defaults
    for parameter, default in zip(positional, defaults, strict=True):
        _walk_all((parameter.annotation, default), place)
    if node.vararg is not None:
        _walk_all((node.vararg.annotation,), place)
    for parameter, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
        _walk_all((parameter.annotation, default), place)
    if node.kwarg is not None:
        _walk_all((node.kwarg.annotation,), place)


def _walk_update(node: ast.AugAssign, place: Place) -> None:
    target = node.target
    if isinstance(target, ast.Attribute):
        _walk_all((target.value,), place)
        place(target)
    elif isinstance(target, ast.Subscript):
        _walk_all((target.value, target.slice), place)
        place(target)
    _walk_all((node.value,), place)
    if not isinstance(target, ast.Name):
        place(node)


def _walk_attribute(node: ast.Attribute, place: Place) -> None:
    value = node.value
    if type(value) not in _LEAVES:
        _walk(value, place)
    if type(node.ctx) is ast.Load:
        place(node)


def _walk_comparison(node: ast.Compare, place: Place) -> None:
    _walk_all((node.left, *node.comparators), place)
    for operator in node.ops:
        if type(operator) is ast.In or type(operator) is ast.NotIn:
            place(node)
            return


def _walk_for(node: ast.For | ast.AsyncFor, place: Place) -> None:
    _walk_all((node.iter,), place)
    place((node.iter,))
    _walk_all((node.target,), place)
    _walk_all(node.body, place)
    _walk_all(node.orelse, place)


def _walk_with_item(node: ast.withitem, place: Place) -> None:
    _walk_all((node.context_expr,), place)
    place((node.context_expr,))
    _walk_all((node.optional_vars,), place)


def _walk_yield_from(node: ast.YieldFrom, place: Place) -> None:
    _walk_all((node.value,), place)
    place((node.value,))
    place(node)


def _walk_loops(generators: Sequence[ast.comprehension], place: Place) -> None:
    for generator in generators:
        _walk_all((generator.iter,), place)
        place((generator.iter,))
        _walk_all((generator.target,), place)
        _walk_all(generator.ifs, place)


def _walk_comprehension(node: ast.ListComp | ast.SetComp, place: Place) -> None:
    _walk_loops(node.generators, place)
    _walk_all((node.elt,), place)
    place(node)


def _walk_dict_comprehension(node: ast.DictComp, place: Place) -> None:
    _walk_loops(node.generators, place)
    _walk_all((node.key, node.value), place)
    place(node)


def _walk_generator(node: ast.GeneratorExp, place: Place) -> None:
    first = node.generators[0]
    _walk_all((first.iter,), place)
    place(node)
    place((first.iter,))
    _walk_all((first.target,), place)
    _walk_all(first.ifs, place)
    _walk_loops(node.generators[1:], place)
    _walk_all((node.elt,), place)


def _walk_dict(node: ast.Dict, place: Place) -> None:
    for key, value in zip(node.keys, node.values, strict=True):
        _walk_all((key, value), place)


def _walk_mapping_pattern(node: ast.MatchMapping, place: Place) -> None:
    for key, pattern in zip(node.keys, node.patterns, strict=True):
        _walk_all((key, pattern), place)


def _walk_import(node: ast.Import | ast.ImportFrom, place: Place) -> None:
    place(node)


_SPECIAL: dict[type[Any], Callable[[Any, Place], None]] = {
    ast.FunctionDef: _walk_function,
    ast.AsyncFunctionDef: _walk_function,
    ast.ClassDef: _walk_class,
    ast.Lambda: _walk_lambda,
    ast.AugAssign: _walk_update,
    ast.Attribute: _walk_attribute,
    ast.Compare: _walk_comparison,
    ast.For: _walk_for,
    ast.AsyncFor: _walk_for,
    ast.withitem: _walk_with_item,
    ast.YieldFrom: _walk_yield_from,
    ast.ListComp: _walk_comprehension,
    ast.SetComp: _walk_comprehension,
    ast.DictComp: _walk_dict_comprehension,
    ast.GeneratorExp: _walk_generator,
    ast.Dict: _walk_dict,
    ast.MatchMapping: _walk_mapping_pattern,
    ast.Import: _walk_import,
    ast.ImportFrom: _walk_import,
}

_PLACED = frozenset((ast.Call, ast.Await, ast.BinOp, ast.Subscript, ast.Yield))

_LEAVES = frozenset(
    (type(None), ast.Name, ast.Constant, ast.Pass, ast.Break, ast.Continue, ast.Global, ast.Nonlocal, ast.MatchSingleton, ast.MatchStar)
)

_FIELDS: dict[type[Any], tuple[str, ...]] = {
    ast.Module: ("body",),
    ast.Expr: ("value",),
    ast.Assign: ("value", "targets"),
    ast.AnnAssign: ("annotation", "value", "target"),
    ast.Return: ("value",),
    ast.Delete: ("targets",),
    ast.Raise: ("exc", "cause"),
    ast.Assert: ("test", "msg"),
    ast.If: ("test", "body", "orelse"),
    ast.While: ("test", "body", "orelse"),
    ast.With: ("items", "body"),
    ast.AsyncWith: ("items", "body"),
    ast.Try: ("body", "orelse", "handlers", "finalbody"),
    ast.TryStar: ("body", "orelse", "handlers", "finalbody"),
    ast.ExceptHandler: ("type", "body"),
    ast.Match: ("subject", "cases"),
    ast.match_case: ("pattern", "guard", "body"),
    ast.MatchValue: ("value",),
    ast.MatchSequence: ("patterns",),
    ast.MatchClass: ("cls", "patterns", "kwd_patterns"),
    ast.MatchAs: ("pattern",),
    ast.MatchOr: ("patterns",),
    ast.keyword: ("value",),
    ast.BoolOp: ("values",),
    ast.NamedExpr: ("value",),
    ast.BinOp: ("left", "right"),
    ast.UnaryOp: ("operand",),
    ast.IfExp: ("test", "body", "orelse"),
    ast.Set: ("elts",),
    ast.List: ("elts",),
    ast.Tuple: ("elts",),
    ast.Await: ("value",),
    ast.Yield: ("value",),
    ast.Call: ("func", "args", "keywords"),
    ast.JoinedStr: ("values",),
    ast.FormattedValue: ("value", "format_spec"),
    ast.Subscript: ("value", "slice"),
    ast.Starred: ("value",),
    ast.Slice: ("lower", "upper", "step"),
}
_FIELDS_OF_LATER_PYTHONS = {
    "TypeAlias": ("type_params", "value"),
    "TypeVar": ("bound", "default_value"),
    "ParamSpec": ("default_value",),
    "TypeVarTuple": ("default_value",),
    "TemplateStr": ("values",),
    "Interpolation": ("value", "format_spec"),
}
_FIELDS.update({getattr(ast, name): fields for name, fields in _FIELDS_OF_LATER_PYTHONS.items() if hasattr(ast, name)})
