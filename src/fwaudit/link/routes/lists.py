"""The items of a list of routes, one by one, as each is written.

The type stage knows what the elements of a list have in common; a list of routes needs each of them with its own path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from fwaudit.link.entry_points.paths import UNKNOWN_PATH
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.texts import is_writable, text_of
from fwaudit.link.inference.types import Types
from fwaudit.link.inference.written import Written
from fwaudit.link.symbols import Class, Function, Module
from fwaudit.link.trail import Trail
from fwaudit.link.values import ClassObject, Frame, FunctionObject, ModuleObject, Object, known
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

MOST_NAMES = 100
"""Names, calls and attributes followed one after the other: a list may be put together in as many steps; what lies behind is left out."""
_MOST_VISITS = 20_000
"""Expressions that are looked at for one list: its items, and what leads to them."""
_GROWING = {"append": 0, "add": 0, "extend": 0, "insert": 1}
"""Methods of a list that take further items, and where; `extend` takes a list of them."""
_GROWING_NAMES = frozenset(_GROWING)
_WRAPPING = ("list", "tuple", "sorted", "reversed", "set")


@dataclass(frozen=True, slots=True)
class Item(Written):
    """What is no name: a call, a display, a literal."""

    is_rewritten: bool = False
    """An item of a list whose items the project's code has changed since they were written."""
    trail: Trail | None = field(default=None, compare=False, repr=False)
    """The way that led there, to go on from without turning in a circle."""


@dataclass(frozen=True, slots=True)
class Defined:
    """A function or class of the project that an expression names, whatever its decorators make of it."""

    what: Function | Class


@dataclass(frozen=True, slots=True)
class _Single:
    """One item that `append` adds to a list."""

    item: Item | Defined


_Found = Item | Defined | _Single
_Any = TypeVar("_Any", bound=_Found)


class WrittenLists:
    """Follows names to what they were given, and lists to their items."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self.has_untold_items = False
        """Whether some list that was read holds items that cannot be told."""

    def items(self, frame: Frame, index: int) -> Iterator[Item | Defined]:
        """The items of the list or tuple that an expression stands for; those that cannot be told are left out."""
        yield from self._items(frame, index, _new_trail())

    def behind(self, frame: Frame, index: int) -> Iterator[Item | Defined]:
        """What an expression stands for as it was written: the values that its names were given."""
        yield from self._plain(frame, index, _new_trail())

    def text(self, frame: Frame, index: int) -> str | None:
        """The text of the one string that an expression stands for, with `<unknown>` for unknown parts; None if nothing can be told."""
        return self._text(frame, index, _new_trail())

    def _text(self, frame: Frame, index: int, trail: Trail) -> str | None:
        found: set[str | None] = set()
        for one in self._behind(frame, index, trail):
            expression = one.expression if isinstance(one, Item) else None
            if isinstance(one, Item) and isinstance(expression, facts.Operation) and expression.operator == "+":
                sides = [self._text(one.frame, side, one.trail or trail) for side in (expression.left, expression.right)]
                is_known = any(side is not None for side in sides)
                found.add("".join(UNKNOWN_PATH if side is None else side for side in sides) if is_known else None)
            elif isinstance(one, Item) and isinstance(expression, facts.Formatted | facts.Operation | facts.Call):
                found.add(text_of(self._types, one.frame, one.index))
            else:
                found.add(expression.text if isinstance(expression, facts.Constant) and expression.kind == "str" else None)
        text = found.pop() if len(found) == 1 else None
        return text if text is not None and is_writable(text) else None

    # --- lists ------------------------------------------------------------------------------------------

    def _items(self, frame: Frame, index: int, trail: Trail) -> Iterator[Item | Defined]:
        for one in self._behind(frame, index, trail, growing=True):
            if isinstance(one, _Single):
                yield one.item
            elif isinstance(one, Item):
                yield from _rewritten(self._items_of(one, one.trail or trail), one.is_rewritten)

    def _items_of(self, one: Item, trail: Trail) -> Iterator[Item | Defined]:
        expression = one.expression
        if isinstance(expression, facts.Display):
            for item in expression.items:
                starred = one.frame.function.body.expressions[item]
                if isinstance(starred, facts.Starred):
                    yield from self._items(one.frame, starred.value, trail)
                else:
                    yield from self._plain(one.frame, item, trail)
        elif isinstance(expression, facts.Operation) and expression.operator == "+":
            yield from self._items(one.frame, expression.left, trail)
            yield from self._items(one.frame, expression.right, trail)
        elif isinstance(expression, facts.Comprehension):
            yield from self._plain(one.frame, expression.element, trail)
        elif isinstance(expression, facts.Call):
            callee = one.frame.function.body.expressions[expression.function]
            if isinstance(callee, facts.Name) and callee.name in _WRAPPING and len(expression.arguments) == 1:
                yield from self._items(one.frame, expression.arguments[0], trail)
            else:
                self.has_untold_items = True

    def _plain(self, frame: Frame, index: int, trail: Trail) -> Iterator[Item | Defined]:
        for one in self._behind(frame, index, trail):
            if not isinstance(one, _Single):
                yield one

    # --- names --------------------------------------------------------------------------------------------

    def _behind(self, frame: Frame, index: int, trail: Trail, growing: bool = False) -> Iterator[_Found]:
        """`growing`: also what is added to the list that a name stands for, as lists of their own."""
        if not trail.goes_on():
            self.has_untold_items = True
            return
        expression = frame.function.body.expressions[index]
        if isinstance(expression, facts.Name):
            yield from self._of_name(frame, expression, trail, growing)
        elif isinstance(expression, facts.Attribute):
            yield from self._of_attribute(frame, expression, trail, growing)
        elif isinstance(expression, facts.Choice):
            for option in expression.options:
                yield from self._behind(frame, option, trail, growing)
        elif isinstance(expression, facts.Call):
            yield from self._of_call(frame, index, expression, trail, growing)
        else:
            yield Item(frame, index, trail=trail)

    def _of_name(self, frame: Frame, name: facts.Name, trail: Trail, growing: bool) -> Iterator[_Found]:
        scope, bindings = frame.binding_scope(name)
        if not bindings:
            yield from self._in_module(scope.function.module, name.name, trail, growing)
            return
        for binding in bindings:
            yield from self._of_binding(scope, binding, name.name, trail, growing)
        if growing:
            yield from self._added(scope, name.name, trail)

    def _in_module(self, module: Module, name: str, trail: Trail, growing: bool) -> Iterator[_Found]:
        scope = module.facts.scopes[0]
        frame = self._types.generic(module.body_function)
        for binding in scope.final.get(name) or scope.names.get(name) or ():
            yield from self._of_binding(frame, binding, name, trail, growing)
        if growing and name in scope.names:
            yield from self._added(frame, name, trail)

    def _of_binding(self, frame: Frame, index: int, name: str, trail: Trail, growing: bool) -> Iterator[_Found]:
        further = trail.after((frame.number, "binding", index))
        if further is None:
            return
        binding = frame.function.body.bindings[index]
        if isinstance(binding, facts.Assigned) and binding.value != NOWHERE and not binding.path:
            yield from self._behind(frame, binding.value, further, growing)
        elif isinstance(binding, facts.Updated):
            for before in binding.bindings:
                yield from self._of_binding(frame, before, name, further, growing)
            yield from self._behind(frame, binding.value, further, growing)
        elif isinstance(binding, facts.Imported) and binding.name:
            module = self._types.lookup.imported_from(frame, binding)
            if module is not None:
                yield from self._in_module(module, binding.name, further, growing)
        elif isinstance(binding, facts.Iterated) and not binding.path:
            yield from self._items(frame, binding.value, further)
        elif isinstance(binding, facts.Parameter):
            yield from self._handed_in(frame.function, binding.index, further, growing)
        elif isinstance(binding, facts.DefinedFunction):
            yield Defined(frame.function.module.functions[binding.scope])
        elif isinstance(binding, facts.DefinedClass):
            yield Defined(frame.function.module.classes[binding.index])

    def _handed_in(self, function: Function, parameter: int, trail: Trail, growing: bool) -> Iterator[_Found]:
        """What the calls of a function give its parameter."""
        declaration = function.scope.parameters[parameter]
        callers = self._types.symbols.users({function.name})
        for caller in callers if declaration.kind in ("plain", "keyword-only") else ():
            frame = self._types.generic(caller)
            for index in caller.body.calls:
                call = caller.body.expressions[index]
                callee = caller.body.expressions[call.function] if isinstance(call, facts.Call) else None
                if not isinstance(call, facts.Call) or facts.last_name(callee) != function.name:
                    continue
                for value, _ in self._types.value(frame, call.function):
                    if isinstance(value, FunctionObject) and value.function is function:
                        place = parameter - (value.receiver is not None)
                        given = Arguments.of_expression(self._types, frame, call).index(place, declaration.name)
                        if given is not None:
                            yield from self._behind(frame, given, trail, growing)

    def _added(self, scope: Frame, name: str, trail: Trail) -> Iterator[_Found]:
        """The lists that `name.extend(...)` and the like add in its own scope; a single item as the display that it stands in."""
        for argument, method, owner in _growing_calls(scope.function.body):
            kept = scope.function.body.expressions[owner]
            if isinstance(kept, facts.Name) and kept.name == name:
                yield from self._grown(scope, method, argument, trail)

    def _grown(self, frame: Frame, method: str, argument: int, trail: Trail) -> Iterator[_Found]:
        further = trail.after((frame.number, "grown", argument))
        if further is None:
            return
        if method == "extend":
            yield from self._behind(frame, argument, further, growing=True)
        else:
            yield from (_Single(item) for item in self._plain(frame, argument, further))

    # --- attributes and calls ------------------------------------------------------------------------------

    def _of_attribute(self, frame: Frame, expression: facts.Attribute, trail: Trail, growing: bool) -> Iterator[_Found]:
        owners = self._types.value(frame, expression.value)
        self.has_untold_items = self.has_untold_items or (growing and not known(owners))
        for value, _ in owners:
            if isinstance(value, ModuleObject) and value.module is not None:
                yield from self._in_module(value.module, expression.name, trail, growing)
            elif isinstance(value, Object | ClassObject) and isinstance(value.class_, Class):
                yield from self._of_member(value.class_, expression.name, trail, growing)

    def _of_member(self, class_: Class, name: str, trail: Trail, growing: bool) -> Iterator[_Found]:
        for base in self._types.classes.order(class_):
            if not isinstance(base, Class) or (name not in base.members and name not in base.stores):
                continue
            for binding in base.members.get(name, ()):
                yield from self._of_binding(self._types.classes.frame_of(base), binding, name, trail, growing)
            for function, place in base.stores.get(name, ()):
                frame = self._types.generic(base.module.functions[function])
                store = frame.function.body.stores[place]
                further = trail.after((frame.number, "store", place))
                if store.value != NOWHERE and not store.path and further is not None:
                    yield from self._behind(frame, store.value, further, growing)
            if growing:
                yield from self._added_to_attribute(base, name, trail)
            return

    def _added_to_attribute(self, class_: Class, name: str, trail: Trail) -> Iterator[_Found]:
        """What any code adds to the list that the instances of `class_` keep under `name`."""
        for function in self._types.symbols.users({name}):
            if function.uses(_GROWING_NAMES):
                frame = self._types.generic(function)
                for argument, method, owner in _growing_calls(function.body):
                    kept = function.body.expressions[owner]
                    if isinstance(kept, facts.Attribute) and kept.name == name and self._is_instance(frame, kept.value, class_):
                        yield from self._grown(frame, method, argument, trail)

    def _is_instance(self, frame: Frame, index: int, class_: Class) -> bool:
        owners = (value.class_ for value, _ in self._types.value(frame, index) if isinstance(value, Object | ClassObject))
        return any(isinstance(owner, Class) and class_ in self._types.classes.order(owner) for owner in owners)

    def _of_call(self, frame: Frame, index: int, call: facts.Call, trail: Trail, growing: bool) -> Iterator[_Found]:
        """What a function of the project returns; any other call as it stands."""
        functions = [value.function for value, _ in self._types.value(frame, call.function) if isinstance(value, FunctionObject)]
        further = trail.after((frame.number, "call", index)) if functions else None
        if further is None:
            yield Item(frame, index, trail=trail)
            return
        for function in functions:
            inner = self._types.generic(function)
            for returned in function.body.returns:
                yield from _rewritten(self._behind(inner, returned, further, growing), growing and _changes_items(function))


def _new_trail() -> Trail:
    return Trail(MOST_NAMES, _MOST_VISITS)


def _rewritten(found: Iterable[_Any], is_rewritten: bool) -> Iterator[_Any]:
    for one in found:
        if not is_rewritten:
            yield one
        elif isinstance(one, Item):
            yield replace(one, is_rewritten=True)
        elif isinstance(one, _Single) and isinstance(one.item, Item):
            yield replace(one, item=replace(one.item, is_rewritten=True))
        else:
            yield one


def _changes_items(function: Function) -> bool:
    """Whether a function puts other items into a list that it was given."""
    parameters = {one.name for one in function.scope.parameters}
    changed = (function.body.expressions[item.value] for item in function.body.items if item.method == "__setitem__")
    return any(isinstance(one, facts.Name) and one.name in parameters for one in changed)


def _growing_calls(body: facts.Body) -> Iterator[tuple[int, str, int]]:
    """The calls that add to a list: the expressions of what is added, the method, and the expression of the list."""
    for index in body.calls:
        call = body.expressions[index]
        callee = body.expressions[call.function] if isinstance(call, facts.Call) else None
        if isinstance(call, facts.Call) and isinstance(callee, facts.Attribute) and callee.name in _GROWING:
            place = _GROWING[callee.name]
            if len(call.arguments) > place:
                yield call.arguments[place], callee.name, callee.value
