"""Whether the input of a route is validated before its handler sees it."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.catalog.index import expand_braces
from fwaudit.catalog.schema import Framework
from fwaudit.link.symbols import Class
from fwaudit.link.types import Types
from fwaudit.link.values import ClassObject, Frame, LibraryName, Object, Value
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

_SAY_NOTHING = frozenset({"builtins.dict", "builtins.object", "builtins.list", "builtins.tuple"})
"""Types that let everything through that has their form."""


class Validation:
    """Reads the parameters and the body of handlers; what helpers do with the request is not followed."""

    def __init__(self, types: Types) -> None:
        self._types = types
        canonical = types.catalog.canonical
        self._raw = {
            framework.name: frozenset(
                canonical(name) for row in framework.inputs for written in row.names for name in expand_braces(written)
            )
            for framework in types.catalog.frameworks
        }
        self._frameworks = {framework.name: framework for framework in types.catalog.frameworks}
        self._requests = frozenset(name.rpartition(".")[0] for names in self._raw.values() for name in names)

    def of(self, framework: str, handler: Frame) -> bool | None:
        """True: all goes through typed parameters that the framework validates; False: the raw request is read; None: nothing tells."""
        if self._reads_raw(self._all_raw(self._frameworks[framework]), handler):
            return False
        if not self._frameworks[framework].validates:
            return None
        typed = [self._is_typed(handler, index) for index in self._inputs(handler)]
        return True if typed and all(typed) else None

    def _all_raw(self, framework: Framework) -> frozenset[str]:
        """The framework's own rows and those of the frameworks that it extends."""
        return self._raw[framework.name].union(*(self._raw.get(name, frozenset()) for name in framework.extends))

    def _reads_raw(self, names: frozenset[str], handler: Frame) -> bool:
        lasts = frozenset(name.rpartition(".")[2] for name in names)
        if not lasts or not handler.function.uses(lasts):
            return False
        for expression in handler.function.body.expressions:
            if isinstance(expression, facts.Attribute) and expression.name in lasts:
                for value, _ in self._types.value(handler, expression.value):
                    if any(f"{owner}.{expression.name}" in names for owner in self._owners(value)):
                        return True
        return False

    def _owners(self, value: Value) -> Iterator[str]:
        """The dotted names below which an attribute of the value is known."""
        if isinstance(value, LibraryName):
            yield self._types.catalog.canonical(value.dotted)
        elif isinstance(value, Object | ClassObject):
            yield from self._classes(value.class_)

    def _classes(self, class_: Class | str) -> Iterator[str]:
        if isinstance(class_, str):
            yield class_
            yield from self._types.catalog.bases(class_)
        else:
            yield from (one for one in self._types.attributes.order(class_) if isinstance(one, str))

    def _inputs(self, handler: Frame) -> Iterator[int]:
        """The parameters that the framework fills from the request: not the receiver, what is injected, or the request itself."""
        for index, declaration in enumerate(handler.function.scope.parameters):
            is_receiver = index == 0 and handler.function.owner is not None
            if not is_receiver and not self._is_injected(handler, declaration) and not self._is_request(handler, index):
                yield index

    def _is_injected(self, handler: Frame, declaration: facts.ParameterDeclaration) -> bool:
        parent = handler.closure
        if parent is None:
            return False
        if declaration.default != NOWHERE and self._types.results.is_injection(parent, declaration.default):
            return True
        return declaration.annotation != NOWHERE and bool(self._types.annotations.providers(parent, declaration.annotation))

    def _is_request(self, handler: Frame, index: int) -> bool:
        return any(
            isinstance(value, Object) and not self._requests.isdisjoint(self._classes(value.class_))
            for value, _ in self._types.binding(handler, index)
        )

    def _is_typed(self, handler: Frame, index: int) -> bool:
        """Whether the annotation says more of the input than its form."""
        if handler.function.scope.parameters[index].annotation == NOWHERE:
            return False
        values = self._types.binding(handler, index)
        return bool(values) and all(isinstance(value, Object) and value.class_ not in _SAY_NOTHING for value, _ in values)
