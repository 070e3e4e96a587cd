"""From what is reached to what is shown: one `BlockedLoop` for each boundary and kind, with its steps and routes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.execution.calls import Calls
from fwaudit.link.execution.labels import RouteLabels, bits
from fwaudit.link.execution.made import MadeWhileServing
from fwaudit.link.execution.reach import Hop, Reach, grade_of
from fwaudit.link.execution.unstarted import Unstarted
from fwaudit.link.sites import UNLIKELY, Leaf, LostCall, Site, span_of
from fwaudit.link.values import Frame
from fwaudit.model.context import LOOP_CONTEXTS, Context, Grade, WaitsFor
from fwaudit.model.project import BlockedLoop, LostResult, PathStep, Place
from fwaudit.model.source import Role

KINDS = ("blocking", "cpu", "nested")
_GRADES = {1: Grade.LOW, 2: Grade.MEDIUM, 3: Grade.HIGH}
_LONGEST_SURE_PATH = 4
"""Steps: each is one more that may not be taken."""
_PREPARING = re.compile(r"_*(async_)?((init|initiali[sz]e|setup|set_up)(_\w+)?|bootstrap|start_?up)|async_start")
"""Of 12 graded findings in such functions 2 were true, 10 ran once: a name proves nothing, but takes what is proved by nothing else."""
_VERBS = {
    "": "calls",
    "iterated": "iterates over",
    "entered": "enters",
    "property": "reads the property",
    "operator": "applies the operator",
    "item": "looks up or sets an item through",
}
_DOES = {
    WaitsFor.NETWORK: "waits for the network",
    WaitsFor.DATABASE: "waits for a database",
    WaitsFor.FILE: "waits for a file",
    WaitsFor.PROCESS: "waits for a process",
    WaitsFor.LOCK: "waits for a lock",
    WaitsFor.SLEEP: "sleeps",
    WaitsFor.CPU: "keeps the CPU busy",
}
_INNER = ("lambda", "generator", "class")


class Evidence:
    """Reads the finished reach."""

    def __init__(self, reach: Reach, entries: EntryPoints, labels: RouteLabels) -> None:
        self._reach = reach
        self._entries = entries
        self._labels = labels
        self._blocking = {kind: reach.blocking_frames(kind) for kind in KINDS}
        self._made_while_serving = MadeWhileServing(entries.types, reach)
        self._unstarted = Unstarted(entries.types, [point.frame.function for point in entries.points])
        self._nearest: dict[str, Mapping[int, Hop]] = {kind: reach.nearest(kind, self._blocking[kind]) for kind in KINDS}

    def blocked(self) -> tuple[BlockedLoop, ...]:
        """Every boundary through which a loop gets blocked, by place; the best evidence of each."""
        best: dict[tuple[Place, str], tuple[tuple[int, int], BlockedLoop, int]] = {}
        for frame, context in self._loop_frames():
            for site in self._reach.sites(frame):
                for kind, hop in self._hops(site):
                    key = (place_of(frame, site.span), kind)
                    routes = self._reach.routes[frame.number]
                    order = (hop.rank, hop.length)
                    known = best.get(key)
                    if known is None or order < known[0]:
                        made = self._blocked_loop(self._reach.beginnings.context(site, context) or context, kind, hop)
                        best[key] = (order, made, routes | (known[2] if known else 0))
                    else:
                        best[key] = (known[0], known[1], known[2] | routes)
        return tuple(replace(made, routes=self._labels.of(routes)) for _, made, routes in (best[key] for key in sorted(best)))

    def _loop_frames(self) -> Iterator[tuple[Frame, Context]]:
        for frame in self._reach.frames.values():
            if not self._reach.is_loop_code(frame):
                continue
            contexts = self._reach.contexts[frame.number]
            gravest = next((context for context in LOOP_CONTEXTS if context in contexts), None)
            if gravest is None:
                continue
            if frame.function.module.role is Role.TEST:
                gravest = Context.TEST
            elif gravest is Context.TEST and frame.function.is_fixture:
                continue
            yield frame, gravest

    def _hops(self, site: Site) -> Iterator[tuple[str, Hop]]:
        """The best hop for each kind."""
        for kind in KINDS:
            if kind == "nested" and not self._reach.own_sites(site.frame, kind):
                continue
            hops = self._reach.candidates(site, kind, self._nearest[kind], self._blocking[kind])
            if hops:
                yield kind, hops[0]

    def _blocked_loop(self, context: Context, kind: str, hop: Hop) -> BlockedLoop:
        hops = [hop]
        while hops[-1].member.leaf is None:
            target = hops[-1].member.target
            assert target is not None
            hops.append(self._nearest[kind][target.number])
        leaf = hops[-1].member.leaf
        assert leaf is not None
        steps = tuple(PathStep(place_of(one.site.frame, one.site.span), _note(one)) for one in hops)
        is_unsure = (
            (not self._reach.routes[hop.site.frame.number] and self._unstarted.holds(hop.site.frame))
            or self._seems_to_prepare(hop.site.frame)
            or self._fills_what_is_kept(hops)
        )
        return BlockedLoop(
            kind=kind,
            steps=steps,
            callee=leaf.callee,
            waits_for=leaf.waits_for,
            cost=leaf.cost,
            twin=leaf.twin,
            confidence=Grade.LOW if is_unsure else _confidence(hops),
            context=context,
            routes=(),
            leaf_ordinal=self._ordinal(hops[-1].site, leaf),
            called_instead=hop.site.called_instead,
            is_iteration=leaf.is_iteration,
            is_from_thread=hop.member.is_from_thread,
        )

    def _seems_to_prepare(self, frame: Frame) -> bool:
        """Whether nothing tells where the function runs, and it is called as those are that run once, before anything is served."""
        number = frame.number
        return number in self._reach.assumed and not self._reach.routes[number] and bool(_PREPARING.fullmatch(frame.function.name))

    def _fills_what_is_kept(self, hops: list[Hop]) -> bool:
        """Whether the path goes on until an attribute is filled, of an instance that nothing makes while requests are served."""
        owners = [hop.site.frame.function.owner for hop in hops if hop.site.is_first_use]
        return any(owner is not None and not self._made_while_serving.holds(owner) for owner in owners)

    def _ordinal(self, site: Site, leaf: Leaf) -> int:
        """Which of the calls of `leaf.callee` in its function the site is, from 1, by place."""
        place = place_of(site.frame, site.span)
        return self._leaf_places[place.path, place.function, leaf.callee].index((place.line, place.column)) + 1

    @cached_property
    def _leaf_places(self) -> Mapping[tuple[str, str, str], list[tuple[int, int]]]:
        """(path, function, callee) to where it is called there, by place: in lambdas, and for whichever caller, too."""
        found: dict[tuple[str, str, str], set[tuple[int, int]]] = defaultdict(set)
        for frame in self._reach.frames.values():
            for site in self._reach.sites(frame):
                for callee in {member.leaf.callee for member in site.members if member.leaf is not None}:
                    place = place_of(frame, site.span)
                    found[place.path, place.function, callee].add((place.line, place.column))
        return {key: sorted(places) for key, places in found.items()}

    def lost(self, lost: Iterable[LostCall]) -> tuple[LostResult, ...]:
        """`lost` as the model says it, by place."""
        found: dict[Place, LostResult] = {}
        for one in lost:
            contexts = self._reach.contexts.get(one.frame.number, set())
            context = next((context for context in LOOP_CONTEXTS if context in contexts), None)
            place = place_of(one.frame, one.span)
            found[place] = LostResult(place, one.callee, context, self._labels.of(self._reach.routes.get(one.frame.number, 0)))
        return tuple(found[place] for place in sorted(found))

    def not_callable(self, calls: Calls, blocked: Iterable[BlockedLoop]) -> tuple[LostResult, ...]:
        """Calls that an offloader gets the result of, though it cannot be called; those in `blocked` are told there."""
        known = {one.boundary for one in blocked if one.called_instead}
        lost = (
            one
            for frame in self._reach.frames.values()
            if self._reach.contexts.get(frame.number)
            for one in calls.misuse.not_callable(frame)
        )
        return tuple(one for one in self.lost(lost) if one.place not in known)

    def waits(self) -> dict[int, set[str]]:
        """Route number to what its handler's own thread or loop waits for, as far as its calls tell."""
        found: dict[int, set[str]] = defaultdict(set)
        for frame in self._reach.frames.values():
            routes = self._reach.routes[frame.number]
            if not routes:
                continue
            kinds = {
                member.leaf.waits_for
                for site in self._reach.sites(frame)
                for member in site.members
                if member.leaf is not None and member.leaf.waits_for is not None
            }
            for number in bits(routes) if kinds else ():
                found[number].update(kinds)
        return found


def place_of(frame: Frame, span: int) -> Place:
    """A span of the frame's file, in its function; code of a lambda or class body belongs to the function around it."""
    owner = frame
    while owner.function.scope.kind in _INNER and owner.closure is not None:
        owner = owner.closure
    return Place(frame.function.module.path, *span_of(frame, span), owner.function.qualified_name)


def _confidence(hops: list[Hop]) -> Grade:
    """That of the weakest step; of a long path one grade less, and low where part of it hangs on a condition.

    Databases stand behind layers: of nine graded findings with such paths to one, nine were true, of 35 others 15.
    Low, too, where a helper comes to it in an `except` and the like: of seven such findings that were graded, none was true.
    """
    if any(one.site.doubt == UNLIKELY and not one.site.is_first_use for one in hops[1:]):
        return Grade.LOW
    grade = grade_of(hops[0].rank)
    if len(hops) <= _LONGEST_SURE_PATH:
        return _GRADES[grade]
    leaf = hops[-1].member.leaf
    is_layered = leaf is not None and leaf.waits_for is WaitsFor.DATABASE
    hangs_on_a_condition = any(one.site.doubt for one in hops)
    return Grade.LOW if hangs_on_a_condition and not is_layered else _GRADES[max(1, grade - 1)]


def _note(hop: Hop) -> str:
    leaf, target = hop.member.leaf, hop.member.target
    if leaf is not None:
        verb = "iterates over" if leaf.is_iteration else "calls"
        return f"{verb} `{leaf.callee}`" + (f", which {_DOES[leaf.waits_for]}" if leaf.waits_for else "")
    assert target is not None
    return f"{_VERBS[hop.site.note]} `{target.function.qualified_name}`"
