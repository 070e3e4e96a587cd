"""Where request data enters: attributes and methods of requests that the framework tables name."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.inference.types import Types
from fwaudit.link.inputs.given import GivenInput
from fwaudit.link.inputs.uses import Uses, uses_of
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import ClassObject, FunctionObject, LibraryName, Object, Value
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE
from fwaudit.model.inputs import WHOLE
from fwaudit.model.source import Role

_MOST_HANDED = 2000
"""Parameters that are followed to be a request."""


@dataclass(frozen=True, slots=True)
class Source:
    """An expression that gives input, or, not yet called, the method that does."""

    function: Function
    expression: int
    name: str
    kind: str
    field: str = WHOLE
    """Of a part of the path, its name."""


class Sources:
    """Requests are known by their type; where a handler's parameter has none, by its place, also in the functions that it is handed to."""

    def __init__(self, types: Types, entries: EntryPoints, uses: dict[Function, Uses]) -> None:
        self._types = types
        self._rows = types.catalog.inputs
        self._uses = uses
        self._lasts = frozenset(name.rpartition(".")[2] for name in self._rows)
        self._given = GivenInput(types, entries, uses)
        self._requests = self._handed(entries) if self._rows else {}

    def __iter__(self) -> Iterator[Source]:
        """All sources, by file and position."""
        for module in self._types.symbols.modules:
            if module.role is Role.CODE:
                for function in module.functions.values():
                    if not self._lasts.isdisjoint(function.scope.mentions):
                        yield from self._in_function(function)
                    for index, name, kind, part in self._given.of(function):
                        yield Source(function, index, name, kind, part)

    def _in_function(self, function: Function) -> Iterator[Source]:
        frame = self._types.generic(function)
        expressions = function.body.expressions
        for index, expression in enumerate(expressions):
            if isinstance(expression, facts.Attribute) and expression.name in self._lasts:
                owners = [owner for value, _ in self._types.value(frame, expression.value) for owner in owners_of(self._types, value)]
                owners += self._by_place(function, expressions[expression.value])
                for owner in owners:
                    name = f"{owner}.{expression.name}"
                    if name in self._rows:
                        row = self._rows[name]
                        each = self._each(function, index) if row.is_stream else (index,)
                        field = expression.name if row.is_field else WHOLE
                        yield from (Source(function, one, name, row.kind, field) for one in each)
                        break

    def _each(self, function: Function, index: int) -> Iterator[int]:
        """The names that stand for what iterating over a call of it gives."""
        uses = uses_of(self._uses, function)
        for call in uses.users.get(index, ()):
            for binding, is_element in uses.bound.get(call, ()):
                if is_element:
                    yield from uses.readers.get(binding, ())

    def _by_place(self, function: Function, expression: facts.Expression) -> list[str]:
        if not isinstance(expression, facts.Name) or len(expression.bindings) != 1:
            return []
        binding = function.body.bindings[expression.bindings[0]]
        found = self._requests.get((function, binding.index)) if isinstance(binding, facts.Parameter) else None
        return [found, *self._types.catalog.bases(found)] if found else []

    def _handed(self, entries: EntryPoints) -> dict[tuple[Function, int], str]:
        """(function, parameter) to the class of the request that it gets."""
        classes = {one.name: one.request for one in self._types.catalog.frameworks if one.request}
        found: dict[tuple[Function, int], str] = {}
        todo: deque[tuple[Function, int]] = deque()
        for route in entries.routes:
            if route.framework in classes and not route.name and route.kind == "http":
                function = route.frame.function
                self._add(found, todo, function, 1 if function.owner is not None else 0, classes[route.framework])
        while todo and len(found) < _MOST_HANDED:
            function, index = todo.popleft()
            self._hand_on(found, todo, function, index)
        return found

    def _hand_on(self, found: dict[tuple[Function, int], str], todo: deque[tuple[Function, int]], function: Function, index: int) -> None:
        uses = uses_of(self._uses, function)
        expressions = function.body.expressions
        frame = self._types.generic(function)
        for name in uses.readers.get(index, ()):
            for user in uses.users.get(name, ()):
                call = expressions[user]
                if isinstance(call, facts.Call) and call.function != name:
                    for value, _ in self._types.value(frame, call.function):
                        if isinstance(value, FunctionObject):
                            for parameter in parameters_given(value, call, name):
                                self._add(found, todo, value.function, parameter, found[function, index])

    def _add(
        self,
        found: dict[tuple[Function, int], str],
        todo: deque[tuple[Function, int]],
        function: Function,
        index: int,
        request: str,
    ) -> None:
        parameters = function.scope.parameters
        if (
            index < len(parameters)
            and parameters[index].annotation == NOWHERE
            and parameters[index].kind in ("plain", "positional-only")
            and (function, index) not in found
        ):
            found[function, index] = request
            todo.append((function, index))


def parameters_given(value: FunctionObject, call: facts.Call, argument: int) -> Iterator[int]:
    """The indices of the parameters that get the argument, an expression of the call."""
    parameters = value.function.scope.parameters
    offset = 0 if value.receiver is None else 1
    for position, given in enumerate(call.arguments):
        if given == argument and position + offset < len(parameters):
            yield position + offset
    for keyword, given in call.keywords:
        if given == argument and keyword:
            yield from (index for index, one in enumerate(parameters) if one.name == keyword)


def owners_of(types: Types, value: Value) -> Iterator[str]:
    """The dotted names below which an attribute of the value is known."""
    if isinstance(value, LibraryName):
        yield types.catalog.canonical(value.dotted)
    elif isinstance(value, Object | ClassObject):
        yield from classes_of(types, value.class_)


def classes_of(types: Types, class_: Class | str) -> Iterator[str]:
    """The dotted names of a library's class and its bases, or of the library's classes that a class of the project descends from."""
    if isinstance(class_, str):
        yield from types.catalog.with_bases(class_)
    else:
        yield from (one for one in types.classes.order(class_) if isinstance(one, str))
