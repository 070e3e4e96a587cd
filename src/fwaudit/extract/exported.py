"""The names in a module's literal `__all__`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from fwaudit.extract.literals import string_constant
from fwaudit.extract.scope import FileReading


def note_exported(file: FileReading, node: cst.Assign | cst.AnnAssign | cst.AugAssign | cst.Expr) -> None:
    """Take in `__all__ = [...]`, `+= [...]`, `.extend([...])` and `.append("x")`."""
    if type(node) is cst.Assign:
        if len(node.targets) == 1 and _is_all(node.targets[0].target):
            _replace(file, node.value)
    elif type(node) is cst.AnnAssign:
        if _is_all(node.target) and node.value is not None:
            _replace(file, node.value)
    elif type(node) is cst.AugAssign:
        if _is_all(node.target):
            _extend(file, node.value)
    else:
        _note_call(file, node.value)


def _note_call(file: FileReading, node: cst.CSTNode | None) -> None:
    if type(node) is not cst.Call or type(node.func) is not cst.Attribute or len(node.args) != 1 or not _is_all(node.func.value):
        return
    if node.func.attr.value == "extend":
        _extend(file, node.args[0].value)
    elif node.func.attr.value == "append" and type(node.args[0].value) is cst.SimpleString:
        file.exported = [*(file.exported or ()), string_constant(node.args[0].value).text]


def _is_all(node: cst.CSTNode) -> bool:
    return type(node) is cst.Name and node.value == "__all__"


def _replace(file: FileReading, node: cst.CSTNode) -> None:
    file.exported = None
    _extend(file, node)


def _extend(file: FileReading, node: cst.CSTNode) -> None:
    for display in _literal_parts(node):
        literals = [string_constant(element.value).text for element in display.elements if type(element.value) is cst.SimpleString]
        if literals or not display.elements:
            file.exported = [*(file.exported or ()), *literals]


def _literal_parts(node: cst.CSTNode) -> Iterator[cst.List | cst.Tuple]:
    parts: list[cst.CSTNode] = []
    while type(node) is cst.BinaryOperation and type(node.operator) is cst.Add:
        parts.append(node.right)
        node = node.left
    parts.append(node)
    for part in reversed(parts):
        if isinstance(part, (cst.List, cst.Tuple)):
            yield part
