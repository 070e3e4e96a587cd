"""Where reports, notes and progress go: whole files, stdout, and a bar on a terminal."""

from __future__ import annotations

import os
import select
import stat
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from fwaudit.errors import ReportError

_BAR_DELAY = 1.0
"""Seconds that a run may take before a progress bar appears."""


def wants_color(choice: str, stream: IO[str] | None, environment: Mapping[str, str]) -> bool:
    """Whether to colour: by `--color`, then NO_COLOR, FORCE_COLOR, TERM=dumb, and last by whether `stream` is a terminal."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return environment.get("TERM") != "dumb" and is_terminal(stream)


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether `stream` is open and shown to a person."""
    return stream is not None and not stream.closed and stream.isatty()


def speaks_unicode(stream: IO[str] | None) -> bool:
    """Whether `stream` can show box-drawing characters."""
    try:
        "╭─│•…".encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def write_stdout(text: str, *, encoding: str | None = None) -> None:
    """Writes `text` whole to stdout, in `encoding` or its own; raises ReportError, or BrokenPipeError if nobody reads on."""
    stream = sys.stdout
    if stream is None:
        raise ReportError("stdout is closed: the report was not written")
    content = text.encode(encoding or stream.encoding or "utf-8", "backslashreplace")
    try:
        stream.flush()
        _write_all(getattr(stream.buffer, "raw", stream.buffer), content)
        stream.buffer.flush()
    except OSError as error:
        # What is still buffered must not fail again, and loudly, while the interpreter shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if isinstance(error, BrokenPipeError):
            raise
        raise ReportError(f"stdout: the report was not written: {error.strerror}") from error


def _write_all(stream: IO[bytes], content: bytes) -> None:
    """Writes until nothing is left: an unbuffered stream takes what fits into a pipe, and tells how much that was."""
    rest = memoryview(content)
    while rest:
        written = stream.write(rest)
        if written is None:  # a pipe that does not block, and is full
            select.select([], [stream], [])
        rest = rest[written or 0 :]


def write_note(text: str) -> None:
    """Writes one line to stderr, if there is one."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except OSError:
        # Nobody reads notes there; the report and the exit code still say all.
        return


def write_file(path: Path, text: str) -> None:
    """Writes `text` as UTF-8 to `path`, whole or not at all; a device or FIFO is written to directly. Raises ReportError."""
    content = text.encode("utf-8", "backslashreplace")
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            path.write_bytes(content)
        else:
            _replace(path.resolve(), content)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ReportError(f"{path}: the report was not written: {error.strerror}") from error


def append_file(path: Path, text: str) -> None:
    """Adds `text` as UTF-8 to the end of `path`. Raises ReportError."""
    try:
        with path.open("ab") as stream:
            stream.write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise ReportError(f"{path}: the summary was not written: {error.strerror}") from error


def _replace(path: Path, content: bytes) -> None:
    """Puts `content` in the place of `path` in one step."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".tmp", dir=path.parent)
    try:
        with open(descriptor, "wb") as stream:
            stream.write(content)
            os.fchmod(stream.fileno(), path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:  # also on an interrupt: nothing half-written stays behind
        os.unlink(name)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


class Progress:
    """A bar on stderr, drawn only if the run takes long enough and `is_shown`."""

    def __init__(self, *, is_shown: bool) -> None:
        self._is_shown = is_shown
        self._start = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, done: int, total: int) -> None:
        """Tells that `done` of `total` files are read."""
        if not self._is_shown or time.monotonic() - self._start < _BAR_DELAY:
            return
        if self._bar is None:
            self._open(total)
        self._bar.update(self._task, completed=done, total=total)

    def _open(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        console = Console(stderr=True, markup=False)
        self._bar = Progress(TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TextColumn("files"), console=console, transient=True)
        self._task = self._bar.add_task("reading", total=total)
        self._bar.start()
