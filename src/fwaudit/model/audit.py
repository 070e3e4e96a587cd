"""The Audit: all that one run found, sorted once. Every report is made from it alone."""

from __future__ import annotations

import msgspec

from fwaudit.model.finding import Finding
from fwaudit.model.service import Service
from fwaudit.model.source import Problem

SCHEMA_VERSION = 1


class Tool(msgspec.Struct, frozen=True):
    """Who wrote the audit."""

    name: str
    version: str


class Summary(msgspec.Struct, frozen=True):
    """The counts. `findings` and `failing` leave silenced findings out."""

    files: int
    analysed: int
    lines: int
    findings: int
    failing: int
    silenced: int
    root_causes: int
    by_rule: dict[str, int]
    by_severity: dict[str, int]
    unresolved_calls: dict[str, int]
    """Calls in code that runs on a loop whose target could not be told, by reason."""


class RootCause(msgspec.Struct, frozen=True):
    """A leaf that one or more findings share: `callee` called at `path:line`."""

    id: str
    callee: str
    path: str
    line: int
    findings: int
    routes: int
    function: str = ""
    """The function that holds the leaf."""


class Audit(msgspec.Struct, frozen=True):
    """All that one run found, in the form of docs/contract.md."""

    schema_version: int
    tool: Tool
    root: str
    summary: Summary
    services: tuple[Service, ...]
    findings: tuple[Finding, ...]
    root_causes: tuple[RootCause, ...]
    problems: tuple[Problem, ...]
    mended: tuple[str, ...]
    """The fingerprints in the baseline for which nothing was found any more."""

    @property
    def is_incomplete(self) -> bool:
        """Whether a stage or a check failed, or not one file could be analysed."""
        return not self.summary.analysed or any(problem.kind == "incomplete" for problem in self.problems)

    @property
    def misses_files(self) -> bool:
        """Whether a Python file was not analysed: it may hide what is not found now."""
        return any(problem.kind == "not-analysed" for problem in self.problems)
