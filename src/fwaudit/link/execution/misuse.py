"""Calls whose result is lost: handed to an offloader in a function's place, or a coroutine that nobody awaits."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.catalog.knowledge import Knowledge
from fwaudit.link.execution.naming import Naming
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.types import Types
from fwaudit.link.sites import LostCall
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import (
    HIGH,
    UNKNOWN,
    ClassObject,
    Frame,
    FunctionObject,
    LibraryName,
    LoopRunning,
    Object,
    Offloaded,
    PartialObject,
    Value,
)
from fwaudit.model import facts


class Misuse:
    """Looks for calls that are written where something else was meant."""

    def __init__(self, types: Types, names: Naming) -> None:
        self._types = types
        self._names = names
        self._offloaded_parameters: dict[Function, frozenset[int]] = {}
        self._given_calls: dict[Function, tuple[int, ...]] = {}

    def called_instead(self, frame: Frame) -> frozenset[int]:
        """The calls that stand where an offloader expects a function."""
        found: set[int] = set()
        body = frame.function.body
        for index in self._calls_given_calls(frame.function):
            call = body.call(index)
            arguments = Arguments.of_expression(self._types, frame, call)
            for value, _ in self._types.value(frame, call.function):
                handed = self._offloaded_argument(value, arguments)
                if handed is not None and isinstance(body.expressions[handed], facts.Call):
                    is_alone = call.arguments[-1] == handed
                    results = self._types.value(frame, handed)
                    if not any(_is_to_be_called(result, is_alone) for result, _ in results) and self._is_resolved_call(frame, handed):
                        found.add(handed)
        return frozenset(found)

    def _calls_given_calls(self, function: Function) -> tuple[int, ...]:
        """The calls in `function` among whose arguments another call stands."""
        found = self._given_calls.get(function)
        if found is None:
            body = function.body
            found = self._given_calls[function] = tuple(index for index in body.calls if _is_given_a_call(body, index))
        return found

    def _offloaded_argument(self, value: Value, call: Arguments) -> int | None:
        """The expression given for a callable that an offloader, of a library or of the project, hands to a thread."""
        knowledge: Knowledge | None = None
        if isinstance(value, FunctionObject):
            knowledge = self._types.results.own_knowledge(value.function)
            if knowledge is None:
                offset = 1 if value.receiver is not None else 0
                for index in sorted(self.offloaded_parameters(value.function)):
                    return call.index(index - offset, value.function.scope.parameters[index].name)
        elif isinstance(value, LibraryName):
            knowledge = self._types.results.knowledge(value)
        if knowledge is None or knowledge.offloader is None:
            return None
        return call.index(knowledge.offloader.position, knowledge.offloader.keyword)

    def offloaded_parameters(self, function: Function) -> frozenset[int]:
        """The parameters of a project's function that it hands to an offloader: as they are, in a partial, or to a function that does."""
        found = self._offloaded_parameters.get(function)
        if found is None:
            self._offloaded_parameters[function] = frozenset()
            frame = self._types.generic(function)
            is_asked = any(_is_open_kind(one) for one in function.scope.parameters)
            found = self._offloaded_parameters[function] = self._handed_parameters(frame) if is_asked else frozenset()
        return found

    def _handed_parameters(self, frame: Frame) -> frozenset[int]:
        # No generator: functions may hand on through thousands of others, and 745 generators within each other ended Python 3.12.
        found: set[int] = set()
        body = frame.function.body
        for index in body.calls:
            call = body.call(index)
            arguments = Arguments.of_expression(self._types, frame, call)
            for value, _ in self._types.value(frame, call.function):
                handed = self._offloaded_argument(value, arguments)
                if handed is not None:
                    parameter = _parameter_of(body, handed)
                    if parameter is not None:
                        found.add(parameter)
        return frozenset(found)

    def _is_resolved_call(self, frame: Frame, index: int) -> bool:
        call = frame.function.body.expressions[index]
        return isinstance(call, facts.Call) and all(
            isinstance(value, FunctionObject | ClassObject | LibraryName) for value, _ in self._types.value(frame, call.function)
        )

    def not_callable(self, frame: Frame) -> Iterator[LostCall]:
        """Calls that stand where an offloader expects a function, and give something that surely cannot be called."""
        body = frame.function.body
        for index in sorted(self.called_instead(frame)):
            call = body.expressions[index]
            values = self._types.value(frame, index)
            if isinstance(call, facts.Call) and all(_surely_is_not_callable(value) and grade == HIGH for value, grade in values):
                yield LostCall(frame, call.span, self._names.of_callee(frame, call))

    def lost_coroutines(self, frame: Frame, names: frozenset[str]) -> Iterator[LostCall]:
        """Calls of one of `names` that stand alone as a statement and surely give a coroutine."""
        body = frame.function.body
        for index in body.discarded:
            call = body.expressions[index]
            if not isinstance(call, facts.Call):
                continue
            callee = body.expressions[call.function]
            if isinstance(callee, facts.Attribute) and callee.name not in names:
                continue
            callees = self._types.value(frame, call.function)
            if callees and all(grade == HIGH and self._gives_coroutine(value) for value, grade in callees):
                yield LostCall(frame, call.span, self._names.of_callee(frame, call))

    def _gives_coroutine(self, callee: Value) -> bool:
        """Whether the callee itself is a coroutine function: what a plain function returns may as well be None."""
        if isinstance(callee, FunctionObject):
            return callee.function.is_coroutine and not callee.wrapping
        if isinstance(callee, LibraryName):
            knowledge = self._types.results.knowledge(callee)
            return knowledge is not None and knowledge.coroutine is not None
        if isinstance(callee, PartialObject):
            return bool(callee.callable) and all(grade == HIGH and self._gives_coroutine(value) for value, grade in callee.callable)
        return isinstance(callee, Offloaded)


def _is_given_a_call(body: facts.Body, index: int) -> bool:
    call = body.expressions[index]
    return isinstance(call, facts.Call) and any(isinstance(body.expressions[argument], facts.Call) for argument in call.arguments)


def _is_open_kind(declaration: facts.ParameterDeclaration) -> bool:
    return declaration.kind in ("plain", "positional-only", "keyword-only")


def _parameter_of(body: facts.Body, index: int) -> int | None:
    """The parameter that an expression names, itself or as the function of a `partial`."""
    expression = body.expressions[index]
    if isinstance(expression, facts.Name):
        bound = [body.bindings[binding] for binding in expression.bindings]
        return bound[0].index if len(bound) == 1 and isinstance(bound[0], facts.Parameter) else None
    if isinstance(expression, facts.Call) and expression.arguments:
        callee = body.expressions[expression.function]
        if facts.last_name(callee) == "partial":
            return _parameter_of(body, expression.arguments[0])
    return None


def _is_to_be_called(value: Value, is_alone: bool) -> bool:
    """Whether a call may have been written to get this for the thread to call: a class that no arguments follow is no work for it."""
    return _is_callable(value) and not (is_alone and isinstance(value, ClassObject))


def _surely_is_not_callable(value: Value) -> bool:
    return value is not UNKNOWN and not _is_callable(value)


def _is_callable(value: Value) -> bool:
    if isinstance(value, Object):
        return isinstance(value.class_, Class) and "__call__" in value.class_.members
    return isinstance(value, FunctionObject | LibraryName | PartialObject | Offloaded | LoopRunning | ClassObject)
