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
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from fwaudit.extract.source_order import placed_nodes

if TYPE_CHECKING:
    from libcst.metadata import CodeRange

Placed = Sequence[cst.CSTNode | tuple[cst.CSTNode]]
"""Nodes in the order of their spans; in a tuple where any expression may stand."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_ELIF = re.compile(rb"^([ \t\f]*)elif\b", re.MULTILINE)
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
    cst.Subscript: "subscript",
    cst.Comparison: "comparison",
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
    ast.Subscript: "subscript",
    ast.Compare: "comparison",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
    ast.Import: "import",
    ast.ImportFrom: "import from",
    tuple: "any",
}


def pack_spans(content: bytes, encoding: str, placed: Placed) -> bytes | None:
    """The spans of `placed`, in the form of `ModuleFacts.spans`; None if only `provided_spans` can tell them."""
    nodes = _matching_nodes(content, placed)
    if nodes is None:
        return None
    if content.isascii():
        return _ascii_spans(nodes, content.decode("ascii"))
    return _converted_spans(nodes, _text_lines(content, encoding))


def _matching_nodes(content: bytes, placed: Placed) -> list[Any] | None:
    """The nodes of `ast` that stand where `placed` do; None if that cannot be told."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nodes = placed_nodes(_parse(content))
    except (SyntaxError, ValueError, MemoryError, RecursionError, LookupError):
        return None
    if list(map(_CST_KINDS.get, map(type, placed))) != list(map(_AST_KINDS.get, map(type, nodes))):
        return None
    return [node[0] if type(node) is tuple else node for node in nodes]


def _parse(content: bytes) -> ast.Module:
    """The tree of the content; its positions are right, though a chain too long for CPython's parser is read as `if` beside `if`."""
    try:
        return ast.parse(content)
    except (MemoryError, RecursionError):
        return ast.parse(_ELIF.sub(rb"\1if  ", content))


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


def provided_spans(content: bytes, module: cst.Module, placed: Placed) -> bytes:
    """The same spans from LibCST itself, slowly; `module` is the whole tree, white space and all."""
    from libcst.metadata import MetadataWrapper, PositionProvider

    positions = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    lines = _text_lines(content, module.encoding)
    spans = array("I")
    for entry in placed:
        node: Any = entry[0] if isinstance(entry, tuple) else entry
        start, end = positions[node].start, positions[node].end
        place = (start.line, start.column, end.line, end.column)
        # The parentheses belong to these two, as `ast` has it.
        if isinstance(node, cst.GeneratorExp | cst.Tuple) and node.lpar:
            place = (*_start(positions[node.lpar[-1]]), *_end(positions[node.rpar[0]]))
        elif isinstance(node, cst.GeneratorExp):
            place = _with_call_parentheses(lines, place)
        elif isinstance(node, cst.FunctionDef | cst.ClassDef):
            place = (start.line, start.column, start.line, _header_end(lines[start.line - 1], start.column))
        spans.extend((place[0], place[1] + 1, place[2], place[3] + 1))
    return spans.tobytes()


def _start(place: CodeRange) -> tuple[int, int]:
    return place.start.line, place.start.column


def _end(place: CodeRange) -> tuple[int, int]:
    return place.end.line, place.end.column


def _with_call_parentheses(lines: list[str], place: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """`place` and the nearest parentheses around it: those of the call whose only argument stands there."""
    line, column, end_line, end_column = place
    column = lines[line - 1].rfind("(", 0, column)
    while column < 0:
        line -= 1
        column = lines[line - 1].rfind("(")
    end_column = lines[end_line - 1].find(")", end_column)
    while end_column < 0:
        end_line += 1
        end_column = lines[end_line - 1].find(")")
    return line, column, end_line, end_column + 1
