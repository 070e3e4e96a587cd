"""cProfile's files, which hold one table in the form of the module `marshal`.

`marshal.loads` is not made for bytes of strangers: it can crash the process. What cProfile writes is a dict of tuples of numbers and
strings; this reads these few types itself, and nothing else.
"""

from __future__ import annotations

import struct
from typing import Any

from fwaudit.profiles.recording import ProfileError, Recording, Stack, StackFrame

_DEPTH, _VALUES = 12, 20_000_000
_REFERENCE = 0x80
_NULL = object()


def read(content: bytes) -> Recording:
    """Each function's own time, and its time with all that it calls. There are no stacks in this form."""
    try:
        table = _Reader(content).value()
    except (struct.error, IndexError, UnicodeDecodeError, OverflowError, TypeError) as error:
        raise ProfileError("is not a whole file of cProfile") from error
    if not isinstance(table, dict):
        raise ProfileError("is not a file of cProfile: it holds no table")
    stacks, totals = [], []
    for key, row in table.items():
        frame, own, total = _row(key, row)
        stacks.append(Stack((frame,), own))
        totals.append((frame, total))
    return Recording("pstats", tuple(stacks), tuple(totals))


def _row(key: Any, row: Any) -> tuple[StackFrame, float, float]:
    """`(file, line, name): (primitive calls, calls, own time, time with callees, callers)`."""
    match key, row:
        case (str(file), int(line), str(name)), (int(), int(), float(own), float(total), dict()):
            return StackFrame(name, file, line), max(own, 0.0), max(total, 0.0)
        case _:
            raise ProfileError("is not a file of cProfile: a row of its table has another form")


class _Reader:
    """Reads one value after the other. Every read is checked against the end; nothing is made but numbers, strings, tuples, dicts."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._place = 0
        self._kept: list[Any] = []
        self._left = _VALUES

    def value(self, depth: int = 0) -> Any:
        """The next value. A dict and a tuple hold further ones, four levels deep in all that cProfile writes."""
        self._left -= 1
        if depth > _DEPTH or self._left < 0:
            raise ProfileError("is not a file of cProfile: it is nested too deeply, or holds too much")
        (code,) = self._take(1)
        kind = chr(code & ~_REFERENCE)
        if kind == "r":
            found = self._kept[self._long(0, len(self._kept) - 1)]
            if found is _NULL:
                raise ProfileError("is not a file of cProfile: a value holds itself")
            return found
        place = len(self._kept)
        if code & _REFERENCE:
            self._kept.append(_NULL)
        found = self._plain(kind, depth)
        if code & _REFERENCE:
            self._kept[place] = found
        return found

    def _plain(self, kind: str, depth: int) -> Any:
        match kind:
            case "0":
                return _NULL
            case "i":
                return struct.unpack("<i", self._take(4))[0]
            case "l":
                return self._big_number()
            case "g":
                return struct.unpack("<d", self._take(8))[0]
            case "z" | "Z":
                return self._take(self._take(1)[0]).decode("latin-1")
            case "a" | "A":
                return self._take(self._long(0, len(self._content))).decode("latin-1")
            case "u" | "t":
                return self._take(self._long(0, len(self._content))).decode("utf-8", "surrogatepass")
            case ")" | "(":
                size = self._take(1)[0] if kind == ")" else self._long(0, 100)
                return tuple(self.value(depth + 1) for _ in range(size))
            case "{":
                return self._table(depth)
            case _:
                raise ProfileError(f"is not a file of cProfile: it holds a value of the type {kind!r}")

    def _table(self, depth: int) -> dict[Any, Any]:
        table: dict[Any, Any] = {}
        while (key := self.value(depth + 1)) is not _NULL:
            table[key] = self.value(depth + 1)
        return table

    def _big_number(self) -> int:
        """A number of digits to the base of 2**15: a count of calls beyond 2**31."""
        size = self._long(0, 8)
        return sum(digit << (15 * place) for place, (digit,) in enumerate(struct.iter_unpack("<H", self._take(2 * size))))

    def _long(self, least: int, most: int) -> int:
        (number,) = struct.unpack("<i", self._take(4))
        if not least <= number <= most:
            raise ProfileError("is not a whole file of cProfile")
        return int(number)

    def _take(self, size: int) -> bytes:
        part = self._content[self._place : self._place + size]
        if len(part) != size:
            raise ProfileError("is not a whole file of cProfile: it ends too early")
        self._place += size
        return part
