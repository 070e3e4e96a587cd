"""`fwaudit` as a command, run in the test's own process."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from fwaudit.cli import run


class Outcome(NamedTuple):
    """What a command did."""

    code: int
    stdout: str
    stderr: str


class Command:
    """Runs `fwaudit` in this process, in a folder of its own with no cache and no settings above."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capture = capture

    def write(self, name: str, text: str) -> Path:
        """Write a file of the workspace."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def __call__(self, *arguments: str) -> Outcome:
        """Run with `arguments`."""
        self._capture.readouterr()
        code = run(arguments)
        return Outcome(code, *self._capture.readouterr())
