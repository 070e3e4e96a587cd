"""The plan of a service, and how its framework fits, as text."""

from __future__ import annotations

from collections.abc import Sequence

from fwaudit.model.service import Service
from fwaudit.report.terminal import Terminal

_MARGIN = "  "
_BELOW = "    "
_ROUTES = 6
"""So many routes of a step are named."""


def plan_lines(service: Service, terminal: Terminal) -> list[str]:
    """The steps, each with its points of effort and its routes; nothing where there is no plan."""
    if not service.plan:
        return []
    lines = [
        "",
        *terminal.wrap("in this order (points: 1 trivial, 3 known, 5 redesign, 7 a new architecture; a route or place each)", _MARGIN),
    ]
    for step in service.plan:
        points = "" if not step.effort else " (1 point)" if step.effort == 1 else f" ({step.effort:,} points)"
        lines += terminal.wrap(terminal.clean(f"{step.step}. {step.why}{points}"), _BELOW, _BELOW + "   ")
        names = [terminal.clean(route) for route in step.routes[:_ROUTES]]
        if len(step.routes) > _ROUTES:
            names.append(f"and {len(step.routes) - _ROUTES:,} more")
        lines += [terminal.dim(line) for line in terminal.flow(names, ", ", _BELOW + "   ")] if names else []
    return lines


def fit_lines(service: Service, terminal: Terminal) -> list[str]:
    """The triangle, the averages of the matrix and the tree; nothing where they were not made."""
    lines: list[str] = []
    if service.triangle:
        axes = [
            f"{axis['name']}: {axis['situation']} ({_told(axis['from'])}){_standing(axis['current'])}" for axis in service.triangle["axes"]
        ]
        lines += _view("how the framework fits", [*axes, service.triangle["says"]], terminal)
    if service.matrix:
        matrix = service.matrix
        ranked = sorted(matrix["weighted"].items(), key=lambda item: (-item[1], item[0]))
        presets = (
            f"weighted for {', '.join(matrix['presets'])}" if matrix["presets"] else "all criteria alike, or as the answers weigh them"
        )
        lines += _view(f"the matrix of frameworks, {presets}", [", ".join(f"{name} {average:.2f}" for name, average in ranked)], terminal)
    if service.tree:
        steps = [f"{number}. {step.question} {step.answer} ({_told(step.told_by)})" for number, step in enumerate(service.tree, start=1)]
        lines += _view("the questions that choose a framework", steps, terminal)
    return lines


def _view(heading: str, rows: Sequence[str], terminal: Terminal) -> list[str]:
    lines = ["", *terminal.wrap(heading, _MARGIN)]
    for row in rows:
        lines += [terminal.dim(line) for line in terminal.wrap(terminal.clean(row), _BELOW, _BELOW * 2)]
    return lines


def _told(by: str) -> str:
    return "not told" if by == "unknown" else f"by the {by}"


def _standing(current: str) -> str:
    words = {"wins": "which the framework suits", "draws": "which the framework can bear", "loses": "which the framework does not suit"}
    return f", {words[current]}" if current in words else ""
