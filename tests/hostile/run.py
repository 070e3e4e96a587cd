"""The command as a user runs it, in a process of its own, on a tree that an attacker made."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BLOCKING = "import time\n\n\nasync def {name}():\n    time.sleep(1)\n"
"""A source with one finding."""


@dataclass(frozen=True)
class Run:
    """What one run of the command left."""

    code: int
    out: bytes
    err: bytes
    seconds: float
    """Processor time of all its processes: what other programs do on the machine makes no difference."""

    @property
    def audit(self) -> dict[str, Any]:
        """The JSON report."""
        document: dict[str, Any] = json.loads(self.out)
        return document

    @property
    def found_in(self) -> list[str]:
        """The path of each finding."""
        return [finding["path"] for finding in self.audit["findings"]]

    @property
    def problems(self) -> dict[str, str]:
        """Each problem's message by its path."""
        return {problem["path"]: problem["message"] for problem in self.audit["problems"]}


def fwaudit(*arguments: str | Path, folder: Path, environment: Mapping[str, str] | None = None, **options: Any) -> Run:
    """One run in `folder`, as the installed command."""
    command = Path(sys.executable).with_name("fwaudit")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [command, *arguments],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        timeout=120,
        check=False,
        **options,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Run(done.returncode, done.stdout, done.stderr, seconds)


def write_tree(root: Path, sources: Mapping[str, str | bytes]) -> Path:
    """Writes the files and gives back the root."""
    for path, content in sources.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return root
