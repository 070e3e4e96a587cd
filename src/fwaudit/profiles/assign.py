"""Tells whose time a recording holds: of which function and route, on the loop or beside it, and what it went into."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from fwaudit.catalog.timing import TimeIndex, TimeRow
from fwaudit.model.code import CodeBody
from fwaudit.model.context import Context
from fwaudit.model.service import Service, owner_of
from fwaudit.model.source import Problem
from fwaudit.profiles.functions import FunctionIndex
from fwaudit.profiles.read import read_recording
from fwaudit.profiles.recording import ProfileError, Recording, Stack

SHOWN = 20
"""So many functions of a service are kept, those with the most time first."""
_BOTTLENECK = 0.5
"""The share of the time from which on one kind of work is the bottleneck."""
_KINDS = ("database", "network", "serialization")


def add_profiles(
    files: Iterable[tuple[str, bytes | ProfileError]], services: Sequence[Service], functions: Iterable[CodeBody], times: Iterable[TimeRow]
) -> tuple[tuple[Service, ...], tuple[Problem, ...]]:
    """The services with what was measured of them, and why a file was not used. The other files still count."""
    index, kinds = FunctionIndex(functions), TimeIndex(times)
    tallies = [_Tally() for _ in services]
    problems = []
    for name, content in files:
        try:
            if isinstance(content, ProfileError):
                raise content
            _add(read_recording(content), index, kinds, services, tallies)
        except ProfileError as error:
            problems.append(Problem(name, 1, f"the profile is not used: it {error}", "skipped"))
    measured = tuple(
        msgspec.structs.replace(service, profile=tally.summary()) if tally.forms else service
        for service, tally in zip(services, tallies, strict=True)
    )
    return measured, tuple(problems)


@dataclass(slots=True)
class _Tally:
    """What is counted of one service."""

    forms: set[str] = field(default_factory=set)
    is_counted: bool = False
    kinds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    on_loop: float = 0.0
    slow_callbacks: int = 0
    functions: dict[str, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0, 0.0]))
    """Name to seconds, and seconds on the loop, with all that the function calls."""
    routes: dict[str, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0, 0.0]))
    at_work: float = 0.0
    """Time of the threads of a pool, or of workers, in which they had work."""
    at_rest: float = 0.0
    """And in which they waited for it."""
    known: dict[str, CodeBody] = field(default_factory=dict)

    def count(self, function: CodeBody, seconds: float, *, on_loop: bool, labels: Iterable[str]) -> None:
        """Adds time in a function of the service, which is the handler of the routes with these labels."""
        self.known[function.name] = function
        self._add(self.functions[function.name], seconds, on_loop=on_loop)
        for label in labels:
            self._add(self.routes[label], seconds, on_loop=on_loop)

    @staticmethod
    def _add(sums: list[float], seconds: float, *, on_loop: bool) -> None:
        sums[0] += seconds
        sums[1] += seconds if on_loop else 0.0

    def summary(self) -> dict[str, Any]:
        """As docs/contract.md has it."""
        total = sum(self.kinds.values())
        shares = {kind: _share(self.kinds.get(kind, 0.0), total) for kind in _KINDS}
        highest = max(_KINDS, key=lambda kind: shares[kind])
        ranked = sorted(self.functions.items(), key=lambda item: (-item[1][1], -item[1][0], item[0]))[:SHOWN]
        return {
            "forms": sorted(self.forms),
            "is_counted": self.is_counted,
            "seconds": round(total, 3),
            "loop_seconds": round(self.on_loop, 3),
            "loop_share": _share(self.on_loop, total),
            **{f"{kind}_share": share for kind, share in shares.items()},
            **({"bottleneck": highest} if shares[highest] >= _BOTTLENECK else {}),
            **({"worker_saturation": _share(self.at_work, self.at_work + self.at_rest)} if self.at_rest else {}),
            "slow_callbacks": self.slow_callbacks,
            "functions": [
                {
                    "function": name,
                    "path": self.known[name].place.path,
                    "line": self.known[name].place.line,
                    "seconds": round(seconds, 3),
                    "loop_seconds": round(on_loop, 3),
                }
                for name, (seconds, on_loop) in ranked
            ],
            "routes": {
                label: {"seconds": round(seconds, 3), "loop_seconds": round(on_loop, 3)}
                for label, (seconds, on_loop) in sorted(self.routes.items())
            },
        }


def _share(part: float, whole: float) -> float:
    return round(part / whole, 2) if whole else 0.0


def _add(recording: Recording, index: FunctionIndex, kinds: TimeIndex, services: Sequence[Service], tallies: Sequence[_Tally]) -> None:
    """Adds a recording to the tallies of the services whose functions are in it; ProfileError if there is none."""
    owners = {service.root: number for number, service in reversed(list(enumerate(services)))}
    labels: dict[str, set[str]] = defaultdict(set)
    for route in (route for service in services for route in service.routes):
        labels[route.handler].add(route.label)
    has_matched = False
    unclaimed: dict[str, float] = defaultdict(float)
    matched: set[int] = set()
    totals = dict(recording.totals)
    at_work = at_rest = 0.0
    for stack in recording.stacks:
        own = [function for frame in stack.frames if (function := index.find(frame)) is not None]
        has_matched = has_matched or bool(own)
        kind = "blocked" if stack.blocks_loop else _kind_of(stack, index, kinds)
        pooled = _pooled(stack, kind, kinds)
        at_rest += stack.seconds if pooled == "rest" else 0.0
        at_work += stack.seconds if pooled == "work" else 0.0
        if kind in ("idle", "idle-worker"):
            continue
        if not own and totals:
            unclaimed[kind] += stack.seconds
        on_loop = stack.blocks_loop or (_runs_on_loop(own) if totals else _is_on_loop(stack, kinds))
        for number in {number for function in own if (number := owner_of(function.place.path, owners)) is not None}:
            matched.add(number)
            tally = tallies[number]
            tally.kinds[kind] += stack.seconds
            tally.on_loop += stack.seconds if on_loop else 0.0
            tally.slow_callbacks += stack.blocks_loop
            seconds = totals.get(stack.frames[0], stack.seconds) if totals else stack.seconds
            for function in {function.name: function for function in own if owner_of(function.place.path, owners) == number}.values():
                tally.count(function, seconds, on_loop=on_loop, labels=labels.get(function.name, ()))
    if not has_matched:
        raise ProfileError("has no function of this workspace: it is of another program, or of another version of it")
    for number in matched:
        tallies[number].forms.add(recording.form)
        tallies[number].is_counted |= recording.is_counted
        if len(matched) == 1:  # threads at rest show no service, and without stacks the libraries do not: it is the one that was measured
            tallies[number].at_work += at_work
            tallies[number].at_rest += at_rest
            for kind, seconds in unclaimed.items():
                tallies[number].kinds[kind] += seconds


def _kind_of(stack: Stack, index: FunctionIndex, kinds: TimeIndex) -> str:
    """What the time went into: the library nearest to the innermost frame, unless the workspace's own code is nearer."""
    for frame in reversed(stack.frames):
        if index.find(frame) is not None:
            return "own"
        kind = kinds.kind_of(frame.file, frame.name)
        if kind == "pool":
            break  # what it was handed runs here; that it waits for more stands further out
        if kind not in ("", "loop"):
            return kind
    return "other"


def _pooled(stack: Stack, kind: str, kinds: TimeIndex) -> str:
    """Whether a thread of a pool, or a worker, is at work or at rest there; "" for any other thread."""
    if kind == "idle-worker":
        return "rest"
    if not any(kinds.kind_of(frame.file, frame.name) == "pool" for frame in stack.frames):
        return ""
    return "rest" if kind == "idle" else "work"


def _is_on_loop(stack: Stack, kinds: TimeIndex) -> bool:
    """Whether the thread of the stack runs a loop there."""
    for frame in reversed(stack.frames):
        kind = kinds.kind_of(frame.file, frame.name)
        if kind in ("loop", "pool"):
            return kind == "loop"
    return False


def _runs_on_loop(own: Sequence[CodeBody]) -> bool:
    """Without stacks: whether the function is known to run on a loop, and nowhere else."""
    return bool(own) and set(own[0].contexts) == {Context.EVENT_LOOP}
