"""Who uses a value inside one function: its users among the expressions, the names that it is bound to, what is returned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from fwaudit.link.symbols import Function
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE


class Uses:
    """The operands of one body turned round. All numbers are indices of expressions, or of bindings where a name says so."""

    def __init__(self, function: Function) -> None:
        body = function.body
        self.users: dict[int, list[int]] = defaultdict(list)
        self.readers: dict[int, list[int]] = defaultdict(list)
        """Binding to the names that read it."""
        self.bound: dict[int, list[tuple[int, bool]]] = defaultdict(list)
        """Expression to (binding that takes its value, whether it takes an element)."""
        self.rebound: dict[int, list[int]] = defaultdict(list)
        """Binding to the bindings that narrow or update it."""
        self.stored: dict[int, list[facts.AttributeStore]] = defaultdict(list)
        self.returned = frozenset(body.returns)
        for index, expression in enumerate(body.expressions):
            for operand in operands(expression):
                self.users[operand].append(index)
            if isinstance(expression, facts.Name):
                for one in expression.bindings or function.scope.names.get(expression.name, ()):
                    self.readers[one].append(index)
        for index, binding in enumerate(body.bindings):
            if isinstance(binding, facts.Assigned | facts.Iterated | facts.Entered) and binding.value != NOWHERE:
                self.bound[binding.value].append((index, isinstance(binding, facts.Iterated) or bool(binding.path)))
            elif isinstance(binding, facts.Updated):
                self.bound[binding.value].append((index, False))
            if isinstance(binding, facts.Updated | facts.Narrowed):
                for before in binding.bindings:
                    self.rebound[before].append(index)
        for store in body.stores:
            self.stored[store.value].append(store)


def uses_of(uses: dict[Function, Uses], function: Function) -> Uses:
    """Those of the function, read once."""
    known = uses.get(function)
    if known is None:
        known = uses[function] = Uses(function)
    return known


def operands(expression: facts.Expression) -> Iterator[int]:
    """The expressions that it is made of and that its value comes from, those of a call's arguments among them."""
    match expression:
        case facts.Attribute() | facts.Await() | facts.Starred():
            yield expression.value
        case facts.Subscript():
            yield expression.value
        case facts.Call():
            yield expression.function
            yield from expression.arguments
            yield from (index for _, index in expression.keywords)
        case facts.Display():
            yield from expression.items
        case facts.Comprehension():
            yield expression.element
        case facts.Operation():
            yield expression.left
            yield expression.right
        case facts.Choice():
            yield from expression.options
        case facts.Formatted():
            yield from (index for index in expression.values if index != NOWHERE)
        case _:
            pass
