"""Calls in loops over literals: what a call is given in each round."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.link.arguments import Arguments
from fwaudit.link.types import Types
from fwaudit.link.values import Frame, ModuleObject
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

MOST_ROUNDS = 200
_Place = tuple[Frame, int]


def unrolled(types: Types, frame: Frame, call: facts.Call) -> list[Arguments]:
    """The arguments of the call in each round of the loop over a literal list that it takes them from; else as they are written."""
    written = [Arguments.of_expression(types, frame, call)]
    targets = {index: binding for index in _given(call) if (binding := _target(frame, index)) is not None}
    loops = {binding.value for binding in targets.values()}
    if len(loops) != 1:
        return written
    literal = _literal(types, frame, loops.pop(), 0)
    if literal is None:
        return written
    where, rounds = literal
    if where is not frame and len(targets) != len(_given(call)):
        return written  # no call holds expressions of two scopes
    found: list[Arguments] = []
    for items in rounds[:MOST_ROUNDS]:
        given = {index: _place(where, items, binding.path) for index, binding in targets.items()}
        if any(place is None for place in given.values()):
            return written
        chosen = {index: place for index, place in given.items() if place is not None}
        arguments = tuple(chosen.get(index, index) for index in call.arguments)
        keywords = tuple((name, chosen.get(index, index)) for name, index in call.keywords)
        found.append(Arguments.of_expression(types, where, facts.Call(call.function, arguments, keywords, call.span)))
    return found or written


def _given(call: facts.Call) -> list[int]:
    return [*call.arguments, *(index for _, index in call.keywords)]


def _target(frame: Frame, index: int) -> facts.Iterated | None:
    """The loop whose target the expression names, if it can be nothing else."""
    body = frame.function.body
    expression = body.expressions[index]
    if not isinstance(expression, facts.Name) or len(expression.bindings) != 1:
        return None
    binding = body.bindings[expression.bindings[0]]
    return binding if isinstance(binding, facts.Iterated) and not binding.is_async else None


def _literal(types: Types, frame: Frame, index: int, depth: int) -> tuple[Frame, list[tuple[int, ...]]] | None:
    """The items of the literal list, tuple or dict that an expression names, and the frame that they are written in."""
    expression = frame.function.body.expressions[index]
    match expression:
        case facts.Display(kind="dict"):
            return frame, [(key,) for key in expression.keys]
        case facts.Display():
            return frame, [(item,) for item in expression.items]
        case facts.Call(arguments=(), keywords=()):
            callee = frame.function.body.expressions[expression.function]
            if isinstance(callee, facts.Attribute) and callee.name in ("items", "values"):
                found = _display(types, frame, callee.value, depth)
                if found is not None and found[1].kind == "dict":
                    where, table = found
                    is_pair = callee.name == "items"
                    return where, [(key, value) if is_pair else (value,) for key, value in zip(table.keys, table.items, strict=True)]
        case facts.Name() | facts.Attribute():
            named = _display(types, frame, index, depth)
            if named is not None:
                items = named[1].keys if named[1].kind == "dict" else named[1].items
                return named[0], [(item,) for item in items]
        case _:
            pass
    return None


def _display(types: Types, frame: Frame, index: int, depth: int) -> tuple[Frame, facts.Display] | None:
    """The one display that an expression is or names."""
    expression = frame.function.body.expressions[index]
    if isinstance(expression, facts.Display):
        return frame, expression
    if depth >= MOST_ROUNDS:
        return None
    places = list(_named(types, frame, expression))
    if len(places) != 1:
        return None
    where, binding_index = places[0]
    binding = where.function.body.bindings[binding_index]
    if isinstance(binding, facts.Assigned) and binding.value != NOWHERE and not binding.path:
        return _display(types, where, binding.value, depth + 1)
    return None


def item_of(types: Types, frame: Frame, index: int, key: str) -> _Place | None:
    """The item of a literal dict that an expression names, under a key."""
    found = _display(types, frame, index, 0)
    if found is None or found[1].kind != "dict":
        return None
    where, table = found
    for one, item in zip(table.keys, table.items, strict=True):
        written = where.function.body.expressions[one]
        if isinstance(written, facts.Constant) and written.kind == "str" and written.text == key:
            return where, item
    return None


def _named(types: Types, frame: Frame, expression: facts.Expression) -> Iterator[_Place]:
    """The bindings that a name of this scope, of the module or of a module that it is imported from stands for."""
    if isinstance(expression, facts.Attribute):
        for value, _ in types.value(frame, expression.value):
            if isinstance(value, ModuleObject) and value.module is not None:
                yield from _in_module(types, types.generic(value.module.body_function), expression.name)
    if not isinstance(expression, facts.Name):
        return
    if expression.bindings:
        for index in expression.bindings:
            binding = frame.function.body.bindings[index]
            source = types.imported_from(frame, binding) if isinstance(binding, facts.Imported) and binding.name else None
            if source is not None and isinstance(binding, facts.Imported):
                yield from _in_module(types, types.generic(source.body_function), binding.name)
            else:
                yield frame, index
    elif expression.name not in frame.function.scope.names:
        yield from _in_module(types, types.generic(frame.function.module.body_function), expression.name)


def _in_module(types: Types, frame: Frame, name: str) -> Iterator[_Place]:
    scope = frame.function.scope
    for index in scope.final.get(name) or scope.names.get(name) or ():
        binding = frame.function.body.bindings[index]
        source = types.imported_from(frame, binding) if isinstance(binding, facts.Imported) and binding.name else None
        if source is not None and source is not frame.function.module and isinstance(binding, facts.Imported):
            yield from _in_module(types, types.generic(source.body_function), binding.name)
        else:
            yield frame, index


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
