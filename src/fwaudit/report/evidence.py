"""What the formats for other programs say of a finding: how grave it is to them, where it lies, and the way to the leaf."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from fwaudit.model.audit import Audit
from fwaudit.model.context import Grade
from fwaudit.model.finding import Finding
from fwaudit.report.escape import brief
from fwaudit.report.words import count, located

LONGEST_NAME = 400
"""Characters of a path, a name or a note; what is longer loses its middle."""

LONGEST_MESSAGE = 1_000
"""Characters of a finding's message."""

_STEPS = 24
_ROUTES = 5

Level = Literal["error", "warning", "note"]


def level_of(finding: Finding) -> Level:
    """`error` for what fails the run, else `note` for low severity and `warning` for all other."""
    if finding.fails:
        return "error"
    return "note" if finding.severity is Grade.LOW else "warning"


def live_findings(audit: Audit) -> tuple[Finding, ...]:
    """The findings that nothing silences, in the audit's order."""
    return tuple(finding for finding in audit.findings if finding.silenced is None)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Silenced findings last; what fails the run, what is grave and what is sure first."""
    return sorted(findings, key=_gravity)


def _gravity(finding: Finding) -> tuple[object, ...]:
    silenced = finding.silenced is not None
    return (silenced, not finding.fails, -finding.severity.rank, -finding.confidence.rank, finding.sort_key)


def message_of(finding: Finding) -> str:
    """The message in one line of bearable length."""
    return brief(finding.message, LONGEST_MESSAGE)


def way_to_leaf(finding: Finding, folder: str) -> Iterator[str]:
    """A line for the routes, and one for each step after the finding's own place; of many steps the first and the last."""
    if finding.routes:
        named = ", ".join(finding.routes[:_ROUTES])
        hidden = len(finding.routes) - _ROUTES
        yield brief(f"{named}, {hidden:,} more" if hidden > 0 else named, LONGEST_NAME)
    steps, half = finding.steps, _STEPS // 2
    for index, step in enumerate(steps):
        if len(steps) > _STEPS and half <= index < len(steps) - half:
            if index == half:
                yield f"... {count(len(steps) - 2 * half, 'step')} ..."
            continue
        yield f"{brief(located(folder, step.path), LONGEST_NAME)}:{step.line} {brief(step.note or step.function, LONGEST_NAME)}"
