"""Work done again and again by a loop that sleeps."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.findings import Draft
from fwaudit.check.shapes import SLEEPS, calls, calls_of, number
from fwaudit.model import facts
from fwaudit.model.code import CodeBody
from fwaudit.model.context import Grade
from fwaudit.model.facts import NOWHERE
from fwaudit.model.project import Project

RULE = "hand-rolled-scheduler"
_STARTERS = frozenset(
    (
        "Process",
        "Thread",
        "add_background_task",
        "add_task",
        "create_task",
        "ensure_future",
        "spawn",
        "start_background_task",
        "start_soon",
    )
)
_CONSUMING = frozenset(("get_nowait", "iter_lines", "ping", "readline", "recv", "send", "send_json", "send_text", "sendall", "write"))
_SHORTEST = 5.0
"""Seconds: who sleeps less waits for something."""


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service with a loop of its own that is started as a thread or task."""
    if not project.services:
        return
    started = {name for body in project.code.bodies for name in _started(body)}
    looping = (body for body in project.code.bodies if body.name in started)
    for cluster in clusters(project, (part for body in looping for part in _pauses(body))):
        yield cluster.draft(RULE, "work is repeated by loops that sleep", confidence=Grade.LOW)


def _started(body: CodeBody) -> Iterator[str]:
    """The names of the functions that it starts as threads, processes or tasks."""
    if _STARTERS.isdisjoint(body.scope.mentions) and _STARTERS.isdisjoint(body.scope.names):
        return
    for _, call in calls(body, *_STARTERS):
        for index in (*call.arguments[:2], *(value for keyword, value in call.keywords if keyword == "target")):
            given = body.body.expressions[index]
            yield from body.names(given.function if isinstance(given, facts.Call) else index)


def _pauses(body: CodeBody) -> Iterator[Part]:
    """Sleeps under no condition, in a `while` loop that neither consumes nor answers anything, nor ends by itself."""
    if "sleep" not in body.scope.mentions or body.scope.is_generator or not _CONSUMING.isdisjoint(body.scope.mentions):
        return
    not_each_time = {*body.body.unlikely, *body.body.conditional}
    for index, call in calls_of(body, SLEEPS):
        seconds = number(body, call.arguments[0]) if call.arguments else None
        if index in not_each_time or (seconds is not None and seconds < _SHORTEST):
            continue
        if any(loop.iterated == NOWHERE and not loop.leaving and loop.first <= index < loop.end for loop in body.body.loops):
            yield Part(body.place_of(index), body)
