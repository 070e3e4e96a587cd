"""What a program's first coroutine does before its loop has anything else to run: reading settings, making clients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from fwaudit.link.execution.calls import Calls, asynchronously_used
from fwaudit.link.sites import Member, Site
from fwaudit.link.symbols import Function
from fwaudit.link.values import Frame
from fwaudit.model import facts
from fwaudit.model.context import Context, EdgeKind

_Callers = Mapping[int, list[tuple[Site, int, Member]]]


class Beginnings:
    """The sites that are passed once, before a server or a task is started, of the coroutines that `asyncio.run` is given.

    Nothing that the loop runs can come between them: not before an `await` of more than the project's own coroutines.
    """

    def __init__(self, calls: Calls, callers: _Callers, shares: Callable[[Frame], bool]) -> None:
        self._calls = calls
        self._shares = shares
        self._before: dict[Function, frozenset[int]] = {}
        self._entries: dict[Function, list[tuple[Site, Member]]] = defaultdict(list)
        for entries in callers.values():
            for site, _, member in entries:
                if member.target is not None:
                    self._entries[member.target.function].append((site, member))
        for known in self._entries.values():
            if all(member.kind is EdgeKind.SCHEDULED and member.context == Context.PRIVATE_LOOP for _, member in known):
                self._begin([member.target for _, member in known if member.target is not None])

    def context(self, site: Site, here: Context | None, member: Member | None = None) -> Context | None:
        """Where the site's frame is when it passes the site, if it runs in the context `here`; or the `member` when it is run."""
        is_before = here is Context.EVENT_LOOP and site.span in self._before.get(site.frame.function, ())
        if is_before:
            here = Context.LOOP_STARTUP
        outlives = here is Context.LOOP_STARTUP and member is not None and member.kind is EdgeKind.AWAITED and _hands_over(site)
        return Context.EVENT_LOOP if outlives else here

    def _begin(self, frames: Iterable[Frame]) -> None:
        """Follow the coroutine up to where it shares its loop, and on into the one that it awaits there."""
        frame = next((one for one in frames if self._shares(one)), None)
        while frame is not None and frame.function.scope.is_async and frame.function not in self._before:
            last, goes_on = self._first_shared(frame)
            self._before[frame.function] = frozenset(self._spans_up_to(frame, last))
            frame = goes_on if goes_on is not None and len(self._entries[goes_on.function]) == 1 else None

    def _first_shared(self, frame: Frame) -> tuple[int, Frame | None]:
        """The expression by which something else may run, and the coroutine that is awaited there and shares the loop, if one is."""
        body = frame.function.body
        sites = {site.span: site for site in self._calls.sites(frame)}
        waits = {*body.awaited, *asynchronously_used(body)}
        for index in sorted(waits.union(body.calls)):
            span = body.call(index).span if index in body.calls else None
            site = sites.get(span) if span is not None else None
            if span is not None and (frame.number, span) in self._calls.members.telling:
                return index, None
            targets = [member.target for member in site.members if member.target is not None] if site is not None else []
            sharing = next((one for one in targets if self._shares(one)), None)
            if sharing is not None:
                return index, sharing
            is_handed_over = index not in waits and site is not None and any(member.kind is EdgeKind.AWAITED for member in site.members)
            if is_handed_over or (index in waits and (site is None or site.has_unknown or not targets)):
                return index, None
        return len(body.expressions), None

    def _spans_up_to(self, frame: Frame, last: int) -> Iterator[int]:
        """The spans of what is called, read and entered before the expression `last`, and before the loops around it."""
        body = frame.function.body
        last = min([last, *(loop.first for loop in body.loops if loop.first <= last < loop.end)])
        written = (body.expressions[index] for index in (*body.calls, *body.attributes) if index < last)
        yield from (one.span for one in written if isinstance(one, facts.Attribute | facts.Call))
        yield from (one.span for one in body.entries if one.value < last)
        yield from (one.span for one in body.iterations if one.value < last)
        yield from (one.span for one in body.items if one.value < last)


def _hands_over(site: Site) -> bool:
    """Whether a plain function makes a coroutine that it does not return: it cannot wait for it, so something else runs it, later."""
    function = site.frame.function
    returned = (function.body.expressions[index] for index in function.body.returns)
    is_returned = any(isinstance(one, facts.Call) and one.span == site.span for one in returned)
    return not function.scope.is_async and not is_returned
