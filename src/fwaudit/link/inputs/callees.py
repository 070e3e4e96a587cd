"""What a call does with the input that it is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from fwaudit.catalog.schema import Sinks
from fwaudit.link.inference.types import Types
from fwaudit.link.inputs.sources import classes_of, owners_of
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import UNKNOWN, ClassObject, FunctionObject, LibraryName, Object, PartialObject, Value
from fwaudit.model import facts

CONVERSION = "conversion"
"""The style of validators that make one value a number, a date and the like."""
_MAY_CHECK = ("check", "clean", "deserialize", "form", "load", "parse", "sanit", "schema", "structure", "valid", "verify")
"""In the name of something of which nothing else is known: it may well check what it is given."""
_PASSING = frozenset(
    f"builtins.{name}" for name in ("dict", "frozenset", "list", "map", "reversed", "set", "sorted", "str", "tuple", "zip", "iter", "next")
) | {
    *("copy.copy", "copy.deepcopy", "json.load", "json.loads", "orjson.loads", "simplejson.load", "simplejson.loads", "ujson.load"),
    *("ujson.loads", "tornado.escape.json_decode", "urllib.parse.unquote", "os.path.join", "pathlib.Path"),
}


@dataclass(slots=True)
class Callee:
    """All that one call may do. `sinks` are (row, dotted name)."""

    styles: list[str] = field(default_factory=list)
    sinks: list[tuple[Sinks, str]] = field(default_factory=list)
    functions: list[FunctionObject] = field(default_factory=list)
    passes: bool = False
    converts: str = ""
    is_lost: bool = False


class Callees:
    """Answers are computed once for each call."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._known: dict[tuple[Function, int], Callee] = {}

    def of(self, function: Function, index: int) -> Callee:
        """The callee of call `index` in the function."""
        found = self._known.get((function, index))
        if found is None:
            found = self._known[function, index] = self._read(function, index)
        return found

    def _read(self, function: Function, index: int) -> Callee:
        frame = self._types.generic(function)
        call = function.body.call(index)
        callee = Callee()
        named = function.body.expressions[call.function]
        if isinstance(named, facts.Attribute):
            for value, _ in self._types.value(frame, named.value):
                self._add_receiver(callee, value)
        values = [value for value, _ in self._types.value(frame, call.function)]
        for value in values:
            self._add(callee, value)
        told = callee.styles or callee.sinks or callee.functions or callee.passes or callee.converts
        if not told:
            name = facts.last_name(named)
            is_library = bool(values) and all(isinstance(value, LibraryName | ClassObject) for value in values)
            callee.is_lost = callee.is_lost or (not is_library and UNKNOWN in values) or any(part in name.lower() for part in _MAY_CHECK)
        return callee

    def _add_receiver(self, callee: Callee, value: Value) -> None:
        """A method of a schema or a form checks what it is given."""
        for name in owners_of(self._types, value):
            row = self._types.catalog.validators.get(name)
            if row is not None and row.style != CONVERSION and name not in self._types.catalog.sinks:
                callee.styles.append(row.style)

    def _add(self, callee: Callee, value: Value) -> None:
        if isinstance(value, PartialObject):
            for inner, _ in value.callable:
                self._add(callee, inner)
            return
        for name in self._names(value):
            sink = self._types.catalog.sinks.get(name)
            if sink is not None:
                callee.sinks.append((sink, self._shown(value, name)))
                return
            row = self._types.catalog.validators.get(name)
            if row is not None and row.style == CONVERSION:
                callee.converts = name
                return
            if row is not None:
                callee.styles.append(row.style)
                return
            if name in _PASSING:
                callee.passes = True
                return
        if isinstance(value, FunctionObject):
            callee.functions.append(value)
            callee.is_lost = callee.is_lost or any(part in value.function.name.lower() for part in _MAY_CHECK)
        elif isinstance(value, ClassObject) and isinstance(value.class_, Class):
            made = Object(value.class_, (), True)
            for constructor in self._types.binder.constructors(value.class_):
                callee.functions.append(FunctionObject(constructor, made, None))

    def _names(self, value: Value) -> Iterator[str]:
        if isinstance(value, LibraryName):
            last = value.dotted.rpartition(".")[2]
            yield self._types.catalog.canonical(value.dotted)
            if isinstance(value.receiver, Object | ClassObject):
                yield from (f"{owner}.{last}" for owner in classes_of(self._types, value.receiver.class_))
        elif isinstance(value, ClassObject | Object):
            yield from classes_of(self._types, value.class_)

    def _shown(self, value: Value, name: str) -> str:
        """The class of the project that is made, or the library's name."""
        if isinstance(value, ClassObject) and isinstance(value.class_, Class):
            return value.class_.qualified_name
        return name
