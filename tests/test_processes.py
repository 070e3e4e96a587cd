"""The command as a process: pipes that close early, and signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def start(folder: Path, *arguments: str, **options: int) -> subprocess.Popen[bytes]:
    """Start `fwaudit` as a process of its own."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    return subprocess.Popen(
        [sys.executable, "-m", "fwaudit", *arguments],
        cwd=folder, env=environment, bufsize=options.get("bufsize", -1),
        stdout=options.get("stdout", subprocess.PIPE), stderr=subprocess.PIPE,
    )  # fmt: skip


def test_a_closed_pipe_exits_141(tmp_path: Path) -> None:
    """A reader that goes away ends the run without a traceback."""
    reading, writing = os.pipe()
    os.close(reading)

    process = start(tmp_path, "schema", stdout=writing)
    os.close(writing)
    _, errors = process.communicate(timeout=60)

    assert (process.returncode, errors) == (141, b"")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_pipe_that_is_closed_early_exits_141(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unbuffered: str) -> None:
    """A report of more than a pipe holds is not taken as written when its reader leaves; one that is read to the end is."""
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    functions = "".join(f"async def serve_{number}() -> None:\n    time.sleep(1)\n\n\n" for number in range(1200))
    (tmp_path / "app.py").write_text(f"import time\n\n\n{functions}")

    whole, _ = start(tmp_path, "--format", "json").communicate(timeout=60)
    with start(tmp_path, "--format", "json", bufsize=0) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        begin = process.stdout.read(10)
        process.stdout.close()
        errors = process.stderr.read()

    assert len(whole) > 1_000_000
    assert json.loads(whole)["summary"]["findings"] == 1200
    assert (begin, process.returncode, errors) == (whole[:10], 141, b"")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_nothing(tmp_path: Path, number: int, code: int) -> None:
    """While files are read, SIGINT exits 130 and SIGTERM 143: no traceback, no process and no file left behind."""
    for name in "abc":
        (tmp_path / f"{name}.py").write_text("x = [1, 2, 3]\n" * 60_000)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests in the background ignore it, and would hand that on
    process = start(tmp_path, "--jobs", "2", "--output", "report.txt")
    workers = wait_for_children(process.pid)

    process.send_signal(number)
    _, errors = process.communicate(timeout=60)

    assert process.returncode == code, errors
    assert b"Traceback" not in errors
    assert [pid for pid in workers if is_running(pid)] == []
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "cache") == ["a.py", "b.py", "c.py"]
    assert not list(tmp_path.rglob("*.tmp"))


def wait_for_children(pid: int) -> list[int]:
    """Wait for the grandchildren of a process, and give all that descend from it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = descendants(pid)
        if len(found) > 1:
            return found
        time.sleep(0.02)
    raise AssertionError("no worker was started")


def descendants(pid: int) -> list[int]:
    """Every process that descends from `pid`."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout.split()
    parents = {int(child): int(parent) for child, parent in zip(listed[::2], listed[1::2], strict=True)}
    found: list[int] = []
    wanted = {pid}
    while wanted:
        wanted = {child for child, parent in parents.items() if parent in wanted}
        found += wanted
    return found


def is_running(pid: int) -> bool:
    """Whether a process still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
