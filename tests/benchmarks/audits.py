"""Runs fwaudit as a user does and reads its JSON report, which is all that these benchmarks know of it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FINISHED = (0, 1)
"""Exit statuses of a whole audit. Of an incomplete one (3) nothing is read: what it lacks would pass for silence."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the evidence."""

    path: str
    line: int
    function: str
    note: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What the benchmarks read of a finding."""

    rule: str
    category: str
    severity: str
    confidence: str
    message: str
    path: str
    line: int
    column: int
    end_line: int
    function: str
    context: str | None
    callee: str | None
    routes: tuple[str, ...]
    steps: tuple[Step, ...]
    fingerprint: str
    silenced: bool

    def covers(self, path: str, line: int) -> bool:
        """Whether the finding's place spans the line."""
        return self.path == path and self.line <= line <= self.end_line


@dataclass(frozen=True, slots=True)
class Audit:
    """What the benchmarks read of an audit."""

    files: int
    analysed: int
    findings: tuple[Finding, ...]
    problems: tuple[str, ...]
    unresolved: dict[str, int]


def run_audit(root: Path, command: str, *options: str) -> Audit:
    """The audit of the root. Raises SystemExit with the tool's own words where it gave none, or not a whole one."""
    run = subprocess.run([*command.split(), "--format", "json", *options, "."], cwd=root, capture_output=True, text=True, check=False)
    if run.returncode not in FINISHED:
        raise SystemExit(f"{command} on {root} ended with {run.returncode}:\n{run.stderr}")
    return read_audit(run.stdout)


def read_audit(text: str) -> Audit:
    """The audit that a JSON report holds. Raises SystemExit for one of nothing, whose silence says nothing."""
    report = json.loads(text)
    summary = report["summary"]
    if not summary["analysed"]:
        raise SystemExit("the report is of no analysed file")
    return Audit(
        files=summary["files"],
        analysed=summary["analysed"],
        findings=tuple(_finding(each) for each in report["findings"]),
        problems=tuple(f"{each['path']}:{each['line']}: {each['message']}" for each in report["problems"]),
        unresolved=summary["unresolved_calls"],
    )


def load_audit(root: Path, command: str, report: Path | None) -> Audit:
    """The audit in the report file, or else a new one of the root."""
    return read_audit(report.read_text(encoding="utf-8")) if report else run_audit(root, command)


def _finding(each: dict[str, Any]) -> Finding:
    return Finding(
        rule=each["rule"],
        category=each["category"],
        severity=each["severity"],
        confidence=each["confidence"],
        message=each["message"],
        path=each["path"],
        line=each["line"],
        column=each["column"],
        end_line=each["end_line"],
        function=each["function"],
        context=each["context"],
        callee=each["callee"],
        routes=tuple(each["routes"]),
        steps=tuple(Step(step["path"], step["line"], step["function"], step["note"]) for step in each["steps"]),
        fingerprint=each["fingerprint"],
        silenced=each["silenced"] is not None,
    )
