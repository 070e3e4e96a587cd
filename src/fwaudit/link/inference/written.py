"""Expressions as they are written, behind the names that lead to them: names followed to where they are bound, imports and all.

Nothing is evaluated and no call is entered: a type says what all values of a name have in common, this says which expressions they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from fwaudit.link.inference.texts import UNKNOWN_TEXT, is_writable, text_of
from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Class, Function, Module
from fwaudit.link.trail import Trail
from fwaudit.link.values import Frame, ModuleObject
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

MOST_NAMES = 40
"""Names followed one after the other; what lies behind more of them is left out."""
_MOST_VISITS = 2000
"""Bindings that are looked at for one expression."""
_TRANSLATIONS = frozenset({"_", "gettext", "gettext_lazy", "pgettext", "pgettext_lazy", "ugettext", "ugettext_lazy"})


@dataclass(frozen=True, slots=True)
class Written:
    """An expression in the frame in which it stands."""

    frame: Frame
    index: int

    @property
    def expression(self) -> facts.Expression:
        """The expression itself."""
        return self.frame.function.body.expressions[self.index]

    def at(self, index: int) -> Written:
        """Another expression of the same frame."""
        return Written(self.frame, index)


@dataclass(frozen=True, slots=True)
class Binding:
    """A name that is bound in a frame: two expressions lead to one object if they lead to one binding."""

    frame: Frame
    index: int

    @property
    def key(self) -> tuple[str, int, int]:
        """The same for every frame of the scope."""
        return (self.frame.function.module.path, self.frame.function.index, self.index)

    @property
    def bound(self) -> facts.Binding:
        """What binds the name there."""
        return self.frame.function.body.bindings[self.index]

    @property
    def definition(self) -> Function | Class | None:
        """The function or class that a `def` or `class` statement binds there, whatever its decorators make of it."""
        bound, module = self.bound, self.frame.function.module
        if isinstance(bound, facts.DefinedFunction):
            return module.functions[bound.scope]
        return module.classes[bound.index] if isinstance(bound, facts.DefinedClass) else None


class Behind:
    """Follows names from module to module, without evaluating what they stand for."""

    def __init__(self, types: Types) -> None:
        self._types = types

    def bindings(self, place: Written) -> Iterator[Binding]:
        """Where the name of an expression is bound, imports followed."""
        yield from self._bindings(place, _new_trail())

    def _bindings(self, place: Written, trail: Trail) -> Iterator[Binding]:
        expression = place.expression
        if isinstance(expression, facts.Name):
            yield from self._of_name(place.frame, expression, trail)
        elif isinstance(expression, facts.Attribute):
            for value, _ in self._types.value(place.frame, expression.value):
                if isinstance(value, ModuleObject) and value.module is not None:
                    yield from self._in_module(value.module, expression.name, trail)

    def _of_name(self, frame: Frame, name: facts.Name, trail: Trail) -> Iterator[Binding]:
        scope, bindings = frame.binding_scope(name)
        if not bindings:
            yield from self._in_module(scope.function.module, name.name, trail)
        for index in bindings:
            yield from self._imports_of(Binding(scope, index), trail)

    def in_class(self, class_: Class, name: str) -> Iterator[Binding]:
        """The bindings that a name in the body of a class itself can have."""
        frame, trail = self._types.classes.frame_of(class_), _new_trail()
        for index in class_.members.get(name, ()):
            yield from self._imports_of(Binding(frame, index), trail)

    def in_module(self, module: Module, name: str) -> Iterator[Binding]:
        """The bindings that a module's name can have when the module has run."""
        yield from self._in_module(module, name, _new_trail())

    def _in_module(self, module: Module, name: str, trail: Trail) -> Iterator[Binding]:
        scope = module.facts.scopes[0]
        frame = self._types.generic(module.body_function)
        for index in scope.final.get(name) or scope.names.get(name) or ():
            yield from self._imports_of(Binding(frame, index), trail)

    def _imports_of(self, binding: Binding, trail: Trail) -> Iterator[Binding]:
        bound = binding.bound
        further = trail.after(binding.key)
        if further is None:
            return
        if isinstance(bound, facts.Imported) and bound.name:
            module = self._types.lookup.imported_from(binding.frame, bound)
            if module is not None:
                yield from self._in_module(module, bound.name, further)
        elif isinstance(bound, facts.Narrowed):
            for index in bound.bindings:
                yield from self._imports_of(Binding(binding.frame, index), further)
        else:
            yield binding

    def places(self, place: Written) -> Iterator[Written]:
        """The expressions that an expression's name was given; the expression itself if it is no name."""
        yield from (one for one, _ in self._places(place, _new_trail()))

    def _places(self, place: Written, trail: Trail) -> Iterator[tuple[Written, Trail]]:
        """Each with the trail that leads there, for what asks on from it."""
        expression = place.expression
        if isinstance(expression, facts.Choice):
            for option in expression.options:
                yield from self._places(place.at(option), trail)
            return
        found = list(self._bindings(place, trail)) if facts.last_name(expression) else []
        if not found:
            yield place, trail
        for binding in found:
            bound = binding.bound
            further = trail.after(binding.key)
            if further is not None and isinstance(bound, facts.Assigned) and bound.value != NOWHERE and not bound.path:
                yield from self._places(Written(binding.frame, bound.value), further)

    def definitions(self, place: Written) -> Iterator[Function | Class]:
        """The functions and classes that an expression names, whatever their decorators make of them."""
        yield from (binding.definition for binding in self.bindings(place) if binding.definition is not None)

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

    def text(self, place: Written) -> str:
        """The text of a string, joined where it is added up; `<unknown>` for what cannot be told."""
        return self._text_behind(place, _new_trail())

    def _text_behind(self, place: Written, trail: Trail) -> str:
        found = {self._text(one, further) for one, further in self._places(place, trail)}
        text = found.pop() if len(found) == 1 else UNKNOWN_TEXT
        return text if is_writable(text) else UNKNOWN_TEXT

    def _text(self, place: Written, trail: Trail) -> str:
        expression = place.expression
        if isinstance(expression, facts.Constant) and expression.kind == "str":
            return expression.text
        if isinstance(expression, facts.Formatted) and expression.texts:
            values = [self._text_behind(place.at(value), trail) if value != NOWHERE else UNKNOWN_TEXT for value in expression.values]
            return "".join(text for pair in zip(expression.texts, [*values, ""], strict=True) for text in pair)
        if isinstance(expression, facts.Operation) and expression.operator == "+":
            return self._text_behind(place.at(expression.left), trail) + self._text_behind(place.at(expression.right), trail)
        if isinstance(expression, facts.Call) and expression.arguments:
            callee = place.at(expression.function).expression
            if facts.last_name(callee) in _TRANSLATIONS:
                return self._text_behind(place.at(expression.arguments[-1]), trail)
        # A name that turned in a circle is not asked again elsewhere.
        is_made = isinstance(expression, facts.Call | facts.Operation)
        return (text_of(self._types, place.frame, place.index) if is_made else None) or UNKNOWN_TEXT


def _new_trail() -> Trail:
    return Trail(MOST_NAMES, _MOST_VISITS)
