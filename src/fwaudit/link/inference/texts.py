"""The text of an expression, where the source alone tells it: literals, constants, and what is put together of these."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING

from fwaudit.link.symbols import Class, Function, Module
from fwaudit.link.values import ClassObject, Frame, ModuleObject, Object
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE
from fwaudit.model.numbers import whole_number

if TYPE_CHECKING:
    from fwaudit.link.inference.types import Types

UNKNOWN_TEXT = "<unknown>"
MOST_STEPS = 12
_MOST_VISITS = 1000
"""Expressions that are looked at for one text. Each may have several values, so that a bound on the way to one of them is not enough."""
_LONGEST = 10_000
"""Characters of a text that may be a path or a name, or part of one."""
_Step = tuple[int, int]
Given = Mapping[tuple[Function, int], tuple[Frame, int]]
"""What bindings stand for in one round of a loop, or in one call of the function around: the expressions there, by function and binding."""
NOTHING_GIVEN: Given = {}
_FIELD = re.compile(r"\{\w*\}")


def text_of(types: Types, frame: Frame, index: int, given: Given = NOTHING_GIVEN) -> str | None:
    """The text of a string expression, with `<unknown>` in place of parts that are not known; None if nothing of it is."""
    return _Texts(types, given).of(frame, index, ())


def item_given(given: Given, frame: Frame, subscript: facts.Subscript) -> tuple[Frame, int] | None:
    """The item of the display that a name is bound to in one round of a loop (`for route in table: ... route[0]`)."""
    expressions = frame.function.body.expressions
    name, key = expressions[subscript.value], expressions[subscript.index]
    place = given.get((frame.function, name.bindings[0])) if isinstance(name, facts.Name) and len(name.bindings) == 1 else None
    if place is None or not isinstance(key, facts.Constant):
        return None
    where, index = place
    display = where.function.body.expressions[index]
    if not isinstance(display, facts.Display):
        return None
    if display.kind == "dict":
        keyed = ((where.function.body.expressions[one], item) for one, item in display.pairs)
        return next(((where, item) for one, item in keyed if _is_same(one, key)), None)
    position = whole_number(key.text) if key.kind == "int" else None
    return (where, display.items[position]) if position is not None and position < len(display.items) else None


def _is_same(one: facts.Expression, key: facts.Constant) -> bool:
    return isinstance(one, facts.Constant) and one.kind == key.kind == "str" and one.text == key.text


class _Texts:
    def __init__(self, types: Types, given: Given) -> None:
        self._types = types
        self._given = given
        self._visits = 0
        self._takes_numbers = False
        """Whether a number is written out, as it is where it is put into a text."""

    def of(self, frame: Frame, index: int, steps: tuple[_Step, ...]) -> str | None:
        step = (frame.number, index)
        self._visits += 1
        if step in steps or len(steps) >= MOST_STEPS or self._visits > _MOST_VISITS:
            return None
        steps = (*steps, step)
        expression = frame.function.body.expressions[index]
        match expression:
            case facts.Constant(kind="str"):
                return expression.text if is_writable(expression.text) else None
            case facts.Constant(kind="int") if self._takes_numbers:
                return expression.text
            case facts.Name():
                return self._of_name(frame, expression, steps)
            case facts.Attribute():
                return _only(self._of_attribute(one, expression.name, steps) for one, _ in self._types.value(frame, expression.value))
            case facts.Operation(operator="+"):
                return self._of_sum(frame, expression, steps)
            case facts.Operation(operator="%"):
                return self._of_percent(frame, expression, steps)
            case facts.Subscript():
                place = item_given(self._given, frame, expression)
                return self.of(*place, steps) if place is not None else None
            case facts.Formatted() if expression.texts:
                return _filled(expression.texts, [self._of_part(frame, value, steps) for value in expression.values])
            case facts.Call():
                return self._of_format(frame, expression, steps)
            case _:
                return None

    # --- what is put together -------------------------------------------------------------------------

    def _of_part(self, frame: Frame, index: int, steps: tuple[_Step, ...]) -> str | None:
        """The text of what is put into a text: also of a number."""
        self._takes_numbers, before = True, self._takes_numbers
        text = self.of(frame, index, steps) if index != NOWHERE else None
        self._takes_numbers = before
        return text

    def _of_sum(self, frame: Frame, operation: facts.Operation, steps: tuple[_Step, ...]) -> str | None:
        self._takes_numbers, before = False, self._takes_numbers
        text = _joined([self.of(frame, side, steps) for side in (operation.left, operation.right)])
        self._takes_numbers = before
        return text

    def _of_percent(self, frame: Frame, operation: facts.Operation, steps: tuple[_Step, ...]) -> str | None:
        """`"/%s/" % name`, with a value or a tuple of them."""
        pattern = self.of(frame, operation.left, steps)
        if pattern is None or re.search(r"%[^sd]", pattern):
            return None
        right = frame.function.body.expressions[operation.right]
        values = right.items if isinstance(right, facts.Display) and right.kind == "tuple" else (operation.right,)
        texts = re.split("%[sd]", pattern)
        if len(values) != len(texts) - 1:
            return None
        return _filled(texts, [self._of_part(frame, value, steps) for value in values])

    def _of_format(self, frame: Frame, call: facts.Call, steps: tuple[_Step, ...]) -> str | None:
        """`"/{}/{name}".format(first, name=second)`."""
        callee = frame.function.body.expressions[call.function]
        if not isinstance(callee, facts.Attribute) or callee.name != "format":
            return None
        pattern = self.of(frame, callee.value, steps)
        if pattern is None or re.search(r"\{(?!\w*\})|\{\{|\}\}", pattern):
            return None
        values: list[str | None] = []
        named = dict(call.keywords)
        automatic = count()
        for field in _FIELD.findall(pattern):
            name = field[1:-1]
            place = whole_number(name) if name else next(automatic)
            index = call.arguments[place] if place is not None and place < len(call.arguments) else named.get(name, NOWHERE)
            values.append(self._of_part(frame, index, steps))
        return _filled(_FIELD.split(pattern), values)

    # --- names ----------------------------------------------------------------------------------------

    def _of_name(self, frame: Frame, name: facts.Name, steps: tuple[_Step, ...]) -> str | None:
        scope, bindings = frame.binding_scope(name)
        if not bindings:
            return self._in_module(scope.function.module, name.name, steps)
        return _only(self._of_binding(scope, one, steps) for one in bindings)

    def _in_module(self, module: Module, name: str, steps: tuple[_Step, ...]) -> str | None:
        if name not in module.facts.scopes[0].names or module.global_stores.get(name):
            return None
        scope = module.facts.scopes[0]
        frame = self._types.generic(module.body_function)
        return _only(self._of_binding(frame, one, steps) for one in scope.final.get(name) or scope.names[name])

    def _of_binding(self, frame: Frame, index: int, steps: tuple[_Step, ...]) -> str | None:
        place = self._given.get((frame.function, index))
        if place is not None:
            return self.of(*place, steps)
        binding = frame.function.body.bindings[index]
        if isinstance(binding, facts.Assigned) and binding.value != NOWHERE and not binding.path:
            return self.of(frame, binding.value, steps)
        if isinstance(binding, facts.Imported) and binding.name and len(steps) < MOST_STEPS:
            module = self._types.lookup.imported_from(frame, binding)
            return self._in_module(module, binding.name, (*steps, (frame.number, -2 - index))) if module is not None else None
        if isinstance(binding, facts.Parameter):
            return self._of_parameter(frame.function, binding.index, (*steps, (frame.number, -2 - index)))
        return None

    def _of_parameter(self, function: Function, index: int, steps: tuple[_Step, ...]) -> str | None:
        """The text that all calls of the function give, or leave to the default."""
        if len(steps) >= MOST_STEPS:
            return None
        return _only(self.of(frame, place, steps) for frame, place in dict.fromkeys(self._types.callers.given(function, index) or ()))

    def _of_attribute(self, owner: object, name: str, steps: tuple[_Step, ...]) -> str | None:
        if isinstance(owner, ModuleObject) and owner.module is not None:
            return self._in_module(owner.module, name, steps)
        if not isinstance(owner, Object | ClassObject) or not isinstance(owner.class_, Class):
            return None
        for base in self._types.classes.order(owner.class_):
            if isinstance(base, Class) and base.stores.get(name):
                return None
            if isinstance(base, Class) and base.members.get(name):
                frame = self._types.classes.frame_of(base)
                return _only(self._of_binding(frame, one, steps) for one in base.members[name])
        return None


def is_writable(text: str) -> bool:
    """Whether a literal can be part of a path or a name: none holds NUL, which marks versions in paths, and none is as long as a file."""
    return "\0" not in text and len(text) <= _LONGEST


def _joined(parts: Iterable[str | None]) -> str | None:
    whole = "".join(UNKNOWN_TEXT if part is None else part for part in parts)
    return whole if whole.replace(UNKNOWN_TEXT, "") and len(whole) <= _LONGEST else None


def _filled(texts: Sequence[str], values: Sequence[str | None]) -> str | None:
    """Texts with values between them; None if nothing of the whole is known."""
    whole = "".join(text + (UNKNOWN_TEXT if value is None else value) for text, value in zip(texts, (*values, ""), strict=True))
    return None if whole == UNKNOWN_TEXT or len(whole) > _LONGEST else whole


def _only(texts: Iterable[str | None]) -> str | None:
    """The text, if all are the same; those behind the second different one are not asked for."""
    found: str | None = None
    for number, text in enumerate(texts):
        if text is None or (number and text != found):
            return None
        found = text
    return found
