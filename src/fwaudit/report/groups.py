"""Findings grouped by what they share, the worst group first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fwaudit.model.finding import Finding, Step
from fwaudit.report.words import count, deed, located, subject


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


@dataclass(frozen=True, slots=True)
class RouteKey:
    """A route of a service; "" for what no route reaches."""

    service: str
    route: str


def group_by_route(findings: Iterable[Finding]) -> dict[RouteKey, tuple[Finding, ...]]:
    """The findings that each route reaches, the worst route first: by severity, confidence, findings; last those without a route."""
    routes: dict[RouteKey, list[Finding]] = {}
    for finding in findings:
        for route in dict.fromkeys(finding.routes):
            routes.setdefault(RouteKey(finding.service or "", route), []).append(finding)
        if not finding.routes:
            routes.setdefault(RouteKey("", ""), []).append(finding)
    ordered = {key: tuple(sorted(members, key=_finding_key)) for key, members in routes.items()}
    return dict(sorted(ordered.items(), key=lambda item: _route_key(*item)))


def _route_key(key: RouteKey, members: tuple[Finding, ...]) -> tuple[object, ...]:
    worst = members[0]
    return (not key.route, -worst.severity.rank, -worst.confidence.rank, -len(members), key.service, key.route)


def group_by_service(findings: Iterable[Finding]) -> dict[str, tuple[Finding, ...]]:
    """The findings of each service by its name; under "", at the end, those outside every service."""
    services: dict[str, list[Finding]] = {}
    for finding in findings:
        services.setdefault(finding.service or "", []).append(finding)
    return {name: tuple(services[name]) for name in sorted(services, key=lambda name: (not name, name))}


def headline(group: Group, folder: str = "") -> str:
    """What blocks what, and how often: one sentence without a full stop, names in backticks. Paths begin with `folder`."""
    worst, leaf = group.worst, group.leaf
    words = deed(worst)
    sentence = f"{subject(worst.callee or '', leaf)} in {located(folder, leaf.path)}:{leaf.line} {words}" if words else worst.message
    counts = [count(len(group.findings), "finding")] if len(group.findings) > 1 else []
    if len(group.routes) > 1:
        counts.append(count(len(group.routes), "route"))
    if not counts:
        return sentence
    return f"{sentence}: {', '.join(counts)}" if words else f"{sentence} ({', '.join(counts)})"


def _finding_key(finding: Finding) -> tuple[object, ...]:
    return (-finding.severity.rank, -finding.confidence.rank, len(finding.steps), not finding.routes, finding.sort_key)


def _group_key(group: Group) -> tuple[object, ...]:
    worst = group.worst
    return (-worst.severity.rank, -worst.confidence.rank, -len(group.routes), -len(group.findings), worst.sort_key)
