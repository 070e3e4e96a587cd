"""What the language's own callables give: those that no table of names could describe."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.values import (
    LOW,
    UNKNOWN_VALUES,
    Awaitable,
    ClassObject,
    ContextManager,
    Frame,
    LazyCalls,
    LibraryName,
    Object,
    PartialObject,
    SuperObject,
    TypeAlias,
    Values,
    join,
    surely,
    weaken,
)

if TYPE_CHECKING:
    from fwaudit.link.inference.types import Types

_IDENTITY = "functools.wraps()"
"""What `functools.wraps(f)` gives, as far as calls go: a function that returns its argument."""


class Language:
    """`super`, `getattr`, `map`, `partial`, `cast` and their like, by dotted name."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._results: dict[str, Callable[[Arguments], Values]] = {
            "builtins.super": self._super,
            "builtins.getattr": self._getattr,
            "builtins.type": self._type,
            "builtins.next": lambda call: self.elements_of(call.position(0)),
            "builtins.anext": lambda call: surely(Awaitable(self.elements_of(call.position(0), is_async=True))),
            "builtins.iter": lambda call: call.position(0),
            "builtins.reversed": self._iterator,
            "builtins.map": self._map,
            "builtins.filter": self._filter,
            "builtins.enumerate": self._enumerate,
            "builtins.zip": self._zip,
            "builtins.max": lambda call: self.elements_of(call.position(0)),
            "builtins.min": lambda call: self.elements_of(call.position(0)),
            "builtins.list": lambda call: self._container("builtins.list", call),
            "builtins.tuple": lambda call: self._container("builtins.list", call),
            "builtins.set": lambda call: self._container("builtins.set", call),
            "builtins.frozenset": lambda call: self._container("builtins.frozenset", call),
            "builtins.sorted": lambda call: self._container("builtins.list", call),
            "functools.partial": self._partial,
            "functools.partialmethod": self._partial,
            "typing.cast": lambda call: self._types.annotations.instances(call.position(0)),
            "typing.TypeVar": self._type_variable,
            "typing_extensions.TypeVar": self._type_variable,
            "typing.NewType": lambda call: call.position(1),
            "copy.copy": lambda call: call.position(0),
            "copy.deepcopy": lambda call: call.position(0),
            "dataclasses.replace": lambda call: call.position(0),
            "functools.wraps": lambda _: surely(LibraryName(_IDENTITY)),
            _IDENTITY: lambda call: call.position(0),
            "contextlib.nullcontext": lambda call: surely(ContextManager(None, False, call.position(0))),
        }

    def result(self, dotted: str, call: Arguments) -> Values | None:
        """What calling the builtin `dotted` gives; None if it is not one of these."""
        compute = self._results.get(dotted)
        return compute(call) if compute is not None else None

    def _super(self, call: Arguments) -> Values:
        frame = call.frame
        if frame is None:
            return UNKNOWN_VALUES
        class_ = self._types.class_of_scope(frame)
        method: Frame | None = frame
        while method is not None and method.function.owner is None:
            method = method.closure
        if class_ is None or method is None or not method.function.scope.parameters:
            return UNKNOWN_VALUES
        receivers = self._types.binding(method, 0)
        return join(surely(SuperObject(class_, receiver)) for receiver, _ in receivers if isinstance(receiver, Object | ClassObject))

    def _type_variable(self, call: Arguments) -> Values:
        bounds = self._types.annotations.instances(call.keyword("bound"))
        constraints = [self._types.annotations.instances(values) for values in call.positional()[1:]]
        return surely(TypeAlias(join([bounds, *constraints]) or UNKNOWN_VALUES, is_variable=True))

    def _getattr(self, call: Arguments) -> Values:
        name = call.constant(1)
        if name is None:
            # Whatever it finds, or what it is told to give if it finds nothing.
            return join((weaken(call.position(2), LOW), UNKNOWN_VALUES))
        return join(weaken(self._types.attributes.of(value, name), grade) for value, grade in call.position(0))

    def _type(self, call: Arguments) -> Values:
        return join(
            ((ClassObject(value.class_), grade),) if isinstance(value, Object) else UNKNOWN_VALUES for value, grade in call.position(0)
        )

    def elements_of(self, values: Values, is_async: bool = False) -> Values:
        """What iterating any of `values` gives."""
        return join(weaken(self._types.protocols.elements(value, is_async), grade) for value, grade in values)

    def _iterator(self, call: Arguments) -> Values:
        return surely(Object("typing.Iterator", (self.elements_of(call.position(0)),)))

    def _container(self, class_: str, call: Arguments) -> Values:
        return surely(Object(class_, (self.elements_of(call.position(0)),), exact=True))

    def _map(self, call: Arguments) -> Values:
        callables = call.position(0)
        return surely(LazyCalls(callables, call.position(1), self._types.results.of_callable(callables)))

    def _filter(self, call: Arguments) -> Values:
        return surely(LazyCalls(call.position(0), call.position(1), self.elements_of(call.position(1))))

    def _enumerate(self, call: Arguments) -> Values:
        pair = surely(Object("builtins.tuple", (surely(Object("builtins.int")), self.elements_of(call.position(0)))))
        return surely(Object("typing.Iterator", (pair,)))

    def _zip(self, call: Arguments) -> Values:
        parts = tuple(self.elements_of(values) for values in call.positional())
        return surely(Object("typing.Iterator", (surely(Object("builtins.tuple", parts)),)))

    def _partial(self, call: Arguments) -> Values:
        callables, *rest = call.positional() or [UNKNOWN_VALUES]
        return surely(PartialObject(callables, tuple(rest), call.keywords()))
