"""Follows input from where it is read to where it ends: through names, items, project functions, results and containers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from fwaudit.link.execution.evidence import place_of
from fwaudit.link.inference.types import Types
from fwaudit.link.inputs.callees import Callee, Callees
from fwaudit.link.inputs.sources import Source, classes_of, parameters_given
from fwaudit.link.inputs.uses import Uses, uses_of
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import FunctionObject, Object
from fwaudit.model import facts
from fwaudit.model.code import Place
from fwaudit.model.facts import NOWHERE
from fwaudit.model.inputs import ANY, FILE_NAME, WHOLE, InputEnd, is_file_name

MOST_STEPS = 1500
"""Expressions that are followed for the input of one function; beyond that it is not known where it goes."""
MOST_CALLS = 5
"""Functions of the project that input is followed into, one through the other."""
_ITEM_METHODS = frozenset({"get", "getlist", "getone", "getall", "pop", "setdefault", "__getitem__"})
_PASSING_METHODS = frozenset(
    {
        *("copy", "decode", "dict", "encode", "format", "items", "join", "json", "lower", "lstrip", "popitem", "read", "replace", "rstrip"),
        *("split", "splitlines", "strip", "title", "to_dict", "upper", "values", "partition", "rpartition", "get_json", "text"),
    }
)
_TESTING_METHODS = frozenset({"endswith", "isalnum", "isalpha", "isdecimal", "isdigit", "isidentifier", "isnumeric", "startswith"})
_PASSING_ATTRIBUTES = frozenset({FILE_NAME, "stream", "file", "data", "query"})
_PARTING_METHODS = frozenset({"split", "splitlines", "partition", "rpartition"})
_MAPPING_UPDATES = frozenset({"append", "add", "update", "extend", "insert"})


@dataclass(slots=True)
class InputFlow:
    """What was met on the way. Tainted expressions stand in `fields`, with the field that they hold."""

    fields: dict[tuple[Function, int], str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    ends: list[InputEnd] = field(default_factory=list)
    conversions: list[tuple[Function, int, str, str]] = field(default_factory=list)
    """(function, call, field, dotted name)"""
    styles: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    open: set[tuple[Function, int]] = field(default_factory=set)
    """Expressions whose attributes are fields of the input."""
    cleans_file_names: bool = False
    steps: int = 0


@dataclass(frozen=True, slots=True)
class _Step:
    function: Function
    expression: int
    field: str
    calls: tuple[tuple[Function, int], ...] = ()
    """The calls through which the function was entered, to which it returns."""

    def to(self, expression: int, field: str | None = None) -> _Step:
        """A step on, in the same function."""
        return _Step(self.function, expression, self.field if field is None else field, self.calls)


class Follower:
    """Follows the sources of one function at a time; what is known of functions and calls is kept."""

    def __init__(self, types: Types, uses: dict[Function, Uses], handlers: frozenset[Function]) -> None:
        self._types = types
        self._uses = uses
        self._handlers = handlers
        self.callees = Callees(types)

    def follow(self, sources: Iterable[Source]) -> InputFlow:
        """Where the input that these give goes."""
        flow = InputFlow()
        seen: set[tuple[object, ...]] = set()
        sources = tuple(sources)
        flow.names.update(one.field for one in sources if one.field != WHOLE)
        rows = self._types.catalog.inputs
        flow.open.update((one.function, one.expression) for one in sources if one.name in rows and rows[one.name].fields_are_attributes)
        flow.cleans_file_names = any(one.name in rows and rows[one.name].cleans_file_names for one in sources)
        todo = deque(_Step(one.function, one.expression, one.field) for one in sources)
        while todo:
            step = todo.popleft()
            key = (step.function, step.expression)
            visit = (*key, step.field, step.calls[-1:])
            if visit in seen:
                continue
            seen.add(visit)
            known = flow.fields.get(key)
            flow.steps += 1
            if flow.steps > MOST_STEPS:
                flow.styles.add("unknown")
                break
            flow.fields[key] = step.field if known in (None, step.field) else ANY
            todo.extend(self._next(flow, step))
        return flow

    def _next(self, flow: InputFlow, step: _Step) -> Iterator[_Step]:
        function, index = step.function, step.expression
        uses = uses_of(self._uses, function)
        for user in uses.users.get(index, ()):
            yield from self._through(flow, step, user)
        for binding, is_element in uses.bound.get(index, ()):
            part = ANY if is_element and step.field == WHOLE else step.field
            for name in self._readers(uses, binding):
                yield step.to(name, part)
        for store in uses.stored.get(index, ()):
            self._store(flow, step, store)
        if index in uses.returned and function not in self._handlers:
            yield from self._returned(step)

    def _returned(self, step: _Step) -> Iterator[_Step]:
        """The call through which the function was entered; all calls of one that reads the input itself."""
        if step.calls:
            function, call = step.calls[-1]
            yield _Step(function, call, step.field, step.calls[:-1])
        else:
            for frame, call, _ in self._types.callers.of(step.function):
                yield _Step(frame.function, call, step.field)

    def _readers(self, uses: Uses, binding: int) -> Iterator[int]:
        todo, seen = [binding], {binding}
        while todo:
            one = todo.pop()
            yield from uses.readers.get(one, ())
            for later in uses.rebound.get(one, ()):
                if later not in seen:
                    seen.add(later)
                    todo.append(later)

    def _through(self, flow: InputFlow, step: _Step, user: int) -> Iterator[_Step]:
        """What the user of the tainted expression makes of it."""
        function, index = step.function, step.expression
        expression = function.body.expressions[user]
        match expression:
            case facts.Attribute():
                yield from self._attribute(flow, step, user, expression.name)
            case facts.Call():
                if expression.function == index:
                    yield from self._called(flow, step, user, expression)
                else:
                    yield from self._given(flow, step, user, expression)
            case facts.Subscript():
                yield step.to(user, self._item(flow, step, expression.index))
            case facts.Operation() if expression.operator not in ("+", "%", "|", "/"):
                pass
            case facts.Display(kind="dict") if step.field == WHOLE and len(expression.items) > 1:
                pass  # beside other values, its fields are those of another dict
            case _:
                yield step.to(user)

    def _item(self, flow: InputFlow, step: _Step, key: int) -> str:
        """The field that an item is; of a part of the input, the part stays."""
        if step.field != WHOLE:
            return step.field
        constant = step.function.body.expressions[key] if key != NOWHERE else None
        if isinstance(constant, facts.Constant) and constant.kind == "str":
            flow.names.add(constant.text)
            return constant.text
        return ANY

    def _attribute(self, flow: InputFlow, step: _Step, user: int, name: str) -> Iterator[_Step]:
        function = step.function
        if name == FILE_NAME or (name in _PARTING_METHODS and is_file_name(step.field)):
            if name == FILE_NAME and not flow.cleans_file_names:
                yield step.to(user, FILE_NAME if step.field in (WHOLE, ANY) else f"{step.field}.{FILE_NAME}")
            return  # a part of a file's name is mostly its extension, which names no folder
        if name in _PASSING_ATTRIBUTES:
            yield step.to(user)
        if name in _TESTING_METHODS:
            flow.lost.add(step.field)
        if name not in _ITEM_METHODS and name not in _PASSING_METHODS:
            if (function, step.expression) in flow.open and not name.startswith("get"):
                flow.names.add(name)
                yield step.to(user, name)
            return
        for call_index in uses_of(self._uses, function).users.get(user, ()):
            call = function.body.expressions[call_index]
            if isinstance(call, facts.Call) and call.function == user:
                if name not in _ITEM_METHODS:
                    part = ANY if name in ("items", "values", "popitem") and step.field == WHOLE else step.field
                    yield step.to(call_index, part)
                elif call.arguments:
                    part = self._item(flow, step, call.arguments[0])
                    # Flask's `type` converts, and gives the default where that fails.
                    if any(keyword == "type" for keyword, _ in call.keywords) or len(call.arguments) > 2:
                        flow.conversions.append((function, call_index, part, "type"))
                    else:
                        yield step.to(call_index, part)

    def _called(self, flow: InputFlow, step: _Step, user: int, call: facts.Call) -> Iterator[_Step]:
        """A method of the request itself, which gives all of its input or the field of that name."""
        callee = step.function.body.expressions[call.function]
        name = callee.name if isinstance(callee, facts.Attribute) else ""
        is_item = name in ("get_argument", "get_arguments", "get_body_argument", "get_body_arguments", "get_query_argument")
        is_item = is_item or name in ("get_query_arguments", "get_param", "get_param_as_list")
        part = self._item(flow, step, call.arguments[0]) if is_item and call.arguments else step.field
        yield step.to(user, part)

    # --- arguments --------------------------------------------------------------------------------------

    def _given(self, flow: InputFlow, step: _Step, index: int, call: facts.Call) -> Iterator[_Step]:
        callee = self.callees.of(step.function, index)
        flow.styles.update(callee.styles)
        self._end(flow, step, index, callee)
        if callee.converts:
            flow.conversions.append((step.function, index, step.field, callee.converts))
        if callee.is_lost:
            self._lose(flow, step, call)
        if callee.passes:
            yield step.to(index)
        if len(step.calls) < MOST_CALLS:
            for value in callee.functions:
                yield from self._into(step, index, value, call)
        elif callee.functions:
            flow.lost.add(step.field)

    def _lose(self, flow: InputFlow, step: _Step, call: facts.Call) -> None:
        """What goes to something unknown may be checked there: the whole of it, if it was handed over whole."""
        named = step.function.body.expressions[call.function]
        name = facts.last_name(named)
        if name in _MAPPING_UPDATES:
            return
        if step.field in (WHOLE, ANY):
            flow.styles.add("unknown")
        flow.lost.add(step.field)

    def _end(self, flow: InputFlow, step: _Step, index: int, callee: Callee) -> None:
        call = step.function.body.call(index)
        position = call.arguments.index(step.expression) if step.expression in call.arguments else -1
        keyword = next((name for name, given in call.keywords if given == step.expression), None)
        for row, name in callee.sinks:
            if row.kind == "query" and _is_answered(step, index):
                continue
            counts = not row.positions and not row.keywords
            if counts or position in row.positions or (keyword is not None and keyword in row.keywords):
                is_spread = step.field == WHOLE and (keyword in ("", None))
                place = place_of(self._types.generic(step.function), call.span)
                flow.ends.append(InputEnd(place, row.kind, name, step.field, is_spread))

    def _into(self, step: _Step, index: int, value: FunctionObject, call: facts.Call) -> Iterator[_Step]:
        """The names in the function that stand for what it is given."""
        inner = value.function
        calls = (*step.calls, (step.function, index))
        parameters = inner.scope.parameters
        uses = uses_of(self._uses, inner)
        for parameter in parameters_given(value, call, step.expression):
            for name in self._readers(uses, parameter):
                yield _Step(inner, name, step.field, calls)
        if any(not keyword and given == step.expression for keyword, given in call.keywords):
            for place, declaration in enumerate(parameters):
                if place or value.receiver is None:
                    part = declaration.name if step.field == WHOLE and declaration.kind != "keywords" else step.field
                    for name in self._readers(uses, place):
                        yield _Step(inner, name, part, calls)

    def _store(self, flow: InputFlow, step: _Step, store: facts.AttributeStore) -> None:
        """An attribute of a model is set."""
        frame = self._types.generic(step.function)
        for value, _ in self._types.value(frame, store.base):
            if not isinstance(value, Object) or not self._declares(value.class_, store.name):
                continue
            for name in classes_of(self._types, value.class_):
                row = self._types.catalog.sinks.get(name)
                if row is not None:
                    shown = value.class_.qualified_name if isinstance(value.class_, Class) else name
                    place = self._place_of_value(step)
                    flow.ends.append(InputEnd(place, row.kind, f"{shown}.{store.name}", step.field))
                    break

    def _declares(self, class_: Class | str, name: str) -> bool:
        """Whether a model has a field of that name: what else is set on its objects is not stored."""
        if isinstance(class_, str):
            return True
        return any(isinstance(one, Class) and name in one.members for one in self._types.classes.order(class_))

    def _place_of_value(self, step: _Step) -> Place:
        frame = self._types.generic(step.function)
        expression = step.function.body.expressions[step.expression]
        span = expression.span if isinstance(expression, facts.Attribute | facts.Call | facts.Await | facts.Operation) else NOWHERE
        return place_of(frame, span)


def _is_answered(step: _Step, call: int) -> bool:
    """What a wrong value raises in the call, or in one that leads there, is caught: nothing is found, and nothing is kept of it."""
    places = ((step.function, call), *step.calls)
    return any(one.is_broad and one.first <= place < one.last for function, place in places for one in function.body.branches)
