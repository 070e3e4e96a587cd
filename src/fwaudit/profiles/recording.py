"""What every profile is made into: stacks with the seconds that were spent in them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class StackFrame:
    """One function on a stack, as the profiler names it. `line` is 0 where none is said."""

    name: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Stack:
    """Frames from the outermost to the innermost, and the time that was spent in the innermost one."""

    frames: tuple[StackFrame, ...]
    seconds: float
    blocks_loop: bool = False
    """The profiler itself says that this held up an event loop."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One file of a profiler. `form` is speedscope, collapsed, pyinstrument, pstats or asyncio."""

    form: str
    stacks: tuple[Stack, ...]
    totals: tuple[tuple[StackFrame, float], ...] = ()
    """Seconds in a function and all that it calls, where the form says these instead of stacks."""
    is_counted: bool = False
    """The seconds are numbers of samples: only their shares mean something."""


class ProfileError(Exception):
    """Why a profile cannot be read; for people."""


MOST_FRAMES = 20_000_000
"""The frames of all stacks together: a small file can open and close a function at the end of a deep stack for ever."""


class StackCollector:
    """Adds up the time of equal stacks; ProfileError when the stacks get too many and too deep to be held."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[StackFrame, ...], float] = {}
        self._room = MOST_FRAMES

    def add(self, frames: tuple[StackFrame, ...], seconds: float) -> None:
        """Time that was spent in the innermost frame."""
        if frames not in self._seconds:
            self._room -= len(frames)
            if self._room < 0:
                raise ProfileError(f"has stacks of more than {MOST_FRAMES:,} frames together")
        self._seconds[frames] = self._seconds.get(frames, 0.0) + seconds

    @property
    def stacks(self) -> list[Stack]:
        """In the order in which they were first seen."""
        return [Stack(frames, seconds) for frames, seconds in self._seconds.items()]
