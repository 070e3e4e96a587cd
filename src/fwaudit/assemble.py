"""The filter: which findings are shown, silenced or fail the run; then the Audit, sorted once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import msgspec

from fwaudit import __version__
from fwaudit.baseline import Accepted
from fwaudit.config import Config, Selection
from fwaudit.discover.ignore import PatternList
from fwaudit.model.audit import SCHEMA_VERSION, Audit, RootCause, Summary, Tool
from fwaudit.model.context import Grade
from fwaudit.model.facts import ModuleFacts
from fwaudit.model.finding import Finding
from fwaudit.model.service import Service
from fwaudit.model.source import Problem, Workspace
from fwaudit.suppressions import apply_suppressions


def filter_findings(
    findings: Iterable[Finding],
    *,
    workspace: Workspace,
    facts: Mapping[str, ModuleFacts],
    config: Config,
    selection: Selection,
    today: date,
    baseline: Accepted | None = None,
) -> tuple[Finding, ...]:
    """The findings that are shown, sorted, with `silenced` and `fails` set.

    Suppressions and the baseline are matched before anything is hidden, so that none of them looks unused because a setting
    hides what it silences.
    """
    chosen = [finding for finding in findings if finding.rule in selection.chosen]
    marked = apply_suppressions(
        chosen,
        facts,
        selection,
        today=today,
        needs_reason=config.require_suppression_reason,
        manifests=(manifest for manifest in workspace.manifests if manifest.reported),
    )
    marked = baseline.mark(marked) if baseline else marked
    reported = {manifest.path for manifest in workspace.manifests if manifest.reported}
    reported -= {source.path for source in workspace.sources if not source.reported}
    reported |= {source.path for source in workspace.sources if source.reported}
    ignored_in = _rules_ignored_by_path(workspace, config, selection)
    named = None if workspace.named is None else frozenset(workspace.named)
    shown = [
        finding
        for finding in marked
        if finding.path in reported
        and finding.severity.rank >= config.min_severity.rank
        and finding.confidence.rank >= config.min_confidence.rank
        and (named is None or _touches(finding, named))
        and finding.rule not in ignored_in(finding.path)
    ]
    judged = (
        msgspec.structs.replace(
            finding, fails=not finding.silenced and config.fails(finding.category, finding.severity, finding.confidence)
        )
        for finding in shown
    )
    return tuple(sorted(judged, key=lambda finding: finding.sort_key))


def _rules_ignored_by_path(workspace: Workspace, config: Config, selection: Selection) -> Callable[[str], frozenset[str]]:
    """A function that gives the rules which `per-path-ignores` hides in a path."""
    place = config.place_of(Path(workspace.root))
    ignores = [(PatternList([pattern]), selection.expand(names)) for pattern, names in config.per_path_ignores.items()]

    @cache
    def ignored_in(path: str) -> frozenset[str]:
        located = f"{place}/{path}" if place else path
        return frozenset().union(*(rules for patterns, rules in ignores if patterns.matches(located)))

    return ignored_in


def _touches(finding: Finding, named: frozenset[str]) -> bool:
    """Whether any evidence of `finding` lies in a named file."""
    return (
        finding.path in named or any(step.path in named for step in finding.steps) or any(place.path in named for place in finding.places)
    )


def make_audit(
    findings: Sequence[Finding],
    facts: Mapping[str, ModuleFacts],
    services: tuple[Service, ...],
    unresolved_calls: Mapping[str, int],
    problems: Iterable[Problem],
    *,
    mended: tuple[str, ...] = (),
) -> Audit:
    """The Audit of the shown findings."""
    problems = tuple(sorted(set(problems)))
    missing = {problem.path for problem in problems if problem.kind == "not-analysed"} - facts.keys()
    summary = Summary(
        files=len(facts) + len(missing),
        analysed=len(facts),
        lines=sum(module.lines for module in facts.values()),
        findings=0,
        failing=0,
        silenced=0,
        root_causes=0,
        by_rule={},
        by_severity={},
        unresolved_calls=dict(sorted(unresolved_calls.items())),
    )
    return keep_only(Audit(SCHEMA_VERSION, Tool("fwaudit", __version__), ".", summary, services, (), (), problems, mended), findings)


def keep_only(audit: Audit, findings: Sequence[Finding]) -> Audit:
    """`audit` with these findings, which are sorted, and no others: counted, and their root causes collected."""
    open_findings = [finding for finding in findings if not finding.silenced]
    root_causes = _collect_root_causes(open_findings)
    severities = Counter(str(finding.severity) for finding in open_findings)
    summary = msgspec.structs.replace(
        audit.summary,
        findings=len(open_findings),
        failing=sum(finding.fails for finding in open_findings),
        silenced=len(findings) - len(open_findings),
        root_causes=len(root_causes),
        by_rule=dict(sorted(Counter(finding.rule for finding in open_findings).items())),
        by_severity={str(grade): severities[str(grade)] for grade in reversed(Grade)},
    )
    return msgspec.structs.replace(audit, summary=summary, findings=tuple(findings), root_causes=root_causes)


def _collect_root_causes(findings: Iterable[Finding]) -> tuple[RootCause, ...]:
    """The leaves that `findings` share, the worst first: by severity, confidence, routes, findings."""
    sharing: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.root_cause and finding.steps:
            sharing[finding.root_cause].append(finding)
    ranked = [(_gravity(group), _root_cause(name, group)) for name, group in sharing.items()]
    ranked.sort(key=lambda pair: (*(-number for number in pair[0]), pair[1].path, pair[1].line, pair[1].id))
    return tuple(cause for _, cause in ranked)


def _gravity(group: Sequence[Finding]) -> tuple[int, int, int, int]:
    severity, confidence = max((finding.severity.rank, finding.confidence.rank) for finding in group)
    return severity, confidence, _count_routes(group), len(group)


def _root_cause(name: str, group: Sequence[Finding]) -> RootCause:
    leaf = group[0].steps[-1]
    return RootCause(
        id=name,
        callee=group[0].callee or "",
        path=leaf.path,
        line=leaf.line,
        findings=len(group),
        routes=_count_routes(group),
        function=leaf.function,
    )


def _count_routes(group: Iterable[Finding]) -> int:
    return len({route for finding in group for route in finding.routes})
