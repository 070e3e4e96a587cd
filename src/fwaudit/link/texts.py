"""The text of an expression, where the source alone tells it: literals, constants of modules and classes, f-strings, sums of these."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fwaudit.link.symbols import Class, Function, Module
from fwaudit.link.values import ClassObject, Frame, ModuleObject, Object
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

if TYPE_CHECKING:
    from fwaudit.link.types import Types

UNKNOWN_TEXT = "<unknown>"
MOST_STEPS = 12
_Step = tuple[int, int]


def text_of(types: Types, frame: Frame, index: int, steps: tuple[_Step, ...] = ()) -> str | None:
    """The text of a string expression, with `<unknown>` in place of parts that are not known; None if nothing of it is."""
    step = (frame.number, index)
    if step in steps or len(steps) >= MOST_STEPS:
        return None
    steps = (*steps, step)
    expression = frame.function.body.expressions[index]
    match expression:
        case facts.Constant(kind="str"):
            return expression.text
        case facts.Name():
            return _of_name(types, frame, expression, steps)
        case facts.Attribute():
            return _only(
                {_of_attribute(types, one, expression.name, steps) for one, _ in types.value(frame, expression.value)},
            )
        case facts.Operation(operator="+"):
            parts = [text_of(types, frame, side, steps) for side in (expression.left, expression.right)]
            return _joined(parts)
        case facts.Formatted() if expression.texts:
            parts = [text_of(types, frame, value, steps) if value != NOWHERE else None for value in expression.values]
            pieces = [expression.texts[0]]
            for part, text in zip(parts, expression.texts[1:], strict=True):
                pieces += [UNKNOWN_TEXT if part is None else part, text]
            whole = "".join(pieces)
            return None if whole == UNKNOWN_TEXT else whole
        case _:
            pass
    return None


def _joined(parts: Iterable[str | None]) -> str | None:
    whole = "".join(UNKNOWN_TEXT if part is None else part for part in parts)
    return whole if whole.replace(UNKNOWN_TEXT, "") else None


def _of_name(types: Types, frame: Frame, name: facts.Name, steps: tuple[_Step, ...]) -> str | None:
    scope: Frame | None = frame
    bindings = name.bindings
    while scope is not None and not bindings:
        if scope.function.scope.kind == "module":
            return _in_module(types, scope.function.module, name.name, steps)
        bindings = scope.function.scope.names.get(name.name, ())
        if not bindings:
            scope = scope.closure
    return _only({_of_binding(types, scope, one, steps) for one in bindings}) if scope is not None else None


def _in_module(types: Types, module: Module, name: str, steps: tuple[_Step, ...]) -> str | None:
    if name not in module.facts.scopes[0].names or module.global_stores.get(name):
        return None
    scope = module.facts.scopes[0]
    frame = types.generic(module.body_function)
    return _only({_of_binding(types, frame, one, steps) for one in scope.final.get(name) or scope.names[name]})


def _of_binding(types: Types, frame: Frame, index: int, steps: tuple[_Step, ...]) -> str | None:
    binding = frame.function.body.bindings[index]
    if isinstance(binding, facts.Assigned) and binding.value != NOWHERE and not binding.path:
        return text_of(types, frame, binding.value, steps)
    if isinstance(binding, facts.Imported) and binding.name and len(steps) < MOST_STEPS:
        module = types.imported_from(frame, binding)
        return _in_module(types, module, binding.name, (*steps, (frame.number, -2 - index))) if module is not None else None
    if isinstance(binding, facts.Parameter):
        return _of_parameter(types, frame.function, binding.index, (*steps, (frame.number, -2 - index)))
    return None


def _of_parameter(types: Types, function: Function, index: int, steps: tuple[_Step, ...]) -> str | None:
    """The text that all calls of the function give, or leave to the default."""
    declaration = function.scope.parameters[index]
    if len(steps) >= MOST_STEPS or declaration.kind in ("variadic", "keywords"):
        return None
    found: set[str | None] = set()
    for frame, number, offset in types.callers.of(function):
        call = frame.function.body.expressions[number]
        assert isinstance(call, facts.Call)
        place = index - offset
        by_name = [value for name, value in call.keywords if name == declaration.name]
        given = by_name or list(call.arguments[place : place + 1])
        spread = any(isinstance(frame.function.body.expressions[one], facts.Starred) for one in call.arguments)
        if spread or not all(name for name, _ in call.keywords):
            return None
        closure = types.generic(function).closure
        if given:
            found.add(text_of(types, frame, given[0], steps))
        elif declaration.default != NOWHERE and closure is not None:
            found.add(text_of(types, closure, declaration.default, steps))
    return _only(found)


def _of_attribute(types: Types, owner: object, name: str, steps: tuple[_Step, ...]) -> str | None:
    if isinstance(owner, ModuleObject) and owner.module is not None:
        return _in_module(types, owner.module, name, steps)
    if not isinstance(owner, Object | ClassObject) or not isinstance(owner.class_, Class):
        return None
    for base in types.attributes.order(owner.class_):
        if isinstance(base, Class) and base.stores.get(name):
            return None
        if isinstance(base, Class) and base.members.get(name):
            frame = types.attributes.frame_of_class(base)
            return _only({_of_binding(types, frame, one, steps) for one in base.members[name]})
    return None


def _only(texts: set[str | None]) -> str | None:
    return texts.pop() if len(texts) == 1 else None
