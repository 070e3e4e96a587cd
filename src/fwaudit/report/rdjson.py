"""The Reviewdog Diagnostic Format: what reviewdog turns into review comments."""

from __future__ import annotations

from typing import Any

from fwaudit.model.audit import Audit
from fwaudit.model.finding import Finding
from fwaudit.reading import SourceOf
from fwaudit.report.escape import visible
from fwaudit.report.evidence import level_of, live_findings, message_of, way_to_leaf
from fwaudit.report.json import render_document
from fwaudit.report.words import located

_SEVERITIES = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}


def render(audit: Audit, source_of: SourceOf, folder: str = "") -> str:
    """The document, with a final line feed. `folder`: the workspace, seen from the folder in which reviewdog runs."""
    return render_document(
        {
            "source": {"name": audit.tool.name},
            "diagnostics": [_diagnostic(finding, source_of, folder) for finding in live_findings(audit)],
        }
    )


def _diagnostic(finding: Finding, source_of: SourceOf, folder: str) -> dict[str, Any]:
    source = source_of(finding.path)
    return {
        "message": "\n".join([message_of(finding), *way_to_leaf(finding, folder)]),
        "location": {
            "path": visible(located(folder, finding.path)),
            "range": {
                "start": _position(finding.line, finding.column, source),
                "end": _position(finding.end_line, finding.end_column, source),
            },
        },
        "severity": _SEVERITIES[level_of(finding)],
        "code": {"value": visible(finding.rule)},
    }


def _position(line: int, column: int, source: list[str] | None) -> dict[str, int]:
    """Columns count bytes of UTF-8 here; without the source there is none."""
    if source is None or line > len(source):
        return {"line": line}
    return {"line": line, "column": len(source[line - 1][: column - 1].encode("utf-8", "surrogatepass")) + 1}
