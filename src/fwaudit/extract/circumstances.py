"""Under which circumstances each call of one scope is made: guards, first times, conditions, handlers.

What is known at a place travels with the reaching bindings, under keys that no name can have,
so branches, loops and early returns need no rules of their own here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from fwaudit.model.facts import NOWHERE, Decided, Guard

State = tuple[int, ...]
"""Of a parameter: (what it may be,). Of a kept place: see below. Empty: nothing is known."""

NONE = 1
EMPTY = 2
"""False, but not None."""
TRUE = 4
NOT_NONE = EMPTY | TRUE
FALSE = NONE | EMPTY
ANYTHING = NONE | EMPTY | TRUE
_KINDS: dict[int, tuple[str, ...]] = {
    NONE: ("none",),
    EMPTY: ("not-none", "false"),
    TRUE: ("true",),
    NOT_NONE: ("not-none",),
    FALSE: ("false",),
}
"""The guards that say what a parameter may be; of a few sums they cannot."""

_STORED = (NOWHERE,)
"""The place was stored to before any test of it: it is not kept from an earlier call. (f,): within filling f; (f, 1): and stored to."""
_MOST_SUBJECTS = 64
"""Parameters, places and tests of one scope, else many tests and many calls would cost their product."""
_FIRST_TEST = -2
"""Subjects from here downwards are tests: the expression is `_FIRST_TEST` less the subject."""


@dataclass(frozen=True, slots=True)
class Passed:
    """The parameter called `name` is `possible`, a sum of NONE, EMPTY and TRUE."""

    name: str
    possible: int


@dataclass(frozen=True, slots=True)
class Missing:
    """`place`, a name, `name.attribute` or item of one that outlives the call, has no value yet; an item's `key` is an expression."""

    place: str
    key: int = NOWHERE
    attribute: str = ""
    """Of an attribute of the instance, which may be another one on each call: its name."""
    is_sure: bool = True
    """False where the place may also have a value that does no longer: `if self.token is None or self.token.expired()`."""


@dataclass(frozen=True, slots=True)
class Tested:
    """The expression `test` is `possible`: TRUE or FALSE."""

    test: int
    possible: int


@dataclass(frozen=True, slots=True)
class Filling:
    """Code that runs only while a place is missing: how many conditions it is under, the filling around it (-1: none), an item's key."""

    depth: int
    outer: int
    key: int
    attribute: str
    is_sure: bool


class Circumstances:
    """What is gathered of one scope's calls, by index, while it is read in execution order."""

    __slots__ = (
        "conditional",
        "decided",
        "depth",
        "filled",
        "fillings",
        "first_calls",
        "guards",
        "handlers",
        "keyed",
        "replaced",
        "subjects",
        "unlikely",
    )

    def __init__(self) -> None:
        self.depth = 0
        """Conditions that the place being read is under."""
        self.handlers = 0
        """`except` handlers that it is in."""
        self.subjects: dict[str, int] = {}
        """The keys of everything tested or stored; the parameter's index, -1 for a place, less for a test."""
        self.guards: list[tuple[int, int, int]] = []
        """(call, parameter, what it may be)"""
        self.decided: list[Decided] = []
        self.fillings: list[Filling] = []
        self.filled: set[int] = set()
        self.keyed: set[int] = set()
        """Fillings of an item whose key may be another one on each call."""
        self.replaced: set[str] = set()
        """Places that get another value on each call, under no condition: a table there is empty each time."""
        self.first_calls: list[tuple[int, int]] = []
        """(call, filling)"""
        self.conditional: list[int] = []
        self.unlikely: list[int] = []

    def note_read(self, attribute: int) -> None:
        """Take in a read of an attribute."""
        if self.depth:
            self.conditional.append(attribute)

    def note(self, call: int, reaching: dict[str, State]) -> None:
        """Take in a call made where `reaching` holds."""
        if self.depth:
            self.conditional.append(call)
        if self.handlers:
            self.unlikely.append(call)
        for key, parameter in self.subjects.items():
            state = reaching.get(key)
            if not state:
                continue
            if parameter == NOWHERE:
                if state != _STORED:
                    self.first_calls.append((call, state[0]))
            elif parameter <= _FIRST_TEST:
                self.decided.append(Decided(call, _FIRST_TEST - parameter, state[0] == TRUE))
            else:
                self.guards.append((call, parameter, state[0]))

    def note_returned(self, value: int, reaching: dict[str, State]) -> None:
        """Take in the value of a `return` where `reaching` holds."""
        for key, subject in self.subjects.items():
            state = reaching.get(key)
            if state and subject <= _FIRST_TEST:
                self.decided.append(Decided(value, _FIRST_TEST - subject, state[0] == TRUE))
            elif state and subject != NOWHERE:
                self.guards.append((value, subject, state[0]))

    def note_defined(self, binding: int, reaching: dict[str, State]) -> None:
        """Take in the definition of a function where `reaching` holds."""
        for key, subject in self.subjects.items():
            state = reaching.get(key)
            if state and subject <= _FIRST_TEST:
                self.decided.append(Decided(binding, _FIRST_TEST - subject, state[0] == TRUE, is_definition=True))

    def add_subject(self, key: str, parameter: int) -> bool:
        """Whether the key is followed, now that something is known under it."""
        if key not in self.subjects:
            if len(self.subjects) >= _MOST_SUBJECTS:
                return False
            self.subjects[key] = parameter
        return True

    def add_test(self, test: int) -> str:
        """The key under which the outcome of the test is followed; "" if it is not."""
        key = f"={test}"
        return key if self.add_subject(key, _FIRST_TEST - test) else ""

    def replace(self, place: str) -> None:
        """Take in a store to the name or attribute `place`."""
        if not self.depth:
            self.replaced.add(place)

    def begin_filling(self, before: State, missing: Missing) -> State:
        """The state where a place is missing that was in state `before`."""
        if before == _STORED or len(before) > 1 or (before and self.fillings[before[0]].depth == self.depth):
            return before
        self.fillings.append(Filling(self.depth, before[0] if before else NOWHERE, missing.key, missing.attribute, missing.is_sure))
        return (len(self.fillings) - 1,)

    def stored(self, before: State) -> State:
        """The state of a place after a store to it."""
        state = (before[0], 1) if before and before != _STORED else _STORED
        self.settle(state)
        return state

    def settle(self, state: State) -> None:
        """A filling fills its place if a store is met on each way through it."""
        if len(state) < 2:
            return
        depth, filling = self.depth, state[0]
        while filling != NOWHERE and depth <= self.fillings[filling].depth:
            self.filled.add(filling)
            # A second look at the place, as under a lock, is no further condition.
            depth, filling = self.fillings[filling].depth - 1, self.fillings[filling].outer

    def first_time(self) -> tuple[int, ...]:
        """The calls made only until a place is filled."""
        return tuple(sorted({call for call, filling in self.first_calls if any(not one.attribute for one in self._filled(filling))}))

    def first_of_instance(self) -> tuple[tuple[int, str], ...]:
        """The calls made only until an attribute of the instance is there, with its name."""
        found = ((call, one.attribute) for call, filling in self.first_calls for one in self._filled(filling) if one.attribute)
        return tuple(sorted(set(found)))

    def first_of_key(self) -> tuple[tuple[int, int], ...]:
        """The calls made only until an item is there whose key may be another one on each call, with the expression of the key."""
        found = ((call, one.key) for call, filling in self.first_calls for one in self._around(filling, self.keyed) if one.is_sure)
        return tuple(sorted(set(found)))

    def now_and_then(self) -> set[int]:
        """The calls made only until a place is filled, and again where what is there no longer does."""
        return {call for call, filling in self.first_calls for _ in self._filled(filling, is_sure=False)}

    def _filled(self, filling: int, *, is_sure: bool = True) -> Iterator[Filling]:
        """Of the fillings around a place, those that fill theirs."""
        return (one for one in self._around(filling, self.filled) if one.is_sure == is_sure)

    def _around(self, filling: int, wanted: set[int]) -> Iterator[Filling]:
        while filling != NOWHERE:
            one = self.fillings[filling]
            if filling in wanted:
                yield one
            filling = one.outer

    def keep_guards(self, first: int, parameter: int, state: State) -> None:
        """Of the parameter's guards on calls from index `first` on, keep what was known (`state`) before."""
        start = bisect_left(self.guards, (first,))
        others = [guard for guard in self.guards[start:] if guard[1] != parameter]
        kept = [(guard[0], parameter, state[0]) for guard in self.guards[start:] if guard[1] == parameter] if state else []
        self.guards[start:] = sorted([*others, *kept])

    def finished_guards(self, rebound: set[str], names: dict[str, list[int]]) -> tuple[Guard, ...]:
        """The guards, but for those of parameters that an inner function rebinds; `names` has each name's bindings."""
        parameters = {names[name][0] for name in rebound if name in names}
        return tuple(
            [
                Guard(call, parameter, kind)
                for call, parameter, possible in self.guards
                if parameter not in parameters
                for kind in _KINDS.get(possible, ())
            ]
        )


def learned(before: State, possible: int) -> State:
    """What is known of a parameter after a test; the later of two tests that exclude each other, as if the value had changed."""
    return ((before[0] & possible) or possible,) if before else (possible,)


def either(before: State, states: list[State]) -> State:
    """What is known of a parameter where branches meet, each with a state of its own."""
    limit = before[0] if before else ANYTHING
    possible = 0
    for state in states:
        possible |= state[0] if state else ANYTHING
    possible = possible & limit or limit
    return () if possible == ANYTHING else (possible,)
