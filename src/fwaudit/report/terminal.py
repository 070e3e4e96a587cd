"""What the text report is drawn on: its width, its colours, its characters.

Built by hand and not with rich: the report needs four colours, one kind of table and wrapped sentences,
while importing `rich.console` alone takes 30 to 45 ms of the 200 ms that a warm audit may take.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from fwaudit.model.context import Grade
from fwaudit.report.escape import visible

_SEVERITY_COLORS = {Grade.HIGH: "1;31", Grade.MEDIUM: "1;33", Grade.LOW: "1;36"}


NARROWEST = 40
"""Columns."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """`width` in columns; `color`: escape codes may be used; `ascii_only`: nothing beyond ASCII may."""

    width: int
    color: bool
    ascii_only: bool

    @property
    def bar(self) -> str:
        """The line beside source code."""
        return "|" if self.ascii_only else "│"

    @property
    def branch(self) -> str:
        """What leads to the next step of a path."""
        return "`- " if self.ascii_only else "└─ "

    @property
    def rule(self) -> str:
        """A line over the whole width, at most 80 columns."""
        return ("-" if self.ascii_only else "─") * min(self.width, 80)

    @property
    def dot(self) -> str:
        """What stands between two remarks."""
        return " - " if self.ascii_only else " · "

    @property
    def ellipsis(self) -> str:
        """What stands for text that was cut."""
        return "..." if self.ascii_only else "…"

    def clean(self, text: str) -> str:
        """`text` as it may be shown here."""
        return visible(text, ascii_only=self.ascii_only)

    def bold(self, text: str) -> str:
        """`text`, brought out."""
        return self._paint(text, "1")

    def dim(self, text: str) -> str:
        """`text`, held back."""
        return self._paint(text, "2")

    def severity(self, text: str, grade: Grade) -> str:
        """`text` in the colour of `grade`."""
        return self._paint(text, _SEVERITY_COLORS[grade])

    def _paint(self, text: str, codes: str) -> str:
        return f"\x1b[{codes}m{text}\x1b[0m" if self.color and text else text

    def crop(self, text: str, width: int) -> str:
        """`text`, cut at its end so that it takes at most `width` columns."""
        if columns(text) <= width:
            return text
        room = max(width - len(self.ellipsis), 0)
        return fitting(text, room) + self.ellipsis

    def crop_start(self, text: str, width: int) -> str:
        """`text`, cut at its start so that it takes at most `width` columns."""
        if columns(text) <= width:
            return text
        room = max(width - len(self.ellipsis), 0)
        start = len(text) - min(room, len(text))
        while columns(text[start:]) > room:
            start += 1
        return self.ellipsis + text[start:]

    def wrap(self, text: str, first: str = "", rest: str | None = None) -> list[str]:
        """`text` in lines that fit, the first after `first`, the others after `rest`; a word that is too long stays whole."""
        return self.flow(text.split(" "), " ", first, rest)

    def flow(self, pieces: Iterable[str], separator: str, first: str = "", rest: str | None = None) -> list[str]:
        """`pieces` with `separator` between them in lines that fit; breaks come between pieces alone."""
        lead, following = first, rest if rest is not None else " " * columns(first)
        lines: list[str] = []
        line = ""
        for piece in pieces:
            longer = f"{line}{separator}{piece}" if line else piece
            if line and columns(lead) + columns(longer) > self.width:
                lines.append(lead + line)
                lead, line = following, piece
            else:
                line = longer
        return [*lines, lead + line]


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def fitting(text: str, width: int) -> str:
    """The longest start of `text` that takes at most `width` columns."""
    if text.isascii():
        return text[:width]
    used = 0
    for index, character in enumerate(text):
        used += _columns_of(character)
        if used > width:
            return text[:index]
    return text


def pad(text: str, width: int) -> str:
    """`text` with spaces after it up to `width` columns."""
    return text + " " * (width - columns(text))


@cache
def _columns_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def terminal_of(width: int, *, color: bool, ascii_only: bool) -> Terminal:
    """The terminal to write for; a narrower one than `NARROWEST` gets lines of that width."""
    return Terminal(max(width, NARROWEST), color, ascii_only)
