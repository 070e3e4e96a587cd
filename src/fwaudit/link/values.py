"""What an expression can stand for, as far as names and types tell.

`Values` is a set of possibilities, each with a grade: how sure the weakest step was that led to it.
No possibility at all means: never anything that matters (None). `UNKNOWN` is a possibility like the others.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from fwaudit.link.symbols import Class, Function, Module
from fwaudit.model.facts import Name

LOW, MEDIUM, HIGH = 1, 2, 3
MOST_MEMBERS = 12
"""A union of more members than this says nothing."""


class Frame:
    """A function together with what is known of its arguments: the unit that is evaluated once.

    The generic frame of a function knows its arguments only from its own declaration.
    `closure` is the frame of the enclosing scope; `states` says of parameters what
    the call surely makes them: none, not-none, true or false.

    Where nothing but arguments and states tells it from the generic frame, that one is `base`, and
    `own` and `own_bindings` are the expressions and bindings that hang on them: all others mean what they mean there.
    """

    __slots__ = ("arguments", "base", "bindings", "closure", "function", "generic", "number", "own", "own_bindings", "states", "values")

    def __init__(
        self,
        function: Function,
        arguments: tuple[tuple[int, Values], ...],
        closure: Frame | None,
        states: tuple[tuple[int, str], ...],
        number: int,
    ) -> None:
        self.function = function
        self.arguments = dict(arguments)
        self.closure = closure
        self.number = number
        self.states = dict(states)
        self.generic: bool = not arguments and not states and (closure is None or closure.generic)
        self.base: Frame | None = None
        self.own: frozenset[int] = frozenset()
        self.own_bindings: frozenset[int] = frozenset()
        self.values: dict[int, Values] = {}
        self.bindings: dict[int, Values] = {}

    def binding_scope(self, name: Name) -> tuple[Frame, tuple[int, ...]]:
        """The frame, this one or one around it, whose scope gives a name its value, and the bindings that it can have there.

        As Python looks: the bodies of classes around are passed over. The module's frame and no bindings, where only its names,
        its star imports or the builtins can have it.
        """
        if name.bindings:
            return self, name.bindings
        scope = self
        while scope.closure is not None:
            own = scope.function.scope
            bindings = own.names.get(name.name, ()) if own.kind != "class" or scope is self else ()
            if bindings:
                return scope, bindings
            scope = scope.closure
        return scope, ()

    def __repr__(self) -> str:
        return f"<frame {self.number} of {self.function.qualified_name}>"


class _Value(msgspec.Struct, frozen=True, gc=True):
    """One thing that an expression can stand for."""


class Unknown(_Value, frozen=True):
    """Something that could not be told."""


class Object(_Value, frozen=True):
    """An instance. `class_` is a class of the project or the dotted name of a library's class."""

    class_: Class | str
    arguments: tuple[Values, ...] = ()
    """Type arguments: what a container holds."""
    exact: bool = False
    """Made by a constructor call, so no subclass."""
    made_with: Frame | None = None
    """The frame of `__init__`, where its arguments tell more than its declaration."""
    offloaded: bool = False
    """A lazy result made in a thread."""


class ClassObject(_Value, frozen=True):
    """A class itself."""

    class_: Class | str
    arguments: tuple[Values, ...] = ()


class FunctionObject(_Value, frozen=True):
    """A function of the project, bound to a receiver if it is a method. `wrapping`: "", context, async_context, property, static, class."""

    function: Function
    receiver: Value | None = None
    closure: Frame | None = None
    wrapping: str = ""
    like: str = ""
    """The library's class whose methods a decorator gives the function besides (`celery.Task`)."""


class LibraryName(_Value, frozen=True):
    """A dotted name of a library: a module, function or, with its receiver, a method."""

    dotted: str
    receiver: Value | None = None


class ModuleObject(_Value, frozen=True):
    """A module or namespace package of the project."""

    module: Module | None
    dotted: str
    importer: Module


class PartialObject(_Value, frozen=True):
    """A callable with some arguments given."""

    callable: Values
    arguments: tuple[Values, ...]
    keywords: tuple[tuple[str, Values], ...]


class Offloaded(_Value, frozen=True):
    """A callable that runs `callable` on another thread when it is called and awaited (`sync_to_async(f)`)."""

    callable: Values
    context: str


class LoopRunning(_Value, frozen=True):
    """A callable that runs the coroutine function `callable` on a loop and waits (`async_to_sync(f)`)."""

    callable: Values
    raises: str
    """Dotted name of what made it, if that raises on a thread that already runs a loop; else ""."""


class Awaitable(_Value, frozen=True):
    """What awaiting gives: `values`, or what `frame` returns. `coroutine`: a bare coroutine, lost if nobody awaits it."""

    values: Values | None
    frame: Frame | None = None
    coroutine: bool = True


class Generator(_Value, frozen=True):
    """A generator that runs `frame` as it is iterated. `offloaded`: made in a thread."""

    frame: Frame
    is_async: bool = False
    offloaded: bool = False


class LazyCalls(_Value, frozen=True):
    """What `map` or `filter` gives: consuming it calls `callables` and iterates over `source`."""

    callables: Values
    source: Values
    elements: Values
    offloaded: bool = False


class ContextManager(_Value, frozen=True):
    """What a function under `@contextmanager` gives: entering runs `frame` up to its yield. Without a frame: of a library."""

    frame: Frame | None
    is_async: bool = False
    values: Values | None = None


class TypeAlias(_Value, frozen=True):
    """A type written as a value, to be used in annotations: `Annotated[Session, Depends(get_db)]`."""

    values: Values
    is_variable: bool = False
    """A type variable: `values` are its bound, and a call may say more."""
    providers: Values = ()
    """The functions that dependency markers in it name: `get_db` of `Annotated[Session, Depends(get_db)]`."""


class SuperObject(_Value, frozen=True):
    """`super()`: the classes after `after` in the receiver's order."""

    after: Class
    receiver: Value


Value = (
    Unknown
    | Object
    | ClassObject
    | FunctionObject
    | LibraryName
    | ModuleObject
    | PartialObject
    | Offloaded
    | LoopRunning
    | Awaitable
    | Generator
    | LazyCalls
    | ContextManager
    | SuperObject
    | TypeAlias
)
Values = tuple[tuple[Value, int], ...]

UNKNOWN = Unknown()
NOTHING: Values = ()
UNKNOWN_VALUES: Values = ((UNKNOWN, HIGH),)


def surely(value: Value) -> Values:
    """`value` alone, with grade high."""
    return ((value, HIGH),)


def package_of(value: Value) -> str:
    """The top-level package of the library whose class the value is made of; "" for anything else."""
    return value.class_.partition(".")[0] if isinstance(value, Object) and isinstance(value.class_, str) else ""


def join(parts: Iterable[Values]) -> Values:
    """The union, each member with its best grade, in order of first appearance."""
    told = [part for part in parts if part]
    if len(told) <= 1:
        return told[0] if told else NOTHING
    merged: dict[Value, int] = {}
    for part in told:
        for value, grade in part:
            if grade > merged.get(value, 0):
                merged[value] = grade
    if len(merged) > MOST_MEMBERS:
        return UNKNOWN_VALUES
    return tuple(merged.items())


def weaken(values: Values, grade: int) -> Values:
    """`values`, none surer than `grade`."""
    if grade == HIGH or all(own <= grade for _, own in values):
        return values
    return tuple((value, min(own, grade)) for value, own in values)


def known(values: Values) -> bool:
    """Whether some member is not `UNKNOWN`."""
    return any(value is not UNKNOWN for value, _ in values)
