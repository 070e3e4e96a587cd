"""What decorators leave of the functions under them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import (
    UNKNOWN_VALUES,
    ClassObject,
    Frame,
    FunctionObject,
    LibraryName,
    LoopRunning,
    Object,
    Offloaded,
    PartialObject,
    Value,
    Values,
    join,
    surely,
    weaken,
)
from fwaudit.model import facts

if TYPE_CHECKING:
    from fwaudit.link.inference.types import Types


class Decorators:
    """Keep, wrap, offload, or make unknown."""

    def __init__(self, types: Types) -> None:
        self._types = types

    def decorated(self, frame: Frame, index: int, decorated: Values) -> Values:
        """What a decorator leaves of `decorated`; unknown under one of which nothing is known."""
        expression = frame.function.body.expressions[index]
        if isinstance(expression, facts.Call):
            for value, _ in self._types.value(frame, expression.function):
                name = _library_name(value)
                if name is not None:
                    return self._decorated_by_library(name, decorated)
        parts = [weaken(self._decorated_by(value, decorated), grade) for value, grade in self._types.value(frame, index)]
        return join(parts) or UNKNOWN_VALUES

    def makes_coroutine(self, function: Function) -> bool:
        """Whether a library's decorator makes a coroutine function of a generator: `tornado.gen.coroutine`."""
        frame = self._types.generic(function).closure
        for index in function.scope.decorators if frame is not None else ():
            for value, _ in self._types.value(frame, index) if frame is not None else ():
                name = _library_name(value)
                knowledge = self._types.results.knowledge(name) if name is not None else None
                if knowledge is not None and knowledge.decorator is not None and knowledge.decorator.gives == "awaitable":
                    return True
        return False

    def _decorated_by(self, value: Value, decorated: Values) -> Values:
        name = _library_name(value)
        if name is not None:
            return self._decorated_by_library(name, decorated)
        if isinstance(value, FunctionObject | ClassObject | PartialObject | Offloaded):
            return self._types.results.of(value, Arguments.of_values((decorated,))) or UNKNOWN_VALUES
        if isinstance(value, Object) and isinstance(value.class_, Class):
            return self._types.results.of_method(value, "__call__", Arguments.of_values((decorated,))) or UNKNOWN_VALUES
        return UNKNOWN_VALUES

    def _decorated_by_library(self, value: LibraryName, decorated: Values) -> Values:
        knowledge = self._types.results.knowledge(value)
        if knowledge is not None and knowledge.decorator is not None:
            return _like(self.wrapped(knowledge.decorator.gives, decorated), knowledge.decorator.type)
        if self._types.catalog.registering.of_decorator(value.dotted):
            return decorated
        if knowledge is None:
            return UNKNOWN_VALUES
        if knowledge.offloader is not None and knowledge.offloader.gives == "wrapper":
            return surely(Offloaded(decorated, knowledge.offloader.context))
        if knowledge.loop_runner is not None and knowledge.loop_runner.gives == "wrapper":
            return surely(LoopRunning(decorated, knowledge.raises_on_a_loop))
        return UNKNOWN_VALUES

    def wrapped(self, gives: str, values: Values) -> Values:
        """`values` under a decorator of which the tables say what it gives."""
        if gives in ("same", "awaitable"):
            return values
        if gives == "unknown":
            return UNKNOWN_VALUES
        return tuple(
            (FunctionObject(value.function, value.receiver, value.closure, gives), grade)
            if isinstance(value, FunctionObject)
            else (value, grade)
            for value, grade in values
        )


def _like(values: Values, class_: str) -> Values:
    """`values`, the functions among them with the methods of the library's `class_`."""
    if not class_:
        return values
    return tuple(
        (FunctionObject(value.function, value.receiver, value.closure, value.wrapping, class_), grade)
        if isinstance(value, FunctionObject)
        else (value, grade)
        for value, grade in values
    )


def _library_name(value: Value) -> LibraryName | None:
    """The library's function or class that `value` is; None for anything else."""
    if isinstance(value, LibraryName):
        return value
    return LibraryName(value.class_) if isinstance(value, ClassObject) and isinstance(value.class_, str) else None
