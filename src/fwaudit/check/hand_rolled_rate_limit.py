"""Requests counted and turned away by the service's own code."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.findings import Draft
from fwaudit.check.shapes import counts_time, statuses
from fwaudit.model.code import CodeBody
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "hand-rolled-rate-limit"
_COUNTING = frozenset(("expire", "incr", "incrby", "zadd", "zcard", "zremrangebyscore"))
_NAMES_OF_STATUS = frozenset(("HTTPTooManyRequests", "HTTP_429_TOO_MANY_REQUESTS", "TOO_MANY_REQUESTS", "TooManyRequests"))
_ASKS_A_LIBRARY = frozenset(("get_window_stats", "has_capacity", "hit"))
"""Methods of their limiters that count."""
_IS_TOLD = "limited"
"""What django-ratelimit, and decorators made like it, tell a view: `request.limited`. The view counts nothing then."""


_EXCEPTIONS = frozenset(("e", "err", "error", "exc", "exception"))


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service with code that answers 429 by what it, or a function that it stands in, has counted."""
    if not project.services:
        return
    bodies = {body.name: body for body in project.code.bodies if body.kind == "function"}
    libraries = project.names[RULE]["libraries"]
    refusing = [body for body in bodies.values() if _answers_429(body, libraries)]
    helped = {use.path for use in project.code.imports if use.name.partition(".")[0] in libraries}
    refusing = [body for body in refusing if body.place.path not in helped or _ASKS_A_LIBRARY.isdisjoint(body.scope.mentions)]
    limiting = (one for body in refusing for one in _with_count(body, bodies))
    for cluster in clusters(project, (Part(body.place, body) for body in limiting)):
        is_sure = any(_numbers_requests(body) for body in cluster.bodies)  # else it may be a pause after one of them
        yield cluster.draft(RULE, "requests are counted and turned away by hand", confidence=Grade.MEDIUM if is_sure else Grade.LOW)


def _with_count(body: CodeBody, bodies: dict[str, CodeBody]) -> Iterator[CodeBody]:
    """The body, and the one that counts for it: itself, or a function around it, as of a decorator."""
    name = body.name
    while name in bodies:
        if _counts(bodies[name]):
            yield from dict.fromkeys((body, bodies[name]))
            return
        name = name.rpartition(".")[0]


def _answers_429(body: CodeBody, libraries: tuple[str, ...]) -> bool:
    is_named = not _NAMES_OF_STATUS.isdisjoint(body.scope.mentions)
    if not is_named and not (body.may_say("429") and "429" in statuses(body)):
        return False
    return _IS_TOLD not in body.scope.mentions and not any(one.partition(".")[0] in libraries for one in body.decorators)


def _counts(body: CodeBody) -> bool:
    mentions = _COUNTING & set(body.scope.mentions)
    return len(mentions) > 1 or (counts_time(body) and not _is_handed_an_exception(body))


def _numbers_requests(body: CodeBody) -> bool:
    mentions = set(body.scope.mentions)
    return len(_COUNTING & mentions) > 1 or not mentions.isdisjoint(("count", "len"))


def _is_handed_an_exception(body: CodeBody) -> bool:
    """It words the answer for what somebody else has counted."""
    return any(parameter.name in _EXCEPTIONS for parameter in body.scope.parameters)
