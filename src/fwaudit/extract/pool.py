"""Facts for every source: from the cache, or from worker processes that may die."""

from __future__ import annotations

import gc
import os
import signal
import site
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import msgspec

import fwaudit
from fwaudit.extract.frames import CHANGED, DIED, FACTS, TOO_LONG, Job, Task, Trouble, decode_result, read_frame, write_frame
from fwaudit.model.facts import ModuleFacts, decode_facts
from fwaudit.model.source import Problem, SourceFile, Workspace

WORKER_MODULE = "fwaudit.extract.worker"
MEMORY = 2 << 30
"""Bytes of address space a worker may have. LibCST needs 1,000 to 1,500 bytes for each byte of source."""
MEMORY_PER_BYTE = 2_048

# -I and a path of our own: nothing in the audited tree can be imported, whatever the current folder or the environment is.
_BOOT = "import importlib, sys; _, module, role, *sys.path = sys.argv; importlib.import_module(module).main(role)"
_STARTS = 3
"""How often the supervisor is started before the files it owes are given up."""


class FactsCache(Protocol):
    """What extraction asks of a cache: encoded facts by the digest of their source."""

    def load_facts(self, digests: Collection[bytes]) -> dict[bytes, bytes]:
        """The facts that are known."""

    def save_facts(self, facts: Mapping[bytes, bytes]) -> None:
        """Keeps these facts, and no others."""


def extract_all(
    workspace: Workspace,
    cache: FactsCache | None,
    jobs: int,
    deadline: float,
    on_progress: Callable[[int, int], None] | None = None,
    *,
    worker_module: str = WORKER_MODULE,
) -> tuple[dict[str, ModuleFacts], tuple[Problem, ...]]:
    """The facts of every source that has any, and a problem for every other one, both in the order of the workspace.

    `jobs`: worker processes, 0 for one per core; none is started if the cache knows everything.
    `deadline`: seconds of processor time for one file; by the clock, three times as many, or as many where the system tells no other time.
    `on_progress` is told (done, total) files.
    `worker_module` is the module whose `main` the processes run.
    """
    encoded = cache.load_facts({source.digest for source in workspace.sources}) if cache else {}
    with _collector_paused():
        decoded = _decode_known(encoded)
        missing = [source for source in workspace.sources if source.digest not in decoded]
        tell = _progress(on_progress, len(workspace.sources) - len(missing), len(workspace.sources))
        troubles: dict[str, Trouble] = {}
        if missing:
            pool = _Pool(workspace.root, missing, jobs or _cores(), deadline, worker_module)
            for source, kind, payload in pool.run():
                if kind == FACTS:
                    encoded[source.digest] = payload
                    decoded[source.digest] = decode_facts(payload)
                else:
                    troubles[source.path] = msgspec.msgpack.decode(payload, type=Trouble)
                tell()
            if cache:
                cache.save_facts(encoded)
    # A file that failed has facts all the same if another one with the same content has some.
    facts = {source.path: decoded[source.digest] for source in workspace.sources if source.digest in decoded}
    problems = [_problem(source, troubles.get(source.path)) for source in missing if source.path not in facts]
    return facts, tuple(problems)


def may_pass(problem: Problem) -> bool:
    """Whether the next run may do without this problem, so that an audit that holds it is not one to keep."""
    return problem.kind == "incomplete" or problem.message.startswith((CHANGED, TOO_LONG, DIED))


def _decode_known(encoded: dict[bytes, bytes]) -> dict[bytes, ModuleFacts]:
    """The cached facts, decoded; one that cannot be is removed."""
    decoded = {}
    for digest, data in list(encoded.items()):
        try:
            decoded[digest] = decode_facts(data)
        except msgspec.MsgspecError:
            del encoded[digest]
    return decoded


def _problem(source: SourceFile, trouble: Trouble | None) -> Problem:
    if trouble is None:
        return Problem(source.path, 1, "no worker process could be run for it", "incomplete")
    return Problem(source.path, trouble.line, trouble.message)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Decoding is 2 to 3.5 times faster while the cyclic collector does not look at each new object again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _progress(on_progress: Callable[[int, int], None] | None, done: int, total: int) -> Callable[[], None]:
    """A function that tells that one more file is done."""
    if on_progress is None:
        return lambda: None
    on_progress(done, total)

    def tell() -> None:
        nonlocal done
        done += 1
        on_progress(done, total)

    return tell


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


class _Pool:
    """The supervisor process, as the audit sees it."""

    def __init__(self, root: str, sources: Sequence[SourceFile], jobs: int, deadline: float, module: str) -> None:
        self._sources = sources
        memory = max(MEMORY, MEMORY_PER_BYTE * max(source.size for source in sources))
        self._job = Job(os.fsencode(root), jobs, deadline, memory, ())
        self._command = [sys.executable, "-I", "-c", _BOOT, module, "supervise", *_import_path(root)]
        self._left = {index: Task(index, os.fsencode(source.path), source.size, source.digest) for index, source in enumerate(sources)}

    def run(self) -> Iterator[tuple[SourceFile, int, bytes]]:
        """(source, kind, payload) of each result as it comes; a source without one could not be worked on at all."""
        for _ in range(_STARTS):
            if not self._left:
                return
            with self._supervisor() as (tasks, results):
                job = msgspec.structs.replace(self._job, tasks=tuple(self._left.values()))
                try:
                    write_frame(tasks, msgspec.msgpack.encode(job))
                except BrokenPipeError:
                    continue
                while self._left and (body := read_frame(results)) is not None:
                    index, kind, payload = decode_result(body)
                    del self._left[index]
                    yield self._sources[index], kind, payload

    @contextmanager
    def _supervisor(self) -> Iterator[tuple[int, int]]:
        """The descriptors to write tasks to and to read results from. On leaving, all processes have ended."""
        process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd="/",
            process_group=0,  # an interrupt from the terminal is for the audit alone, which then ends the supervisor
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdin.fileno(), process.stdout.fileno()
        finally:
            process.stdin.close()
            process.stdout.close()
            try:
                process.wait(timeout=2)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _import_path(root: str) -> list[str]:
    """The path on which the workers look for modules: this process's own, without what lies in the audited tree or the current folder.

    A virtual environment in the tree, and fwaudit itself when it is what is audited, stay.
    """
    trusted = {os.path.dirname(os.path.dirname(os.path.abspath(fwaudit.__file__)))}
    prefixes = [sys.prefix, sys.base_prefix, *([site.getusersitepackages()] if site.ENABLE_USER_SITE else [])]
    suspect = [root, os.getcwd()]
    return [
        entry
        for entry in sys.path
        if os.path.isabs(entry) and (entry in trusted or _is_below(entry, prefixes) or not _is_below(entry, suspect))
    ]


def _is_below(path: str, folders: Sequence[str]) -> bool:
    """Whether `path`, links resolved, is one of the folders or lies in one."""
    return any(Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)) for folder in folders)
