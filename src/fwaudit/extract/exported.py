"""The names in a module's literal `__all__`."""

from __future__ import annotations

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
    elif node.func.attr.value == "append":
        _take(file, node.args[0].value)


def _is_all(node: cst.CSTNode) -> bool:
    return type(node) is cst.Name and node.value == "__all__"


def _replace(file: FileReading, node: cst.CSTNode) -> None:
    file.exported, file.exports_more = None, False
    _extend(file, node)


def _extend(file: FileReading, node: cst.CSTNode) -> None:
    for part in _parts(node):
        if isinstance(part, (cst.List, cst.Tuple)):
            file.exported = file.exported or []
            for element in part.elements:
                _take(file, element.value if type(element) is cst.Element else element)
        else:
            file.exports_more = True


def _take(file: FileReading, node: cst.CSTNode) -> None:
    """One entry of `__all__`."""
    if type(node) is cst.SimpleString:
        file.exported = [*(file.exported or ()), string_constant(node).text]
    else:
        file.exports_more = True


def _parts(node: cst.CSTNode) -> list[cst.CSTNode]:
    """What is added up, in order."""
    parts: list[cst.CSTNode] = []
    while type(node) is cst.BinaryOperation and type(node.operator) is cst.Add:
        parts.append(node.right)
        node = node.left
    return [node, *reversed(parts)]
