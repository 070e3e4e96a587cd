"""The classes of the project: their order of bases, and what lies below them."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from fwaudit.link.symbols import Class
from fwaudit.link.values import ClassObject, Frame, LibraryName
from fwaudit.model import facts
from fwaudit.model.source import Role

if TYPE_CHECKING:
    from fwaudit.link.inference.types import Types

UNKNOWN_BASE = "?"
"""Stands in a class's order for a base that could not be told."""
_PROTOCOLS = frozenset({"typing.Protocol", "typing_extensions.Protocol"})


class Classes:
    """Answers are kept: classes do not change while a project is linked."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._subclasses: dict[Class, tuple[Class, ...]] = {}
        self._overriding: dict[tuple[Class, str], tuple[Class, ...]] = {}
        self._by_base_name: dict[str, list[Class]] | None = None
        self._by_member: dict[str, list[Class]] | None = None

    def frame_of(self, class_: Class) -> Frame:
        """The generic frame of the class body."""
        return self._types.generic(class_.module.functions[class_.declaration.scope])

    def order(self, class_: Class) -> tuple[Class | str, ...]:
        """The class and its bases in the order in which Python searches them; library bases by name, `UNKNOWN_BASE` for the rest."""
        if class_.mro is None:
            class_.mro = (class_,)
            bases = [self._base(class_, base) for base in class_.declaration.bases]
            orders: list[list[Class | str]] = [
                list(self.order(base)) if isinstance(base, Class) else [base, *self.library_bases(base)] for base in bases
            ]
            class_.mro = (class_, *_linearised([*orders, list(bases)]))
        return class_.mro

    def library_bases(self, name: str) -> tuple[str, ...]:
        """The bases of a library's class, in order, as far as tables tell."""
        return tuple(base for base in self._types.catalog.bases(name) if base != name)

    def _base(self, class_: Class, index: int) -> Class | str:
        frame = self._types.generic(class_.module.functions[class_.declaration.parent])
        expression = frame.function.body.expressions[index]
        if isinstance(expression, facts.Subscript):
            return self._base(class_, expression.value)
        values = self._types.value(frame, index)
        for value, _ in values:
            if isinstance(value, ClassObject):
                return value.class_
            if isinstance(value, LibraryName) and value.receiver is None:
                return value.dotted
        return UNKNOWN_BASE

    def subclasses(self, class_: Class) -> tuple[Class, ...]:
        """All classes of the project below `class_`, by file and position."""
        found = self._subclasses.get(class_)
        if found is None:
            candidates = self.candidates_by_base()
            todo, seen = [class_], {class_}
            while todo:
                current = todo.pop()
                for candidate in candidates.get(current.name, ()):
                    if candidate not in seen and current in self.order(candidate):
                        seen.add(candidate)
                        todo.append(candidate)
            seen.update(self._keepers(class_))
            found = self._subclasses[class_] = tuple(sorted(seen - {class_}, key=lambda one: one.sort_key))
        return found

    def _keepers(self, class_: Class) -> Iterator[Class]:
        """The classes that have all methods of the protocol `class_`, if it is one."""
        if not _PROTOCOLS.isdisjoint(base for base in self.order(class_)[1:2] if isinstance(base, str)):
            wanted = [name for name in class_.members if not name.startswith("__")]
            rarest = min((self._classes_with(name) for name in wanted), key=len, default=[])
            yield from (one for one in rarest if one is not class_ and all(name in one.members for name in wanted))

    def _classes_with(self, name: str) -> list[Class]:
        if self._by_member is None:
            self._by_member = defaultdict(list)
            for module in self._types.symbols.modules:
                for class_ in module.classes.values():
                    for member in class_.members:
                        self._by_member[member].append(class_)
        return self._by_member.get(name, [])

    def candidates_by_base(self) -> dict[str, list[Class]]:
        """Class name to the classes that write it as a base: a cheap bound on subclasses."""
        if self._by_base_name is None:
            self._by_base_name = defaultdict(list)
            for module in self._types.symbols.modules:
                for class_ in module.classes.values():
                    expressions = module.functions[class_.declaration.parent].body.expressions
                    for base in class_.declaration.bases:
                        name = _name_of_base(expressions, base)
                        if name:
                            self._by_base_name[name].append(class_)
        return self._by_base_name

    def overrides(self, class_: Class, name: str) -> tuple[Class, ...]:
        """The subclasses that define `name` themselves and that the project makes instances of, as far as names tell.

        Code gets none of the classes that tests define in place of its own.
        """
        found = self._overriding.get((class_, name))
        if found is None:
            is_used = self._types.symbols.is_used
            found = tuple(
                subclass
                for subclass in self.subclasses(class_)
                if name in subclass.members
                and is_used(subclass)
                and (subclass.module.role is not Role.TEST or class_.module.role is Role.TEST)
            )
            self._overriding[class_, name] = found
        return found


def _name_of_base(expressions: tuple[facts.Expression, ...], index: int) -> str:
    expression = expressions[index]
    if isinstance(expression, facts.Subscript):
        return _name_of_base(expressions, expression.value)
    return facts.last_name(expression)


def _linearised(orders: list[list[Class | str]]) -> list[Class | str]:
    """The C3 merge of the bases' orders; first come, first served where they contradict each other."""
    if len(orders) == 2:  # one base, and the row that lists it alone
        return list(dict.fromkeys(orders[0]))
    rows = [deque(row) for row in orders if row]
    behind = Counter(entry for row in rows for entry in islice(row, 1, None))
    """How many rows hold an entry behind their first."""
    merged: dict[Class | str, None] = {}
    while rows:
        head = next((row[0] for row in rows if not behind[row[0]]), rows[0][0])
        merged[head] = None
        for row in rows:
            while row and row[0] in merged:
                row.popleft()
                if row:
                    behind[row[0]] -= 1
        rows = [row for row in rows if row]
    return list(merged)
