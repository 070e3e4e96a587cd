"""What the processes of one extraction say to each other: frames of bytes over pipes, never pickles."""

from __future__ import annotations

import os
from collections.abc import Iterator

import msgspec

TASKS = 0
"""The descriptor that a process reads its work from."""
RESULTS = 1
"""The descriptor that it writes results to."""

FACTS = 0
"""A result's kind: encoded ModuleFacts."""
REFUSED = 1
"""An encoded Trouble that the content itself causes: the next run will meet it again."""
FAILED = 2
"""An encoded Trouble that may be gone in the next run: a deadline, a dead process, a file that changed."""

CHANGED = "changed while it was audited"
TOO_LONG = "took longer than the deadline of"
DIED = "its worker process"
"""How the message of a `FAILED` trouble begins."""

_HEADER = 4
_RESULT_HEADER = 5


class Task(msgspec.Struct, frozen=True, array_like=True):
    """One file to analyse. `path` is below the job's root, as bytes, since a file name may be no text."""

    index: int
    path: bytes
    size: int
    digest: bytes


class Job(msgspec.Struct, frozen=True, array_like=True):
    """All that a supervisor must know: `deadline` in seconds of processor time per file, `memory` in bytes of address space per worker."""

    root: bytes
    workers: int
    deadline: float
    memory: int
    tasks: tuple[Task, ...]


class Trouble(msgspec.Struct, frozen=True, array_like=True):
    """Why a file has no facts."""

    line: int
    message: str


def encode_result(index: int, kind: int, payload: bytes) -> bytes:
    """The body of a result's frame."""
    return index.to_bytes(4) + kind.to_bytes(1) + payload


def decode_result(body: bytes) -> tuple[int, int, bytes]:
    """(index, kind, payload) of a result."""
    return int.from_bytes(body[:4]), body[4], body[_RESULT_HEADER:]


def write_frame(descriptor: int, body: bytes) -> None:
    """Writes one frame whole; raises BrokenPipeError if nobody reads it."""
    left = memoryview(len(body).to_bytes(_HEADER) + body)
    while left:
        left = left[os.write(descriptor, left) :]


def read_frame(descriptor: int) -> bytes | None:
    """The next frame; None when the other side is gone."""
    header = _read_exactly(descriptor, _HEADER)
    return None if header is None else _read_exactly(descriptor, int.from_bytes(header))


def cut_frames(buffer: bytearray) -> Iterator[bytes]:
    """The complete frames at the start of `buffer`, which are removed from it."""
    start = 0
    while len(buffer) - start >= _HEADER:
        end = start + _HEADER + int.from_bytes(buffer[start : start + _HEADER])
        if len(buffer) < end:
            break
        yield bytes(buffer[start + _HEADER : end])
        start = end
    del buffer[:start]


def _read_exactly(descriptor: int, size: int) -> bytes | None:
    parts = []
    while size:
        part = os.read(descriptor, min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
