"""JUnit's XML, as test reports of Jenkins, GitLab, Azure and others read it.

A finding that fails the run is a failed test; any other is a skipped one, so that a test report and the exit code agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from fwaudit.model.audit import Audit
from fwaudit.model.finding import Finding
from fwaudit.model.source import Problem
from fwaudit.report.escape import brief
from fwaudit.report.evidence import LONGEST_NAME, live_findings, message_of, way_to_leaf
from fwaudit.report.groups import group_by_file
from fwaudit.report.words import located

_Case = tuple[str, list[str]]
"""What became of a test (`failure`, `skipped`, `error` or ""), and its lines."""


def render(audit: Audit, folder: str = "") -> str:
    """The document, a suite for each file, with a final line feed. `folder`: the workspace, seen from the repository."""
    suites: list[tuple[str, list[_Case]]] = [
        (located(folder, path), [_finding_case(finding, folder) for finding in findings])
        for path, findings in group_by_file(live_findings(audit)).items()
    ]
    problems = [_problem_case(problem, folder) for problem in audit.problems if problem.kind != "skipped"]
    suites += [("problems", problems)] if problems else []
    # Readers take a report without any test for a broken one.
    suites = suites or [(audit.tool.name, [("", _case(audit.tool.name, f"{audit.summary.analysed:,} files", "", ""))])]
    cases = [case for _, group in suites for case in group]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites name={_attribute(audit.tool.name)} {_counts(cases)}>"]
    for name, group in suites:
        lines.append(f"  <testsuite name={_attribute(name)} {_counts(group)} skipped={_attribute(str(_number(group, 'skipped')))}>")
        lines += [line for _, case in group for line in case]
        lines.append("  </testsuite>")
    return "".join(f"{line}\n" for line in (*lines, "</testsuites>"))


def _counts(cases: list[_Case]) -> str:
    return f'tests="{len(cases)}" failures="{_number(cases, "failure")}" errors="{_number(cases, "error")}"'


def _number(cases: list[_Case], outcome: str) -> int:
    return sum(became == outcome for became, _ in cases)


def _finding_case(finding: Finding, folder: str) -> _Case:
    name = f"{finding.line}:{finding.column} {finding.rule}"
    place = located(folder, finding.path)
    message = message_of(finding)
    if not finding.fails:
        return "skipped", _case(name, place, f"<skipped message={_attribute(message)}/>", "")
    opening = f"<failure message={_attribute(message)} type={_attribute(finding.rule)}>"
    text = _text([f"{place}:{finding.line}:{finding.column}: {message}", *way_to_leaf(finding, folder)])
    return "failure", _case(name, place, opening + text, "</failure>")


def _problem_case(problem: Problem, folder: str) -> _Case:
    place = f"{located(folder, problem.path)}:{problem.line}" if problem.path else "fwaudit"
    message = _attribute(problem.message)
    if problem.kind == "incomplete":
        return "error", _case("incomplete", place, f'<error message={message} type="incomplete"/>', "")
    return "skipped", _case("not-analysed", place, f"<skipped message={message}/>", "")


def _case(name: str, place: str, opening: str, closing: str) -> list[str]:
    start = f"    <testcase name={_attribute(name)} classname={_attribute(place)}"
    return [f"{start}>", f"      {opening}{closing}", "    </testcase>"] if opening else [f"{start}/>"]


def _attribute(text: str) -> str:
    return quoteattr(brief(text, LONGEST_NAME))


def _text(lines: Iterable[str]) -> str:
    return escape("\n".join(brief(line, 2 * LONGEST_NAME) for line in lines))
