"""Which expressions and bindings of a body hang on what a call passes: all others mean the same in every frame of the function."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from fwaudit.link.symbols import Function
from fwaudit.model import facts

_EVERYTHING = -1
"""All bits."""

_OPERANDS: dict[type, Callable[[Any], Iterable[int]]] = {
    facts.Attribute: lambda one: (one.value,),
    facts.Await: lambda one: (one.value,),
    facts.Choice: lambda one: one.options,
    facts.Comprehension: lambda one: (one.element,),
    facts.Display: lambda one: (*one.items, *one.keys),
    facts.Formatted: lambda one: one.values,
    facts.Operation: lambda one: (one.left, one.right),
    facts.Starred: lambda one: (one.value,),
    facts.Subscript: lambda one: (one.value, one.index),
    facts.Yield: lambda one: (one.value,),
}
"""The other forms of expressions but calls and functions; those without operands are left out."""


class Dependence:
    """What the expressions of one function hang on, as sets of bits.

    Bit 2i: on what is passed for parameter i. Bit 2i + 1: on whether that is None, true or false (`Frame.states`),
    which counts where the parameter itself is handed to a call, and for what hangs on such a call.
    """

    def __init__(self, function: Function) -> None:
        self._module = function.module
        self._body = function.body
        self._names = function.scope.names
        self._rebound = {name for index, name in function.module.nonlocal_stores if index == function.index}
        self._decided = {one.place for one in self._body.decided if one.is_definition}
        """The bindings of functions that a test may rule out."""
        self._asking: dict[int, list[int]] = defaultdict(list)
        """Call to the functions that tests before it call: what they are asked of counts only where it is what is called then."""
        for one in self._body.decided:
            test = self._body.expressions[one.test]
            if isinstance(test, facts.Call) and not one.is_definition:
                self._asking[one.place].append(test.function)
        # One more than there are: what stands nowhere (-1) hangs on nothing.
        self._expressions = [0] * (len(self._body.expressions) + 1)
        self._bindings = [0] * len(self._body.bindings)
        self._states = [0] * (len(self._body.expressions) + 1)
        """The states that count where an expression is handed to a call: those of the parameters that it may be."""
        self._bound_states = [0] * len(self._body.bindings)
        self._found: dict[int, tuple[frozenset[int], frozenset[int]]] = {}
        while self._tells_more():
            pass

    def on(self, arguments: Iterable[int], states: Iterable[int]) -> tuple[frozenset[int], frozenset[int]]:
        """The expressions and the bindings that hang on what is passed for, or known of, one of these parameters."""
        asked = 0
        for index in arguments:
            asked |= 1 << 2 * index
        for index in states:
            asked |= 2 << 2 * index
        found = self._found.get(asked)
        if found is None:
            expressions = frozenset([index for index, bits in enumerate(self._expressions) if bits & asked])
            bindings = frozenset([index for index, bits in enumerate(self._bindings) if bits & asked])
            found = self._found[asked] = (expressions, bindings)
        return found

    def _tells_more(self) -> bool:
        """Reads the body once, in evaluation order; whether that told anything new: loops carry bindings back to where they are read."""
        before = (self._expressions[:], self._bindings[:], self._states[:], self._bound_states[:])
        for index, one in enumerate(self._body.expressions):
            expression: Any = one
            form = type(expression)
            if form is facts.Name:
                self._read_name(index, expression)
            elif form is facts.Call:
                self._expressions[index] = self._of_call(index, expression)
            elif form is facts.FunctionValue:
                self._expressions[index] = self._of_scope(expression.scope)
            elif form in _OPERANDS:
                operands = _OPERANDS[form](expression)
                self._expressions[index] = _union(self._expressions, operands)
                if form is facts.Choice:
                    self._states[index] = _union(self._states, operands)
        for binding in range(len(self._bindings)):
            self._read_binding(binding)
        return before != (self._expressions, self._bindings, self._states, self._bound_states)

    def _read_name(self, index: int, name: Any) -> None:
        if name.name in self._rebound:
            self._expressions[index] = _EVERYTHING
            return
        bindings = name.bindings or self._names.get(name.name, ())
        for binding in bindings:
            self._read_binding(binding)
        self._expressions[index] = _union(self._bindings, bindings)
        self._states[index] = _union(self._bound_states, bindings)

    def _of_call(self, index: int, call: Any) -> int:
        callee = self._body.expressions[call.function]
        if not call.arguments and type(callee) is facts.Name and callee.name == "super":
            return _EVERYTHING
        given = (*call.arguments, *[value for _, value in call.keywords])
        asked = (call.function, *self._asking.get(index, ()), *given)
        return _union(self._expressions, asked) | _union(self._states, given)

    def _read_binding(self, index: int) -> None:
        binding: Any = self._body.bindings[index]
        form = type(binding)
        found = 0
        if form is facts.Parameter:
            found = 1 << 2 * binding.index
            self._bound_states[index] = 2 << 2 * binding.index
        elif form is facts.Assigned:
            found = self._expressions[binding.value] | self._expressions[binding.annotation]
            if not binding.path:
                self._bound_states[index] = self._states[binding.value]
        elif form is facts.Iterated or form is facts.Entered:
            found = self._expressions[binding.value]
        elif form is facts.Narrowed:
            found = self._expressions[binding.type] | _union(self._bindings, binding.bindings or self._names.get(binding.name, ()))
            found = _EVERYTHING if binding.name in self._rebound else found
        elif form is facts.Updated:
            found = self._expressions[binding.value] | _union(self._bindings, binding.bindings)
        elif form is facts.Caught:
            found = self._expressions[binding.type]
        elif form is facts.DefinedFunction:
            found = _EVERYTHING if index in self._decided else self._of_scope(binding.scope)
        self._bindings[index] |= found

    def _of_scope(self, index: int) -> int:
        """What a function that is defined here hangs on: by its signature and decorators, and by the names that are read in it."""
        scope = self._module.facts.scopes[index]
        written = [*scope.decorators, scope.returns]
        written += [one for declaration in scope.parameters for one in (declaration.annotation, declaration.default)]
        names = self._module.names_read(index)
        if "super" in names or not self._rebound.isdisjoint(names):
            return _EVERYTHING
        read = [binding for name in names for binding in self._names.get(name, ())]
        return _union(self._expressions, written) | _union(self._bindings, read)


def _union(bits: list[int], indices: Iterable[int]) -> int:
    found = 0
    for index in indices:
        found |= bits[index]
    return found
