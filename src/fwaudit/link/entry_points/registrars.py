"""Functions of the project that register what they are given, `add_page(app, "/x", view)` or `@page("/x")`: each call of one registers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from fwaudit.link.entry_points.loops import bindings_used, names_used
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.texts import NOTHING_GIVEN, Given
from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Function
from fwaudit.link.values import Frame, FunctionObject, Values, known, surely
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE
from fwaudit.model.source import Role

MOST_CALLS = 2000
"""Calls of one such function that are read."""


@dataclass(frozen=True, slots=True)
class Way:
    """One call of the function around a registration: the frame that it runs, and what its parameters stand for."""

    frame: Frame
    bound: Given


class Registrars:
    """Looked into only where a registration is made of parameters."""

    def __init__(self, types: Types) -> None:
        self._types = types

    def ways(self, frame: Frame, call: facts.Call) -> list[Way]:
        """The calls of the function around, where the arguments are made of its parameters, or of its maker's; else the frame as it is."""
        as_it_is = [Way(frame, NOTHING_GIVEN)]
        function = frame.function
        if function.scope.kind != "function":
            return as_it_is
        given = [*call.arguments, *(index for _, index in call.keywords)]
        if not any(_is_a_caller_s(frame, name) for name in names_used(frame, given)):
            return as_it_is
        found = [*self._called(function), *self._decorating(function)]
        return found[:MOST_CALLS] or as_it_is

    def wrapped(self, arguments: Arguments, index: int) -> Iterator[Values]:
        """What the function around was given for the parameters that an argument is made of, as `wrap(view)` is of `view`."""
        frame = arguments.frame
        for binding in sorted(bindings_used(frame, [index])) if frame is not None and arguments.bound else ():
            place = arguments.bound.get((frame.function, binding)) if frame is not None else None
            if place is not None:
                yield self._types.value(*place)

    # --- called with what is registered ------------------------------------------------------------------

    def _called(self, function: Function) -> Iterator[Way]:
        for frame, index, offset in self._types.callers.of(function):
            if frame.function.module.role is Role.TEST or frame.function is function:
                continue
            call = frame.function.body.call(index)
            yield self._way(function, Arguments.of_expression(self._types, frame, call), offset)

    def _way(self, function: Function, call: Arguments, offset: int, closure: Frame | None = None) -> Way:
        """The frame of a call and what it gives the parameters; the first `offset` are taken by a receiver."""
        around = closure if closure is not None else self._types.generic(function).closure
        values: list[tuple[int, Values]] = []
        bound: dict[tuple[Function, int], tuple[Frame, int]] = {}
        for index, declaration in enumerate(function.scope.parameters):
            if index < offset or declaration.kind in ("variadic", "keywords"):
                continue
            written = call.index(-1 if declaration.kind == "keyword-only" else index - offset, declaration.name)
            place = (call.frame, written) if written is not None else (around, declaration.default)
            if place[0] is None or place[1] == NOWHERE:
                continue
            here = (place[0], place[1])
            given = self._types.value(*here)
            if known(given):
                values.append((index, given))
            for binding, one in enumerate(function.body.bindings):
                if isinstance(one, facts.Parameter) and one.index == index:
                    bound[function, binding] = here
        return Way(self._types.frame(function, tuple(values), around), bound)

    # --- decorating what is registered ------------------------------------------------------------------

    def _decorating(self, function: Function) -> Iterator[Way]:
        """The functions that a decorator of the project is put on, which `function` is or which makes it."""
        parent = function.scope.parent
        maker = function.module.functions[parent] if parent != NOWHERE else None
        is_made = maker is not None and maker.scope.kind == "function"
        named = maker if is_made and maker is not None else function
        for decorated, frame, expression in self._decorated.get(named.name, ()):
            written = frame.function.body.expressions[expression]
            callee = written.function if isinstance(written, facts.Call) else expression
            if isinstance(written, facts.Call) is not is_made or decorated.module.role is Role.TEST:
                continue
            for value, _ in self._types.value(frame, callee):
                if isinstance(value, FunctionObject) and value.function is named:
                    around: Way | None = None
                    if isinstance(written, facts.Call):
                        offset = 0 if value.receiver is None else 1
                        around = self._way(named, Arguments.of_expression(self._types, frame, written), offset)
                    closure = around.frame if around is not None else self._types.generic(function).closure
                    target = surely(FunctionObject(decorated, closure=frame))
                    place = 1 if function.owner is not None else 0
                    yield Way(
                        self._types.frame(function, ((place, target),), closure), around.bound if around is not None else NOTHING_GIVEN
                    )

    @cached_property
    def _decorated(self) -> dict[str, list[tuple[Function, Frame, int]]]:
        """By the last name of each decorator: what it decorates, and where it is written."""
        found: dict[str, list[tuple[Function, Frame, int]]] = defaultdict(list)
        for module in self._types.symbols.modules:
            for function in module.functions.values():
                parent = function.scope.parent
                if function.scope.kind != "function" or not function.scope.decorators or parent == NOWHERE:
                    continue
                frame = self._types.generic(module.functions[parent])
                for decorator in function.scope.decorators:
                    expression = frame.function.body.expressions[decorator]
                    named = frame.function.body.expressions[expression.function] if isinstance(expression, facts.Call) else expression
                    if name := facts.last_name(named):
                        found[name].append((function, frame, decorator))
        return found


def _is_a_caller_s(frame: Frame, name: facts.Name) -> bool:
    """Whether a name is a parameter of the function, or of the one that makes it: `def page(path): def put(view): ...`."""
    where, bindings = frame.binding_scope(name)
    first = 1 if where.function.owner is not None else 0
    found = (where.function.body.bindings[binding] for binding in bindings)
    return where.function.scope.kind == "function" and any(isinstance(one, facts.Parameter) and one.index >= first for one in found)
