"""What each form of binding gives its name: a parameter, an assignment, a loop, a `with`, a definition, a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import (
    MEDIUM,
    UNKNOWN_VALUES,
    ClassObject,
    Frame,
    FunctionObject,
    Object,
    Value,
    Values,
    join,
    known,
    surely,
    weaken,
)
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

if TYPE_CHECKING:
    from fwaudit.link.inference.types import Types


class Bindings:
    """One method for each form of `facts.Binding`, in `by_form`."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self.by_form: Mapping[type, Callable[[Frame, Any], Values]] = {
            facts.Parameter: self._parameter,
            facts.Assigned: self._assigned,
            facts.Iterated: self._iterated,
            facts.Entered: self._entered,
            facts.Imported: types.lookup.imported,
            facts.DefinedFunction: self._defined_function,
            facts.DefinedClass: self._defined_class,
            facts.Narrowed: self._narrowed,
            facts.Caught: self._caught,
            facts.Updated: self._updated,
            facts.Opaque: self._opaque,
        }

    def _parameter(self, frame: Frame, binding: facts.Parameter) -> Values:
        given = frame.arguments.get(binding.index)
        return given if given is not None else self.declared_parameter(frame, binding.index)

    def declared_parameter(self, frame: Frame, index: int) -> Values:
        """What a parameter is by its declaration: receiver, annotation, injected dependency, or (less surely) default."""
        function, declaration = frame.function, frame.function.scope.parameters[index]
        parent = frame.closure
        if parent is None:
            return UNKNOWN_VALUES
        if function.scope.kind == "generator":
            return self._types.value(parent, declaration.default)
        if index == 0 and function.owner is not None and declaration.kind in ("positional-only", "plain"):
            receiver = self.receiver(function, function.owner)
            if receiver is not None:
                return surely(receiver)
        if declaration.annotation != NOWHERE:
            declared = self._types.annotations.instance(parent, declaration.annotation)
            if known(declared):
                return self._types.annotations.injected_instead(parent, declaration.default, declared) or _collected(
                    declaration.kind, declared
                )
        if declaration.default != NOWHERE:
            default = self._types.value(parent, declaration.default)
            if known(default):
                if self._types.results.is_injection(parent, declaration.default):
                    return default
                return join((weaken(default, MEDIUM), UNKNOWN_VALUES))
        return UNKNOWN_VALUES

    def _assigned(self, frame: Frame, binding: facts.Assigned) -> Values:
        if binding.annotation != NOWHERE:
            declared = self._types.annotations.instance(frame, binding.annotation)
            if known(declared) or binding.value == NOWHERE:
                return declared
        if binding.value == NOWHERE:
            return UNKNOWN_VALUES
        return self.unpacked(self._types.value(frame, binding.value), binding.path)

    def unpacked(self, values: Values, path: tuple[int, ...]) -> Values:
        """The part of `values` that an unpacking target at `path` gets."""
        for position in path:
            values = join(self.element_at(value, grade, position) for value, grade in values)
        return values

    def element_at(self, value: Value, grade: int, position: int) -> Values:
        """What is at `position` of a value; -1 is a starred rest."""
        if isinstance(value, Object) and value.class_ == "builtins.tuple" and position != -1:
            if position < len(value.arguments):
                return weaken(value.arguments[position], grade)
            return UNKNOWN_VALUES
        if position == -1:
            return UNKNOWN_VALUES
        return weaken(self._types.protocols.elements(value, is_async=False), grade)

    def _iterated(self, frame: Frame, binding: facts.Iterated) -> Values:
        iterated = self._types.value(frame, binding.value)
        elements = join(weaken(self._types.protocols.elements(value, binding.is_async), grade) for value, grade in iterated)
        return self.unpacked(elements, binding.path)

    def _entered(self, frame: Frame, binding: facts.Entered) -> Values:
        managers = self._types.value(frame, binding.value)
        entered = join(weaken(self._types.protocols.entered(value, binding.is_async), grade) for value, grade in managers)
        return self.unpacked(entered, binding.path)

    def _defined_function(self, frame: Frame, binding: facts.DefinedFunction) -> Values:
        function = frame.function.module.functions[binding.scope]
        values = surely(FunctionObject(function, closure=frame))
        for decorator in reversed(function.scope.decorators):
            values = self._types.decorators.decorated(frame, decorator, values)
        return values

    def _defined_class(self, frame: Frame, binding: facts.DefinedClass) -> Values:
        return surely(ClassObject(frame.function.module.classes[binding.index]))

    def _narrowed(self, frame: Frame, binding: facts.Narrowed) -> Values:
        bound = [self._types.binding(frame, index) for index in binding.bindings]
        values = join(bound) if bound else self._types.lookup.free(frame, binding.name)
        return self._types.narrowing.narrowed(values, self._types.value(frame, binding.type), binding.is_instance)

    def _caught(self, frame: Frame, binding: facts.Caught) -> Values:
        return self._types.annotations.instance(frame, binding.type)

    def _updated(self, frame: Frame, binding: facts.Updated) -> Values:
        before = join(self._types.binding(frame, index) for index in binding.bindings)
        return self._types.operated(before, binding.operator.removesuffix("="))

    def _opaque(self, _: Frame, __: facts.Opaque) -> Values:
        return UNKNOWN_VALUES

    def receiver(self, function: Function, owner: Class) -> Value | None:
        """What the first parameter of a method is; None for a static method."""
        parent = self._types.generic(owner.module.functions[owner.declaration.scope])
        body = parent.function.body
        for decorator in function.scope.decorators:
            expression = body.expressions[decorator]
            if isinstance(expression, facts.Name) and expression.name == "staticmethod":
                return None
            if isinstance(expression, facts.Name) and expression.name == "classmethod":
                return ClassObject(owner)
        if function.name in ("__new__", "__init_subclass__", "__class_getitem__"):
            return ClassObject(owner)
        return Object(owner)


def _collected(kind: str, declared: Values) -> Values:
    if kind == "variadic":
        return surely(Object("builtins.list", (declared,)))
    if kind == "keywords":
        return surely(Object("builtins.dict", (UNKNOWN_VALUES, declared)))
    return declared
