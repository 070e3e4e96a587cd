"""Imports."""

from __future__ import annotations

import libcst as cst

from fwaudit.extract.scope import ScopeReading
from fwaudit.model.facts import Imported, ImportStatement


def read_import(scope: ScopeReading, node: cst.Import | cst.LazyImport) -> None:
    """Bind the modules of `import`."""
    span = scope.file.place(node)
    for alias in node.names:
        module = _dotted(alias.name)
        scope.file.imports.append(ImportStatement(module, "", 0, span, scope.file.is_runtime))
        if alias.asname is not None:
            scope.flow.define(_dotted(alias.asname.name), Imported(module))
        else:
            first = module.partition(".")[0]
            scope.flow.define(first, Imported(first))


def read_import_from(scope: ScopeReading, node: cst.ImportFrom | cst.LazyImportFrom) -> None:
    """Bind the names of `from ... import`."""
    span = scope.file.place(node)
    module = "" if node.module is None else _dotted(node.module)
    level = len(node.relative)
    if isinstance(node.names, cst.ImportStar):
        scope.file.imports.append(ImportStatement(module, "*", level, span, scope.file.is_runtime))
        scope.file.star_imports.append((module, level))
        return
    for alias in node.names:
        name = _dotted(alias.name)
        scope.file.imports.append(ImportStatement(module, name, level, span, scope.file.is_runtime))
        bound = name if alias.asname is None else _dotted(alias.asname.name)
        scope.flow.define(bound, Imported(module, name, level))


def _dotted(node: cst.BaseExpression) -> str:
    parts: list[str] = []
    while type(node) is cst.Attribute:
        parts.append(node.attr.value)
        node = node.value
    if type(node) is cst.Name:
        parts.append(node.value)
    return ".".join(reversed(parts))
