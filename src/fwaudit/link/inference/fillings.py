"""What code puts into containers that begin empty: `self.clients = {}` and, elsewhere, `self.clients[name] = Client()`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from fwaudit.link.symbols import Class, Function, Module
from fwaudit.link.values import MEDIUM, UNKNOWN_VALUES, ClassObject, Frame, Object, Value, Values, join, known, weaken
from fwaudit.model import facts
from fwaudit.model.facts import FILLING_METHODS, NOWHERE

if TYPE_CHECKING:
    from fwaudit.link.inference.types import Types

_MAPPINGS = frozenset({"builtins.dict", "collections.OrderedDict", "collections.defaultdict", "weakref.WeakValueDictionary"})
_CONTAINERS = _MAPPINGS | {"builtins.list", "builtins.set", "collections.deque"}
MOST_FUNCTIONS = 8
"""Into a container that more functions fill than these anything may come."""


class Fillings:
    """Instances that containers hold, where nothing but the code that fills these tells it: medium, since other code may put in more."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._by_attribute: dict[tuple[Class, str], Values] = {}
        self._by_global: dict[tuple[str, str], Values] = {}

    @cached_property
    def _functions(self) -> Mapping[str, list[Function]]:
        """The last name of a container to the functions that put something into one of that name."""
        functions: dict[str, list[Function]] = defaultdict(list)
        for module in self._types.symbols.modules:
            for function in module.functions.values():
                for name in function.scope.filled:
                    functions[name].append(function)
        return functions

    def of_attribute(self, values: Values, class_: Class, name: str) -> Values:
        """`values` of an attribute of the class or its instances, with what is put into those that are empty containers."""
        return self._filled(values, lambda: self._types.once(self._by_attribute, (class_, name), self._in_attribute, class_, name))

    def of_global(self, values: Values, module: Module, name: str) -> Values:
        """The same for a name of a module."""
        return self._filled(values, lambda: self._types.once(self._by_global, (module.path, name), self._in_global, module, name))

    def _filled(self, values: Values, put_in: Callable[[], Values]) -> Values:
        if not any(_is_empty(value) for value, _ in values):
            return values
        elements = put_in()
        return tuple((_holding(value, elements) if _is_empty(value) else value, grade) for value, grade in values) if elements else values

    def _in_attribute(self, class_: Class, name: str) -> Values:
        def is_it(frame: Frame, container: facts.Expression) -> bool:
            if not isinstance(container, facts.Attribute) or container.name != name:
                return False
            owners = [base.class_ for base, _ in self._types.value(frame, container.value) if isinstance(base, Object | ClassObject)]
            classes = [owner for owner in owners if isinstance(owner, Class)]
            return any(class_ in self._types.classes.order(owner) or owner in self._types.classes.order(class_) for owner in classes)

        return self._put_in(self._functions.get(name, []), is_it)

    def _in_global(self, module: Module, name: str) -> Values:
        def is_it(frame: Frame, container: facts.Expression) -> bool:
            if not isinstance(container, facts.Name) or container.name != name:
                return False
            return frame.binding_scope(container)[0].function is module.body_function

        return self._put_in([one for one in self._functions.get(name, []) if one.module is module], is_it)

    def _put_in(self, functions: list[Function], is_it: Callable[[Frame, facts.Expression], bool]) -> Values:
        """What the functions put into the container that `is_it` tells; nothing where no instance of a class that matters is seen."""
        parts: list[Values] = []
        for function in functions if len(functions) <= MOST_FUNCTIONS else ():
            frame = self._types.generic(function)
            for container, stored in _stores(function):
                if is_it(frame, function.body.expressions[container]):
                    parts.append(
                        tuple((value, grade) if _is_told(value) else UNKNOWN_VALUES[0] for value, grade in self._types.value(frame, stored))
                    )
        found = join(parts)
        return weaken(found, MEDIUM) if known(found) else ()


def _stores(function: Function) -> Iterator[tuple[int, int]]:
    """Each container that the function puts something into, with what it puts there."""
    body = function.body
    for item in body.items:
        if item.stored != NOWHERE:
            yield item.value, item.stored
    for index in body.calls:
        call = body.call(index)
        method = body.expressions[call.function]
        if isinstance(method, facts.Attribute) and method.name in FILLING_METHODS and call.arguments:
            yield method.value, call.arguments[0]


def _is_told(value: Value) -> bool:
    """Whether it is an instance of a class besides the builtin ones, whose methods never wait."""
    return isinstance(value, Object) and not (isinstance(value.class_, str) and value.class_.startswith("builtins."))


def _is_empty(value: Value) -> bool:
    """Whether it is a container of which no element is known."""
    return isinstance(value, Object) and value.class_ in _CONTAINERS and not (value.arguments and known(value.arguments[-1]))


def _holding(value: Value, elements: Values) -> Value:
    assert isinstance(value, Object)
    arguments = (UNKNOWN_VALUES, elements) if value.class_ in _MAPPINGS else (elements,)
    return Object(value.class_, arguments, value.exact, value.made_with, value.offloaded)
