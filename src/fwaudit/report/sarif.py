"""SARIF 2.1.0, as GitHub's code scanning takes it: the way to the leaf is a code flow, the routes are related locations.

<https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html>,
<https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from fwaudit.catalog.knowledge import RulePage
from fwaudit.model.audit import Audit
from fwaudit.model.finding import Finding, Location, Step
from fwaudit.model.source import Problem
from fwaudit.report.escape import brief, visible
from fwaudit.report.evidence import LONGEST_MESSAGE, LONGEST_NAME, level_of, message_of, worst_first
from fwaudit.report.groups import leaf_of
from fwaudit.report.json import render_document
from fwaudit.report.pages import explanation
from fwaudit.report.words import count, located

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE = "SRCROOT"
"""The repository's folder, under a name that is replaced by whoever reads the file."""

_RESULTS = 5_000
"""GitHub shows so many, the gravest; a file with more than 25,000 is refused as a whole."""

_STEPS = 1_000
"""Of one code flow, as many as GitHub shows."""

_RELATED = 20
"""Related locations of one result."""

_LONGEST_DESCRIPTION = 1_000

_LEVELS = {"high": "error", "medium": "warning", "low": "note"}
_PROBLEM_LEVELS = {"incomplete": "error", "not-analysed": "warning", "skipped": "note"}
_SUPPRESSIONS = {"suppression": "inSource", "baseline": "external"}


def render(audit: Audit, pages: Mapping[str, RulePage], folder: str = "") -> str:
    """The document, with a final line feed. `folder`: the workspace, seen from the repository."""
    kept = worst_first(audit.findings)[:_RESULTS]
    rules = sorted({finding.rule for finding in kept})
    places = _RoutePlaces(audit)
    shown = frozenset(map(id, kept))
    results = [_result(finding, rules.index(finding.rule), places, folder) for finding in audit.findings if id(finding) in shown]
    run = {
        "tool": {
            "driver": {
                "name": audit.tool.name,
                "version": audit.tool.version,
                "semanticVersion": audit.tool.version,
                "rules": [_rule(name, pages.get(name)) for name in rules],
            }
        },
        "automationDetails": {"id": f"{audit.tool.name}/{_uri(folder)}{'/' if folder else ''}"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_BASE: {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(audit, len(results), folder)],
        "results": results,
    }
    return render_document({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(name: str, page: RulePage | None) -> dict[str, Any]:
    """What is told of a rule; one of which nothing is known is told by its name."""
    if page is None:
        return {"id": visible(name)}
    summary = page.data.summary[:1].upper() + page.data.summary[1:] + "."
    paragraph = page.text.partition("## What it finds\n")[2].partition("\n\n")[0].partition("\n#")[0].replace("\n", " ")
    help_text = explanation(page)
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in name.split("-")),
        "shortDescription": {"text": summary},
        "fullDescription": {"text": brief(paragraph.strip() or summary, _LONGEST_DESCRIPTION)},
        "help": {"text": help_text, "markdown": help_text},
        "defaultConfiguration": {"level": _LEVELS[page.data.severity]},
        "properties": {"tags": [page.data.category]},
    }


class _RoutePlaces:
    """Where the routes that findings name are registered."""

    def __init__(self, audit: Audit) -> None:
        self._places: dict[tuple[str, str], Location] = {}
        for service in audit.services:
            for route in service.routes:
                self._places.setdefault((service.name, route.label), route.location)

    def of(self, finding: Finding) -> Iterator[tuple[str, Location]]:
        """The finding's routes that have a place."""
        for label in finding.routes:
            place = self._places.get((finding.service or "", label))
            if place is not None:
                yield label, place


def _result(finding: Finding, rule_index: int, places: _RoutePlaces, folder: str) -> dict[str, Any]:
    related = _related(finding, places, folder)
    result: dict[str, Any] = {
        "ruleId": visible(finding.rule),
        "ruleIndex": rule_index,
        "level": level_of(finding),
        "message": {"text": _message(finding, related)},
        "locations": [
            {
                "physicalLocation": _physical(finding, folder),
                "logicalLocations": [{"fullyQualifiedName": brief(finding.function, LONGEST_NAME), "kind": "function"}],
            }
        ],
        "partialFingerprints": {"fwaudit/v1": visible(finding.fingerprint)},
    }
    if related:
        result["relatedLocations"] = related
    if len(finding.steps) > 1:
        result["codeFlows"] = [_code_flow(finding, folder)]
    if finding.silenced is not None:
        result["suppressions"] = [_suppression(finding)]
    told = {"severity": finding.severity, "confidence": finding.confidence, "rootCause": finding.root_cause}
    result["properties"] = {name: brief(str(value), LONGEST_NAME) for name, value in told.items() if value is not None}
    return result


def _message(finding: Finding, related: Sequence[Mapping[str, Any]]) -> str:
    """The message, then a link to each related location. GitHub takes the first sentence for the title."""
    sentence = _plain(message_of(finding)).rstrip(".")
    links = [f"[{_plain(location['message']['text'])}]({location['id']})" for location in related]
    return f"{sentence}. See {', '.join(links)}." if links else f"{sentence}."


def _plain(text: str) -> str:
    """Text in which no link can begin."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _related(finding: Finding, places: _RoutePlaces, folder: str) -> list[dict[str, Any]]:
    """The leaf, unless it is the finding's own place; the routes; the other places of a cluster."""
    told: list[tuple[str, Location | Step]] = []
    leaf = leaf_of(finding)
    own = (finding.path, finding.line, finding.column)
    if (leaf.path, leaf.line, leaf.column) != own:
        told.append(("the call that blocks" if finding.callee else "where it leads", leaf))
    told += places.of(finding)
    told += [("another place", place) for place in finding.places if (place.path, place.line, place.column) != own]
    return [
        {"id": number, "message": {"text": brief(text, LONGEST_NAME)}, "physicalLocation": _physical(place, folder)}
        for number, (text, place) in enumerate(told[:_RELATED], start=1)
    ]


def _code_flow(finding: Finding, folder: str) -> dict[str, Any]:
    """The steps, each call one level deeper; of too many the first and the last."""
    half = _STEPS // 2
    steps = finding.steps if len(finding.steps) <= _STEPS else (*finding.steps[:half], *finding.steps[-half:])
    locations = [
        {
            "location": {
                "message": {"text": _plain(brief(step.note or step.function, LONGEST_MESSAGE))},
                "physicalLocation": _physical(step, folder),
                "logicalLocations": [{"fullyQualifiedName": brief(step.function, LONGEST_NAME), "kind": "function"}],
            },
            "nestingLevel": depth,
            "executionOrder": depth + 1,
            "importance": "essential" if depth in (0, len(steps) - 1) else "important",
        }
        for depth, step in enumerate(steps)
    ]
    flow = {"id": brief(finding.context, LONGEST_NAME)} if finding.context else {}
    return {"threadFlows": [{**flow, "locations": locations}]}


def _physical(place: Finding | Location | Step, folder: str) -> dict[str, Any]:
    region = {"startLine": place.line, "startColumn": place.column}
    if not isinstance(place, Step):
        region |= {"endLine": place.end_line, "endColumn": place.end_column}
    return {"artifactLocation": _artifact(place.path, folder), "region": region}


def _artifact(path: str, folder: str) -> dict[str, str]:
    return {"uri": _uri(located(folder, path)), "uriBaseId": _BASE}


def _uri(path: str) -> str:
    """The path as a relative reference: the bytes of a name that is not UTF-8 are kept."""
    try:
        return quote(path, errors="surrogateescape")
    except UnicodeEncodeError:  # a lone surrogate that stands for no byte
        return quote(path, errors="surrogatepass")


def _suppression(finding: Finding) -> dict[str, str]:
    suppression = {"kind": _SUPPRESSIONS.get(finding.silenced or "", "external"), "status": "accepted"}
    return suppression | ({"justification": brief(finding.reason, LONGEST_MESSAGE)} if finding.reason else {})


def _invocation(audit: Audit, results: int, folder: str) -> dict[str, Any]:
    notifications = [_notification(problem, folder) for problem in audit.problems]
    hidden = len(audit.findings) - results
    if hidden > 0:
        text = f"{count(hidden, 'more finding')}: this report has the {_RESULTS:,} gravest, the JSON report has all."
        notifications.insert(0, {"level": "warning", "message": {"text": text}})
    return {"executionSuccessful": not audit.is_incomplete, "toolExecutionNotifications": notifications}


def _notification(problem: Problem, folder: str) -> dict[str, Any]:
    notification: dict[str, Any] = {
        "level": _PROBLEM_LEVELS.get(problem.kind, "warning"),
        "message": {"text": _plain(brief(problem.message, LONGEST_MESSAGE))},
    }
    if problem.path:
        physical = {"artifactLocation": _artifact(problem.path, folder), "region": {"startLine": problem.line}}
        notification["locations"] = [{"physicalLocation": physical}]
    return notification
