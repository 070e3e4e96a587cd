"""Reading an untrusted file: never hangs, never follows a link, never takes more than it is told."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Callable
from functools import cache

_SHOWN_LIMIT = 100_000_000
"""The most bytes of a file from which source lines are shown."""
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY
_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
    (stat.S_ISDIR, "a folder"),
)


SourceOf = Callable[[str], list[str] | None]
"""The lines of a file of the workspace, None where it cannot be read now."""


class UnreadableError(Exception):
    """A file that was not read; the message says why. `is_special`: it is no regular file at all."""

    def __init__(self, message: str, *, is_special: bool = False) -> None:
        super().__init__(message)
        self.is_special = is_special


def read_source(root: str, path: str, limit: int) -> bytes:
    """The content of the regular file `path` below `root`.

    Raises UnreadableError if it is no such file, has more than `limit` bytes, or cannot be read.
    """
    try:
        # Without O_NONBLOCK, opening a FIFO waits for a writer.
        descriptor = os.open(f"{root}/{path}", _FLAGS)
    except OSError as error:
        raise _unopened(f"{root}/{path}", error) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError(describe_special(status.st_mode), is_special=True)
        return _read_whole(descriptor, status.st_size, limit)
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}") from None
    finally:
        os.close(descriptor)


def describe_special(mode: int) -> str:
    """What a file of that mode is, as a predicate."""
    return next((f"is {name}, not a file" for is_kind, name in _KINDS if is_kind(mode)), "is not a regular file")


def _unopened(full_path: str, error: OSError) -> UnreadableError:
    """Why the file could not be opened. Sockets and links fail to open, each with an error number of its own per system."""
    try:
        mode = os.lstat(full_path).st_mode
    except OSError:
        return UnreadableError(f"cannot be read: {error.strerror}")
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return UnreadableError(f"cannot be read: {error.strerror}")
    return UnreadableError(describe_special(mode), is_special=True)


def _read_whole(descriptor: int, size: int, limit: int) -> bytes:
    """All bytes, at most one more than `limit` of them ever read."""
    if size > limit:
        raise UnreadableError(f"has {size:,} bytes, more than the limit of {limit:,}")
    content = os.read(descriptor, min(size, limit) + 1)
    if len(content) == size:
        return content
    # The file grows, or a special file system says a size of 0.
    parts = [content]
    total = len(content)
    while total <= limit and (part := os.read(descriptor, limit + 1 - total)):
        parts.append(part)
        total += len(part)
    if total > limit:
        raise UnreadableError(f"has more bytes than the limit of {limit:,}")
    return b"".join(parts)


def line_reader(root: str) -> SourceOf:
    """A function that gives the lines of a file below `root`, None if it cannot be read now; each file is read once."""

    @cache
    def read_lines(path: str) -> list[str] | None:
        try:
            content = read_source(root, path, _SHOWN_LIMIT).removeprefix(codecs.BOM_UTF8)
        except UnreadableError:
            return None
        # Split as bytes: to `str.splitlines`, a form feed ends a line too.
        return [line.decode("utf-8", "replace") for line in content.splitlines()]

    return read_lines
