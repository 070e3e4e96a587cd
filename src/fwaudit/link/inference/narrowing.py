"""What a test with `isinstance` leaves of a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fwaudit.link.inference.classes import UNKNOWN_BASE
from fwaudit.link.symbols import Class
from fwaudit.link.values import Object, Value, Values, join, known

if TYPE_CHECKING:
    from fwaudit.link.inference.types import Types


class Narrowing:
    """Of what cannot be told, a passed test tells the class."""

    def __init__(self, types: Types) -> None:
        self._types = types

    def narrowed(self, values: Values, classes: Values, is_instance: bool) -> Values:
        """`values` after a check with `isinstance`; a value that could not be told becomes one of `classes`."""
        wanted = self._types.annotations.instances(self.class_members(classes))
        if not known(wanted):
            return values
        if is_instance:
            sure = join(((value, grade),) for value, grade in values if self._is_one_of(value, wanted) is True)
            is_complete = all(self._is_one_of(value, wanted) is not None for value, _ in values)
            return sure if is_complete else join((sure, wanted))
        return join(((value, grade),) for value, grade in values if self._is_one_of(value, wanted) is not True)

    def class_members(self, classes: Values) -> Values:
        """The classes in `isinstance`'s second argument, which may be a tuple of them."""
        parts: list[Values] = []
        for value, grade in classes:
            if isinstance(value, Object) and value.class_ == "builtins.tuple":
                parts.extend(value.arguments)
            else:
                parts.append(((value, grade),))
        return join(parts)

    def _is_one_of(self, value: Value, wanted: Values) -> bool | None:
        """Whether `value` is an instance of one of `wanted`; None where that cannot be told."""
        if not isinstance(value, Object):
            return None
        classes, class_ = self._types.classes, value.class_
        names = classes.order(class_) if isinstance(class_, Class) else (class_, *classes.library_bases(class_))
        maybe = UNKNOWN_BASE in names
        for candidate, _ in wanted:
            if not isinstance(candidate, Object):
                return None
            if candidate.class_ in names:
                return True
            if not value.exact and isinstance(candidate.class_, Class) and class_ in classes.order(candidate.class_):
                maybe = True
        return None if maybe else False
