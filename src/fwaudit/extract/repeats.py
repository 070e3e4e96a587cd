"""Loops: which of a scope's expressions run again and again, and which of those leave the loop."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from fwaudit.model.facts import Loop

_LEAVING: frozenset[type[cst.CSTNode]] = frozenset({cst.Break, cst.Raise, cst.Return})


class Repeats:
    """The loops of one scope, gathered while it is read."""

    __slots__ = ("_open", "loops")

    def __init__(self) -> None:
        self.loops: list[Loop] = []
        self._open: list[tuple[int, int, list[tuple[int, int]]]] = []
        """(what is iterated, first expression, ranges that leave) of each loop around the place being read, the outermost first."""

    def enter(self, iterated: int, first: int) -> None:
        """A loop's repeated part starts with the expression `first`."""
        self._open.append((iterated, first, []))

    def leave(self, end: int) -> None:
        """The innermost loop's repeated part ends before the expression `end`."""
        iterated, first, leaving = self._open.pop()
        if end > first:
            self.loops.append(Loop(iterated, first, end, tuple(leaving)))

    def note_block(self, statements: Sequence[cst.CSTNode], first: int, end: int) -> None:
        """Take in a block that was read as the expressions from `first` to before `end`: it may leave the loops around it."""
        if not self._open or end == first or not statements:
            return
        last = statements[-1]
        if type(last) is cst.SimpleStatementLine:
            last = last.body[-1]
        if type(last) in _LEAVING:
            left = self._open[-1:] if type(last) is cst.Break else self._open
            for _, start, leaving in left:
                leaving.append((max(first, start), end))
