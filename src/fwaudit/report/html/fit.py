"""How the framework fits: the plan, the triangle, the matrix, the tree, what was looked for, and what was measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from fwaudit.model.finding import Location
from fwaudit.model.service import Service
from fwaudit.model.verdict import Trigger
from fwaudit.report.html.markup import EMPTY, Markup, element, folded, joined, listing, name, number, sentence, text
from fwaudit.report.words import count

_ROUTES = 6
_TOLD = {"code": "told by the code", "answer": "told by an answer", "profile": "told by a profile", "history": "told by the history"}
_STANDING = {
    "wins": ("+", "speaks for it"),
    "draws": ("=", "speaks neither way"),
    "loses": ("\N{MINUS SIGN}", "speaks against it"),
    "unknown": ("?", "not known"),
}
_STATES = {
    "fired": "holds",
    "countered": "holds, and is outweighed",
    "unknown": "needs an answer or a profile",
    "silent": "looked for and not found",
}
_HEAVIEST = 10


def plan(service: Service) -> Markup:
    """The steps in their order, each with a bar for its effort."""
    if not service.plan:
        return EMPTY
    most = max(step.effort for step in service.plan)
    items = []
    for step in service.plan:
        shown = ", ".join(map(name, step.routes[:_ROUTES])) + (
            f" and {len(step.routes) - _ROUTES:,} more" if len(step.routes) > _ROUTES else ""
        )
        effort = joined([_effort(step.effort / most if most else 0), element("span", count(step.effort, "point"), class_="quiet")])
        why = step.why[:1].upper() + step.why[1:]
        items.append(
            joined(
                [
                    element("p", sentence(why)),
                    element("p", effort, class_="effort"),
                    element("p", shown, class_="quiet") if shown else EMPTY,
                ]
            )
        )
    note = "Points: 1 trivial, 3 known, 5 a redesign, 7 a new architecture; for each route or place."
    return element("div", element("h3", "Plan"), element("p", note, class_="quiet"), listing(items, "ol", class_="plan"), class_="part")


def fit(service: Service, title: str) -> Markup:
    """Triangle, tree and matrix; they explain the verdict and do not make it."""
    parts = joined([_triangle(service.triangle), _tree(service), _matrix(service, title)])
    if not parts:
        return EMPTY
    note = (
        "Three views on the framework, each answered from the code where the code can say it. They explain the verdict and do not make it."
    )
    return element(
        "div",
        element("h3", "How the framework fits"),
        element("p", note, class_="quiet"),
        element("div", parts, class_="fit"),
        class_="part",
    )


def _triangle(triangle: dict[str, Any]) -> Markup:
    if not triangle:
        return EMPTY
    axes: Sequence[dict[str, Any]] = triangle["axes"]
    items = []
    for axis in axes:
        mark, words = _STANDING.get(axis["current"], _STANDING["unknown"])
        said = axis["text"] or "The code does not tell."
        items.append(
            joined(
                [
                    element(
                        "p",
                        element("span", mark, class_=f"standing {axis['current']}", aria_hidden="true"),
                        element("b", f" {axis['name']}"),
                        f": {words}",
                    ),
                    element("p", name(axis["question"]), class_="quiet"),
                    element("p", sentence(said), " ", element("span", _TOLD.get(axis["from"], ""), class_="quiet")),
                ]
            )
        )
    says = triangle["says"]
    return element(
        "div",
        element("h4", "Triangle"),
        _picture(axes, says),
        listing(items, class_="axes"),
        element("p", sentence(f"{says[:1].upper()}{says[1:]}."), class_="says"),
        class_="triangle",
    )


def _picture(axes: Sequence[dict[str, Any]], says: str) -> Markup:
    """A triangle with a corner for each axis."""
    corners = []
    for index in range(len(axes)):
        angle = -math.pi / 2 + index * 2 * math.pi / len(axes)
        corners.append((120 + 74 * math.cos(angle), 104 + 74 * math.sin(angle)))
    outline = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in corners) + "Z"
    marks = []
    for axis, (x, y) in zip(axes, corners, strict=True):
        mark, _ = _STANDING.get(axis["current"], _STANDING["unknown"])
        marks += [
            element("circle", cx=x, cy=y, r=17, class_=f"standing {axis['current']}"),
            element("text", mark, x=x, y=y + 5, text_anchor="middle", class_="mark"),
            element("text", str(axis["name"]), x=x, y=y - 24 if y < 104 else y + 34, text_anchor="middle"),
        ]
    title = (
        "Triangle: " + ", ".join(f"{axis['name']} {_STANDING.get(axis['current'], _STANDING['unknown'])[1]}" for axis in axes) + f"; {says}"
    )
    return element("svg", element("path", d=outline, class_="outline"), *marks, viewBox="0 -12 240 200", role="img", aria_label=title)


def _tree(service: Service) -> Markup:
    if not service.tree:
        return EMPTY
    items = [
        joined(
            [
                element("p", name(step.question), class_="question"),
                element("p", element("b", name(step.answer)), " ", element("span", _TOLD.get(step.told_by, ""), class_="quiet")),
            ]
        )
        for step in service.tree
    ]
    return element("div", element("h4", "Decision tree"), listing(items, "ol", class_="tree"), class_="tree-part")


def _matrix(service: Service, title: str) -> Markup:
    """The scores, with a weight for each criterion that a reader can move."""
    matrix = service.matrix
    if not matrix:
        return EMPTY
    current = matrix["current"]
    candidates = sorted(matrix["weighted"], key=lambda one: (-matrix["weighted"][one], one))
    columns = [
        element("th", name(one), element("span", " (now)", class_="quiet") if one == current else EMPTY, scope="col") for one in candidates
    ]
    heads = element("tr", element("th", "criterion", scope="col"), element("th", "weight", scope="col"), *columns)
    rows = [_criterion(title, criterion, candidates) for criterion in matrix["criteria"]]
    average = [
        element("td", element("output", f"{matrix['weighted'][one]:.2f}", data_candidate=one), _effort(matrix["weighted"][one] / 5))
        for one in candidates
    ]
    foot = element("tr", element("th", "average", scope="row"), element("td"), *average, class_="average")
    presets = f" Weights that answers ask for: {', '.join(matrix['presets'])}." if matrix["presets"] else ""
    table = element(
        "table",
        element("caption", f"Scores of the publication, 5 is best; move a weight and see what it does.{presets}"),
        element("thead", heads),
        element("tbody", *rows),
        element("tfoot", foot),
        class_="matrix",
    )
    region = element("div", table, class_="wide", tabindex="0", role="region", aria_label=f"Matrix of {name(title)}")
    return element("div", element("h4", "Matrix"), region, class_="matrix-part")


def _criterion(service: str, criterion: dict[str, Any], candidates: Sequence[str]) -> Markup:
    weight = number(criterion["weight"])
    slider = element(
        "input",
        type="range",
        min="0",
        max=str(_HEAVIEST),
        step="0.5",
        value=weight,
        disabled=True,
        aria_label=f"Weight of {criterion['title']} in {name(service)}",
    )
    scores = [
        element("td", str(criterion["scores"][one]), data_candidate=one, data_score=str(criterion["scores"][one])) for one in candidates
    ]
    return element(
        "tr", element("th", criterion["title"], scope="row"), element("td", slider, element("output", weight), class_="weight"), *scores
    )


def triggers(service: Service, places: Callable[[Sequence[Location]], Markup]) -> Markup:
    """Every reason to act that was looked for, by what came of it."""
    parts = []
    for state, words in _STATES.items():
        members = [trigger for trigger in service.triggers if trigger.state == state]
        if members:
            parts += [
                element("h4", f"{words[:1].upper()}{words[1:]} ({len(members)})"),
                listing([_trigger(one, places) for one in members], class_="triggers"),
            ]
    return (
        element(
            "div",
            element("h3", "Triggers"),
            folded(f"{count(len(service.triggers), 'reason')} to act that fwaudit looked for", *parts),
            class_="part",
        )
        if parts
        else EMPTY
    )


def _trigger(trigger: Trigger, places: Callable[[Sequence[Location]], Markup]) -> Markup:
    shows = trigger.state in ("fired", "countered")
    source = trigger.source
    return joined(
        [
            element("p", element("b", name(trigger.id)), element("span", f" for {name(trigger.target)}", class_="quiet")),
            element("p", sentence(trigger.text)) if shows else EMPTY,
            places(trigger.evidence) if shows else EMPTY,
            element("p", element("cite", name(f"{source.publisher}, {source.title}: {source.section}")), class_="source"),
        ]
    )


def signals(service: Service) -> Markup:
    """What was measured, zeros left out."""
    rows = []
    for key, value in sorted(service.signals.items()):
        shown = _value(value)
        if shown:
            rows.append(element("tr", element("th", key, scope="row"), element("td", text(name(shown)))))
    table = element("table", element("caption", "Signals that are not zero"), element("tbody", *rows), class_="signals")
    return (
        element("div", element("h3", "What was measured"), folded(f"{count(len(rows), 'signal')}", table), class_="part") if rows else EMPTY
    )


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_value(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value))
    return "" if value in (0, 0.0, None, False, "") else str(value)


def _effort(share: float) -> Markup:
    """A bar as long as the share."""
    return element(
        "svg",
        element("rect", width=100, height=6, rx=3, class_="rail"),
        element("rect", width=max(100 * share, 2.0), height=6, rx=3, class_="level"),
        viewBox="0 0 100 6",
        class_="bar",
        aria_hidden="true",
    )
