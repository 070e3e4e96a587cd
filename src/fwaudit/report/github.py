"""GitHub's workflow commands: findings as annotations on the lines of a pull request.

A step may have 10 annotations of each kind; the runner drops the others, so they are written as plain lines of the log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from fwaudit.model.audit import Audit
from fwaudit.model.finding import Finding
from fwaudit.model.source import Problem
from fwaudit.report.escape import brief
from fwaudit.report.evidence import LONGEST_NAME, level_of, live_findings, message_of, way_to_leaf, worst_first
from fwaudit.report.words import count, located

_MOST = 10
"""Annotations of one kind in a step: <https://docs.github.com/en/actions/reference/limits>."""

_LONGEST = 3_500
"""Characters of a message; the runner cuts at 4,096."""

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(audit: Audit, folder: str = "") -> str:
    """A command for each finding and problem, the worst first; "" if there is none. `folder`: the workspace, seen from the repository."""
    shown: Counter[str] = Counter()
    commands: list[str] = []
    rest: list[str] = []
    for kind, command, line in (*_findings(audit, folder), *_problems(audit, folder)):
        shown[kind] += 1
        if shown[kind] <= _MOST:
            commands.append(command)
        else:
            rest.append(line)
    if rest:
        rest.insert(0, f"{count(len(rest), 'more line')} without an annotation, of which a step may have {_MOST} of each kind:")
    return "".join(f"{line}\n" for line in (*commands, *rest))


def _findings(audit: Audit, folder: str) -> Iterator[tuple[str, str, str]]:
    """The kind of each finding, its annotation, and its line in the log."""
    for finding in worst_first(live_findings(audit)):
        kind = _COMMANDS[level_of(finding)]
        text = "\n".join([message_of(finding), *way_to_leaf(finding, folder)])
        place = f"{brief(located(folder, finding.path), LONGEST_NAME)}:{finding.line}:{finding.column}"
        yield kind, _command(kind, _place(finding, folder), text), _log_line(f"{kind} {place} {finding.rule} {message_of(finding)}")


def _place(finding: Finding, folder: str) -> dict[str, object]:
    """Columns are told of one line alone: over several, GitHub takes no columns."""
    place: dict[str, object] = {"file": located(folder, finding.path), "line": finding.line, "endLine": finding.end_line}
    if finding.line == finding.end_line:
        place |= {"col": finding.column, "endColumn": finding.end_column}
    return place | {"title": finding.rule}


def _problems(audit: Audit, folder: str) -> Iterator[tuple[str, str, str]]:
    """What was not analysed; an audit that is incomplete is an error."""
    for problem in sorted(audit.problems, key=lambda problem: problem.kind != "incomplete"):
        if problem.kind == "skipped":
            continue
        kind = "error" if problem.kind == "incomplete" else "warning"
        text = brief(problem.message, LONGEST_NAME)
        place = f"{brief(located(folder, problem.path), LONGEST_NAME)}:{problem.line} " if problem.path else ""
        yield kind, _command(kind, _place_of(problem, folder), text), _log_line(f"{kind} {place}{text}")


def _place_of(problem: Problem, folder: str) -> dict[str, object]:
    at: dict[str, object] = {"file": located(folder, problem.path), "line": problem.line} if problem.path else {}
    return at | {"title": "incomplete audit" if problem.kind == "incomplete" else "not analysed"}


def _command(kind: str, properties: dict[str, object], text: str) -> str:
    told = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{kind} {told}::{_data(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(brief(text, LONGEST_NAME)).replace(":", "%3A").replace(",", "%2C")


def _log_line(text: str) -> str:
    """A line that is no command: the runner also takes `##[command]` for one, anywhere in a line."""
    return text.replace("##[", "## [")
