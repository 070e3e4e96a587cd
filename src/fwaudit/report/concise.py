"""One finding a line, in the form that editors and other tools can follow: `path:line:column: severity[confidence] rule message`."""

from __future__ import annotations

from fwaudit.model.audit import Audit
from fwaudit.model.finding import Finding
from fwaudit.report.escape import visible


def render(audit: Audit, *, ascii_only: bool = False) -> str:
    """A line for each finding that is not silenced, in the audit's order; "" if there is none."""
    return "".join(visible(_line(finding), ascii_only=ascii_only) + "\n" for finding in audit.findings if finding.silenced is None)


def _line(finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}:{finding.column}"
    return f"{place}: {finding.severity}[{finding.confidence}] {finding.rule} {finding.message}"
