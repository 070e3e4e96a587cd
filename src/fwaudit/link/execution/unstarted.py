"""Coroutine functions of a service that its tests name at most, and nothing else: whether any request comes to them is not known."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import Frame
from fwaudit.model.facts import Name, last_name
from fwaudit.model.source import Role

_CALLS_NOTHING = frozenset({"abc.ABC", "builtins.object", "typing.Generic", "typing.Protocol", "typing_extensions.Protocol"})
"""Base classes that call no methods of what is below them."""
_LOOKS_UP = frozenset({"__getattribute__", "getattr", "getmembers", "globals"})
"""Names by which code shows that it finds functions by texts."""
_PACKAGE = "__init__.py"
"""The file whose imports other programs see."""


class Unstarted:
    """Asked for the functions that findings stand in, each answered once; `entries`: those that frameworks call."""

    def __init__(self, types: Types, entries: Collection[Function]) -> None:
        self._types = types
        self._entries = frozenset(entries)
        self._known: dict[Function, bool] = {}

    def holds(self, frame: Frame) -> bool:
        """Whether the function of `frame`, or the one around it, is named by tests at most. Not asked where nothing is served."""
        function = frame.function
        while function.scope.kind != "function" and frame.closure is not None:
            frame = frame.closure
            function = frame.function
        if not self._entries:
            return False
        found = self._known.get(function)
        if found is None:
            found = self._known[function] = self._may_be_unnamed(function) and self._is_named_by_tests_at_most(function)
        return found

    def _may_be_unnamed(self, function: Function) -> bool:
        """Whether it takes its name to run it: no decorator, base class or text of a name leads to it, as far as the file shows."""
        scope, module = function.scope, function.module
        if (
            not scope.is_async
            or scope.decorators
            or function in self._entries
            or function.name.startswith("__")
            or module.role is Role.TEST
        ):
            return False
        if function.owner is None:
            names = module.body_function.scope.names
            return scope.parent == 0 and "__all__" not in names and not any(_looks_up(one) for one in module.functions.values())
        order = self._types.classes.order(function.owner)
        family = {one for one in (*order, *self._types.classes.subclasses(function.owner)) if isinstance(one, Class)}
        methods = (one for class_ in family for one in class_.module.functions.values() if one.owner is class_)
        return all(isinstance(one, Class) or one in _CALLS_NOTHING for one in order) and not any(_looks_up(one) for one in methods)

    def _is_named_by_tests_at_most(self, function: Function) -> bool:
        """A plain method that calls the one of its name on what it inherits or wraps counts for nothing.

        What no test names either may be there for others: a function that is found by its name, as plugins' are,
        and the methods of a class that a package imports to hand it on.
        """
        name, is_named_by_tests = function.name, False
        for one in self._types.symbols.users((name,)):
            is_plain_method = one.owner is not None and not one.scope.decorators and one not in self._entries
            if one.module.role is Role.TEST:
                is_named_by_tests = True
            elif (name in one.scope.mentions and not (one.name == name and is_plain_method)) or any(
                imported.name == name for imported in one.module.facts.imports
            ):
                return False
        return is_named_by_tests or (function.owner is not None and not self._is_handed_on(function.owner))

    def _is_handed_on(self, class_: Class) -> bool:
        return not self._handed_on.isdisjoint((class_.name, "*"))

    @cached_property
    def _handed_on(self) -> frozenset[str]:
        """The names that the packages import."""
        packages = (one for one in self._types.symbols.modules if one.path.endswith(_PACKAGE))
        return frozenset(imported.name for one in packages for imported in one.facts.imports)


def _looks_up(function: Function) -> bool:
    """Whether it finds functions of its module or instance by a text; other things it may."""
    if not function.uses(_LOOKS_UP):
        return False
    expressions = function.body.expressions
    for index in function.body.calls:
        call = function.body.call(index)
        if last_name(expressions[call.function]) in _LOOKS_UP:
            subject = expressions[call.arguments[0]] if call.arguments else None
            if subject is None or (isinstance(subject, Name) and subject.name in ("self", "cls")):
                return True
    return False
