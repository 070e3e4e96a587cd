"""`--watch`, as the program that people start."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fwaudit.commands.watch import watch
from fwaudit.config import Config
from fwaudit.discover.files import stamps_of
from fwaudit.errors import UsageError
from fwaudit.model.audit import Audit
from tests.command import Command
from tests.report.sample import audit

BLOCKING = "import time\n\nasync def poll():\n    time.sleep(1)\n"
CALM = "import asyncio\n\nasync def poll():\n    await asyncio.sleep(1)\n"
_PATIENCE = 60.0


class Watched:
    """The program in a process of its own, its notes and its reports in files."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.out, self.notes = folder.parent / "out", folder.parent / "notes"
        command = [sys.executable, "-m", "fwaudit", str(folder), "--watch", "--cache-dir", str(folder.parent / "cache"), *options]
        with self.out.open("wb") as out, self.notes.open("wb") as notes:
            self.process = subprocess.Popen(command, stdout=out, stderr=notes, start_new_session=True)
        self.runs = 0

    def next_report(self) -> str:
        """What the next audit prints, once it is done."""
        self.runs += 1
        end = time.monotonic() + _PATIENCE
        while len(re.findall("watching", self.notes.read_text())) < self.runs:
            assert self.process.poll() is None, self.notes.read_text()
            assert time.monotonic() < end, self.notes.read_text()
            time.sleep(0.05)
        text = self.out.read_text()
        self.out.write_text("")  # the process adds at its own place, after zeros
        return text.lstrip("\0")


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """A folder with one file that blocks."""
    folder = tmp_path / "service"
    folder.mkdir()
    (folder / "fwaudit.toml").write_text("")
    (folder / "app.py").write_text(BLOCKING)
    return folder


def test_says_what_each_change_brings_and_ends_cleanly(service: Path) -> None:
    """The first report is whole; later ones say what is new and gone, a syntax error hides nothing, and Ctrl-C ends all processes."""
    watched = Watched(service, "--output", "-", "--output", str(service.parent / "report.html"))
    try:
        assert "1 blocking call reaches an event loop" in watched.next_report()
        (service / "other.py").write_text("import requests\n\nasync def ask():\n    return requests.get('https://x.example', timeout=3)\n")
        report = watched.next_report()
        assert "`requests.get` in other.py:4 blocks the event loop" in report
        assert "time.sleep" not in report
        assert "2 findings now, 1 new, 0 gone." in report
        (service / "other.py").write_text("async def ask(:\n")
        report = watched.next_report()
        assert "other.py:1: syntax error" in report
        assert "1 finding in what can be analysed, 0 new." in report
        (service / "other.py").write_text(CALM)
        (service / "app.py").write_text(BLOCKING + "\n\n# moved nothing\n")
        report = watched.next_report()
        assert "gone: other.py:4: blocking-call-on-loop" in report
        assert report.endswith("1 finding now, 0 new, 1 gone.\n")
        (service / "fwaudit.toml").write_text("not a setting")
        watched.next_report()
        assert "fwaudit.toml" in watched.notes.read_text()
        (service / "fwaudit.toml").write_text('ignore = ["blocking-call-on-loop"]')
        assert "gone: app.py:4" in watched.next_report()
    finally:
        os.killpg(watched.process.pid, signal.SIGINT)
        code = watched.process.wait(_PATIENCE)
    assert code == 130
    assert "Traceback" not in watched.notes.read_text()
    assert (service.parent / "report.html").read_text().startswith("<!doctype html>")


def test_prints_text_alone(command: Command) -> None:
    """Another format on stdout would be one report after another, which nothing reads."""
    command.write("app.py", BLOCKING)
    outcome = command("--watch", "--format", "json")
    assert outcome.code == 2
    assert "--watch prints text alone" in outcome.stderr


def test_wrong_usage_ends_it_at_once() -> None:
    """What is wrong from the start is not watched."""

    def fail(before: Audit | None) -> Audit:
        raise UsageError("no such file")

    with pytest.raises(UsageError):
        watch(lambda: 1, fail, is_quiet=True)


def test_nothing_is_done_while_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """An audit follows each change, and no other look."""
    looks = iter([1, 1, 1, 2, 2])
    given: list[Audit | None] = []
    monkeypatch.setattr("fwaudit.commands.watch.time.sleep", lambda _: None)

    def run(before: Audit | None) -> Audit:
        given.append(before)
        return audit()

    def look() -> int:
        found = next(looks, None)
        if found is None:
            raise KeyboardInterrupt
        return found

    with pytest.raises(KeyboardInterrupt):
        watch(look, run, is_quiet=True)
    assert given == [None, audit()]


def test_a_stamp_for_each_file_that_is_read(service: Path) -> None:
    """Sources, manifests and settings have one; what is ignored has none; a change of any changes all."""
    (service / ".gitignore").write_text("skipped.py\n")
    (service / "skipped.py").write_text("")
    (service / "requirements.txt").write_text("flask\n")
    names = {Path(path).name for path, _, _ in stamps_of([service], Config())}
    assert names >= {"app.py", "requirements.txt"}
    assert "skipped.py" not in names
    before = stamps_of([service], Config())
    (service / "app.py").write_text(CALM)
    assert stamps_of([service], Config()) != before
