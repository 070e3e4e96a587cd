"""Where the objects of a loop come from: the chain of calls that made the query, and what it loads ahead."""

from __future__ import annotations

from dataclasses import dataclass

from fwaudit.link.types import Types
from fwaudit.link.values import ClassObject, Frame, Object
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

_LONGEST = 60
_LOADING = frozenset({"Prefetch", "prefetch_related", "select_related"})
_PLAIN = frozenset({"values", "values_list"})
"""Calls after which a query gives no objects."""


@dataclass(frozen=True, slots=True)
class Chain:
    """What is known of a query: `is_known` if every way to it was followed to a model's own manager."""

    is_known: bool
    loaded: frozenset[str]
    """The names of the relations that it loads ahead, of each level."""
    loads_all: bool

    def loads(self, relation: str) -> bool:
        """Whether the relation is, or may be, loaded with the query."""
        return self.loads_all or relation in self.loaded


class Chains:
    """Follows expressions within one function."""

    def __init__(self, types: Types) -> None:
        self._types = types

    def of(self, frame: Frame, index: int) -> Chain:
        """The chain that gives the expression's value."""
        walk = _Walk(self._types, frame)
        walk.follow(index)
        return Chain(walk.is_known and walk.roots > 0, frozenset(walk.loaded), walk.loads_all)

    def may_be_long(self, frame: Frame, name: facts.Name) -> bool:
        """Whether a name stands for more than a literal list: of the function, or of the module."""
        body, bindings = frame.function.body, name.bindings
        if not bindings:
            scope = frame.function.module.facts.scopes[0]
            body, bindings = frame.function.module.body_function.body, scope.final.get(name.name, ())
        values = [
            body.expressions[one.value] for i in bindings if isinstance(one := body.bindings[i], facts.Assigned) and one.value != NOWHERE
        ]
        return not values or not all(isinstance(value, facts.Display | facts.Constant) for value in values)


class _Walk:
    """One way back from an expression, over at most `_LONGEST` steps."""

    def __init__(self, types: Types, frame: Frame) -> None:
        self._types = types
        self._frame = frame
        self._steps = 0
        self._seen: set[int] = set()
        self.is_known = True
        self.loads_all = False
        self.loaded: set[str] = set()
        self.roots = 0

    def follow(self, index: int) -> None:
        """Take in an expression and what it is made of."""
        self._steps += 1
        if index in self._seen:
            return
        self._seen.add(index)
        body = self._frame.function.body
        expression = body.expressions[index] if index != NOWHERE else None
        if self._steps > _LONGEST or expression is None:
            self.is_known = False
        elif isinstance(expression, facts.Name):
            self._follow_name(expression)
        elif isinstance(expression, facts.Call):
            self._follow_call(expression)
        elif isinstance(expression, facts.Attribute) and self._is_manager(expression, index):
            self.roots += 1
        elif isinstance(expression, facts.Subscript):
            self.follow(expression.value)
        else:
            self.is_known = False

    def _follow_name(self, name: facts.Name) -> None:
        body = self._frame.function.body
        if not name.bindings:
            self.is_known = False
        for one in name.bindings:
            binding = body.bindings[one]
            if isinstance(binding, facts.Assigned) and binding.value != NOWHERE and not binding.path:
                self.follow(binding.value)
            else:
                self.is_known = False

    def _follow_call(self, call: facts.Call) -> None:
        body = self._frame.function.body
        callee = body.expressions[call.function]
        if not isinstance(callee, facts.Attribute) or callee.name in _PLAIN:
            self.is_known = False
            return
        if callee.name in _LOADING:
            self._take_loaded(call)
        self.follow(callee.value)

    def _take_loaded(self, call: facts.Call) -> None:
        body = self._frame.function.body
        self.loads_all = self.loads_all or not call.arguments
        for index in call.arguments:
            given = body.expressions[index]
            if isinstance(given, facts.Call) and given.arguments:
                given = body.expressions[given.arguments[0]]
            if isinstance(given, facts.Constant) and given.kind == "str":
                self.loaded.update(given.text.split("__"))
            else:
                self.loads_all = True

    def _is_manager(self, read: facts.Attribute, index: int) -> bool:
        """Whether it is the plain manager of a model: one of the project's own may load relations ahead."""
        owners = self._types.value(self._frame, read.value)
        if not owners or not all(isinstance(owner, ClassObject) for owner, _ in owners):
            return False
        managers = self._types.value(self._frame, index)
        return bool(managers) and all(isinstance(one, Object) and isinstance(one.class_, str) for one, _ in managers)
