"""Expressions behind the names that lead to them: where a list, a router or a view was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from fwaudit.link.symbols import Class, Function, Module
from fwaudit.link.types import Types
from fwaudit.link.values import Frame, ModuleObject
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

MOST_NAMES = 40
"""Names followed for one expression; what lies behind more of them is left out."""
_TRANSLATIONS = frozenset({"_", "gettext", "gettext_lazy", "pgettext", "pgettext_lazy", "ugettext", "ugettext_lazy"})
UNKNOWN_TEXT = "<unknown>"


@dataclass(frozen=True, slots=True)
class Place:
    """An expression in the frame in which it stands."""

    frame: Frame
    index: int

    @property
    def expression(self) -> facts.Expression:
        """The expression itself."""
        return self.frame.function.body.expressions[self.index]

    def at(self, index: int) -> Place:
        """Another expression of the same frame."""
        return Place(self.frame, index)


@dataclass(frozen=True, slots=True)
class Binding:
    """A name that is bound in a frame: two expressions lead to one object if they lead to one binding."""

    frame: Frame
    index: int

    @property
    def key(self) -> tuple[str, int, int]:
        """The same for every frame of the scope."""
        return (self.frame.function.module.path, self.frame.function.index, self.index)


class Behind:
    """Follows names from module to module, without evaluating what they stand for."""

    def __init__(self, types: Types) -> None:
        self._types = types

    def bindings(self, place: Place) -> Iterator[Binding]:
        """Where the name of an expression is bound, imports followed."""
        yield from self._bindings(place, frozenset())

    def _bindings(self, place: Place, seen: frozenset[tuple[str, int, int]]) -> Iterator[Binding]:
        expression = place.expression
        if isinstance(expression, facts.Name):
            yield from self._of_name(place.frame, expression, seen)
        elif isinstance(expression, facts.Attribute):
            for value, _ in self._types.value(place.frame, expression.value):
                if isinstance(value, ModuleObject) and value.module is not None:
                    yield from self.in_module(value.module, expression.name, seen)

    def _of_name(self, frame: Frame, name: facts.Name, seen: frozenset[tuple[str, int, int]]) -> Iterator[Binding]:
        scope, bindings = frame.binding_scope(name)
        if not bindings:
            yield from self.in_module(scope.function.module, name.name, seen)
        for index in bindings:
            yield from self._imports_of(Binding(scope, index), seen)

    def in_module(self, module: Module, name: str, seen: frozenset[tuple[str, int, int]] = frozenset()) -> Iterator[Binding]:
        """The bindings that a module's name can have when the module has run."""
        scope = module.facts.scopes[0]
        frame = self._types.generic(module.body_function)
        for index in scope.final.get(name) or scope.names.get(name) or ():
            yield from self._imports_of(Binding(frame, index), seen)

    def _imports_of(self, binding: Binding, seen: frozenset[tuple[str, int, int]]) -> Iterator[Binding]:
        bound = binding.frame.function.body.bindings[binding.index]
        if binding.key in seen or len(seen) >= MOST_NAMES:
            return
        if isinstance(bound, facts.Imported) and bound.name:
            module = self._types.lookup.imported_from(binding.frame, bound)
            if module is not None:
                yield from self.in_module(module, bound.name, seen | {binding.key})
        elif isinstance(bound, facts.Narrowed):
            for index in bound.bindings:
                yield from self._imports_of(Binding(binding.frame, index), seen | {binding.key})
        else:
            yield binding

    def places(self, place: Place) -> Iterator[Place]:
        """The expressions that an expression's name was given; the expression itself if it is no name."""
        yield from self._places(place, frozenset())

    def _places(self, place: Place, seen: frozenset[tuple[str, int, int]]) -> Iterator[Place]:
        expression = place.expression
        if isinstance(expression, facts.Choice):
            for option in expression.options:
                yield from self._places(place.at(option), seen)
            return
        found = list(self._bindings(place, seen)) if facts.last_name(expression) else []
        if not found:
            yield place
        for binding in found:
            bound = binding.frame.function.body.bindings[binding.index]
            if binding.key in seen or len(seen) >= MOST_NAMES:
                continue
            if isinstance(bound, facts.Assigned) and bound.value != NOWHERE and not bound.path:
                yield from self._places(Place(binding.frame, bound.value), seen | {binding.key})

    def definitions(self, place: Place) -> Iterator[Function | Class]:
        """The functions and classes that an expression names, whatever their decorators make of them."""
        for binding in self.bindings(place):
            bound = binding.frame.function.body.bindings[binding.index]
            if isinstance(bound, facts.DefinedFunction):
                yield binding.frame.function.module.functions[bound.scope]
            elif isinstance(bound, facts.DefinedClass):
                yield binding.frame.function.module.classes[bound.index]

    def module(self, dotted: str, near: Module) -> Module | None:
        """The project's module of that name, also where a folder above `near` is only put on the path when the project starts."""
        found = self._types.symbols.find(dotted, near)
        if found is not None or not dotted:
            return found
        below = dotted.replace(".", "/")
        for folder in PurePosixPath(near.path).parents:
            for path in (f"{below}.py", f"{below}/__init__.py"):
                place = str(folder / path)
                if place in self._types.symbols.paths:
                    return next(module for module in self._types.symbols.modules if module.path == place)
        return None

    def text(self, place: Place) -> str:
        """The text of a string, joined where it is added up; `<unknown>` for what cannot be told."""
        found = {self._text(one) for one in self.places(place)}
        return found.pop() if len(found) == 1 else UNKNOWN_TEXT

    def _text(self, place: Place) -> str:
        expression = place.expression
        if isinstance(expression, facts.Constant) and expression.kind == "str":
            return expression.text
        if isinstance(expression, facts.Formatted) and expression.texts:
            values = [self.text(place.at(value)) if value != NOWHERE else UNKNOWN_TEXT for value in expression.values]
            return "".join(text for pair in zip(expression.texts, [*values, ""], strict=True) for text in pair)
        if isinstance(expression, facts.Operation) and expression.operator == "+":
            return self.text(place.at(expression.left)) + self.text(place.at(expression.right))
        if isinstance(expression, facts.Call) and expression.arguments:
            callee = place.at(expression.function).expression
            if facts.last_name(callee) in _TRANSLATIONS:
                return self.text(place.at(expression.arguments[-1]))
        return UNKNOWN_TEXT
