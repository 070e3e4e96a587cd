"""Attributes that one class gets because another one is related to it: `author.books`, where `Book` has a foreign key to `Author`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fwaudit.catalog.schema import Relation
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.symbols import Class
from fwaudit.link.values import HIGH, MEDIUM, NOTHING, ClassObject, LibraryName, Object, Value, Values, join, surely, weaken
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

if TYPE_CHECKING:
    from fwaudit.link.inference.types import Types


class Relations:
    """All relations of the project, read when the first attribute is asked for that nothing else explains."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._by_attribute: dict[str, list[tuple[Class | str, str, Class]]] | None = None
        """Attribute to (class that has it, or its bare name where a text names it; class of the attribute; class that it leads to)."""

    def of(self, order: tuple[Class | str, ...], name: str) -> Values:
        """What the attribute `name` of an instance holds; nothing where no relation is known."""
        if self._by_attribute is None:
            self._by_attribute = defaultdict(list)
            for attribute, owner, gives, other in self._read():
                self._by_attribute[attribute].append((owner, gives, other))
        if name not in self._by_attribute:
            return NOTHING
        names = {one.name for one in order if isinstance(one, Class)}
        found = [
            # A text names a class of some app; another app may have one of that name.
            weaken(surely(Object(gives, (surely(Object(other)),))), MEDIUM if isinstance(owner, str) else HIGH)
            for owner, gives, other in self._by_attribute[name]
            if owner in order or owner in names
        ]
        return join(found)

    def _read(self) -> Iterator[tuple[str, Class | str, str, Class]]:
        names = self._types.catalog.relation_names
        for module in self._types.symbols.modules:
            for class_ in module.classes.values():
                if module.functions[class_.declaration.scope].uses(names):
                    yield from self._of_class(class_)

    def _of_class(self, class_: Class) -> Iterator[tuple[str, Class | str, str, Class]]:
        frame = self._types.classes.frame_of(class_)
        body = frame.function.body
        for bindings in class_.members.values():
            for index in bindings:
                binding = body.bindings[index]
                call = body.expressions[binding.value] if isinstance(binding, facts.Assigned) and binding.value != NOWHERE else None
                if not isinstance(call, facts.Call):
                    continue
                for callee, _ in self._types.value(frame, call.function):
                    for row in self._rows(callee):
                        yield from self._related(class_, row, Arguments.of_expression(self._types, frame, call))

    def _rows(self, callee: Value) -> tuple[Relation, ...]:
        dotted = callee.dotted if isinstance(callee, LibraryName) else callee.class_ if isinstance(callee, ClassObject) else None
        return self._types.catalog.relations(dotted) if isinstance(dotted, str) else ()

    def _related(self, class_: Class, row: Relation, call: Arguments) -> Iterator[tuple[str, Class | str, str, Class]]:
        text = call.keyword_constant(row.keyword) or call.constant(row.position)
        given = [other.class_ for other, _ in call.argument(row.position, row.keyword) if isinstance(other, ClassObject)]
        others: list[Class | str] = [other for other in given if isinstance(other, Class)]
        if text:
            others.append(class_ if text == "self" else text.rpartition(".")[2])
        for other in others:
            name = call.keyword_constant(row.name_keyword) if row.name_keyword else None
            yield name or f"{class_.name.lower()}_set", other, row.gives, class_
