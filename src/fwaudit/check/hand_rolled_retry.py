"""Calls tried again in a loop, with a pause between."""

from __future__ import annotations

from collections.abc import Container, Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.findings import Draft
from fwaudit.check.shapes import SLEEPS, calls_of, last_name
from fwaudit.model import facts
from fwaudit.model.code import CodeBody
from fwaudit.model.facts import NOWHERE
from fwaudit.model.project import Project

RULE = "hand-rolled-retry"
_WORDS = ("attempt", "backoff", "retries", "tries")
_ONE_OF_THEM = "retry"
"""As the name of what the function counts; `settings.retry_on_error` counts nothing."""


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service."""
    if not project.services:
        return
    for cluster in clusters(project, (part for body in project.code.bodies for part in _pauses(body))):
        yield cluster.draft(RULE, "calls are tried again in loops written by hand")


def _pauses(body: CodeBody) -> Iterator[Part]:
    """The sleeps in an `except` handler within a loop that counts, or that speaks of attempts."""
    if "sleep" not in body.scope.mentions or not body.body.loops or body.scope.is_generator:
        return
    unlikely = set(body.body.unlikely)
    for index, _ in calls_of(body, SLEEPS):
        around = [loop for loop in body.body.loops if loop.first <= index < loop.end]
        around = [loop for loop in around if _ends_with_success(body, loop)]
        is_handling = index in unlikely and any(_has_a_usual_way(body, loop, unlikely) for loop in around)
        if is_handling and (any(_counts(body, loop) for loop in around) or _speaks_of_attempts(body)):
            yield Part(body.place_of(index), body)


def _has_a_usual_way(body: CodeBody, loop: facts.Loop, unlikely: Container[int]) -> bool:
    """It calls something where nothing has failed; a loop that stands below a failure as a whole waits for something else."""
    return any(loop.first <= index < loop.end and index not in unlikely for index in body.body.calls)


def _ends_with_success(body: CodeBody, loop: facts.Loop) -> bool:
    """A `while` loop that nothing leaves where nothing has failed goes on for ever: it serves, and waits after a failure."""
    return loop.iterated != NOWHERE or not _is_endless(body, loop) or any(first not in body.body.unlikely for first, _ in loop.leaving)


def _is_endless(body: CodeBody, loop: facts.Loop) -> bool:
    """`while True`, `while self.running`."""
    test = body.body.expressions[loop.first]
    is_running = any("running" in last_name(body, index) for index in (loop.first, loop.first + 1))
    return isinstance(test, facts.Constant) or is_running


def _counts(body: CodeBody, loop: facts.Loop) -> bool:
    iterated = body.body.expressions[loop.iterated] if loop.iterated != NOWHERE else None
    return isinstance(iterated, facts.Call) and last_name(body, iterated.function) in ("count", "range")


def _speaks_of_attempts(body: CodeBody) -> bool:
    if any(_ONE_OF_THEM in name.lower() for name in body.scope.names):
        return True
    return any(word in name.lower() for name in (*body.scope.names, *body.scope.mentions) for word in _WORDS)
