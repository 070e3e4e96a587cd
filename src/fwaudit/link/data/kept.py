"""What a process should make once, and each request makes anew: engines, pools, clients."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fwaudit.catalog.schema import Kept
from fwaudit.link.data.requests import Requests
from fwaudit.link.execution.evidence import place_of
from fwaudit.link.execution.naming import Naming
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.types import Types
from fwaudit.link.spellings import Spellings
from fwaudit.link.symbols import Function
from fwaudit.link.values import Frame
from fwaudit.model import facts
from fwaudit.model.code import Place
from fwaudit.model.operands import operands
from fwaudit.model.source import Role

_BUILT = (facts.Constant, facts.Formatted, facts.Operation)
"""Texts that are written where they are given, or put together there: of one host, for the most part."""


class KeptObjects:
    """Reads the frames that each request runs."""

    def __init__(self, types: Types, names: Naming, requests: Requests) -> None:
        self._types = types
        self._names = names
        self._requests = requests

    def made(self) -> Iterator[tuple[Frame, Place, str, Kept, bool]]:
        """(frame, place, callee, row, whether it depends on the frame's own parameters) of each call that makes one in each request."""
        spellings = Spellings(self._types.catalog.data.kept_names)
        for frame in self._requests.frames.values():
            function = frame.function
            if function.module.role is not Role.CODE:
                continue
            body = function.body
            sometimes = frozenset((*body.conditional, *body.first_time))
            mentioned = frozenset(function.scope.mentions)
            for index in body.calls:
                if index in sometimes:
                    continue
                call = body.call(index)
                if not spellings.may_be(function, call):
                    continue
                for callee in dict.fromkeys(self._names.of_values(self._types.value(frame, call.function))):
                    row = self._types.catalog.data.kept(callee)
                    if row is None or not mentioned.isdisjoint(row.unless_asked_for):
                        continue
                    arguments = Arguments.of_expression(self._types, frame, call)
                    if not any(self._types.holds(condition, arguments) for condition in row.unless):
                        given = (*call.arguments, *(value for _, value in call.keywords))
                        depends = _depends_on_parameter(function, given)
                        depends = depends or self._is_told_an_address(frame)
                        yield frame, place_of(frame, call.span), callee, row, depends

    def _is_told_an_address(self, frame: Frame) -> bool:
        """Whether it calls something with a URL that comes with the request: of another host each time, no connection is of use."""
        function = frame.function
        is_handler = not self._requests.way_to(frame)
        return any(is_handler or self._is_from_elsewhere(function, one) for one in _addresses(function))

    def _is_from_elsewhere(self, function: Function, parameter: int) -> bool:
        """Whether some call gives the parameter a URL that is neither written there nor put together there."""
        given = self._types.callers.given(function, parameter)
        return given is None or not all(isinstance(place.function.body.expressions[one], _BUILT) for place, one in given)


def _addresses(function: Function) -> Iterator[int]:
    """The parameters that are called a URL and handed on to something as they are."""
    body = function.body
    given = (one for index in body.calls for one in (*body.call(index).arguments, *(value for _, value in body.call(index).keywords)))
    names = (name for one in given if isinstance(name := body.expressions[one], facts.Name))
    bindings = (body.bindings[one] for name in names if "url" in name.name.lower() for one in name.bindings)
    return (one.index for one in bindings if isinstance(one, facts.Parameter))


def _depends_on_parameter(function: Function, values: Iterable[int]) -> bool:
    """Whether any of the values is worked out from what was passed to the function; its receiver does not count."""
    body = function.body
    first = 1 if function.owner is not None else 0
    waiting = list(values)
    seen = {facts.NOWHERE}
    while waiting:
        index = waiting.pop()
        if index in seen:
            continue
        seen.add(index)
        expression = body.expressions[index]
        waiting += operands(expression)
        for one in expression.bindings if isinstance(expression, facts.Name) else ():
            binding = body.bindings[one]
            if isinstance(binding, facts.Parameter) and binding.index >= first:
                return True
            if isinstance(binding, facts.Assigned | facts.Iterated | facts.Entered | facts.Updated):
                waiting.append(binding.value)
    return False
