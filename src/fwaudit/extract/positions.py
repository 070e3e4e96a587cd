"""Where each placed node stands, without asking LibCST for it.

LibCST's `PositionProvider` costs twice the parse.
So the same text is parsed with `ast`, whose nodes carry their places,
and walked in the order in which the statements and expressions were read:
the n-th placed node of one tree is the n-th of the other.
Their kinds are compared; if they differ, or `ast` of this Python cannot parse the text, `PositionProvider` is asked after all.

The span of a `def` or `class` goes from its first keyword to the end of its name.
"""

from __future__ import annotations

import ast
import re
import warnings
from array import array
from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

Placed = Sequence[cst.CSTNode | tuple[cst.CSTNode]]
"""Nodes in the order of their spans; in a tuple where any expression may stand."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_HEADER = re.compile(r"(?:async[ \t\f]+)?(?:def|class)(?:[ \t\f]+\w+)?")

_CST_KINDS: dict[type[Any], str] = {
    cst.Call: "call",
    cst.Attribute: "attribute",
    cst.Await: "await",
    cst.FunctionDef: "function",
    cst.ClassDef: "class",
    cst.Lambda: "lambda",
    cst.GeneratorExp: "generator",
    cst.ListComp: "list",
    cst.SetComp: "set",
    cst.DictComp: "dict",
    cst.StarredDictComp: "dict",
    cst.BinaryOperation: "operation",
    cst.AugAssign: "update",
    cst.Yield: "yield",
    cst.Import: "import",
    cst.LazyImport: "import",
    cst.ImportFrom: "import from",
    cst.LazyImportFrom: "import from",
    tuple: "any",
}
_AST_KINDS: dict[type[Any], str] = {
    ast.Call: "call",
    ast.Attribute: "attribute",
    ast.Await: "await",
    ast.FunctionDef: "function",
    ast.AsyncFunctionDef: "function",
    ast.ClassDef: "class",
    ast.Lambda: "lambda",
    ast.GeneratorExp: "generator",
    ast.ListComp: "list",
    ast.SetComp: "set",
    ast.DictComp: "dict",
    ast.BinOp: "operation",
    ast.AugAssign: "update",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
    ast.Import: "import",
    ast.ImportFrom: "import from",
    tuple: "any",
}


def pack_spans(content: bytes, module: cst.Module, placed: Placed) -> bytes:
    """The spans of `placed`, in the form of `ModuleFacts.spans`."""
    nodes = _matching_nodes(content, placed)
    if nodes is None:
        return _provided_spans(content, module, placed)
    if content.isascii():
        return _ascii_spans(nodes, content.decode("ascii"))
    return _converted_spans(nodes, _text_lines(content, module.encoding))


def _matching_nodes(content: bytes, placed: Placed) -> list[Any] | None:
    """The nodes of `ast` that stand where `placed` do; None if that cannot be told."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content)
        nodes: list[Any] = []
        _walk(tree, nodes.append)
    except (SyntaxError, ValueError, MemoryError, RecursionError, LookupError):
        return None
    if list(map(_CST_KINDS.get, map(type, placed))) != list(map(_AST_KINDS.get, map(type, nodes))):
        return None
    return [node[0] if type(node) is tuple else node for node in nodes]


def _text_lines(content: bytes, encoding: str) -> list[str]:
    return _LINE_END.split(content.decode(encoding).removeprefix("\ufeff"))


def _ascii_spans(nodes: list[Any], text: str) -> bytes:
    spans = array("I")
    lines: list[str] = []
    for node in nodes:
        kind = type(node)
        if kind is ast.FunctionDef or kind is ast.AsyncFunctionDef or kind is ast.ClassDef:
            lines = lines or _LINE_END.split(text)
            column = node.col_offset
            spans.extend((node.lineno, column + 1, node.lineno, _header_end(lines[node.lineno - 1], column) + 1))
        else:
            spans.extend((node.lineno, node.col_offset + 1, node.end_lineno, node.end_col_offset + 1))
    return spans.tobytes()


def _converted_spans(nodes: list[Any], lines: list[str]) -> bytes:
    """Like `_ascii_spans`; the columns of `ast` count bytes of UTF-8 and are turned into code points."""
    encoded = [None if line.isascii() else line.encode() for line in lines]

    def column(line: int, offset: int) -> int:
        line_bytes = encoded[line - 1]
        return offset if line_bytes is None else len(line_bytes[:offset].decode("utf-8", "replace"))

    spans = array("I")
    for node in nodes:
        kind = type(node)
        start = column(node.lineno, node.col_offset)
        if kind is ast.FunctionDef or kind is ast.AsyncFunctionDef or kind is ast.ClassDef:
            spans.extend((node.lineno, start + 1, node.lineno, _header_end(lines[node.lineno - 1], start) + 1))
        else:
            spans.extend((node.lineno, start + 1, node.end_lineno, column(node.end_lineno, node.end_col_offset) + 1))
    return spans.tobytes()


def _header_end(line: str, start: int) -> int:
    match = _HEADER.match(line, start)
    return start if match is None else match.end()


def _provided_spans(content: bytes, module: cst.Module, placed: Placed) -> bytes:
    """The same spans from LibCST itself, slowly."""
    from libcst.metadata import MetadataWrapper, PositionProvider

    positions = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    lines = _text_lines(content, module.encoding)
    spans = array("I")
    for entry in placed:
        node: Any = entry[0] if isinstance(entry, tuple) else entry
        start, end = positions[node].start, positions[node].end
        if isinstance(node, cst.GeneratorExp | cst.Tuple) and node.lpar:
            # The parentheses belong to these two, as `ast` has it.
            start, end = positions[node.lpar[-1]].start, positions[node.rpar[0]].end
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            spans.extend((start.line, start.column + 1, start.line, _header_end(lines[start.line - 1], start.column) + 1))
        else:
            spans.extend((start.line, start.column + 1, end.line, end.column + 1))
    return spans.tobytes()


# --- the walk: the order in which `statements` and `expressions` place nodes ----------------------------

Place = Callable[[Any], None]


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
    _walk_all((node.value,), place)
    if not isinstance(target, ast.Name):
        place(node)


def _walk_attribute(node: ast.Attribute, place: Place) -> None:
    value = node.value
    if type(value) not in _LEAVES:
        _walk(value, place)
    if type(node.ctx) is ast.Load:
        place(node)


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

_PLACED = frozenset((ast.Call, ast.Await, ast.BinOp, ast.Yield))

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
    ast.Compare: ("left", "comparators"),
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
