"""The process between the audit and its workers: it hands out files, keeps the deadline, and replaces workers that die.

It imports the parser once and forks each worker from itself, which takes 5 ms.
It ends, and its workers with it, as soon as its standard input is closed.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from fwaudit.extract.frames import (
    DIED,
    FAILED,
    RESULTS,
    TASKS,
    TOO_LONG,
    Job,
    Task,
    Trouble,
    cut_frames,
    decode_result,
    encode_result,
    read_frame,
    write_frame,
)

CHUNK_BYTES = 150_000
"""Source bytes handed out at once. Measured: 40,000 is 6% slower; 600,000 is 2% slower, and the first result late."""
CHUNK_FILES = 200

PATIENCE = 3
"""So many times the deadline may pass by the clock while other programs keep the processor from a worker."""

CAN_FORK = sys.platform == "linux"
"""Elsewhere a worker is a new interpreter: forking without exec is not safe with the system libraries of macOS."""


@dataclass(slots=True)
class _Worker:
    """A live worker: its process and pipes, and the files that it still owes, the one in work first."""

    pid: int
    tasks: int
    results: int
    owed: deque[Task] = field(default_factory=deque)
    since: float = 0.0
    """When it began with the first file it owes, in seconds of the monotonic clock."""
    cpu: float | None = None
    """The processor time that it had used when half of the deadline was over."""
    buffer: bytearray = field(default_factory=bytearray)
    is_fresh: bool = True


def supervise(work: Callable[[Job], None]) -> None:
    """Runs the job that stands on standard input and writes its results to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    frame = read_frame(TASKS)
    if frame is not None:
        _Supervision(msgspec.msgpack.decode(frame, type=Job), work).run()


def make_chunks(tasks: Sequence[Task]) -> deque[tuple[Task, ...]]:
    """The tasks in groups of about `CHUNK_BYTES`, the biggest files first, so that no worker is left with a big one at the end."""
    chunks: deque[tuple[Task, ...]] = deque()
    chunk: list[Task] = []
    size = 0
    for task in sorted(tasks, key=lambda task: -task.size):
        if chunk and (size + task.size > CHUNK_BYTES or len(chunk) == CHUNK_FILES):
            chunks.append(tuple(chunk))
            chunk, size = [], 0
        chunk.append(task)
        size += task.size
    if chunk:
        chunks.append(tuple(chunk))
    return chunks


class _Supervision:
    """One job being done."""

    def __init__(self, job: Job, work: Callable[[Job], None]) -> None:
        self._job = msgspec.structs.replace(job, tasks=())
        self._work = work
        self._chunks = make_chunks(job.tasks)
        self._left = len(job.tasks)
        self._workers: list[_Worker] = []
        self._suspects: deque[Task] = deque()
        """Files during which a worker died once: each gets a second chance, alone in a fresh worker."""
        self._tried_twice: set[int] = set()

    def run(self) -> None:
        """Returns when every file is answered or nobody listens any more."""
        try:
            while self._left:
                self._hand_out()
                if not self._wait():
                    return
        except BrokenPipeError:
            return
        finally:
            for worker in self._workers:
                self._end(worker)

    def _hand_out(self) -> None:
        """Gives every idle worker something to do, and starts as many as the job allows."""
        for worker in [worker for worker in self._workers if not worker.owed]:
            if self._suspects and not worker.is_fresh:
                self._workers.remove(worker)
                self._end(worker)
            elif self._suspects or self._chunks:
                self._give(worker)
        while len(self._workers) < self._job.workers and (self._suspects or self._chunks):
            worker = self._start()
            self._workers.append(worker)
            self._give(worker)

    def _give(self, worker: _Worker) -> None:
        """Sends the next suspect or chunk. A worker that is dead already is found out when its pipe ends."""
        chunk = (self._suspects.popleft(),) if self._suspects else self._chunks.popleft()
        worker.owed.extend(chunk)
        worker.since, worker.cpu = time.monotonic(), None
        worker.is_fresh = False
        with contextlib.suppress(BrokenPipeError):
            write_frame(worker.tasks, msgspec.msgpack.encode(chunk))

    def _wait(self) -> bool:
        """Handles what happens until something does or a deadline passes; False if the parent is gone."""
        now = time.monotonic()
        timeout = min(self._left_to(worker, now) for worker in self._workers if worker.owed)
        readable, _, _ = select.select([TASKS, *(worker.results for worker in self._workers)], [], [], max(0.0, timeout))
        now = time.monotonic()
        if TASKS in readable and not os.read(TASKS, 1):
            return False
        for worker in list(self._workers):
            if worker.results in readable:
                self._receive(worker)
            elif worker.owed and self._left_to(worker, now) <= 0:
                self._bury(worker, f"{TOO_LONG} {self._job.deadline:g} s")
        return True

    def _left_to(self, worker: _Worker, now: float) -> float:
        """Seconds until the worker's file is to be looked at again; none, if its time is up.

        From half of the deadline on, processor time counts: on a busy machine the same files are analysed as on an idle one.
        """
        half = self._job.deadline / 2
        passed = now - worker.since - half
        if passed < 0:
            return -passed
        used = _processor_time(worker.pid)
        if used is None:
            return half - passed
        if worker.cpu is None:
            worker.cpu = used
        return half - max(used - worker.cpu, passed / (2 * PATIENCE - 1))

    def _receive(self, worker: _Worker) -> None:
        """Passes the worker's results on."""
        data = os.read(worker.results, 1 << 20)
        if not data:
            self._bury(worker, None)
            return
        worker.buffer += data
        for body in cut_frames(worker.buffer):
            index, _, _ = decode_result(body)
            if worker.owed.popleft().index != index:
                raise RuntimeError("a worker answered out of order")
            worker.since, worker.cpu = time.monotonic(), None
            self._answer(body)

    def _answer(self, body: bytes) -> None:
        write_frame(RESULTS, body)
        self._left -= 1

    def _bury(self, worker: _Worker, reason: str | None) -> None:
        """Ends a worker that hangs (`reason`) or is dead (None).

        The file in work is named or tried again; the others go to another worker.
        """
        self._workers.remove(worker)
        status = self._end(worker)
        if not worker.owed:
            return
        culprit = worker.owed.popleft()
        if worker.owed:
            self._chunks.appendleft(tuple(worker.owed))
        if reason is None and culprit.index not in self._tried_twice:
            self._tried_twice.add(culprit.index)
            self._suspects.append(culprit)
        else:
            trouble = Trouble(1, reason or f"{DIED} {_describe_end(status, self._job.memory)}")
            self._answer(encode_result(culprit.index, FAILED, msgspec.msgpack.encode(trouble)))

    def _start(self) -> _Worker:
        """A new worker process, waiting for tasks."""
        tasks, own_tasks = os.pipe()
        own_results, results = os.pipe()
        pid = self._fork(tasks, results) if CAN_FORK else _spawn(tasks, results)
        os.close(tasks)
        os.close(results)
        worker = _Worker(pid, own_tasks, own_results)
        if not CAN_FORK:
            write_frame(own_tasks, msgspec.msgpack.encode(self._job))
        return worker

    def _fork(self, tasks: int, results: int) -> int:
        """The new process's id; the child never returns."""
        pid = os.fork()
        if pid:
            return pid
        try:
            _take_pipes(tasks, results)
            self._work(self._job)
        finally:
            os._exit(0)

    @staticmethod
    def _end(worker: _Worker) -> int:
        """Kills the worker; its wait status, which tells how it ended if it was dead before."""
        os.kill(worker.pid, signal.SIGKILL)
        _, status = os.waitpid(worker.pid, 0)
        os.close(worker.tasks)
        os.close(worker.results)
        return status


def _processor_time(pid: int) -> float | None:
    """Seconds of processor time that a process has used; None where the system does not say."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            numbers = file.read().rpartition(b")")[2].split()
        return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None


def _take_pipes(tasks: int, results: int) -> None:
    """Makes the pipes the standard streams, silences the error stream, and lets go of everything else."""
    os.dup2(tasks, TASKS)
    os.dup2(results, RESULTS)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 2)
    os.closerange(3, 1024)


def _spawn(tasks: int, results: int) -> int:
    """The id of a new interpreter that runs a worker, started as this one was, but for the role."""
    boot = sys.orig_argv[: sys.orig_argv.index("-c") + 3]
    return os.posix_spawn(
        sys.executable,
        [*boot, "work", *sys.path],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_DUP2, tasks, TASKS),
            (os.POSIX_SPAWN_DUP2, results, RESULTS),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
    )


def _describe_end(status: int, memory: int) -> str:
    """How a worker ended, as the rest of `DIED`."""
    number = os.waitstatus_to_exitcode(status)
    if number == -signal.SIGABRT or number > 0:
        return f"needed more than {memory >> 20:,} MiB of memory, or crashed"
    try:
        return f"was ended by {signal.Signals(-number).name}"
    except ValueError:
        return "ended without an answer"
