"""Classes whose instances are made while a service runs, for a request for example: what they keep is filled once more for each of them."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.link.execution.reach import Reach
from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Class, Function
from fwaudit.model.context import Context
from fwaudit.model.source import Role

_BEFORE_SERVING = frozenset({Context.LOOP_STARTUP, Context.IMPORT_TIME, Context.TEST})


class MadeWhileServing:
    """Asked for the classes that findings lead to, each answered once."""

    def __init__(self, types: Types, reach: Reach) -> None:
        self._types = types
        self._serving = {
            reach.frames[number].function for number, contexts in reach.contexts.items() if not _BEFORE_SERVING.issuperset(contexts)
        }
        self._known: dict[Class, bool] = {}

    def holds(self, class_: Class) -> bool:
        """Whether code that serves makes instances of it or of a class below it, as far as names and constructors tell."""
        found = self._known.get(class_)
        if found is None:
            found = self._known[class_] = not self._serving.isdisjoint(self._makers((class_, *self._types.classes.subclasses(class_))))
        return found

    def _makers(self, classes: tuple[Class, ...]) -> Iterator[Function]:
        """The constructors, which run where instances are made, and whatever outside the classes names one of them."""
        for class_ in classes:
            yield from self._types.binder.constructors(class_)
        for function in self._types.symbols.users(class_.name for class_ in classes):
            if function.module.role is Role.CODE and function.owner not in classes:
                yield function
