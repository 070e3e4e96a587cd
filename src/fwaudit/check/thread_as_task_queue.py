"""Threads and processes that requests start and leave running."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.findings import Draft
from fwaudit.check.shapes import calls, indices_inside, resolved_calls
from fwaudit.model import facts
from fwaudit.model.project import Project

RULE = "thread-as-task-queue"
_ONCE = ("ensure", "init", "new", "set_up", "setup", "start")
"""How the names of functions begin that start what then stays, also where a request is the first to need it."""
_WAITING = frozenset(("Condition", "Event", "Queue", "SimpleQueue", "sleep"))
"""By which the function may get what the thread has made."""
_MADE = ("multiprocessing.Process", "threading.Thread")


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service where a route reaches a thread that nothing joins."""
    if not project.services:
        return
    for cluster in clusters(project, (part for part in resolved_calls(project, _MADE) if _is_left_alone(part))):
        yield cluster.draft(RULE, "requests start threads or processes for work that goes on behind them")


def _is_left_alone(part: Part) -> bool:
    """Reached by a route each time, kept in no attribute, given to no caller, function or list, and not waited for in the same function."""
    body = part.body
    if not body.routes or body.scope.name.strip("_").startswith(_ONCE):
        return False
    here = [index for index in body.body.calls if body.place_of(index) == part.place]
    if any(index in body.body.first_time for index in here) or any(store.value in here for store in body.body.stores):
        return False
    handed_on = [index for _, call in calls(body) for index in (*call.arguments, *(value for _, value in call.keywords))]
    if any(not set(here).isdisjoint(indices_inside(body, index)) for index in (*body.body.returns, *handed_on)):
        return False
    if not _WAITING.isdisjoint(body.scope.mentions):
        return False
    return not any(_joins(body.body.expressions, index) for index in body.body.calls)


def _joins(expressions: tuple[facts.Expression, ...], index: int) -> bool:
    """A call `x.join()`, with at most a timeout: that of a text has what it joins."""
    call = expressions[index]
    function = expressions[call.function] if isinstance(call, facts.Call) else None
    if not isinstance(call, facts.Call) or not isinstance(function, facts.Attribute) or function.name != "join":
        return False
    return not call.arguments or isinstance(expressions[call.arguments[0]], facts.Constant)
