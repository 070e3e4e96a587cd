"""The routes of a service: where each runs, what it waits for, and what holds it up."""

from __future__ import annotations

from collections.abc import Sequence

from fwaudit.model.finding import Finding
from fwaudit.model.service import Route
from fwaudit.report.html.anchors import Anchors, place
from fwaudit.report.html.markup import EMPTY, Markup, code, element, folded, joined, link, name
from fwaudit.report.html.shares import Share
from fwaudit.report.words import count

_SHOWN = 25
"""A longer table is folded away."""
_VALIDATED = {True: "yes", False: "no", None: "unknown"}


def route_table(share: Share, anchors: Anchors) -> Markup:
    """A row for each route, folded away where there are many."""
    reached: dict[str, list[Finding]] = {}
    for finding in share.findings:
        for route in finding.routes:
            reached.setdefault(route, []).append(finding)
    heads = element(
        "tr", *(element("th", title, scope="col") for title in ("route", "handler", "runs on", "waits for", "input checked", "held up by"))
    )
    seen: set[str] = set()
    rows = [
        _row(route, anchors.routes[share.number, route.label], reached.get(route.label, []), anchors, seen)
        for route in share.service.routes
    ]
    caption = element("caption", f"{count(len(rows), 'route')} of ", element("b", name(share.title)))
    table = element("table", caption, element("thead", heads), element("tbody", *rows), class_="routes")
    return folded(f"All {count(len(rows), 'route')}", table) if len(rows) > _SHOWN else table


def _row(route: Route, target: str, findings: Sequence[Finding], anchors: Anchors, seen: set[str]) -> Markup:
    is_first = target not in seen
    seen.add(target)
    methods = ", ".join(route.methods) or route.kind
    holding = [finding for finding in findings if finding.root_cause is not None]
    cause = link(anchors.cause_of(holding[0]), count(len({anchors.cause_of(one) for one in holding}), "root cause")) if holding else EMPTY
    cells = [
        element("th", element("span", methods, class_="method"), " ", element("span", name(route.path), class_="url"), scope="row"),
        element("td", code(route.handler), " ", element("span", name(place(route.location.path, route.location.line)), class_="place")),
        element(
            "td",
            element("span", str(route.context), class_=f"runs {route.context}"),
            joined([] if route.is_async else [" ", element("span", "sync", class_="quiet")]),
        ),
        element("td", ", ".join(route.waits_for), data_title="waits for"),
        element("td", _VALIDATED[route.validated], data_title="input checked"),
        element("td", cause, data_title="held up by"),
    ]
    return element("tr", *cells, id=target if is_first else None)
