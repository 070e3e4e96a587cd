"""Literals and f-strings."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from fwaudit.extract.dispatch import lower
from fwaudit.extract.scope import ScopeReading
from fwaudit.model.facts import NOWHERE, Constant, Formatted, Other

_TEXT = Other("str")
_TEMPLATE = Other()
_ELLIPSIS = Constant("ellipsis", "...")


def lower_number(kind: str) -> Callable[[ScopeReading, Any], int]:
    """The reader of numbers of one kind."""

    def lower_one(scope: ScopeReading, node: cst.Integer | cst.Float | cst.Imaginary) -> int:
        return scope.add(Constant(kind, node.value))

    return lower_one


def lower_ellipsis(scope: ScopeReading, _node: cst.Ellipsis) -> int:
    """The index of `...`."""
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


def lower_string(scope: ScopeReading, node: cst.SimpleString) -> int:
    """The index of a plain string or bytes literal."""
    return scope.add(string_constant(node))


def lower_concatenated(scope: ScopeReading, node: cst.ConcatenatedString) -> int:
    """The index of literals and f-strings in a row: one constant if all are plain."""
    pieces: list[cst.CSTNode] = []
    rest: cst.CSTNode = node
    while type(rest) is cst.ConcatenatedString:
        pieces.append(rest.left)
        rest = rest.right
    pieces.append(rest)
    literals = [string_constant(piece) for piece in pieces if type(piece) is cst.SimpleString]
    if len(literals) == len(pieces):
        return scope.add(Constant(literals[0].kind, "".join(literal.text for literal in literals)))
    is_template, lowered = False, list[int]()
    for piece in pieces:
        if isinstance(piece, (cst.FormattedString, cst.TemplatedString)):
            lowered += _lower_parts(scope, piece.parts)
            is_template = is_template or type(piece) is cst.TemplatedString
    if lowered and not is_template:
        return scope.add(Formatted((), tuple(lowered)))
    return scope.add(_TEMPLATE if is_template else _TEXT)


def lower_formatted(scope: ScopeReading, node: cst.FormattedString) -> int:
    """The index of an f-string; what it is made of is kept only where it may be a path or a part of one."""
    lowered = _lower_parts(scope, node.parts)
    indices = iter(lowered)
    texts, values = [""], list[int]()
    for part in node.parts:
        if type(part) is cst.FormattedStringText:
            texts[-1] += part.value
        elif type(part) is cst.FormattedStringExpression:
            index = next(indices)
            is_plain = part.conversion is None and part.format_spec is None and part.equal is None
            values.append(index if is_plain else NOWHERE)
            texts.append("")
    if any(character in text for text in texts for character in " \t\n\\"):
        return scope.add(Formatted((), tuple(lowered))) if lowered else scope.add(_TEXT)
    return scope.add(Formatted(tuple(text.replace("{{", "{").replace("}}", "}") for text in texts), tuple(values)))


def lower_templated(scope: ScopeReading, node: cst.TemplatedString) -> int:
    """The index of a t-string."""
    _lower_parts(scope, node.parts)
    return scope.add(_TEMPLATE)


def _lower_parts(scope: ScopeReading, parts: Sequence[Any]) -> list[int]:
    """The indices of the expressions between the texts."""
    indices = []
    for part in parts:
        if isinstance(part, (cst.FormattedStringExpression, cst.TemplatedStringExpression)):
            indices.append(lower(scope, part.expression))
            if part.format_spec is not None:
                _lower_parts(scope, part.format_spec)
    return indices
