"""Braces in the names of tables: `a.{b,c}` is short for `a.b` and `a.c`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from fwaudit.errors import CatalogError

MOST_NAMES = 1000
"""So many names a text may stand for: the longest of the shipped ones has 36, and a workspace may bring tables of its own."""
_BRACES = re.compile(r"\{((?:\w+(?:\.\w+)*(?:, ?|(?=\})))+)\}")


def without_braces(text: str) -> str:
    """The text with a word in the place of all braces, to see whether it is a name otherwise."""
    return _BRACES.sub("x", text)


@cache
def expand_braces(text: str) -> tuple[str, ...]:
    """`a.{b,c}` as `a.b` and `a.c`; several braces multiply. Raises CatalogError where they make too many names."""
    number = math.prod(braces[1].count(",") + 1 for braces in _BRACES.finditer(text))
    if number > MOST_NAMES:
        raise CatalogError(f"`{text if len(text) <= 60 else text[:60] + '...'}` stands for more than {MOST_NAMES:,} names")
    return tuple(_expansions(text))


def expand_all(table: Any) -> None:
    """Expands every text in a table; so one that stands for too many names is refused when it is read, whoever asks for it later."""
    waiting = [table]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and "{" in one:
            expand_braces(one)


def _expansions(text: str) -> Iterator[str]:
    braces = _BRACES.search(text)
    if braces is None:
        yield text
        return
    for choice in braces[1].split(","):
        yield from _expansions(text[: braces.start()] + choice.strip() + text[braces.end() :])
