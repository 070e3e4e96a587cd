"""Coroutine functions that a decorator makes synchronous: each call runs them on a loop of its own, as `async_to_sync` does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Function
from fwaudit.link.values import Frame, FunctionObject, LibraryName, Values, surely
from fwaudit.model import facts
from fwaudit.model.source import Role


@dataclass(frozen=True, slots=True)
class OwnLoops:
    """`coroutines` are what a library's decorator runs so, `wrappers` the functions of the project that look it through themselves."""

    coroutines: tuple[Frame, ...]
    wrappers: tuple[Frame, ...]


def own_loops(types: Types, functions: Iterable[Function]) -> OwnLoops:
    """What such decorators run: nothing need call the function that they leave, since commands are called by libraries."""
    coroutines: list[Frame] = []
    wrappers: list[Frame] = []
    for function in functions:
        parent = types.generic(function).closure
        if not function.scope.is_async or not function.scope.decorators or parent is None or function.module.role is not Role.CODE:
            continue
        for left in _steps(types, parent, function):
            if left is None:
                coroutines.append(types.generic(function))
            else:
                wrappers.append(left)
    return OwnLoops(tuple(coroutines), tuple(wrappers))


def _steps(types: Types, parent: Frame, function: Function) -> Iterator[Frame | None]:
    """What runs the coroutine function, from the innermost decorator on: a wrapper's frame; None: a library does."""
    values: Values = surely(FunctionObject(function, closure=parent))
    for decorator in reversed(function.scope.decorators):
        if _runs_a_loop(types, parent, decorator):
            yield None
            return
        values = types.decorators.decorated(parent, decorator, values)
        for value, _ in values:
            if not isinstance(value, FunctionObject) or value.wrapping or value.function.scope.is_async:
                return
            if value.function.uses(types.catalog.loop_runner_names):
                yield types.binder.bind(value, Arguments.nothing())
                return


def _runs_a_loop(types: Types, parent: Frame, decorator: int) -> bool:
    expression = parent.function.body.expressions[decorator]
    callee = expression.function if isinstance(expression, facts.Call) else decorator
    for value, _ in types.value(parent, callee):
        knowledge = types.results.knowledge(value) if isinstance(value, LibraryName) else None
        if knowledge is not None and knowledge.loop_runner is not None:
            return True
    return False
