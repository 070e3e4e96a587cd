"""The process that parses untrusted bytes. It may hang or die: its supervisor names the file, and the others go on.

Two roles, both started by `pool`: `supervise` owns the workers, `work` is one worker (where a worker cannot be forked).
"""

from __future__ import annotations

import gc
import hashlib
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable

import msgspec

from fwaudit.extract.frames import (
    CHANGED,
    FACTS,
    FAILED,
    REFUSED,
    RESULTS,
    TASKS,
    Job,
    Task,
    Trouble,
    encode_result,
    read_frame,
    write_frame,
)
from fwaudit.extract.guards import refusal
from fwaudit.extract.module import NotAnalysed, extract_module
from fwaudit.extract.supervisor import supervise
from fwaudit.model.facts import encode_facts
from fwaudit.reading import UnreadableError, read_source

STACK_SIZE = 64 << 20
"""Bytes. On the usual 8 MB, LibCST 1.9 dies at 5,000 brackets or 8,312 `elif`s."""
RECURSION_LIMIT = 1_000_000
OUT_OF_MEMORY = 77
"""The exit status of a worker that met its memory limit: a fresh one tries that file again."""

Extract = Callable[[bytes], bytes]


class TroubleError(Exception):
    """A file without facts: the line, and why."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def main(role: str, extract: Extract | None = None) -> None:
    """Runs one of the two roles until its work or its parent is gone. `extract` turns content into encoded facts."""
    extract = extract or extract_content
    if role == "supervise":
        gc.freeze()
        supervise(lambda job: work(job, extract))
    else:
        frame = read_frame(TASKS)
        if frame is not None:
            work(msgspec.msgpack.decode(frame, type=Job), extract)


def extract_content(content: bytes) -> bytes:
    """The encoded facts of one file's content; raises TroubleError if it must not or cannot be analysed."""
    refused = refusal(content)
    if refused is not None:
        raise TroubleError(*refused)
    try:
        return encode_facts(extract_module(content))
    except NotAnalysed as error:
        raise TroubleError(error.line, error.message) from None


def work(job: Job, extract: Extract) -> None:
    """Answers frames of tasks until there are none, in a thread whose stack is large."""
    _limit_resources(job.memory)
    sys.setrecursionlimit(RECURSION_LIMIT)
    threading.stack_size(STACK_SIZE)
    thread = threading.Thread(target=_answer, args=(job, extract))
    thread.start()
    thread.join()


def _limit_resources(memory: int) -> None:
    """Bounds the address space (where the system does), and keeps core dumps and interrupts away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(200_000)  # the parse is 8-10% faster than with the default
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (memory if hard == resource.RLIM_INFINITY else min(memory, hard), hard))


def _answer(job: Job, extract: Extract) -> None:
    root = os.fsdecode(job.root)
    while (frame := read_frame(TASKS)) is not None:
        for task in msgspec.msgpack.decode(frame, type=tuple[Task, ...]):
            _bound_time(job.deadline)
            try:
                write_frame(RESULTS, _result(root, task, extract))
            except BrokenPipeError:
                return


def _bound_time(deadline: float) -> None:
    """Lets the system end this process if it still computes when nobody is left to enforce the deadline."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = int(time.process_time() + 2 * deadline) + 5
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _result(root: str, task: Task, extract: Extract) -> bytes:
    """The result's frame for one task, whatever happens short of a dead process."""
    try:
        content = read_source(root, os.fsdecode(task.path), task.size)
    except UnreadableError as error:
        return _trouble(task, FAILED, 1, f"{CHANGED} ({error})")
    if hashlib.sha256(content).digest() != task.digest:
        return _trouble(task, FAILED, 1, CHANGED)
    try:
        return encode_result(task.index, FACTS, extract(content))
    except TroubleError as error:
        return _trouble(task, REFUSED, error.line, str(error))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except RecursionError:
        return _trouble(task, REFUSED, 1, "nested too deep")
    except BaseException as error:  # noqa: BLE001  a panic of the parser derives from BaseException, and a defect here must name its file
        return _trouble(task, REFUSED, 1, f"the analysis failed: {type(error).__name__}: {_first_line(error)}")


def _trouble(task: Task, kind: int, line: int, message: str) -> bytes:
    """A result without facts. A message may quote the file, so what is no text in it is escaped."""
    text = message.encode("utf-8", "backslashreplace").decode()
    return encode_result(task.index, kind, msgspec.msgpack.encode(Trouble(line, text)))


def _first_line(error: BaseException) -> str:
    """The start of the error's message."""
    lines = str(error).splitlines()
    return lines[0][:200] if lines else ""
