"""Collapsed stacks, one a line: py-spy's `--format raw`, and what flame graphs are made from."""

from __future__ import annotations

import re

from fwaudit.profiles.recording import ProfileError, Recording, Stack, StackFrame

_FRAME = re.compile(r"(?P<name>[^()]*?) \((?P<file>[^()]+?)(?::(?P<line>\d{1,9}))?\)")
_LINE_LIMIT = 200_000


def read(content: bytes) -> Recording:
    """The stacks, weighed by their numbers of samples."""
    stacks: list[Stack] = []
    known: dict[str, StackFrame] = {}
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
        if not line.strip():
            continue
        written, _, count = line.rpartition(" ")
        if len(line) > _LINE_LIMIT or not written or not count.isdecimal() or len(count) > 18:
            raise ProfileError(f"is not a file of collapsed stacks: line {number} does not end in a number of samples")
        frames = tuple(known.get(part) or known.setdefault(part, _frame(part)) for part in written.split(";"))
        stacks.append(Stack(frames, float(count)))
    return Recording("collapsed", tuple(stacks), is_counted=True)


def _frame(written: str) -> StackFrame:
    match = _FRAME.fullmatch(written)
    return StackFrame(written, "", 0) if match is None else StackFrame(match["name"], match["file"], int(match["line"] or 0))
