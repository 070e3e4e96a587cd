"""GitLab's code quality report: a JSON list that a merge request shows beside the changed lines."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from fwaudit.model.audit import Audit
from fwaudit.model.context import Grade
from fwaudit.model.finding import Finding
from fwaudit.report.escape import visible
from fwaudit.report.evidence import live_findings, message_of
from fwaudit.report.json import render_document
from fwaudit.report.words import located

_SEVERITIES = {Grade.HIGH: "major", Grade.MEDIUM: "minor", Grade.LOW: "info"}
_FAILING = "critical"


def render(audit: Audit, folder: str = "") -> str:
    """The list, with a final line feed. `folder`: the workspace, seen from the repository."""
    seen: Counter[str] = Counter()
    entries: list[dict[str, Any]] = []
    for finding in live_findings(audit):
        seen[finding.fingerprint] += 1
        entries.append(_entry(finding, folder, seen[finding.fingerprint]))
    return render_document(entries)


def _entry(finding: Finding, folder: str, ordinal: int) -> dict[str, Any]:
    return {
        "description": message_of(finding),
        "check_name": visible(finding.rule),
        "fingerprint": _fingerprint(finding, folder, ordinal),
        "severity": _FAILING if finding.fails else _SEVERITIES[finding.severity],
        "location": {
            "path": visible(located(folder, finding.path)),
            "lines": {"begin": finding.line, "end": finding.end_line},
        },
    }


def _fingerprint(finding: Finding, folder: str, ordinal: int) -> str:
    """No two entries may share one, also if the reports of several folders are put together."""
    identity = "\0".join((folder, finding.fingerprint, str(ordinal)))
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]
