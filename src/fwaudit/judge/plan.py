"""The plan: in which order to move routes, or, for a service that stays, in which order to mend what blocks them.

Effort is in points a place or route, as tools for modernization count it: 0 to know, 1 trivial, 3 complex with a known solution,
5 redesign, 7 a new architecture. Never hours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from fwaudit.model.context import Grade, WaitsFor
from fwaudit.model.finding import Finding
from fwaudit.model.service import Route, Service
from fwaudit.model.verdict import PlanStep, Verdict

ROUTE_TRAITS = ("streaming", "outbound", "fan_out", "raw_input", "session", "template")
"""What the signals `<trait>_routes` say of each route."""
STEPS = 12
"""The most steps; what would come after them is one step together."""
_PILOT = 5
"""A pilot has at most so many routes."""
_WAITING = 2
"""Points of value of a route that waits for others."""
_TRIVIAL, _KNOWN, _REDESIGN, _ARCHITECTURE = 1, 3, 5, 7


def add_plan(service: Service, findings: Iterable[Finding]) -> Service:
    """The service with its plan; none where there is nothing to do."""
    verdict = service.verdict
    if verdict is None:
        return service
    mending = plan_mending(service, findings) if verdict.fix_first or verdict.action == "stay" else ()
    moving = plan_moving(service, verdict) if verdict.action != "stay" else ()
    steps = tuple(msgspec.structs.replace(step, step=number) for number, step in enumerate((*mending, *moving), start=1))
    return msgspec.structs.replace(service, plan=steps)


_GRAVITY = {Grade.LOW: 1, Grade.MEDIUM: 3, Grade.HIGH: 9}
"""How much a free route counts: a file read at once holds it up less than an answer from afar."""


@dataclass(frozen=True, slots=True)
class _Cause:
    """A root cause in one service: what is called where, from how many places, which routes it holds up, and how much."""

    id: str
    leaf: str
    places: int
    routes: frozenset[str]
    gravity: int

    def worth(self, freed: int) -> float:
        """What mending it brings for its effort: routes that are free then, and a little for those that only come nearer to it."""
        return self.gravity * (freed + len(self.routes) / 10) / self.effort

    @property
    def effort(self) -> int:
        """One place is one change; many places are a change of how the thing is used."""
        return _TRIVIAL if self.places == 1 else _KNOWN if self.places <= 5 else _REDESIGN


def plan_mending(service: Service, findings: Iterable[Finding]) -> tuple[PlanStep, ...]:
    """The root causes of blocked loops in the order that frees the most routes for the least change.

    A route is free once nothing holds it up any more, so what has been mended before counts.
    """
    left = _causes(service, findings)
    blockers: dict[str, set[str]] = defaultdict(set)
    for cause in left:
        for route in cause.routes:
            blockers[route].add(cause.id)
    steps: list[PlanStep] = []
    while left:
        if len(steps) == STEPS - 1 and len(left) > 1:
            routes = sorted({route for cause in left for route in cause.routes if blockers[route]})
            steps.append(PlanStep(0, tuple(routes), sum(cause.effort for cause in left), f"mend the {len(left)} other root causes"))
            break
        freed = {cause.id: sorted(route for route in cause.routes if blockers[route] == {cause.id}) for cause in left}
        best = min(left, key=lambda cause: (-cause.worth(len(freed[cause.id])), cause.leaf, cause.id))
        steps.append(PlanStep(0, tuple(freed[best.id]), best.effort, _why_mend(best, len(freed[best.id]))))
        for route in best.routes:
            blockers[route].discard(best.id)
        left.remove(best)
    return tuple(steps)


def _causes(service: Service, findings: Iterable[Finding]) -> list[_Cause]:
    labels = {route.label for route in service.routes}
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if (
            finding.category == "event-loop"
            and finding.root_cause
            and finding.steps
            and finding.stands
            and finding.service == service.name
            and {*finding.routes} & labels
        ):
            groups[finding.root_cause].append(finding)
    return [
        _Cause(
            name,
            f"`{group[0].callee}` in {group[0].steps[-1].path}:{group[0].steps[-1].line}",
            len({(one.path, one.line, one.column) for one in group}),
            frozenset(route for one in group for route in one.routes if route in labels),
            max(_GRAVITY[one.severity] for one in group),
        )
        for name, group in sorted(groups.items())
    ]


def _why_mend(cause: _Cause, freed: int) -> str:
    places = "one place" if cause.places == 1 else f"{cause.places} places"
    holds = f"holds up {_routes(len(cause.routes))}"
    frees = f"frees {_routes(freed)} wholly" if freed else "frees none yet, because something else holds them up too"
    return f"mend {cause.leaf}, called from {places}: it {holds}, and mending it {frees}"


@dataclass(frozen=True, slots=True)
class _Group:
    """The routes of one file that would move together."""

    path: str
    routes: tuple[Route, ...]
    value: int
    effort: int
    reasons: tuple[str, ...]

    @property
    def rank(self) -> tuple[float, int, str]:
        """The most value for the least effort first."""
        return (-self.value / self.effort, self.effort, self.path)


def plan_moving(service: Service, verdict: Verdict) -> tuple[PlanStep, ...]:
    """The routes to move, file by file: a pilot, then by value against effort; last what stays, and how both halves talk."""
    worth = _Worth(service)
    moving: dict[str, list[Route]] = defaultdict(list)
    staying: list[Route] = []
    for route in service.routes:
        if worth.moves(route, verdict):
            moving[route.location.path].append(route)
        else:
            staying.append(route)
    groups = sorted((_group(path, routes, worth) for path, routes in moving.items()), key=lambda group: group.rank)
    pilot = next((group for group in groups if len(group.routes) <= _PILOT), groups[0] if groups else None)
    if pilot is None:
        return ()
    others = [group for group in groups if group is not pilot]
    target = verdict.target or ""
    talk = f"a proxy sends these paths to the new service on {target}, which calls the old one over HTTP, with a timeout"
    steps = [_step(pilot, f"the pilot: {_reasons(pilot)}; {talk}")]
    steps += [_step(group, _reasons(group)) for group in others[: STEPS - 3]]
    if rest := others[STEPS - 3 :]:
        labels = _labels(route for group in rest for route in group.routes)
        steps.append(PlanStep(0, labels, sum(group.effort for group in rest), f"the same in {len(rest)} further files"))
    if staying:
        steps.append(_last(staying, verdict, worth))
    return tuple(steps)


def _last(staying: Sequence[Route], verdict: Verdict, worth: _Worth) -> PlanStep:
    """What stays behind: for good beside a sidecar, until the end where all moves."""
    if verdict.action == "sidecar":
        return PlanStep(0, (), 0, f"{_routes(len(staying))} and what they write stay where they are")
    effort = sum(worth.effort_of(route) for route in staying)
    return PlanStep(0, _labels(staying), effort, "last, or when they change anyway: nothing of what speaks for the move was found in them")


def _step(group: _Group, why: str) -> PlanStep:
    return PlanStep(0, _labels(group.routes), group.effort, f"{group.path}: {why}")


def _labels(routes: Iterable[Route]) -> tuple[str, ...]:
    return tuple(sorted({route.label for route in routes}))


def _reasons(group: _Group) -> str:
    return ", ".join(group.reasons) or "part of what the verdict is about"


def _routes(number: int) -> str:
    return "1 route" if number == 1 else f"{number:,} routes"


def _group(path: str, routes: Sequence[Route], worth: _Worth) -> _Group:
    reasons: dict[str, int] = defaultdict(int)
    value = effort = 0
    for route in routes:
        points, why = worth.of(route)
        value += points
        effort += worth.effort_of(route)
        for reason in why:
            reasons[reason] += 1
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return _Group(path, tuple(routes), value, effort, tuple(f"{_routes(number)} {reason}" for reason, number in ranked))


class _Worth:
    """What moving a route would bring, and what it would take."""

    def __init__(self, service: Service) -> None:
        self._models = frozenset(service.signals.get("llm_route_names", ()))
        self._places = {name: frozenset(service.signal_places.get(f"{name}_routes", ())) for name in ROUTE_TRAITS}
        times: Mapping[str, Mapping[str, float]] = service.profile.get("routes", {})
        total = sum(row["seconds"] for row in times.values())
        self._hot = frozenset(label for label, row in times.items() if total and row["seconds"] >= 0.1 * total)

    def of(self, route: Route) -> tuple[int, tuple[str, ...]]:
        """Points for what the move would free, and in words what that is."""
        found = []
        asks_model = route.label in self._models
        if asks_model:
            found.append((3, "waiting for a language model"))
        if self._is("streaming", route) or route.kind == "websocket":
            found.append((3, "streaming or holding connections open"))
        if self._is("fan_out", route):
            found.append((2, "waiting for several services"))
        elif not asks_model and self._is("outbound", route):
            found.append((2, "waiting for another service"))
        if route.label in self._hot:
            found.append((3, "with a tenth of the measured time or more"))
        if route.validated is False or self._is("raw_input", route):
            found.append((1, "reading the raw request"))
        return sum(points for points, _ in found), tuple(reason for _, reason in found)

    def moves(self, route: Route, verdict: Verdict) -> bool:
        """Whether something speaks for moving it: beside a core, its scope alone where it has one, and no connection that is held."""
        if verdict.action != "sidecar":
            return self.of(route)[0] > 0
        if verdict.scope:
            return route.label in verdict.scope
        return route.kind == "http" and self.of(route)[0] >= _WAITING

    def effort_of(self, route: Route) -> int:
        """Points for what holds the route where it is: pages drawn on the server, the session, the models that it reads and writes."""
        uses_database = WaitsFor.DATABASE in route.waits_for
        if self._is("template", route):
            return _ARCHITECTURE if uses_database else _REDESIGN
        if self._is("session", route):
            return _REDESIGN if uses_database else _KNOWN
        return _KNOWN if uses_database or route.kind != "http" else _TRIVIAL

    def _is(self, name: str, route: Route) -> bool:
        return route.location in self._places[name]
