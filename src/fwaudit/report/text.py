"""The report for people: what blocks, who gets there and how, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fwaudit.model.audit import Audit
from fwaudit.model.finding import Finding
from fwaudit.report.excerpt import Span, excerpt
from fwaudit.report.groups import Group, group_by_file, group_by_root_cause, leaf_of
from fwaudit.report.summary import closing, rule_table
from fwaudit.report.terminal import Terminal, columns, pad
from fwaudit.report.words import WAITING, count, deed, short_name

NARROWEST = 40
"""Columns; a narrower terminal gets lines of this width."""

_PLACES = 6
"""A group lists so many places beside the one shown in full."""

_ROUTES = 2
"""A place names so many of its routes."""

SourceOf = Callable[[str], list[str] | None]
"""The lines of a file of the workspace, None where it cannot be read now."""


def render(
    audit: Audit,
    source_of: SourceOf,
    *,
    width: int,
    color: bool,
    group_by: str = "root-cause",
    statistics: bool = False,
    ascii_only: bool = False,
) -> str:
    """The report, with a final line feed. `group_by`: root-cause or file; `statistics`: counts by rule in place of the findings."""
    page = _Page(Terminal(max(width, NARROWEST), color, ascii_only), source_of)
    findings = [finding for finding in audit.findings if finding.silenced is None]
    groups = group_by_root_cause(findings)
    if statistics:
        lines = rule_table(findings, page.terminal, indent="")
    elif group_by == "file":
        lines = page.by_file(findings)
    else:
        lines = page.by_root_cause(groups)
    lines += closing(audit, groups, page.terminal, with_table=not statistics)
    return "".join(f"{line.rstrip()}\n" for line in lines)


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
            lines += self._headline(worst, _headline_of(group))
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
        """The routes, then the steps to the leaf, each deeper than the one before, with its place and what happens there."""
        terminal = self.terminal
        rows: list[tuple[str, str, str]] = []
        if finding.routes:
            rows.append((self.indent + self._some_routes(finding), "", ""))
        for depth, step in enumerate(finding.steps, start=len(rows)):
            lead = self.indent + (" " * (3 * (depth - 1)) + terminal.branch if depth else "")
            rows.append(
                (
                    lead + terminal.clean(short_name(step.function, step.path)),
                    terminal.clean(f"{step.path}:{step.line}"),
                    terminal.clean(step.note),
                )
            )
        return self._table(rows)

    def _table(self, rows: list[tuple[str, str, str]]) -> list[str]:
        """Rows of name, place and remark; what does not fit beside the name stands below it."""
        terminal = self.terminal
        name_width = max((columns(name) for name, place, _ in rows if place), default=0)
        place_width = max((columns(place) for _, place, _ in rows), default=0)
        beside = name_width + 2 + place_width <= terminal.width
        lines: list[str] = []
        for name, place, remark in rows:
            below = " " * min(_margin(name) + 3, terminal.width // 3)
            if not place:
                lines += terminal.wrap(name.lstrip(" "), " " * _margin(name))
            elif beside:
                lines.append(f"{pad(name, name_width)}  {terminal.dim(place)}")
            else:
                lines += [name, below + terminal.dim(place)]
            if remark and beside and name_width + place_width + 4 + columns(remark) <= terminal.width:
                lines[-1] += " " * (place_width - columns(place) + 2) + remark
            elif remark:
                lines += terminal.wrap(remark, below)
        return lines

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
        lines += self._table(rows)
        if len(shown) < len(others):
            hidden = len(others) - len(shown)
            lines += self.terminal.wrap(f"and {hidden:,} more (`--group-by file` lists all)", self.indent + "  ")
        return lines

    def _some_routes(self, finding: Finding) -> str:
        named = ", ".join(finding.routes[:_ROUTES])
        hidden = len(finding.routes) - _ROUTES
        return self.terminal.clean(f"{named}, {hidden:,} more" if hidden > 0 else named)


def _headline_of(group: Group) -> str:
    worst, leaf = group.worst, group.leaf
    words = deed(worst)
    counts = [count(len(group.findings), "finding")]
    if group.routes:
        counts.append(count(len(group.routes), "route"))
    if words is None:
        return f"{worst.message} ({', '.join(counts)})"
    return f"`{worst.callee}` in {leaf.path}:{leaf.line} {words}: {', '.join(counts)}"


def _margin(text: str) -> int:
    return len(text) - len(text.lstrip(" "))
