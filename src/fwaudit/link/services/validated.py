"""Whether the input of a route is validated before its handler sees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from fwaudit.link.execution.evidence import place_of
from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Class
from fwaudit.link.values import Frame, Object
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE
from fwaudit.model.inputs import RequestInput

_SAY_NOTHING = frozenset({"builtins.dict", "builtins.object", "builtins.list", "builtins.tuple"})
"""Types that let everything through that has their form."""


class Validation:
    """Reads the parameters of handlers, and what their bodies read of the request; what helpers read is not theirs."""

    def __init__(self, types: Types, inputs: Iterable[RequestInput]) -> None:
        self._types = types
        self._frameworks = {framework.name: framework for framework in types.catalog.frameworks}
        rows = types.catalog.inputs
        self._requests = frozenset(name.rpartition(".")[0] for name, row in rows.items() if not row.is_field)
        self._read: dict[tuple[str, str], list[RequestInput]] = defaultdict(list)
        for one in inputs:
            if one.source in rows and rows[one.source].is_field:
                continue  # it is read of what the framework has checked
            self._read[one.place.path, one.place.function].append(one)

    def of(self, framework: str, handler: Frame) -> bool | None:
        """True: all goes through typed parameters that the framework validates, or to a validator; False: some of what is read does not;
        None: nothing tells.
        """
        read = self._read.get((handler.function.module.path, place_of(handler, handler.function.scope.span).function), [])
        if any(not one.validators for one in read):
            return False
        is_checked = bool(read) and all(set(one.validators) != {"unknown"} for one in read)
        typed = [self._is_typed(handler, index) for index in self._inputs(handler)] if self._frameworks[framework].validates else []
        return True if (is_checked or (typed and not read)) and all(typed) else None

    def _classes(self, class_: Class | str) -> Iterator[str]:
        if isinstance(class_, str):
            yield from self._types.catalog.with_bases(class_)
        else:
            yield from (one for one in self._types.classes.order(class_) if isinstance(one, str))

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
