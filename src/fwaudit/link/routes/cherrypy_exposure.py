"""What a class shows to CherryPy: its exposed methods and their other names."""

from __future__ import annotations

from functools import cached_property

from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import ClassObject, Frame, FunctionObject, LibraryName, Value
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

_EXPOSE = "cherrypy.expose"
_POPARGS = "cherrypy.popargs"
_MARK = "exposed"


class Exposure:
    """Reads `@cherrypy.expose`, `function.exposed = True`, and decorators of the project that do either."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._exposing: dict[Function, bool] = {}
        self._classes: dict[Class, dict[str, tuple[str, ...]]] = {}

    @cached_property
    def attributes_set_outside(self) -> frozenset[str]:
        """Every attribute that some function sets of anything but its own receiver: `root.api = Api()`."""
        modules = self._types.symbols.modules
        return frozenset(name for module in modules for scope in module.facts.scopes for name in scope.foreign_stores)

    def exposed(self, class_: Class) -> dict[str, tuple[str, ...]]:
        """The exposed methods of a class and its bases, each with the other names that it answers to, sorted."""
        found = self._classes.get(class_)
        if found is None:
            methods: dict[str, tuple[str, ...]] = {}
            for base in reversed([one for one in self._types.classes.order(class_) if isinstance(one, Class)]):
                for name in base.members:
                    methods.pop(name, None)  # an override is exposed by itself or not at all
                methods |= self._exposed_here(base)
            found = self._classes[class_] = dict(sorted(methods.items()))
        return found

    def is_exposed_class(self, class_: Class) -> bool:
        """Whether instances of the class are exposed themselves: `exposed = True` in its body, or `@cherrypy.expose` on it."""
        for base in self._types.classes.order(class_):
            if not isinstance(base, Class):
                continue
            if _MARK in base.members:
                body = self._types.classes.frame_of(base).function.body
                return any(_is_true(body, body.bindings[binding]) for binding in base.members[_MARK])
            if any(name == _EXPOSE for name, _ in self._decorators(base)):
                return True
        return False

    def path_arguments(self, class_: Class) -> tuple[str, ...]:
        """The names of the parts of the path that `@cherrypy.popargs("id")` takes."""
        return tuple(text for name, texts in self._decorators(class_) if name == _POPARGS for text in texts)

    def _exposed_here(self, class_: Class) -> dict[str, tuple[str, ...]]:
        frame = self._types.classes.frame_of(class_)
        body = frame.function.body
        marked = {
            one.name
            for store in body.stores
            if store.name == _MARK and isinstance(one := body.expressions[store.base], facts.Name) and _is_literally_true(body, store.value)
        }
        found: dict[str, tuple[str, ...]] = {}
        for name, bindings in class_.members.items():
            for definition in [body.bindings[binding] for binding in bindings]:
                if not isinstance(definition, facts.DefinedFunction):
                    continue
                function = class_.module.functions[definition.scope]
                others = self._names_by_decorators(frame, function.scope.decorators)
                if others is None and (name in marked or function in self._marked_outside):
                    others = ()
                if others is not None:
                    found[name] = others
        return found

    def _names_by_decorators(self, frame: Frame, decorators: tuple[int, ...]) -> tuple[str, ...] | None:
        """The other names of a function that its decorators expose; None if they do not. A dot in a path reaches a `_` in a name."""
        for decorator in decorators:
            expression = frame.function.body.expressions[decorator]
            callee = expression.function if isinstance(expression, facts.Call) else decorator
            for value, _ in self._types.value(frame, callee):
                if isinstance(value, LibraryName) and value.dotted == _EXPOSE:
                    return tuple(text.replace(".", "_") for text in _texts(frame.function.body, expression))
                if self._is_exposing(value):
                    return ()
        return None

    def _is_exposing(self, value: Value) -> bool:
        """Whether a decorator of the project exposes what it is given: in its own body or in that of a function within it."""
        if not isinstance(value, FunctionObject):
            return False
        found = self._exposing.get(value.function)
        if found is None:
            self._exposing[value.function] = False
            inner = [one for one in value.function.module.functions.values() if _is_within(one, value.function)]
            found = self._exposing[value.function] = any(self._exposes_a_parameter(one) for one in inner)
        return found

    def _exposes_a_parameter(self, function: Function) -> bool:
        body = function.body
        parameters = {declaration.name for declaration in function.scope.parameters}
        for store in body.stores:
            base = body.expressions[store.base]
            if store.name == _MARK and isinstance(base, facts.Name) and base.name in parameters and _is_literally_true(body, store.value):
                return True
        frame = self._types.generic(function)
        for index in body.calls:
            call = body.call(index)
            given = body.expressions[call.arguments[0]] if call.arguments else None
            if isinstance(given, facts.Name) and given.name in parameters:
                values = self._types.value(frame, call.function)
                if any(isinstance(value, LibraryName) and value.dotted == _EXPOSE for value, _ in values):
                    return True
        return False

    @cached_property
    def _marked_outside(self) -> frozenset[Function]:
        """The methods of `Root.index.exposed = True`."""
        found: set[Function] = set()
        for function in self._types.symbols.storing(_MARK):
            frame = self._types.generic(function)
            for store in function.body.stores:
                base = function.body.expressions[store.base]
                if store.name == _MARK and isinstance(base, facts.Attribute) and _is_literally_true(function.body, store.value):
                    values = self._types.value(frame, store.base)
                    found.update(value.function for value, _ in values if isinstance(value, FunctionObject))
        return frozenset(found)

    def _decorators(self, class_: Class) -> list[tuple[str, tuple[str, ...]]]:
        """The library names of a class's decorators, with the strings that they are given."""
        parent = self._types.classes.frame_of(class_).closure
        found: list[tuple[str, tuple[str, ...]]] = []
        for decorator in class_.declaration.decorators if parent is not None else ():
            assert parent is not None
            expression = parent.function.body.expressions[decorator]
            callee = expression.function if isinstance(expression, facts.Call) else decorator
            for value, _ in self._types.value(parent, callee):
                name = value.dotted if isinstance(value, LibraryName) else value.class_ if isinstance(value, ClassObject) else ""
                if isinstance(name, str):
                    found.append((name, _texts(parent.function.body, expression)))
        return found


def _is_within(inner: Function, outer: Function) -> bool:
    """Whether `inner` is `outer`, or is defined in it at any depth."""
    scopes = outer.module.facts.scopes
    index = inner.index
    while index not in {NOWHERE, outer.index}:
        index = scopes[index].parent
    return index == outer.index


def _texts(body: facts.Body, expression: facts.Expression) -> tuple[str, ...]:
    """The literal strings among a call's positional arguments, also those in a list or tuple."""
    if not isinstance(expression, facts.Call):
        return ()
    items: list[int] = []
    for index in expression.arguments:
        one = body.expressions[index]
        items.extend(one.items if isinstance(one, facts.Display) else (index,))
    return tuple(one.text for item in items if isinstance(one := body.expressions[item], facts.Constant) and one.kind == "str")


def _is_literally_true(body: facts.Body, index: int) -> bool:
    value = body.expressions[index] if index != NOWHERE else None
    return isinstance(value, facts.Constant) and value.text == "True"


def _is_true(body: facts.Body, binding: facts.Binding) -> bool:
    return isinstance(binding, facts.Assigned) and _is_literally_true(body, binding.value)
