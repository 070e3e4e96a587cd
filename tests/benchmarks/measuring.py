"""Measures a command from outside: seconds until it ends, and the memory of it and all its children together.

Memory is the proportional set size (PSS), which counts a page shared by n processes once, as 1/n for each; Linux alone tells it.
Time and memory are measured in runs of their own, since looking at memory takes time.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.05
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Run:
    """One finished command."""

    seconds: float
    status: int
    stderr: str


def run(command: Sequence[str], folder: Path, statuses: tuple[int, ...] = (0, 1)) -> Run:
    """The command, run in the folder, its standard output thrown away. Raises SystemExit for another exit status."""
    start = time.perf_counter()
    ended = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    seconds = time.perf_counter() - start
    if ended.returncode not in statuses:
        raise SystemExit(f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stderr}")
    return Run(seconds, ended.returncode, ended.stderr)


def medians(rounds: int, commands: dict[str, Callable[[], Run]]) -> dict[str, Run]:
    """The median run of each command. Every round runs each once, so that what else the machine does falls on all alike."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, start in commands.items():
            runs[name].append(start())
    return {name: median(each) for name, each in runs.items()}


def median(runs: list[Run]) -> Run:
    """The run of the (lower) median time."""
    middle = statistics.median_low([each.seconds for each in runs])
    return next(each for each in runs if each.seconds == middle)


def peak_memory(command: Sequence[str], folder: Path) -> int | None:
    """Most bytes held at once by the command and its children, looked at every 50 ms; None where the system does not tell."""
    if not (PROC / "self" / "smaps_rollup").exists():
        return None
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(_pss(each) for each in _tree(process.pid)))
        time.sleep(SAMPLE_SECONDS)
    return peak


def _tree(root: int) -> list[int]:
    """The process and its descendants."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdecimal():
            children.setdefault(_parent(int(entry.name)), []).append(int(entry.name))
    found = [root]
    for process in found:
        found += children.get(process, [])
    return found


def _parent(process: int) -> int:
    """The parent's id, 0 for a process that has just ended. A command's name may hold spaces and brackets: read from the last one."""
    try:
        return int((PROC / str(process) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def _pss(process: int) -> int:
    """Bytes, 0 for a process that has just ended."""
    try:
        for line in (PROC / str(process) / "smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def machine() -> str:
    """What the figures were measured on."""
    model = next((line.partition(":")[2].strip() for line in _cpu_lines() if line.startswith("model name")), "unknown processor")
    cores = sum(line.startswith("processor") for line in _cpu_lines())
    return f"{cores} cores, {model}, {sys.platform}, load {_load()}"


def _cpu_lines() -> list[str]:
    try:
        return (PROC / "cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _load() -> str:
    try:
        return (PROC / "loadavg").read_text(encoding="ascii").split()[0]
    except OSError:
        return "unknown"
