"""The report for people: what blocks, who gets there and how, and what it comes to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fwaudit.model.audit import Audit
from fwaudit.model.finding import Finding, Step
from fwaudit.reading import SourceOf
from fwaudit.report.excerpt import Span, excerpt
from fwaudit.report.groups import Group, RouteKey, group_by_file, group_by_root_cause, group_by_route, group_by_service, headline, leaf_of
from fwaudit.report.services import overview
from fwaudit.report.summary import Request, closing, rule_table
from fwaudit.report.terminal import Terminal, columns, pad, terminal_of
from fwaudit.report.verdict import verdicts_in_short
from fwaudit.report.words import WAITING, count, remedy, short_name

_PLACES = 6
"""A group lists so many places beside the one shown in full."""

_ROUTES = 2
"""A place names so many of its routes."""

_SOURCE_WIDTH = 32
"""A source line stands beside its place from so many columns on, else below it."""


def render(
    audit: Audit,
    source_of: SourceOf,
    *,
    width: int,
    color: bool,
    request: Request = Request(),  # noqa: B008  frozen
    group_by: str = "root-cause",
    statistics: bool = False,
    ascii_only: bool = False,
) -> str:
    """The report, with a final line feed. `group_by`: root-cause, file, route, service; `statistics`: counts by rule, no findings."""
    page = _Page(terminal_of(width, color=color, ascii_only=ascii_only), source_of)
    findings = [finding for finding in audit.findings if finding.silenced is None]
    groups = group_by_root_cause(findings)
    if statistics:
        lines = rule_table(findings, page.terminal, indent="")
    elif group_by == "file":
        lines = page.by_file(findings)
    elif group_by == "route":
        lines = page.by_route(findings)
    elif group_by == "service":
        lines = page.by_service(findings)
    else:
        lines = page.by_root_cause(groups)
    if not statistics and not request.names_files:
        lines = overview(audit, page.terminal) + lines + verdicts_in_short(audit, page.terminal)
    lines += closing(audit, groups, request, page.terminal, with_table=not statistics)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def render_change(before: Audit, now: Audit, source_of: SourceOf, *, width: int, color: bool, ascii_only: bool = False) -> str:
    """What `now` has besides `before`: new findings in full, those that are gone in a line each, and new problems.

    While a file cannot be analysed, nothing is said to be gone: the file may hold it.
    """
    page = _Page(terminal_of(width, color=color, ascii_only=ascii_only), source_of)
    known, live = _live(before), _live(now)
    lines = page.by_root_cause(group_by_root_cause([finding for name, finding in live.items() if name not in known]))
    gone = [] if now.misses_files else [finding for name, finding in known.items() if name not in live]
    lines += [line for finding in gone for line in page.terminal.wrap(page.terminal.clean(f"gone: {_in_a_line(finding)}"), "", "  ")]
    news = [problem for problem in now.problems if problem not in before.problems]
    lines += [
        line
        for problem in news
        for line in page.terminal.wrap(page.terminal.clean(f"{problem.path}:{problem.line}: {problem.message}"), "", "  ")
    ]
    new = len(live.keys() - known.keys())
    total = count(len(live), "finding")
    if now.misses_files:
        lines.append(f"{total} in what can be analysed, {new:,} new.")
    else:
        lines.append(f"{total} now, {new:,} new, {len(gone):,} gone." if lines else f"{total}, as before.")
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _live(audit: Audit) -> dict[str, Finding]:
    return {finding.fingerprint: finding for finding in audit.findings if finding.silenced is None}


def _in_a_line(finding: Finding) -> str:
    return f"{finding.path}:{finding.line}: {finding.rule}: {finding.message}"


@dataclass(frozen=True, slots=True)
class _Page:
    """Draws findings on a terminal."""

    terminal: Terminal
    source_of: SourceOf

    @property
    def indent(self) -> str:
        """Room for a severity at the start of a line; narrow terminals have none."""
        return " " * (8 if self.terminal.width >= 72 else 2)

    def by_root_cause(self, groups: Iterable[Group]) -> list[str]:
        """Every group with one finding in full and the places of the others."""
        lines: list[str] = []
        for group in groups:
            worst = group.worst
            lines += self._headline(worst, headline(group))
            lines += self._remarks(worst, fails=group.fails)
            lines += self._leaf(worst)
            lines += self._path(worst)
            lines += self._other_places(group)
            lines.append("")
        return lines

    def by_file(self, findings: Iterable[Finding]) -> list[str]:
        """Every finding with its source line, file by file."""
        lines: list[str] = []
        for path, members in group_by_file(findings).items():
            shown = self.terminal.clean(path)
            lines += [self.terminal.bold(shown) + self.terminal.dim(f"  {count(len(members), 'finding')}"), ""]
            for finding in members:
                lines += self._headline(finding, f"{finding.line}:{finding.column} {finding.message}")
                lines += self._remarks(finding, fails=finding.fails)
                lines += self._source(finding.path, Span(finding.line, finding.column, finding.end_line, finding.end_column), finding)
                lines += self._path(finding)
                lines.append("")
        return lines

    def by_service(self, findings: Iterable[Finding]) -> list[str]:
        """The groups of each service."""
        lines: list[str] = []
        for service, members in group_by_service(findings).items():
            lines += [*self._title(service or "outside every service", count(len(members), "finding")), ""]
            lines += self.by_root_cause(group_by_root_cause(members))
        return lines

    def by_route(self, findings: Iterable[Finding]) -> list[str]:
        """The groups of each route, the worst route first; a group that was shown for an earlier one is only named."""
        lines: list[str] = []
        by_route = group_by_route(findings)
        shown: dict[tuple[str, str], str] = {}
        for key, members in by_route.items():
            title = _route_title(key, by_route)
            lines += [*self._title(title, count(len(members), "finding")), ""]
            for group in group_by_root_cause(members):
                earlier = shown.setdefault((group.worst.rule, group.worst.root_cause or group.worst.message), title)
                if earlier == title:
                    lines += self.by_root_cause([group])
                else:
                    lines += self._headline(group.worst, headline(group))
                    lines += [*self.terminal.wrap(self.terminal.clean(f"shown under {earlier}"), self.indent), ""]
        return lines

    def _title(self, name: str, remark: str) -> list[str]:
        first, *rest = self.terminal.flow([self.terminal.clean(name), remark], "  ")
        shown = self.terminal.clean(name)
        return [self.terminal.bold(shown) + self.terminal.dim(first[len(shown) :]), *map(self.terminal.dim, rest)]

    def _headline(self, finding: Finding, sentence: str) -> list[str]:
        terminal = self.terminal
        severity = str(finding.severity)
        first, *rest = terminal.wrap(terminal.clean(sentence), pad(severity, len(self.indent) - 1) + " ", self.indent)
        head, tail = terminal.severity(severity, finding.severity), first[len(severity) :]
        gap = tail[: len(tail) - len(tail.lstrip(" "))]
        return [head + gap + terminal.bold(tail[len(gap) :]), *(self.indent + terminal.bold(line[len(self.indent) :]) for line in rest)]

    def _remarks(self, finding: Finding, *, fails: bool) -> list[str]:
        remarks = [finding.rule, f"{finding.confidence} confidence"]
        if finding.waits_for is not None:
            remarks.append(WAITING[finding.waits_for])
        if fails:
            remarks.append("fails the run")
        lines = self.terminal.flow(map(self.terminal.clean, remarks), self.terminal.dot, self.indent)
        return [self.terminal.dim(line) for line in lines]

    def _leaf(self, finding: Finding) -> list[str]:
        leaf = leaf_of(finding)
        if (leaf.path, leaf.line, leaf.column) == (finding.path, finding.line, finding.column):
            span = Span(finding.line, finding.column, finding.end_line, finding.end_column)
        else:
            span = Span(leaf.line, leaf.column, name=(finding.callee or "").rpartition(".")[2])
        return self._source(leaf.path, span, finding)

    def _source(self, path: str, span: Span, finding: Finding) -> list[str]:
        source = self.source_of(path)
        shown = excerpt(source, span, finding.severity, self.terminal, self.indent) if source else []
        return ["", *shown, ""] if shown else []

    def _path(self, finding: Finding) -> list[str]:
        """The routes, then the steps to the leaf, each deeper than the one before, with place and source; last what to use instead."""
        terminal = self.terminal
        steps = finding.steps or (leaf_of(finding),)
        routes = [self.indent + self._some_routes(finding)] if finding.routes else []
        rows: list[tuple[str, str, str]] = []
        for depth, step in enumerate(steps, start=len(routes)):
            lead = self.indent + (" " * (3 * (depth - 1)) + terminal.branch if depth else "")
            source = "" if step is steps[-1] else terminal.clean(self._source_line(step))
            rows.append((lead + terminal.clean(short_name(step.function, step.path)), terminal.clean(f"{step.path}:{step.line}"), source))
        instead = terminal.clean(remedy(steps[-1]))
        lines = [line for route in routes for line in terminal.wrap(route.lstrip(" "), self.indent)]
        lines += self._table(rows, is_source=True)
        return lines + (terminal.wrap(instead, self._below(rows[-1][0])) if instead else [])

    def _source_line(self, step: Step) -> str:
        """The line of a step; its note where the source cannot be read now."""
        source = self.source_of(step.path)
        if not source or step.line > len(source):
            return step.note
        return source[step.line - 1].strip()

    def _table(self, rows: list[tuple[str, str, str]], *, is_source: bool) -> list[str]:
        """Rows of name, place and remark; what does not fit beside the name stands below it. Source is cut, other remarks are not."""
        terminal = self.terminal
        name_width = max(columns(name) for name, _, _ in rows)
        place_width = max(columns(place) for _, place, _ in rows)
        room = terminal.width - name_width - place_width - 4
        lines: list[str] = []
        for name, place, remark in rows:
            below = self._below(name)
            if room >= -2:
                lines.append(f"{pad(name, name_width)}  {terminal.dim(place)}")
            else:
                lines += [name, below + terminal.dim(place)]
            if remark and (columns(remark) <= room or (is_source and room >= _SOURCE_WIDTH)):
                lines[-1] += " " * (place_width - columns(place) + 2) + terminal.crop(remark, room)
            elif remark:
                lines += [below + terminal.crop(remark, terminal.width - len(below))] if is_source else terminal.wrap(remark, below)
        return lines

    def _below(self, name: str) -> str:
        """The margin of what stands below a name."""
        return " " * min(len(name) - len(name.lstrip(" ")) + 3, self.terminal.width // 3)

    def _other_places(self, group: Group) -> list[str]:
        others = group.findings[1:]
        if not others:
            return []
        shown = others if len(others) <= _PLACES + 1 else others[:_PLACES]
        lines = ["", f"{self.indent}also reached from"]
        rows = []
        for finding in shown:
            place = f"{finding.path}:{finding.line}"
            rows.append(
                (
                    f"{self.indent}  {self.terminal.clean(short_name(finding.function, finding.path))}",
                    self.terminal.clean(place),
                    self._some_routes(finding),
                )
            )
        lines += self._table(rows, is_source=False)
        if len(shown) < len(others):
            hidden = len(others) - len(shown)
            lines += self.terminal.wrap(f"and {hidden:,} more (`--group-by file` lists all)", self.indent + "  ")
        return lines

    def _some_routes(self, finding: Finding) -> str:
        named = ", ".join(finding.routes[:_ROUTES])
        hidden = len(finding.routes) - _ROUTES
        return self.terminal.clean(f"{named}, {hidden:,} more" if hidden > 0 else named)


def _route_title(key: RouteKey, all_keys: Iterable[RouteKey]) -> str:
    """The route, with its service where there are several."""
    if not key.route:
        return "no route"
    return f"{key.route} of {key.service}" if key.service and len({other.service for other in all_keys if other.route}) > 1 else key.route
