"""One service: what it is, what to do with it and why, and its map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fwaudit.model.context import LOOP_CONTEXTS
from fwaudit.model.finding import Finding, Location
from fwaudit.model.service import Service
from fwaudit.model.verdict import Argument, Change, Source, Verdict
from fwaudit.reading import SourceOf
from fwaudit.report.groups import leaf_of
from fwaudit.report.html import fit
from fwaudit.report.html.anchors import Anchors, place
from fwaudit.report.html.excerpts import line_of
from fwaudit.report.html.flow import BLOCKERS, CALLEES, CALLERS, ENTRIES, PLACES, WAITS_WORDS, Node, callee_of, flow_of
from fwaudit.report.html.map import draw, kinds_of
from fwaudit.report.html.markup import EMPTY, Markup, code, element, folded, joined, listing, name, sentence
from fwaudit.report.html.routes import route_table
from fwaudit.report.html.shares import Share
from fwaudit.report.verdict import decision
from fwaudit.report.verdict import sentence as advice
from fwaudit.report.words import count

_PLACES = 4
_ROWS = 40
"""The map as a table has so many rows."""


@dataclass(frozen=True, slots=True)
class Services:
    """Draws services."""

    source_of: SourceOf
    anchors: Anchors

    def section(self, share: Share) -> Markup:
        """The whole section of a service, with its live findings."""
        service = share.service
        return element(
            "section",
            element("h2", name(share.title)),
            self._facts(service),
            self._verdict(service.verdict) if service.verdict is not None else EMPTY,
            self._map(share),
            fit.plan(service),
            fit.fit(service, share.title),
            fit.triggers(service, self.places),
            fit.signals(service),
            element("div", element("h3", "Routes"), route_table(share, self.anchors), class_="part") if service.routes else EMPTY,
            class_="service",
            id=self.anchors.services[share.number],
        )

    def places(self, places: Sequence[Location]) -> Markup:
        """The first places of a piece of evidence, each with its line."""
        rows = []
        for at in places[:_PLACES]:
            shown = line_of(at, self.source_of)
            rows.append(joined([element("span", name(place(at.path, at.line)), class_="place"), " ", code(shown) if shown else ""]))
        if len(places) > _PLACES:
            rows.append(Markup("and others"))
        return listing(rows, class_="places")

    def _facts(self, service: Service) -> Markup:
        frameworks = ", ".join(f"{use.name} {use.version}".rstrip() for use in service.frameworks) or "no known framework"
        facts = [("framework", frameworks)]
        if service.interface:
            facts.append(("interface", service.interface))
        if service.servers:
            facts.append(("served by", ", ".join(server.name for server in service.servers)))
        contexts = Counter(str(route.context) for route in service.routes)
        runs = ", ".join(f"{number:,} on {context}" for context, number in contexts.most_common())
        facts.append(("routes", f"{len(service.routes):,}" + (f": {runs}" if runs else "")))
        if service.apps:
            facts.append(("application", ", ".join(app.name for app in service.apps)))
        if service.history:
            commits, people = service.history.get("commits_in_year", 0), service.history.get("authors_in_year", 0)
            facts.append(("this year", f"{count(commits, 'commit')} by {people:,} {'person' if people == 1 else 'people'}"))
        pairs = [element("div", element("dt", term), element("dd", name(value))) for term, value in facts]
        return element("dl", *pairs, class_="facts")

    def _verdict(self, verdict: Verdict) -> Markup:
        words = advice(verdict)
        scope = folded(f"It is about {count(len(verdict.scope), 'route')}", listing(map(name, verdict.scope))) if verdict.scope else EMPTY
        sides = element(
            "div",
            self._side("What speaks for it", verdict.arguments_for),
            self._side("What speaks against it", verdict.arguments_against),
            class_="sides" if verdict.arguments_against else "sides one-sided",
        )
        changes = listing([_change(change) for change in verdict.would_change])
        would = joined([element("h4", "What would change it"), changes]) if changes else EMPTY
        return element(
            "div",
            element("h3", "Verdict"),
            element("p", sentence(words[:1].upper() + words[1:] + "."), class_="advice"),
            scope,
            sides,
            would,
            class_=f"part verdict {verdict.action}",
        )

    def _side(self, title: str, arguments: Sequence[Argument]) -> Markup:
        items = [
            joined([element("p", sentence(argument.text)), self.places(argument.evidence), source_line(argument.source)])
            for argument in arguments
        ]
        return element("div", element("h4", title), listing(items, class_="arguments") or element("p", "Nothing.", class_="quiet"))

    def _map(self, share: Share) -> Markup:
        flow = flow_of(share.service, share.findings)
        targets = self._targets(share)
        picture = draw(flow, f"How requests reach what blocks, in {name(share.title)}", lambda node: targets.get(node, ""))
        if not picture:
            return EMPTY
        legend = [
            joined([element("span", class_=f"key waits-{kind}"), f" waits for {WAITS_WORDS.get(kind, kind)}"]) for kind in kinds_of(flow)
        ]
        legend.append(joined([element("span", class_="key free"), " nothing known blocks"]))
        return element(
            "div",
            element("h3", "Map"),
            element("div", picture, class_="wide", tabindex="0", role="region", aria_label=f"Map of {name(share.title)}"),
            listing(legend, class_="legend"),
            _table(share.findings),
            class_="part",
        )

    def _targets(self, share: Share) -> dict[Node, str]:
        """Where each node of the map leads: to the first route that runs there, or to the worst root cause."""
        targets: dict[Node, str] = {}
        service = share.service
        by_label = {route.label: self.anchors.routes[share.number, route.label] for route in service.routes}
        for route in service.routes:
            targets.setdefault(Node(PLACES, str(route.context), str(route.context)), by_label[route.label])
        for start, _, _ in flow_of(service, []).links:
            first = next((route for route in service.routes if route.path.startswith(start.name)), None)
            if start.column == ENTRIES and first is not None:
                targets.setdefault(start, by_label[first.label])
        for finding in sorted(share.findings, key=lambda one: (-one.severity.rank, -one.confidence.rank, one.sort_key)):
            cause = self.anchors.cause_of(finding)
            kind = str(finding.waits_for or "")
            for node in (Node(CALLERS, finding.path), Node(BLOCKERS, leaf_of(finding).path), Node(CALLEES, callee_of(finding), kind)):
                targets.setdefault(node, cause)
        return targets


def source_line(source: Source) -> Markup:
    """Where a piece of advice comes from."""
    return element("p", element("cite", name(f"{source.publisher}, {source.title}: {source.section}")), class_="source")


def _change(change: Change) -> Markup:
    return joined([sentence(f"{change.question} "), element("b", name(change.answer)), " ", sentence(f"would make it: {decision(change)}")])


def _table(findings: Sequence[Finding]) -> Markup:
    """The map in words: which code calls what."""
    ways: Counter[tuple[str, str, str, str]] = Counter()
    for finding in findings:
        if finding.root_cause is not None and finding.context in LOOP_CONTEXTS:
            ways[finding.path, leaf_of(finding).path, callee_of(finding), str(finding.waits_for or "")] += 1
    if not ways:
        return EMPTY
    heads = element(
        "tr", *(element("th", title, scope="col") for title in ("async code in", "blocks in", "library", "waits for", "findings"))
    )
    ordered = sorted(ways.items(), key=lambda item: (-item[1], item[0]))
    rows = [element("tr", *(element("td", name(cell)) for cell in way), element("td", f"{times:,}")) for way, times in ordered[:_ROWS]]
    more = element("p", f"and {len(ordered) - _ROWS:,} more ways", class_="quiet") if len(ordered) > _ROWS else EMPTY
    return folded("The map as a table", element("table", element("thead", heads), element("tbody", *rows)), more)
