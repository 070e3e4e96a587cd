"""The nouns of the call graph: sites, what they hand control to, and leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fwaudit.link.values import HIGH, LOW, Frame
from fwaudit.model.context import Context, EdgeKind, WaitsFor
from fwaudit.model.facts import NOWHERE

GRAVEST = 3
"""The gravity of a leaf that can wait long; files and CPU are of less."""
_GRAVITY_OF_COST = {"content": 2, "metadata": 1}
UNLIKELY = 2
"""The doubt of a site in an `except`, or in a branch that ends in `raise`."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A call of a library, or an iteration over one of its objects, that holds the thread."""

    callee: str
    kind: str
    """blocking, cpu, or nested (runs a loop inside a loop)."""
    waits_for: WaitsFor | None
    cost: str = ""
    twin: str = ""
    is_iteration: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """One thing that a site may hand control to: a frame, or a leaf."""

    kind: EdgeKind
    grade: int
    target: Frame | None = None
    leaf: Leaf | None = None
    context: str = ""
    """Of an offloaded or private run: where it goes on."""
    is_from_thread: bool = False
    """What is iterated over was made in a thread."""
    once: bool = False
    """Runs the first time only, since the result is kept: of no account for a service that runs."""
    is_kept: bool = False
    """Runs once for whatever it is given, and whether that is one thing or another one on each request is not known."""

    def limit(self, gravity: int) -> int:
        """How sure it can be at most that it leads to something of that gravity: a few files, read once each, alarm nobody."""
        return LOW if self.is_kept and gravity < GRAVEST else HIGH


@dataclass(frozen=True, slots=True)
class Site:
    """A place in a frame. It takes one of `choices`, and then hands control to all members of that.

    `has_unknown`: it may also go where nothing is known of. `note` says how control passes if it is not a call.
    """

    frame: Frame
    span: int
    choices: tuple[tuple[Member, ...], ...]
    has_unknown: bool
    note: str = ""
    called_instead: bool = False
    """The call stands where an offloader expects the function itself."""
    doubt: int = 0
    """0: runs whenever the frame does; 1: under a condition; `UNLIKELY`: in an `except` and the like. What always runs is shown first."""
    is_first_use: bool = False
    """Is passed until an attribute of the method's instance has a value."""

    @property
    def members(self) -> Iterator[Member]:
        """The members of all choices."""
        return (member for choice in self.choices for member in choice)


@dataclass(frozen=True, slots=True)
class EntryFrame:
    """A frame that something outside the project's own calls runs, where, and as which of the routes (-1: none).

    A stream belongs to the routes of the frame `within` which it is handed over.
    """

    frame: Frame
    context: Context
    route: int = -1
    within: Frame | None = None


@dataclass(frozen=True, slots=True)
class LostCall:
    """A call whose result is lost: a coroutine that nobody awaits, or a result where a function was expected."""

    frame: Frame
    span: int
    callee: str


def span_of(frame: Frame, span: int) -> tuple[int, int, int, int]:
    """(line, column, end line, end column) of a span in the frame's file."""
    return frame.function.module.facts.span(span if span != NOWHERE else frame.function.scope.span)


def gravity_of(leaf: Leaf | None) -> int:
    """3 for what can wait long, 2 for file content and CPU, 1 for file metadata."""
    if leaf is None or leaf.waits_for is None:
        return GRAVEST
    if leaf.waits_for is WaitsFor.FILE:
        return _GRAVITY_OF_COST.get(leaf.cost, 2)
    return 2 if leaf.waits_for is WaitsFor.CPU else GRAVEST
