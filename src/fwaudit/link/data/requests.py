"""What each request does: the frames that a route's handler runs every time, and the way to each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from fwaudit.link.execution.evidence import place_of
from fwaudit.link.execution.labels import RouteLabels
from fwaudit.link.execution.reach import Reach
from fwaudit.link.sites import Member, Site
from fwaudit.link.values import MEDIUM, Frame
from fwaudit.model import facts
from fwaudit.model.code import Place
from fwaudit.model.context import EdgeKind

_KEEPING = ("cache", "memo", "once", "singleton")
"""Parts of the names of decorators that keep results."""
_FOLLOWED = (EdgeKind.PLAIN, EdgeKind.AWAITED, EdgeKind.OFFLOADED)


class Requests:
    """Found breadth first from the handlers, so that the way to each frame is a shortest one."""

    def __init__(self, reach: Reach, labels: RouteLabels) -> None:
        self.frames: dict[int, Frame] = {}
        self._before: dict[int, tuple[Frame, Site]] = {}
        # A connection or a stream may last for hours, and have a client for itself.
        todo = deque(entry.frame for entry in reach.entries if entry.within is None and labels.is_answered(entry.route))
        while todo:
            frame = todo.popleft()
            if frame.number in self.frames:
                continue
            self.frames[frame.number] = frame
            for target, site in _always_run(reach, frame):
                if target.number not in self.frames:
                    self._before.setdefault(target.number, (frame, site))
                    todo.append(target)

    def way_to(self, frame: Frame) -> tuple[Place, ...]:
        """The calls that lead from the handler to `frame`."""
        places: list[Place] = []
        seen = set[int]()
        while frame.number in self._before and frame.number not in seen:
            seen.add(frame.number)
            frame, site = self._before[frame.number]
            places.append(place_of(frame, site.span))
        return tuple(reversed(places))


def _always_run(reach: Reach, frame: Frame) -> Iterator[tuple[Frame, Site]]:
    """What the frame's body runs whenever it runs itself: under no condition, and not only the first time."""
    for site in reach.sites(frame):
        if site.doubt or len(site.choices) > 1:
            continue
        for member in site.members:
            if member.target is not None and _is_run(member):
                yield member.target, site


def _is_run(member: Member) -> bool:
    return member.kind in _FOLLOWED and not member.once and member.grade >= MEDIUM and not may_keep_result(member.target)


def may_keep_result(frame: Frame | None) -> bool:
    """Whether a decorator looks as if it kept what the function gives: not to be sure of it is enough to say nothing."""
    if frame is None or frame.closure is None:
        return False
    expressions = frame.closure.function.body.expressions
    for index in frame.function.scope.decorators:
        expression = expressions[index]
        while isinstance(expression, facts.Call):
            expression = expressions[expression.function]
        if any(word in facts.last_name(expression).lower() for word in _KEEPING):
            return True
    return False
