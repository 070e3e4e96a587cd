"""Tests by hand: branches that hang on input, and leave the function where it is not what it should be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from fwaudit.link.execution.evidence import place_of
from fwaudit.link.inference.types import Types
from fwaudit.link.inputs.flow import InputFlow
from fwaudit.link.symbols import Function
from fwaudit.model import facts
from fwaudit.model.code import Place
from fwaudit.model.facts import NOWHERE
from fwaudit.model.inputs import ANY, RAISING, Conversion, HandCheck, is_file_name

_STATUSES = frozenset({"400", "422"})
_REFUSALS = frozenset(
    {
        *("BadRequest", "BadRequestError", "BadRequestException", "HTTPBadRequest", "HTTPUnprocessableEntity", "HttpResponseBadRequest"),
        *("HTTP_400_BAD_REQUEST", "HTTP_422_UNPROCESSABLE_ENTITY", "HTTP_422_UNPROCESSABLE_CONTENT", "HTTPInvalidParam", "MissingParam"),
        *("BAD_REQUEST", "UNPROCESSABLE_ENTITY", "SuspiciousOperation", "ValidationError", "HTTPMissingParam", "bad_request"),
    }
)
"""Names by which frameworks answer that the client made a mistake."""


class Checks:
    """Reads the branches of the functions that a flow went through."""

    def __init__(self, types: Types, flow: InputFlow) -> None:
        self._types = types
        self._flow = flow
        self._tainted: dict[Function, dict[int, str]] = defaultdict(dict)
        for (function, index), field in flow.fields.items():
            self._tainted[function][index] = field
        self._converted = {(function, call): field for function, call, field, name in flow.conversions if name in RAISING}

    def by_hand(self) -> Iterator[HandCheck]:
        """One for each field of each test."""
        for function, tainted in self._tainted.items():
            for one in function.body.branches:
                if one.is_handler and not one.leaves:
                    continue
                answers = one.leaves and _refuses(function, one)
                tested = self._converted_in(function, one) if one.is_handler else self._tested(function, one, tainted)
                for field, index in tested.items():
                    yield HandCheck(self._place(function, index, one), field, answers)

    def conversions(self) -> Iterator[Conversion]:
        """What the flow met, with whether a failure is caught."""
        for function, index, field, name in self._flow.conversions:
            guarded = name == "type" or _suppresses(function)
            guarded = guarded or _is_tried(function, index) or self._is_tried_by_callers(function)
            yield Conversion(self._place(function, index, None), field, name, guarded)

    def _is_tried_by_callers(self, function: Function) -> bool:
        calls = self._types.callers.of(function)
        return bool(calls) and all(_is_tried(frame.function, call) for frame, call, _ in calls)

    def _converted_in(self, function: Function, one: facts.Branch) -> dict[str, int]:
        return {field: index for (where, index), field in self._converted.items() if where is function and one.first <= index < one.last}

    def _tested(self, function: Function, one: facts.Branch, tainted: dict[int, str]) -> dict[str, int]:
        """The fields that a test reads, each with an expression of it."""
        expressions = function.body.expressions
        found: dict[str, int] = {}
        names = {expression.name for index in tainted if isinstance(expression := expressions[index], facts.Name)}
        for name, bindings in function.scope.names.items():
            bound = (function.body.bindings[index] for index in bindings)
            if any(isinstance(one_bound, facts.Assigned) and one_bound.value in tainted for one_bound in bound):
                names.add(name)
        contained = {item.value for item in function.body.items if item.method == "__contains__"}
        for index in range(one.first, one.last):
            expression = expressions[index]
            if isinstance(expression, facts.FunctionValue):
                mentioned = function.module.functions[expression.scope].scope.mentions
                if not names.isdisjoint(mentioned):
                    found[ANY] = index
            field = self._converted.get((function, index), tainted.get(index))
            if field is None or (is_file_name(field) and _asks_only_whether_it_is_there(function, one)):
                continue
            if index in contained and index > one.first and not field:
                before = expressions[index - 1]
                is_literal = isinstance(before, facts.Constant) and before.kind == "str"
                field = before.text if is_literal and isinstance(before, facts.Constant) else ANY
            found[field] = index
        if len(found) > 1:
            found.pop("", None)  # the whole is read for the sake of its fields
        return found

    def _place(self, function: Function, index: int, one: facts.Branch | None) -> Place:
        """The expression's, or the next one's that has a place."""
        expressions = function.body.expressions
        spans = {item.value: item.span for item in function.body.items}
        last = one.end if one is not None else len(expressions)
        span = spans.get(index, NOWHERE)
        while span == NOWHERE and index < last:
            expression = expressions[index]
            if isinstance(expression, facts.Attribute | facts.Call | facts.Await | facts.Operation):
                span = expression.span
            index += 1
        return place_of(self._types.generic(function), span)


def _asks_only_whether_it_is_there(function: Function, one: facts.Branch) -> bool:
    """A test that calls nothing, looks for nothing in something, and compares with nothing but "" and None."""
    looked_in = {item.value for item in function.body.items if item.method == "__contains__"}
    for index, expression in enumerate(function.body.expressions[one.first : one.last], start=one.first):
        says = isinstance(expression, facts.Constant) and expression.kind != "None" and bool(expression.text)
        if says or index in looked_in or isinstance(expression, facts.Call):
            return False
    return True


def _is_tried(function: Function, index: int) -> bool:
    return any(one.is_handler and one.first <= index < one.last for one in function.body.branches)


def _suppresses(function: Function) -> bool:
    """Whether it enters `contextlib.suppress` somewhere."""
    entered = (function.body.expressions[one.value] for one in function.body.entries)
    calls = (one for one in entered if isinstance(one, facts.Call))
    return any(facts.last_name(function.body.expressions[one.function]) == "suppress" for one in calls)


def _refuses(function: Function, one: facts.Branch) -> bool:
    """Whether it leaves with an answer that the input is wrong: not one that hangs on a further test."""
    inner = [other for other in function.body.branches if other is not one and one.begin <= other.first and other.end <= one.end]
    for index, expression in enumerate(function.body.expressions[one.begin : one.end], start=one.begin):
        if any(other.begin <= index < other.end for other in inner):
            continue
        if isinstance(expression, facts.Constant) and expression.kind == "int" and expression.text in _STATUSES:
            return True
        if facts.last_name(expression) in _REFUSALS:
            return True
    return False
