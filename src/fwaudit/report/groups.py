"""Findings grouped by what they share, the worst group first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fwaudit.model.finding import Finding, Step


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one rule that share a root cause or, where they have none, the words of their message; the worst first."""

    findings: tuple[Finding, ...]

    @property
    def worst(self) -> Finding:
        """The finding to show in full: grave, sure, reached by a short path, from a route."""
        return self.findings[0]

    @property
    def leaf(self) -> Step:
        """Where the work is done that blocks."""
        return leaf_of(self.worst)

    @property
    def routes(self) -> tuple[str, ...]:
        """All routes that reach it, each once."""
        return tuple(dict.fromkeys(route for finding in self.findings for route in finding.routes))

    @property
    def fails(self) -> bool:
        """Whether one of the findings fails the run."""
        return any(finding.fails for finding in self.findings)


def leaf_of(finding: Finding) -> Step:
    """The last step of the finding's evidence; the finding's own place if it has no steps."""
    return finding.steps[-1] if finding.steps else Step(finding.path, finding.line, finding.column, finding.function, "")


def group_by_root_cause(findings: Iterable[Finding]) -> tuple[Group, ...]:
    """Groups, the worst first: by severity, confidence, routes, findings, place."""
    shared: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        shared.setdefault((finding.rule, finding.root_cause or finding.message), []).append(finding)
    return tuple(sorted((Group(tuple(sorted(members, key=_finding_key))) for members in shared.values()), key=_group_key))


def group_by_file(findings: Iterable[Finding]) -> dict[str, tuple[Finding, ...]]:
    """The findings of each file, in the order given."""
    files: dict[str, list[Finding]] = {}
    for finding in findings:
        files.setdefault(finding.path, []).append(finding)
    return {path: tuple(members) for path, members in files.items()}


def _finding_key(finding: Finding) -> tuple[object, ...]:
    return (-finding.severity.rank, -finding.confidence.rank, len(finding.steps), not finding.routes, finding.sort_key)


def _group_key(group: Group) -> tuple[object, ...]:
    worst = group.worst
    return (-worst.severity.rank, -worst.confidence.rank, -len(group.routes), -len(group.findings), worst.sort_key)
