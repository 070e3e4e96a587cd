"""Coroutines that run side by side: which calls start them, and whether the code that starts them waits for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.values import UNKNOWN, Awaitable, Frame, Values
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE
from fwaudit.model.numbers import number_of

if TYPE_CHECKING:
    from fwaudit.link.inference.types import Types

ON_ITS_OWN = frozenset({"asyncio.create_task", "asyncio.ensure_future", "asyncio.AbstractEventLoop.create_task"})
"""Calls that have the loop run a coroutine on its own, past the end of the code that starts it."""

IN_A_GROUP = frozenset({"asyncio.TaskGroup.create_task", "anyio.abc.TaskGroup.start_soon", "trio.Nursery.start_soon"})
"""Likewise, in a group whose end is waited for."""

SIDE_BY_SIDE = frozenset({"asyncio.gather", "asyncio.wait", "asyncio.as_completed"})
"""Calls that run several coroutines until they are done."""

_HOPS = 3
"""Coroutines that await each other, looked into for a `while`."""
_ENDING = frozenset({"Future", "wait", "wait_closed", "wait_for_shutdown", "wait_for_termination"})
"""Last names of calls without arguments that a program awaits until it is told to end."""
_LONG = 60
"""Seconds from which on a `sleep` is no pause."""
_WAITING = frozenset(name.rpartition(".")[2] for name in SIDE_BY_SIDE) | {"wait_for", "shield"}


def keeps_running(types: Types, call: Arguments) -> bool:
    """Whether the task that the call makes may run beside whatever follows, for as long as the loop does.

    It does not if the function waits for it, or if it comes to an end by itself: if no `while` starts it, and it has none.
    """
    if call.frame is None or call.expression is None:
        return True
    body = call.frame.function.body
    if _waits_for(call.frame, body, call.expression):
        return False
    given = call.position(0)
    started = [*_coroutines(given)]
    if (not started and any(value is UNKNOWN for value, _ in given)) or any(_holds_below(types, frame, _repeats) for frame in started):
        return True
    places = [index for index in body.calls if body.expressions[index] == call.expression]
    return any(loop.iterated == NOWHERE and loop.first <= index < loop.end for loop in body.loops for index in places)


def _waits_for(frame: Frame, body: facts.Body, call: facts.Call) -> bool:
    awaited = [body.expressions[index] for index in body.awaited]
    callees = [body.expressions[one.function] for one in awaited if isinstance(one, facts.Call)]
    if call in awaited or any(facts.last_name(callee) in _WAITING for callee in callees):
        return True
    names = {name for name, bindings in frame.function.scope.names.items() if _holds(body, bindings, call)}
    return any(isinstance(one, facts.Name) and one.name in names for one in awaited)


def goes_on(types: Types, frame: Frame) -> bool:
    """Whether a coroutine may go on for as long as the loop does: it, or one that it awaits, repeats something or waits for its end."""
    return _holds_below(types, frame, lambda body: _repeats(body) or _waits_to_end(body))


def _holds_below(types: Types, frame: Frame, holds: Callable[[facts.Body], bool]) -> bool:
    """Whether it holds of the body of the coroutine, or of one that is awaited at most `_HOPS` steps below it."""
    seen, level = {frame.number}, [frame]
    for _ in range(_HOPS + 1):
        if any(holds(one.function.body) for one in level):
            return True
        inner = (one for above in level for index in above.function.body.awaited for one in _coroutines(types.value(above, index)))
        level = [one for one in {one.number: one for one in inner}.values() if one.number not in seen]
        seen.update(one.number for one in level)
    return False


def _waits_to_end(body: facts.Body) -> bool:
    """`await stopped.wait()`, `await asyncio.Future()`, `await asyncio.sleep(3600)`."""
    awaited = (body.expressions[index] for index in body.awaited)
    return any(_is_an_end(body, call) for call in awaited if isinstance(call, facts.Call))


def _is_an_end(body: facts.Body, call: facts.Call) -> bool:
    name = facts.last_name(body.expressions[call.function])
    seconds = body.expressions[call.arguments[0]] if name == "sleep" and call.arguments else None
    if isinstance(seconds, facts.Constant) and (number := number_of(seconds.text)) is not None:
        return number >= _LONG
    return name in _ENDING and not call.arguments


def _repeats(body: facts.Body) -> bool:
    return any(loop.iterated == NOWHERE for loop in body.loops) or any(iteration.is_async for iteration in body.iterations)


def beside_each_other(types: Types, call: Arguments) -> Iterator[Frame]:
    """The frames of the coroutines that a call starts together, or waits for: those it is given, and those made here that nobody awaits."""
    if call.frame is None or call.expression is None:
        return
    body = call.frame.function.body
    for index in call.expression.arguments:
        expression = body.expressions[index]
        given = types.value(call.frame, expression.value if isinstance(expression, facts.Starred) else index)
        yield from _coroutines(given)
        yield from _coroutines(types.language.elements_of(given))
    for index in set(body.calls).difference(body.awaited):
        yield from _coroutines(types.value(call.frame, index))


def _coroutines(values: Values) -> Iterator[Frame]:
    return (value.frame for value, _ in values if isinstance(value, Awaitable) and value.frame is not None)


def _holds(body: facts.Body, bindings: tuple[int, ...], call: facts.Call) -> bool:
    """Whether one of the bindings is the value of the call, or a display or comprehension of such."""
    for index in bindings:
        binding = body.bindings[index]
        value = binding.value if isinstance(binding, facts.Assigned | facts.Iterated) else NOWHERE
        if value == NOWHERE:
            continue
        expression = body.expressions[value]
        if expression == call or (isinstance(binding, facts.Iterated) and _is_list_of(body, expression, call)):
            return True
    return False


def _is_list_of(body: facts.Body, expression: facts.Expression, call: facts.Call) -> bool:
    if isinstance(expression, facts.Comprehension):
        return body.expressions[expression.element] == call
    if isinstance(expression, facts.Display):
        return any(body.expressions[item] == call for item in expression.items)
    if isinstance(expression, facts.Name):
        values = (body.bindings[index] for index in expression.bindings)
        return any(
            isinstance(one, facts.Assigned) and one.value != NOWHERE and _is_list_of(body, body.expressions[one.value], call)
            for one in values
        )
    return False
