"""Branches that what is known of a frame's values rules out: an `isinstance` that cannot hold, a wrapper for the other kind of function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fwaudit.link.inference.attributes import SAYING_NOTHING
from fwaudit.link.inference.classes import UNKNOWN_BASE
from fwaudit.link.symbols import Class
from fwaudit.link.values import MEDIUM, ClassObject, Frame, FunctionObject, LibraryName, Object, Value, Values, weaken
from fwaudit.model import facts

if TYPE_CHECKING:
    from fwaudit.link.inference.types import Types

_RULED_OUT_BY = {
    "none": ("not-none", "true", "false"),
    "not-none": ("none",),
    "true": ("none", "false"),
    "false": ("true",),
}
"""For each kind of guard, what a parameter must be to rule the call out."""

_PLAIN = frozenset(
    f"builtins.{name}"
    for name in ("bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "memoryview", "set", "str", "tuple")
)
_FILES = frozenset({"io.BytesIO", "io.StringIO", "pathlib.Path", "pathlib.PurePath"})
_TELLING = _PLAIN | _FILES
"""Classes of the standard library that no value of another one of them is an instance of, but for those in `_ABOVE`."""
_ABOVE = {"builtins.bool": "builtins.int", "pathlib.Path": "pathlib.PurePath"}
_WRITTEN = {f"typing.{name}": f"builtins.{name.lower()}" for name in ("Dict", "FrozenSet", "List", "Set", "Tuple")} | {
    "typing.Text": "builtins.str"
}


_TELLING_COROUTINE_FUNCTIONS = frozenset({"asgiref.sync.iscoroutinefunction", "asyncio.iscoroutinefunction", "inspect.iscoroutinefunction"})


class Branches:
    """What of a function's body a frame never runs."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._places: dict[int, tuple[frozenset[int], frozenset[int]]] = {}

    def is_decided(self, frame: Frame) -> bool:
        """Whether there is anything to ask: most functions have no such tests."""
        body = frame.function.body
        return bool(body.decided or (frame.states and body.guards))

    def excluded(self, frame: Frame) -> frozenset[int]:
        """The calls and returned values that the frame's arguments and types rule out."""
        return self._ruled_out(frame)[0]

    def excluded_definitions(self, frame: Frame) -> frozenset[int]:
        """The bindings of functions that are ruled out likewise."""
        return self._ruled_out(frame)[1]

    def callees(self, frame: Frame, index: int, call: facts.Call, callees: Values) -> Values:
        """Those of the callees of call `index` that the tests around it leave: `if iscoroutinefunction(f): await f()`."""
        body = frame.function.body
        if not body.decided or len(callees) < 2:
            return callees
        for one in body.decided:
            test = body.expressions[one.test] if one.place == index and not one.is_definition else None
            if not isinstance(test, facts.Call) or not test.arguments:
                continue
            is_same = body.expressions[test.arguments[0]] == body.expressions[call.function]
            if is_same and self._asks_for_coroutine_functions(frame, test):
                left = tuple((value, grade) for value, grade in callees if _is_coroutine_function(value) is not (not one.holds))
                # Which of them it is was not told: the branch may never be taken.
                callees = left if len(left) == len(callees) else weaken(left, MEDIUM)
        return callees

    def _asks_for_coroutine_functions(self, frame: Frame, test: facts.Call) -> bool:
        names = {value.dotted if isinstance(value, LibraryName) else "" for value, _ in self._types.value(frame, test.function)}
        return bool(names) and names <= _TELLING_COROUTINE_FUNCTIONS

    def _ruled_out(self, frame: Frame) -> tuple[frozenset[int], frozenset[int]]:
        found = self._places.get(frame.number)
        if found is None:
            body = frame.function.body
            places: set[int] = set()
            definitions: set[int] = set()
            if frame.states:
                places.update(guard.place for guard in body.guards if frame.states.get(guard.parameter) in _RULED_OUT_BY[guard.kind])
            answers = {test: self._answer(frame, test) for test in sorted({one.test for one in body.decided})}
            for one in body.decided:
                answer = answers[one.test]
                if answer is not None and answer is not one.holds:
                    (definitions if one.is_definition else places).add(one.place)
            found = self._places[frame.number] = (frozenset(places), frozenset(definitions))
        return found

    def _answer(self, frame: Frame, test: int) -> bool | None:
        """What the test gives in this frame; None where that is not known."""
        call = frame.function.body.expressions[test]
        if isinstance(call, facts.Other):
            return False if self._types.nones.excludes_none(frame, test - 2) else None
        if not isinstance(call, facts.Call) or not call.arguments or call.keywords:
            return None
        subjects = self._types.value(frame, call.arguments[0])
        callee = self._types.value(frame, call.function)
        names = {value.dotted if isinstance(value, LibraryName) else "" for value, _ in callee}
        if names == {"builtins.isinstance"} and len(call.arguments) == 2:
            classes = self._types.narrowing.class_members(self._types.value(frame, call.arguments[1]))
            return self._agreed([self._is_instance(value, classes) for value, _ in subjects])
        if self._asks_for_coroutine_functions(frame, call):
            return self._agreed([_is_coroutine_function(value) for value, _ in subjects])
        return None

    def _agreed(self, answers: list[bool | None]) -> bool | None:
        return answers[0] if answers and all(answer is answers[0] for answer in answers) else None

    def _is_instance(self, value: Value, classes: Values) -> bool | None:
        answers = [self._is_one(value, _class_named(one)) for one, _ in classes]
        if True in answers:
            return True
        return False if answers and all(answer is False for answer in answers) else None

    def _is_one(self, value: Value, wanted: Class | str | None) -> bool | None:
        """Whether `value` is an instance of the class; None where there may be more to it."""
        if not isinstance(value, Object) or wanted is None or not (isinstance(wanted, Class) or wanted in _TELLING):
            return None
        own = value.class_
        if isinstance(own, Class):
            order = self._types.classes.order(own)
            if wanted in order:
                return True
            below = () if value.exact else self._types.classes.subclasses(own)
            orders = [order, *(self._types.classes.order(one) for one in below)]
            is_open = any(_may_lie_below(base, wanted) for one in orders for base in one)
            return None if is_open or any(wanted in one for one in orders) else False
        if wanted in (own, _ABOVE.get(own)):
            return True
        if own not in _TELLING:
            return None
        if isinstance(wanted, Class):
            order = self._types.classes.order(wanted)
            return None if own in order or UNKNOWN_BASE in order else False
        return None if not value.exact and _ABOVE.get(wanted) == own else False


def _may_lie_below(base: Class | str, wanted: Class | str) -> bool:
    """Whether nothing tells that the base is not itself below `wanted`: of libraries' classes only some bases are known."""
    if isinstance(base, Class):
        return False
    return base == UNKNOWN_BASE or (isinstance(wanted, str) and base not in SAYING_NOTHING and base not in _TELLING)


def _class_named(value: Value) -> Class | str | None:
    if isinstance(value, ClassObject):
        return _WRITTEN.get(value.class_, value.class_) if isinstance(value.class_, str) else value.class_
    return _WRITTEN.get(value.dotted) if isinstance(value, LibraryName) else None


def _is_coroutine_function(value: Value) -> bool | None:
    if not isinstance(value, FunctionObject) or value.wrapping or value.like or value.function.scope.is_generator:
        return None
    return value.function.scope.is_async
