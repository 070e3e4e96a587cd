"""Calls in loops over literals: what a call is given in each round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.definitions import definition_of
from fwaudit.link.inference.texts import NOTHING_GIVEN, Given
from fwaudit.link.inference.types import Types
from fwaudit.link.inference.written import Behind, Written
from fwaudit.link.values import Frame
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

MOST_ROUNDS = 200


def unrolled(types: Types, frame: Frame, call: facts.Call, bound: Given = NOTHING_GIVEN) -> list[Arguments]:
    """The arguments of the call in each round of the loops over literal lists that it takes them from; else as they are written.

    `bound` says what the parameters of the function around stand for.
    """
    found = [bound]
    for loop in sorted(_loops(frame, call)):
        found = [one for given in found for one in _rounds(types, frame, loop, given)][:MOST_ROUNDS]
    return [_spread(types, frame, call, given) or Arguments.of_expression(types, frame, call, given) for given in found]


def _spread(types: Types, frame: Frame, call: facts.Call, bound: Given) -> Arguments | None:
    """The items of the literal that a call is given in one piece, as its arguments: `add(*route)` in a loop over tuples."""
    if len(call.arguments) != 1 or call.keywords:
        return None
    only = frame.function.body.expressions[call.arguments[0]]
    if not isinstance(only, facts.Starred):
        return None
    where, index = _behind(frame, only.value, bound)
    items = where.function.body.expressions[index]
    if not isinstance(items, facts.Display) or items.kind == "dict":
        return None
    return Arguments.of_expression(types, where, msgspec.structs.replace(call, arguments=tuple(items.items)), bound)


def _loops(frame: Frame, call: facts.Call) -> set[int]:
    """The iterated expressions of the loops whose targets the arguments are made of, and of those that they loop over in turn."""
    body = frame.function.body
    return {binding.value for one in bindings_used(frame, _given(call)) if isinstance(binding := body.bindings[one], facts.Iterated)}


def bindings_used(frame: Frame, expressions: Iterable[int]) -> set[int]:
    """The bindings that texts and values of these expressions are made of: those of their names, and those behind them."""
    return {binding for name in names_used(frame, expressions) for binding in name.bindings}


def names_used(frame: Frame, expressions: Iterable[int]) -> Iterator[facts.Name]:
    """The names that texts and values of these expressions are made of, and those behind them."""
    body = frame.function.body
    seen: set[int] = set()
    waiting = list(expressions)
    while waiting:
        expression = body.expressions[waiting.pop()]
        if isinstance(expression, facts.Name):
            yield expression
            for binding in expression.bindings:
                bound = body.bindings[binding]
                if binding not in seen and isinstance(bound, facts.Assigned | facts.Iterated) and bound.value != NOWHERE:
                    waiting.append(bound.value)
                seen.add(binding)
        else:
            waiting += _made_of(expression)


def _made_of(expression: facts.Expression) -> list[int]:
    """The expressions that one which is no name is put together of."""
    match expression:
        case facts.Operation():
            return [expression.left, expression.right]
        case facts.Formatted():
            return [value for value in expression.values if value != NOWHERE]
        case facts.Display():
            return [*expression.items]
        case facts.Attribute() | facts.Starred() | facts.Subscript():
            return [expression.value]
        case facts.Call():
            return [expression.function, *_given(expression)]
        case _:
            return []


def _rounds(types: Types, frame: Frame, loop: int, bound: Given) -> list[Given]:
    """What the loop's targets stand for in each round, beside what is bound already; that alone where it is no literal's."""
    literal = _literal(types, *_behind(frame, loop, bound), 0)
    if literal is None:
        return [bound]
    where, rounds = literal
    targets = [
        (index, binding.path)
        for index, binding in enumerate(frame.function.body.bindings)
        if isinstance(binding, facts.Iterated) and binding.value == loop and not binding.is_async
    ]
    found: list[Given] = []
    for items in rounds[:MOST_ROUNDS]:
        places = {index: _place(where, items, path) for index, path in targets}
        if any(place is None for place in places.values()):
            return [bound]
        found.append({**bound, **{(frame.function, index): (where, place) for index, place in places.items() if place is not None}})
    return found or [bound]


def _behind(frame: Frame, index: int, bound: Given) -> tuple[Frame, int]:
    """The expression that a name is bound to, if it is; else the name itself."""
    name = frame.function.body.expressions[index]
    bindings = name.bindings if isinstance(name, facts.Name) else ()
    return bound.get((frame.function, bindings[0]), (frame, index)) if len(bindings) == 1 else (frame, index)


def _given(call: facts.Call) -> list[int]:
    return [*call.arguments, *(index for _, index in call.keywords)]


def _literal(types: Types, frame: Frame, index: int, depth: int) -> tuple[Frame, list[tuple[int, ...]]] | None:
    """The items of the literal list, tuple or dict that an expression names, and the frame that they are written in."""
    expression = frame.function.body.expressions[index]
    match expression:
        case facts.Display(kind="dict"):
            return frame, [(key,) for key, _ in expression.pairs]
        case facts.Display():
            return frame, [(item,) for item in expression.items]
        case facts.Call(arguments=(), keywords=()):
            callee = frame.function.body.expressions[expression.function]
            if isinstance(callee, facts.Attribute) and callee.name in ("items", "values"):
                found = _display(types, frame, callee.value, depth)
                if found is not None and found[1].kind == "dict":
                    where, table = found
                    is_pair = callee.name == "items"
                    return where, [(key, value) if is_pair else (value,) for key, value in table.pairs]
            return _rounds_of_result(types, frame, expression)
        case facts.Call():
            return _rounds_of_result(types, frame, expression)
        case facts.Name() | facts.Attribute():
            named = _display(types, frame, index, depth)
            if named is not None:
                items = [key for key, _ in named[1].pairs] if named[1].kind == "dict" else named[1].items
                return named[0], [(item,) for item in items]
        case _:
            pass
    return None


def _rounds_of_result(types: Types, frame: Frame, call: facts.Call) -> tuple[Frame, list[tuple[int, ...]]] | None:
    """The items of the one list that a function of the project returns, and the frame that they are written in."""
    function = definition_of(types, frame, call.function)
    if function is None or function.scope.is_async or len(function.body.returns) != 1:
        return None
    expression = function.body.expressions[function.body.returns[0]]
    if not isinstance(expression, facts.Display) or expression.kind == "dict":
        return None
    return types.generic(function), [(item,) for item in expression.items]


def _display(types: Types, frame: Frame, index: int, depth: int) -> tuple[Frame, facts.Display] | None:
    """The one display that an expression is or names."""
    expression = frame.function.body.expressions[index]
    if isinstance(expression, facts.Display):
        return frame, expression
    if depth >= MOST_ROUNDS:
        return None
    named = list(Behind(types).bindings(Written(frame, index)))
    if len(named) != 1:
        return None
    binding = named[0].bound
    if isinstance(binding, facts.Assigned) and binding.value != NOWHERE and not binding.path:
        return _display(types, named[0].frame, binding.value, depth + 1)
    return None


def item_of(types: Types, frame: Frame, index: int, key: str) -> tuple[Frame, int] | None:
    """The item of a literal dict that an expression names, under a key."""
    found = _display(types, frame, index, 0)
    if found is None or found[1].kind != "dict":
        return None
    where, table = found
    for one, item in table.pairs:
        written = where.function.body.expressions[one]
        if isinstance(written, facts.Constant) and written.kind == "str" and written.text == key:
            return where, item
    return None


def _place(frame: Frame, items: tuple[int, ...], path: tuple[int, ...]) -> int | None:
    """The expression at `path` of what one round gives."""
    if len(items) > 1:  # a key and a value
        return _place(frame, (items[path[0]],), path[1:]) if path and 0 <= path[0] < len(items) else None
    index = items[0]
    for step in path:
        expression = frame.function.body.expressions[index]
        if not isinstance(expression, facts.Display) or expression.kind == "dict" or not 0 <= step < len(expression.items):
            return None
        index = expression.items[step]
    return index if not isinstance(frame.function.body.expressions[index], facts.Starred) else None
