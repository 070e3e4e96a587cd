"""How far one question has been followed: the way to where it stands now, and how much it has looked at in all.

A bound on the way alone is not enough: where six branches set a name at each of ten steps, there are sixty million ways.
"""

from __future__ import annotations

from collections.abc import Hashable
from itertools import count


class Trail:
    """The marks that one way passes. All ways of a question share the count of what they look at."""

    __slots__ = ("_longest", "_marks", "_most", "_visits")

    def __init__(self, longest: int, most: int) -> None:
        """`longest`: marks on one way; `most`: what all ways of the question may look at."""
        self._longest = longest
        self._most = most
        self._marks: frozenset[Hashable] = frozenset()
        self._visits = count()

    def after(self, mark: Hashable) -> Trail | None:
        """The trail with one mark more; None where that leads in a circle or too far."""
        if mark in self._marks or len(self._marks) >= self._longest or not self.goes_on():
            return None
        further = Trail(self._longest, self._most)
        further._marks = self._marks | {mark}
        further._visits = self._visits
        return further

    def goes_on(self) -> bool:
        """Whether the question may look at one thing more; it is counted."""
        return next(self._visits) < self._most
