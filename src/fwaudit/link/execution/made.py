"""Classes whose instances are made while a service runs, for a request for example: what they keep is filled once more for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from fwaudit.link.execution.reach import Reach
from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Class, Function
from fwaudit.model import facts
from fwaudit.model.context import Context
from fwaudit.model.source import Role

_BEFORE_SERVING = frozenset({Context.LOOP_STARTUP, Context.IMPORT_TIME, Context.TEST})


class MadeWhileServing:
    """Asked for the classes that findings lead to, each answered once."""

    def __init__(self, types: Types, reach: Reach) -> None:
        self._types = types
        self._reach = reach
        self._known: dict[Class, bool] = {}

    def holds(self, class_: Class) -> bool:
        """Whether code that serves makes instances of it or of a class below it, as far as calls and constructors tell."""
        found = self._known.get(class_)
        if found is None:
            family = (class_, *self._types.classes.subclasses(class_))
            found = self._known[class_] = any(one in self._serving for one in self._makers(family))
        return found

    @cached_property
    def _serving(self) -> frozenset[Function]:
        """What requests lead to, and what runs beside the program's first coroutine: what that makes, it makes once."""
        first = frozenset(self._reach.carried_from(self._reach.run_alone))
        return frozenset(
            self._reach.frames[number].function
            for number, contexts in self._reach.contexts.items()
            if not _BEFORE_SERVING.issuperset(contexts)
            and (self._reach.routes.get(number) or self._reach.frames[number].function not in first)
        )

    def _makers(self, family: tuple[Class, ...]) -> Iterator[Function]:
        """The constructors, which run where instances are made, and whatever outside the classes calls one of them or its methods."""
        for class_ in family:
            yield from self._types.binder.constructors(class_)
        names = {class_.name for class_ in family}
        for function in self._types.symbols.users(names):
            if function.module.role is Role.CODE and function.owner not in family and _calls_one(function.body, names):
                yield function


def _calls_one(body: facts.Body, names: set[str]) -> bool:
    """Whether it calls what has one of the names, or a method of that: `Settings()`, `Settings.load()`."""
    for index in body.calls:
        callee = body.expressions[body.call(index).function]
        owner = body.expressions[callee.value] if isinstance(callee, facts.Attribute) else callee
        if facts.last_name(callee) in names or facts.last_name(owner) in names:
            return True
    return False
