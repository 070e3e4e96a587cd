"""Input that handlers are given as parameters: messages of sockets, and texts of the path."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fwaudit.link.entry_points.entries import RouteFact
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.execution.naming import Naming
from fwaudit.link.inference.types import Types
from fwaudit.link.inputs.uses import Uses, uses_of
from fwaudit.link.symbols import Class, Function
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

PATH = "path"
WRITTEN = ("sql", "process")
"""The ends at which text of the path matters: elsewhere it is text as any other, and is not told of."""
_TEXT_IN_PATH = re.compile(r"<(?:(?:default|path|str|string)(?:\([^)]*\))?:)?(\w+)>|\{(\w+)(?::(?:path|str))?\}")
"""Parts of a path that are handed over as they came: those with another converter are numbers and the like."""


class GivenInput:
    """The names that read such a parameter, with the dotted name of what gives it, its kind and the field that it is."""

    def __init__(self, types: Types, entries: EntryPoints, uses: dict[Function, Uses]) -> None:
        self._types = types
        self._naming = Naming(types)
        self._uses = uses
        self._rows = {name: row for name, row in types.catalog.inputs.items() if row.handlers}
        self._lasts = frozenset(name.rpartition(".")[2] for name in self._rows)
        self._paths: dict[Function, set[str]] = {}
        for route in entries.routes:
            if route.kind == "http" and not route.name:
                self._paths.setdefault(route.frame.function, set()).update(texts_of_path(route))

    def of(self, function: Function) -> Iterator[tuple[int, str, str, str]]:
        """(expression, name, kind, field) of each."""
        receiver = 1 if function.owner is not None else 0
        for name in self._handlers(function):
            row = self._rows[name]
            for expression in self._readers(function, row.position + receiver):
                yield expression, name, row.kind, ""
        texts = self._paths.get(function)
        for index, parameter in enumerate(function.scope.parameters) if texts else ():
            if texts and parameter.name in texts and self._is_text(function, parameter):
                for expression in self._readers(function, index):
                    yield expression, parameter.name, PATH, parameter.name

    def _handlers(self, function: Function) -> Iterator[str]:
        """The rows that know the function as a handler: by the base of its class, or by its decorators."""
        if function.owner is not None and function.name in self._lasts:
            bases = (one for one in self._types.classes.order(function.owner) if not isinstance(one, Class))
            yield from (name for base in bases if (name := f"{base}.{function.name}") in self._rows)
        parent = self._types.generic(function).closure
        for decorator in function.scope.decorators if parent is not None else ():
            assert parent is not None
            expressions = parent.function.body.expressions
            made = expressions[decorator]
            callee = made.function if isinstance(made, facts.Call) else decorator
            if facts.last_name(expressions[callee]) in self._lasts:
                yield from (name for name in self._naming.of_values(self._types.value(parent, callee)) if name in self._rows)

    def _readers(self, function: Function, parameter: int) -> Iterator[int]:
        if parameter < len(function.scope.parameters):
            yield from uses_of(self._uses, function).readers.get(parameter, ())

    def _is_text(self, function: Function, parameter: facts.ParameterDeclaration) -> bool:
        if parameter.annotation == NOWHERE:
            return True
        parent = self._types.generic(function).closure
        annotation = parent.function.body.expressions[parameter.annotation] if parent is not None else None
        return isinstance(annotation, facts.Name) and annotation.name == "str"


def texts_of_path(route: RouteFact) -> Iterator[str]:
    """The names of the parts of the path that no converter checks."""
    for match in _TEXT_IN_PATH.finditer(route.path):
        yield match[1] or match[2]
