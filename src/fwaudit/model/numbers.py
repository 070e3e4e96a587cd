"""Numbers in audited text: whatever stands there is read, or nothing comes back; nothing is raised."""

from __future__ import annotations

import string

_MOST_DIGITS = 18
"""More than anything counts; Python itself refuses to read a few thousand."""
_BEGINS = frozenset((*string.digits, "."))


def whole_number(text: str) -> int | None:
    """The value of decimal digits (`4`), None for anything else: `-1`, `²`, and what is far too long."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None


def number_of(source: str) -> float | None:
    """The value of an int or float literal as code spells it (`0x1F`, `1_000`, `-2.5e3`), None for anything else."""
    if source.removeprefix("-")[:1] not in _BEGINS:  # float would take `nan` and `inf`, too
        return None
    for read in (lambda text: float(int(text, 0)), float):
        try:
            return read(source)
        except (OverflowError, ValueError):  # also for more digits than Python reads
            continue
    return None
