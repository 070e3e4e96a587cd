"""From what a check says to a Finding: severity, root cause, service and fingerprint."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fwaudit.catalog.schema import RuleData
from fwaudit.model.context import Context, Grade, WaitsFor
from fwaudit.model.finding import Finding, Location, Step, fingerprint_of
from fwaudit.model.project import BlockedLoop, LostResult, PathStep, Place, Project
from fwaudit.model.service import Route, Service, owner_of

_CANDIDATES = ("fastapi", "django", "litestar", "flask")
"""Frameworks that are named beside the service's own, the first ones of which something can be said."""
_OF_COST = {"content": Grade.MEDIUM, "metadata": Grade.LOW}


@dataclass(frozen=True, slots=True)
class Draft:
    """A finding as a check makes it."""

    rule: str
    severity: Grade
    confidence: Grade
    message: str
    place: Place
    callee: str
    context: Context | None
    routes: tuple[str, ...] = ()
    waits_for: WaitsFor | None = None
    steps: tuple[PathStep, ...] = ()
    leaf_ordinal: int = 0
    """Which call of `callee` in the leaf's function; 0: not a leaf that findings share."""
    places: tuple[Place, ...] = ()
    """All places of a cluster, where the finding stands for several."""
    service: str | None = None
    """Name of the service that it is about, where its own place does not tell."""


def at(location: Location, function: str = "") -> Place:
    """The place of a location, in a manifest for example."""
    return Place(location.path, location.line, location.column, location.end_line, location.end_column, function)


def from_blocked(rule: str, blocked: BlockedLoop, message: str) -> Draft:
    """A finding at the boundary of a blocked loop."""
    return Draft(
        rule,
        severity_of(blocked),
        blocked.confidence,
        message,
        blocked.boundary,
        blocked.callee,
        blocked.context,
        blocked.routes,
        blocked.waits_for,
        _with_twin(blocked),
        blocked.leaf_ordinal,
    )


def from_lost(rule: str, lost: LostResult, message: str) -> Draft:
    """A finding at a call whose result is lost."""
    severity = Grade.HIGH if lost.context in (None, Context.EVENT_LOOP) else Grade.LOW
    return Draft(rule, severity, Grade.HIGH, message, lost.place, lost.callee, lost.context, lost.routes)


def of_routes(rule: str, grades: tuple[Grade, Grade], message: str, service: Service, routes: Sequence[Route]) -> Draft:
    """A finding about handlers of one service that run in one context, at the first of them; `grades`: severity and confidence."""
    places = tuple(sorted({at(route.location, route.handler) for route in routes}))
    labels = tuple(sorted({route.label for route in routes}))
    first = places[0]
    return Draft(rule, *grades, message, first, first.function, routes[0].context, labels, places=places, service=service.name)


def severity_of(blocked: BlockedLoop) -> Grade:
    """By what the leaf waits for and how often the code runs: once at startup, or on a loop that nothing else shares, is low."""
    if blocked.context is not Context.EVENT_LOOP:
        return Grade.LOW
    if blocked.waits_for is WaitsFor.FILE:
        return _OF_COST.get(blocked.cost, Grade.MEDIUM)
    return Grade.MEDIUM if blocked.waits_for is WaitsFor.CPU else Grade.HIGH


def reached(blocked: BlockedLoop) -> str:
    """`X` for a leaf on the spot, "X, reached through `f`" for one further down."""
    if len(blocked.steps) == 1:
        return f"`{blocked.callee}`"
    first = blocked.steps[1].place.function
    between = len(blocked.steps) - 2
    more = f" and {between} more call{'s' if between > 1 else ''}" if between else ""
    return f"`{blocked.callee}`, reached through `{first}`{more},"


def loop_of(blocked: BlockedLoop) -> str:
    """`the event loop`, or `a loop of its own` where it runs one command, job or request alone."""
    return "a loop of its own" if blocked.context is Context.PRIVATE_LOOP else "the event loop"


def finish(drafts: Iterable[Draft], project: Project, rules: Mapping[str, RuleData]) -> tuple[Finding, ...]:
    """The Findings, sorted; each told apart from its like by an ordinal in its fingerprint."""
    ordinals: dict[tuple[str, str, str], int] = defaultdict(int)
    findings: list[Finding] = []
    for draft in sorted(drafts, key=lambda one: (one.place, one.rule, one.callee)):
        key = (draft.rule, *_stands_for(draft))
        ordinals[key] += 1
        findings.append(_finding(draft, project, rules[draft.rule], ordinals[key]))
    return tuple(findings)


def _finding(draft: Draft, project: Project, rule: RuleData, ordinal: int) -> Finding:
    place = draft.place
    service = whose_code(place.path, project)
    return Finding(
        rule=draft.rule,
        category=rule.category,
        severity=draft.severity,
        confidence=draft.confidence,
        fails=False,
        message=draft.message + _offered(rule, service),
        path=place.path,
        line=place.line,
        column=place.column,
        end_line=place.end_line,
        end_column=place.end_column,
        function=place.function,
        service=draft.service or (service.name if service is not None else None),
        context=draft.context.value if draft.context else None,
        callee=draft.callee,
        waits_for=draft.waits_for,
        root_cause=_root_cause(draft),
        routes=draft.routes,
        steps=tuple(Step(step.place.path, step.place.line, step.place.column, step.place.function, step.note) for step in draft.steps),
        places=tuple(Location(one.path, one.line, one.column, one.end_line, one.end_column) for one in draft.places),
        fix=None,
        fingerprint=fingerprint_of(draft.rule, *_stands_for(draft), ordinal),
    )


def _root_cause(draft: Draft) -> str | None:
    if not draft.leaf_ordinal:
        return None
    leaf = draft.steps[-1].place
    return "rc-" + _digest(draft.callee, leaf.function, str(draft.leaf_ordinal))[:10]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def whose_code(path: str, project: Project) -> Service | None:
    """The service whose code a file is: by its root, or where the file lies outside all roots and one service alone imports it."""
    inside = service_of(path, project.services)
    if inside is not None:
        return inside
    importing = [service for service in project.services if path in project.files_of.get(service.root, ())]
    return importing[0] if len(importing) == 1 else None


def service_of(path: str, services: tuple[Service, ...]) -> Service | None:
    """The service whose root holds the file, the deepest first."""
    return owner_of(path, {service.root: service for service in services})


def _stands_for(draft: Draft) -> tuple[str, str]:
    """What stays the same while the code around a finding changes: its function, or the service that all of it is about."""
    return (draft.place.function if draft.service is None else draft.service, draft.callee)


def _offered(rule: RuleData, service: Service | None) -> str:
    """What the service's framework has instead of the finding's code, and what two others have."""
    if not rule.offers or service is None:
        return ""
    if "any" in rule.offers:
        return f"; for this there is {rule.offers['any'].has}"
    own = [use.name for use in sorted(service.frameworks, key=lambda use: use.role) if use.name in rule.offers][:1]
    others = [name for name in _CANDIDATES if name in rule.offers and name not in own][: 3 - len(own)]
    return "; for this, " + ", ".join(f"{name} has {rule.offers[name].has}" for name in (*own, *others))


def _with_twin(blocked: BlockedLoop) -> tuple[PathStep, ...]:
    """The steps; the last one names the async twin where there is one."""
    if not blocked.twin:
        return blocked.steps
    last = blocked.steps[-1]
    return (*blocked.steps[:-1], PathStep(last.place, f"{last.note}; async code has `{blocked.twin}`"))


def only(project: Project, *kinds: str) -> Iterator[BlockedLoop]:
    """The blocked loops of these kinds that no more special rule tells."""
    return (one for one in project.blocked if one.kind in kinds and not one.called_instead and not one.is_from_thread)
