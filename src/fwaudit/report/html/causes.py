"""Root causes: each with the path that proves it, its source side by side, and who else gets there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fwaudit.model.context import Grade
from fwaudit.model.finding import Finding
from fwaudit.reading import SourceOf
from fwaudit.report.groups import Group, headline, leaf_of
from fwaudit.report.html.anchors import Anchors, place
from fwaudit.report.html.excerpts import excerpt_of_finding, excerpt_of_step, line_of
from fwaudit.report.html.markup import EMPTY, Markup, code, element, folded, joined, link, listing, name, sentence
from fwaudit.report.html.shares import Share
from fwaudit.report.words import WAITING, count, remedy, short_name

_ROUTES = 12
"""So many routes of a finding are shown at once; the others are folded away."""
_OPEN = 1
"""So many root causes are open when the file is."""
_MARKS = {Grade.HIGH: "▲", Grade.MEDIUM: "◆", Grade.LOW: "●"}
"""A shape for each grade, so that colour says nothing alone."""


@dataclass(frozen=True, slots=True)
class Causes:
    """Draws root causes."""

    source_of: SourceOf
    anchors: Anchors
    shares: Mapping[str, Share]
    """By the fingerprint of a finding the service that it belongs to."""
    services: int
    """How many there are."""

    def listing(self, groups: Iterable[Group]) -> Markup:
        """All root causes, the worst first."""
        return joined(self._cause(group, is_open=index < _OPEN) for index, group in enumerate(groups))

    def _cause(self, group: Group, *, is_open: bool) -> Markup:
        worst = group.worst
        services = {self.shares[one.fingerprint].number for one in group.findings if one.fingerprint in self.shares}
        head = element(
            "summary",
            badge(worst.severity),
            element("h3", sentence(headline(group))),
        )
        return element(
            "details",
            head,
            element(
                "div", self._remarks(group), self._routes(worst), self._path(worst), self._places(worst), self._others(group), class_="body"
            ),
            class_="cause",
            id=self.anchors.cause_of(worst),
            open=is_open,
            data_severity=str(worst.severity),
            data_confidence=str(worst.confidence),
            data_rule=name(worst.rule),
            data_category=name(worst.category),
            data_service=" ".join(map(str, sorted(services))),
            data_waits=str(worst.waits_for or ""),
            data_fails="yes" if group.fails else "no",
        )

    def _remarks(self, group: Group) -> Markup:
        worst = group.worst
        remarks = [joined(["rule ", link(self.anchors.rules[worst.rule], name(worst.rule))]), f"{worst.confidence} confidence"]
        if worst.waits_for is not None:
            remarks.append(WAITING[worst.waits_for])
        if worst.fingerprint in self.shares and self.services > 1:
            remarks.append(f"in {name(self.shares[worst.fingerprint].title)}")
        if group.fails:
            remarks.append(element("strong", "fails the run"))
        return listing(remarks, class_="remarks")

    def _routes(self, finding: Finding) -> Markup:
        if not finding.routes:
            return EMPTY
        shown = [self._route(finding, route) for route in finding.routes]
        more = folded(f"and {len(shown) - _ROUTES:,} more", listing(shown[_ROUTES:], class_="chips")) if len(shown) > _ROUTES else EMPTY
        return joined([listing(shown[:_ROUTES], class_="chips"), more])

    def _route(self, finding: Finding, route: str) -> Markup:
        share = self.shares.get(finding.fingerprint)
        target = self.anchors.routes.get((share.number, route)) if share is not None else None
        return link(target, name(route)) if target else element("span", name(route))

    def _path(self, finding: Finding) -> Markup:
        """The steps side by side; of a finding without steps its own place."""
        if len(finding.steps) <= 1 and not finding.places:
            shown = excerpt_of_finding(finding, self.source_of)
            leaf = leaf_of(finding)
            head = element("p", code(short_name(finding.function, finding.path)), " ", _where(finding.path, finding.line), class_="where")
            instead = _instead(remedy(leaf))
            return element("ol", element("li", head, shown or element("p", sentence(finding.message)), instead), class_="path")
        last = len(finding.steps) - 1
        steps = []
        for index, step in enumerate(finding.steps):
            callee = (finding.callee or "").rpartition(".")[2] if index == last else ""
            shown = excerpt_of_step(step, self.source_of, callee=callee) or element("p", sentence(step.note))
            head = element("p", code(short_name(step.function, step.path)), " ", _where(step.path, step.line), class_="where")
            steps.append(element("li", head, shown, _instead(remedy(step)) if index == last else EMPTY, tabindex="0"))
        return element("ol", *steps, class_="path") if steps else EMPTY

    def _places(self, finding: Finding) -> Markup:
        """All places of a cluster, each with its line."""
        rows = [joined([_where(at.path, at.line), " ", code(line_of(at, self.source_of))]) for at in finding.places]
        return listing(rows, class_="places")

    def _others(self, group: Group) -> Markup:
        others = group.findings[1:]
        if not others:
            return EMPTY
        rows = [self._other(finding) for finding in others]
        return folded(f"also reached from {count(len(rows), 'other place')}", element("ul", *rows, class_="others"))

    def _other(self, finding: Finding) -> Markup:
        head = [code(short_name(finding.function, finding.path)), " ", _where(finding.path, finding.line)]
        head.append(element("span", f" {finding.severity}, {finding.confidence} confidence", class_="quiet"))
        between = [f"{short_name(step.function, step.path)} ({place(step.path, step.line)})" for step in finding.steps[1:-1]]
        way = element("p", "through ", code(" → ".join(between))) if between else EMPTY
        return element("li", element("p", *head), way, self._routes(finding), data_fails=finding.fails and "yes")


def badge(grade: Grade) -> Markup:
    """A severity, as a shape, a word and a colour."""
    return element("span", element("span", _MARKS[grade], aria_hidden="true"), f" {grade}", class_=f"badge {grade}")


def _where(path: str, line: int) -> Markup:
    return element("span", name(place(path, line)), class_="place")


def _instead(words: str) -> Markup:
    return element("p", "Instead: ", sentence(words), class_="instead") if words else EMPTY
