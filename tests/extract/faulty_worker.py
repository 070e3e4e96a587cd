"""Workers that break as their file's first line tells them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from fwaudit.extract import supervisor, worker

LOG = "FWAUDIT_TEST_LOG"
"""The environment variable that names a file to which each process adds what it did."""


def main(role: str) -> None:
    """Runs the real worker with an extraction that breaks."""
    if os.environ.get("FWAUDIT_TEST_SPAWN"):
        supervisor.CAN_FORK = False
    worker.main(role, extract)


def extract(content: bytes) -> bytes:
    """Real facts, unless the first line is a fault's name."""
    note(str(os.getpid()))
    fault = content.partition(b"\n")[0].removeprefix(b"# ").decode()
    if fault in FAULTS:
        FAULTS[fault]()
    return worker.extract_content(content)


def note(text: str) -> None:
    """Adds a line to the log, if there is one."""
    if LOG in os.environ:
        with Path(os.environ[LOG]).open("a") as log:
            log.write(f"{text}\n")


def die_once() -> None:
    """Dies, but not a second time."""
    marker = Path(f"{os.environ[LOG]}.died")
    if not marker.exists():
        marker.touch()
        signal.raise_signal(signal.SIGKILL)


def work() -> None:
    """Keeps a processor busy for longer than a short deadline."""
    while time.process_time() < 60:
        pass


def raise_panic() -> None:
    """What a panic of a Rust extension looks like."""

    class PanicException(BaseException):
        pass

    raise PanicException("the parser panicked\non several lines")


def recurse() -> None:
    """A recursion that ends in an exception."""
    raise RecursionError("maximum recursion depth exceeded")


def hang_with_the_lock() -> None:
    """Computes without ever letting another thread run, as LibCST's parser does."""
    3 ** (10**9)


FAULTS = {
    "segfault": lambda: signal.raise_signal(signal.SIGSEGV),
    "kill": lambda: signal.raise_signal(signal.SIGKILL),
    "abort": os.abort,
    "exit": lambda: os._exit(0),
    "die once": die_once,
    "memory": lambda: bytearray(1 << 40),
    "panic": raise_panic,
    "recursion": recurse,
    "hang": lambda: time.sleep(1000),
    "wait": lambda: time.sleep(1.2),
    "work": work,
    "hang with the lock": hang_with_the_lock,
}
