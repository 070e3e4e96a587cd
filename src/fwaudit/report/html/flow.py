"""What the map of a service shows: from entry points over where they run, the files that block, to what is waited for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fwaudit.model.context import LOOP_CONTEXTS, Context, WaitsFor
from fwaudit.model.finding import Finding
from fwaudit.model.service import Route, Service
from fwaudit.report.groups import leaf_of

ENTRIES, PLACES, CALLERS, BLOCKERS, CALLEES = range(5)
"""The columns: entry points, where they run, async code, the code that blocks, the library that it calls."""

_MOST_ENTRIES = 24
_MOST_NODES = 14
OTHERS = "others"
STARTUP = "startup"
NO_ROUTE = "no route"


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """What stands in a column. `kind` colours it: a context, or what is waited for."""

    column: int
    name: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ServiceFlow:
    """Links between nodes, each with how much it carries and what that waits for, "" for nothing that blocks."""

    links: dict[tuple[Node, Node, str], int]
    """Routes up to where they run, findings from there on."""
    routes: int
    findings: int


def flow_of(service: Service, findings: Sequence[Finding]) -> ServiceFlow:
    """The flow of a service with its live findings."""
    blocking = [finding for finding in findings if finding.root_cause is not None and finding.context in LOOP_CONTEXTS]
    held = {route: finding for finding in reversed(blocking) for route in finding.routes}
    links: Counter[tuple[Node, Node, str]] = Counter()
    names = _entries([route.path for route in service.routes])
    for route in service.routes:
        entry, place = Node(ENTRIES, names[route.path]), _place(route)
        kind = str(held[route.label].waits_for or "") if route.label in held else ""
        links[entry, place, kind] += 1
        if route.context not in LOOP_CONTEXTS and route.waits_for:
            waits = str(route.waits_for[0])
            links[place, Node(CALLEES, f"{WAITS_WORDS[route.waits_for[0]]}, off the loop", waits), ""] += 1
    for finding in blocking:
        _add_finding(links, finding)
    return ServiceFlow(_with_others(links), len(service.routes), len(blocking))


def callee_of(finding: Finding) -> str:
    """The library behind a callee: `sqlalchemy` of `sqlalchemy.orm.Query.first`; a built-in by its own name."""
    callee = (finding.callee or "").removeprefix("builtins.")
    return callee.partition(".")[0]


def _add_finding(links: Counter[tuple[Node, Node, str]], finding: Finding) -> None:
    loop = Node(PLACES, str(finding.context), str(finding.context))
    kind = str(finding.waits_for or "")
    leaf = leaf_of(finding)
    caller, callee = Node(CALLERS, finding.path), Node(CALLEES, callee_of(finding), kind)
    if not finding.routes:
        entry = STARTUP if finding.context == Context.LOOP_STARTUP else NO_ROUTE
        links[Node(ENTRIES, entry), loop, kind] += 1
    links[loop, caller, kind] += 1
    if len(finding.steps) > 1 and leaf.path != finding.path:
        blocker = Node(BLOCKERS, leaf.path)
        links[caller, blocker, kind] += 1
        links[blocker, callee, kind] += 1
    else:
        links[caller, callee, kind] += 1


def _place(route: Route) -> Node:
    return Node(PLACES, str(route.context), str(route.context))


def _entries(paths: Iterable[str]) -> dict[str, str]:
    """Path to the group that it is shown in: the widest groups are divided by the next part of their paths while there is room."""
    all_paths = sorted(set(paths))
    groups: dict[str, list[str]] = {"/": all_paths} if all_paths else {}
    settled: set[str] = set()
    while candidates := [name for name in groups if name not in settled]:
        widest = max(candidates, key=lambda name: (len(groups[name]), name))
        parts: dict[str, list[str]] = {}
        for path in groups.pop(widest):
            parts.setdefault(_longer(widest, path), []).append(path)
        room = _MOST_ENTRIES - len(groups)
        ordered = sorted(parts, key=lambda name: (name == widest, -len(parts[name]), name))
        kept = ordered if len(ordered) <= room else ordered[: room - 1]
        for name in ordered:
            groups.setdefault(name if name in kept else widest, []).extend(parts[name])
        settled.add(widest)
    return {path: name for name, members in groups.items() for path in members}


def _longer(prefix: str, path: str) -> str:
    """`prefix` with the next part of `path`: `/api` of `/` and `/api/items`; `prefix` itself where no part follows."""
    known = [part for part in prefix.split("/") if part]
    parts = [part for part in path.split("/") if part]
    return "/" + "/".join(parts[: len(known) + 1])


def _with_others(links: Counter[tuple[Node, Node, str]]) -> dict[tuple[Node, Node, str], int]:
    """The links, with the smallest nodes of a long column taken together."""
    weights: dict[Node, int] = Counter()
    for (start, end, _), weight in links.items():
        weights[start] += weight
        weights[end] += weight
    kept: dict[int, set[Node]] = {}
    for column in range(CALLEES + 1):
        nodes = sorted((node for node in weights if node.column == column), key=lambda node: (-weights[node], node))
        kept[column] = {node for node in nodes if node.name in (STARTUP, NO_ROUTE)}
        kept[column].update(nodes if len(nodes) <= _MOST_NODES else nodes[: _MOST_NODES - 1])
    result: Counter[tuple[Node, Node, str]] = Counter()
    for (start, end, kind), weight in links.items():
        result[_or_others(start, kept), _or_others(end, kept), kind] += weight
    return dict(sorted(result.items()))


def _or_others(node: Node, kept: dict[int, set[Node]]) -> Node:
    return node if node in kept[node.column] else Node(node.column, OTHERS)


WAITS_WORDS: dict[str, str] = {
    WaitsFor.NETWORK: "network",
    WaitsFor.DATABASE: "database",
    WaitsFor.FILE: "files",
    WaitsFor.PROCESS: "processes",
    WaitsFor.LOCK: "locks, threads",
    WaitsFor.SLEEP: "sleep",
    WaitsFor.CPU: "computing",
}
"""What is waited for, in a legend."""
