"""Which loops get blocked, by what, along which path: two passes over the frames, bounded by counting.

First the frames reachable from every start are explored. Then, backwards from the leaves, each synchronous frame learns its nearest
leaf: the gravest of at least medium confidence first, then the surest, then the shortest. Contexts and routes flow forwards along
plain and awaited edges.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from heapq import heappop, heappush

from fwaudit.link.execution.beginnings import Beginnings
from fwaudit.link.execution.calls import Calls
from fwaudit.link.sites import UNLIKELY, EntryFrame, Member, Site, gravity_of
from fwaudit.link.symbols import Function
from fwaudit.link.values import HIGH, LOW, MEDIUM, Frame
from fwaudit.model.context import LOOP_CONTEXTS, Context, EdgeKind
from fwaudit.model.source import Role

_ORDER = ((3, False), (2, False), (3, True), (1, False), (2, True), (1, True))
"""(gravity, unlikely): a path through an `except` or a branch that raises stands behind the work that is usually done."""
_PRECEDENCE = (
    *((grade, *one) for one in _ORDER for grade in (HIGH, MEDIUM)),
    *((LOW, *one) for one in _ORDER),
)
"""(grade, gravity, unlikely) of evidence, the one to show first: a file that is surely read must not hide a download that is likely."""
_DETOUR = (0, 1, 4)
"""How many hops a path is taken to be longer for a step under a condition, or in an `except`."""
_CARRIES = (EdgeKind.PLAIN, EdgeKind.AWAITED)
_ASKING = frozenset({"builtins.input", "getpass.getpass"})
"""Calls that wait for somebody at the keyboard."""
_GUARDS = frozenset({"get_running_loop", "_get_running_loop", "is_running", "nest_asyncio", "current_async_library", "get_current_task"})
"""Names by which a function shows that it knows whether a loop runs already."""


@dataclass(frozen=True, slots=True)
class Hop:
    """The next step from a frame towards its nearest leaf.

    `rank` is the place in `_PRECEDENCE`, `length` counts the hops left, with detours.
    """

    site: Site
    member: Member
    rank: int
    length: int


@dataclass(slots=True)
class _Search:
    """One backward search: for leaves of `kind` and `gravity`, over steps at least as sure as `grade`, unlikely ones only if told."""

    kind: str
    rank: int
    grade: int
    gravity: int
    is_unlikely: bool
    blocking: set[int]
    found: dict[int, Hop]
    heap: list[tuple[int, tuple[str, int], int, int, int, Hop]] = field(default_factory=list)
    pushed: int = 0

    def push(self, site: Site, position: int, member: Member, length: int) -> None:
        """A way from the site's frame through `member`; what always runs counts as shorter than what runs under a condition."""
        if site.doubt == UNLIKELY and not self.is_unlikely:
            return
        frame = site.frame
        length += 1 + _DETOUR[site.doubt]
        self.pushed += 1
        hop = Hop(site, member, self.rank, length)
        heappush(self.heap, (length, frame.function.sort_key, frame.number, position, self.pushed, hop))


class Reach:
    """Everything that can run, from the given starts."""

    def __init__(
        self,
        calls: Calls,
        starts: Iterable[Frame],
        entries: Iterable[EntryFrame],
        scanned: Sequence[Frame],
        *,
        alone: Sequence[Frame],
        is_unused: Callable[[Function], bool],
    ) -> None:
        self._calls = calls
        self._is_unused = is_unused
        self.entries = tuple(entries)
        self.on_loop: set[int] = set()
        """Numbers of synchronous frames whose own body runs on a loop: callbacks and handlers."""
        self.frames: dict[int, Frame] = {}
        self.contexts: dict[int, set[Context]] = defaultdict(set)
        self.routes: dict[int, int] = defaultdict(int)
        """Frame number to a bit set of routes."""
        self.run_alone = list(alone)
        """Coroutines that are given to what runs a loop."""
        self.assumed: set[int] = set()
        """Numbers of frames of which nothing tells where they run, so that they are taken to run on the event loop."""
        self._callers: dict[int, list[tuple[Site, int, Member]]] = defaultdict(list)
        for entry in self.entries:
            if entry.context in LOOP_CONTEXTS and not entry.frame.function.scope.is_async:
                self.on_loop.add(entry.frame.number)
        starts = list(starts)
        self._explore([*starts, *(entry.frame for entry in self.entries), *scanned])
        self.beginnings = Beginnings(calls, self._callers, self._shares_its_loop)
        for frame in alone:
            self._carry(frame, Context.EVENT_LOOP if self._shares_its_loop(frame) else Context.PRIVATE_LOOP)
        self._spread_contexts(starts, scanned)
        self._spread_routes()

    # --- exploring --------------------------------------------------------------------------------------

    def _explore(self, starts: list[Frame]) -> None:
        todo = deque(starts)
        while todo:
            frame = todo.popleft()
            if frame.number in self.frames:
                continue
            self.frames[frame.number] = frame
            for position, site in enumerate(self._calls.sites(frame)):
                for member in site.members:
                    if member.target is not None:
                        self._callers[member.target.number].append((site, position, member))
                        self._mark_on_loop(member)
                        todo.append(member.target)

    def _mark_on_loop(self, member: Member) -> None:
        target = member.target
        if target is not None and member.kind is EdgeKind.SCHEDULED:
            if not target.function.scope.is_async:
                self.on_loop.add(target.number)
            elif member.context == Context.PRIVATE_LOOP:
                self.run_alone.append(target)

    def sites(self, frame: Frame) -> tuple[Site, ...]:
        """The sites of a frame, in evaluation order."""
        return self._calls.sites(frame)

    def is_loop_code(self, frame: Frame) -> bool:
        """Whether the frame's own body runs on a loop, so that a call in it is a boundary."""
        return frame.function.scope.is_async or frame.number in self.on_loop

    # --- contexts and routes, forwards ---------------------------------------------------------------------

    def _spread_contexts(self, starts: list[Frame], scanned: Sequence[Frame]) -> None:
        for entry in self.entries:
            self._carry(entry.frame, entry.context)
        for frame in scanned:
            if not _is_test(frame):
                self._carry(frame, None)
        told = {number for number, contexts in self.contexts.items() if contexts}
        self._start([frame for frame in starts if not _is_test(frame)], Context.EVENT_LOOP)
        self.assumed.update(number for number, contexts in self.contexts.items() if contexts and number not in told)
        # What tests await and run says nothing of where the service runs it.
        for frame in scanned:
            if _is_test(frame):
                self._carry(frame, None)
        self._start([frame for frame in starts if _is_test(frame)], Context.TEST)

    def _start(self, starts: Iterable[Frame], otherwise: Context) -> None:
        """Carry on from coroutines of which nothing told yet where they run."""
        known: dict[Function, set[Context]] = defaultdict(set)
        for number, contexts in self.contexts.items():
            known[self.frames[number].function] |= contexts
        unused: list[Frame] = []
        for frame in starts:
            if self.contexts[frame.number]:
                continue
            if otherwise is Context.EVENT_LOOP and frame.function not in known and self._is_unused(frame.function):
                unused.append(frame)
                continue
            # Called with arguments of their own only: the declaration's frame runs where those run.
            for context in sorted(known.get(frame.function) or {otherwise}):
                self._carry(frame, context)
        told = frozenset(number for number, contexts in self.contexts.items() if contexts) if unused else frozenset()
        for frame in unused:
            self._carry(frame, otherwise, but=told)

    def _carry(self, start: Frame, context: Context | None, but: AbstractSet[int] = frozenset()) -> None:
        """Carry a context from a frame to all that runs within it, but for some frames."""
        todo: deque[tuple[Frame, Context | None]] = deque([(start, context)])
        seen: set[tuple[int, Context | None]] = set()
        while todo:
            frame, here = todo.popleft()
            if frame.number in but or (frame.number, here) in seen or (here is not None and here in self.contexts[frame.number]):
                continue
            seen.add((frame.number, here))
            if here is not None:
                self.contexts[frame.number].add(here)
            for site in self._calls.sites(frame):
                for member in site.members:
                    if member.target is not None:
                        there, goes_on = self._context_after(member, self.beginnings.context(site, here, member))
                        if goes_on:
                            todo.append((member.target, there))

    def _context_after(self, member: Member, here: Context | None) -> tuple[Context | None, bool]:
        """The context of a member's target, and whether it runs at all when the caller does."""
        target = member.target
        assert target is not None
        on_a_loop = here in LOOP_CONTEXTS
        if here is Context.PRIVATE_LOOP and target.number in self._calls.members.together:
            here = Context.EVENT_LOOP
        if member.kind is EdgeKind.OFFLOADED:
            return (Context(member.context or "threadpool"), not target.function.scope.is_async)
        if member.kind is EdgeKind.SCHEDULED:
            if member.context != Context.PRIVATE_LOOP:
                if here is Context.PRIVATE_LOOP and target.function.scope.is_async:
                    return (Context.EVENT_LOOP, True)
                return (here if on_a_loop and here is not Context.LOOP_STARTUP else Context.EVENT_LOOP, True)
            return (Context.EVENT_LOOP if self._shares_its_loop(target) else Context.PRIVATE_LOOP, True)
        if member.kind is EdgeKind.AWAITED:
            return (here, on_a_loop)
        return (here, here is not None)

    def _shares_its_loop(self, start: Frame) -> bool:
        """Whether a coroutine run by `asyncio.run` serves, or starts tasks and goes on: then blocking stops more than itself.

        One that comes to an end, and one that asks somebody at the keyboard, is a command, whatever runs beside it.
        """
        todo, seen = deque([start]), {start.number}
        shares = asks = False
        while todo:
            frame = todo.popleft()
            sites = self._calls.sites(frame)
            if frame.number in self._calls.members.serving:
                return True
            shares |= frame.number in self._calls.members.sharing
            for member in (member for site in sites for member in site.members):
                asks |= member.leaf is not None and member.leaf.callee in _ASKING
                if member.target is not None and member.kind in _CARRIES and member.target.number not in seen:
                    seen.add(member.target.number)
                    todo.append(member.target)
        return shares and not asks and self._calls.members.goes_on(start)

    def _spread_routes(self) -> None:
        todo = deque[Frame]()
        streams: dict[Function, list[Frame]] = defaultdict(list)
        for entry in self.entries:
            if entry.route >= 0:
                self.routes[entry.frame.number] |= 1 << entry.route
                todo.append(entry.frame)
            if entry.within is not None:
                streams[entry.within.function].append(entry.frame)
        while todo:
            frame = todo.popleft()
            carried = self.routes[frame.number]
            members = (member for site in self._calls.sites(frame) for member in site.members)
            called = [member.target for member in members if member.target is not None and member.kind in _CARRIES]
            for target in (*called, *streams.get(frame.function, ())):
                before = self.routes[target.number]
                if before | carried != before:
                    self.routes[target.number] = before | carried
                    todo.append(target)

    def carried_from(self, starts: Iterable[Frame]) -> Iterator[Function]:
        """The functions of `starts`, and all that run within them, on the same thread and while they run."""
        seen = set[int]()
        todo = deque(starts)
        while todo:
            frame = todo.popleft()
            if frame.number in seen:
                continue
            seen.add(frame.number)
            yield frame.function
            members = (member for site in self._calls.sites(frame) for member in site.members)
            todo.extend(member.target for member in members if member.target is not None and member.kind in _CARRIES)

    # --- nearest leaves, backwards -----------------------------------------------------------------------------

    def nearest(self, kind: str, blocking: set[int]) -> Mapping[int, Hop]:
        """For each synchronous frame from which a leaf of that kind is reached: the first hop of the best path."""
        found: dict[int, Hop] = {}
        for rank, (grade, gravity, is_unlikely) in enumerate(_PRECEDENCE):
            search = _Search(kind, rank, grade, gravity, is_unlikely, blocking, found)
            for number, hop in list(found.items()):
                if _PRECEDENCE[hop.rank][1] == gravity:
                    self._push_callers(search, self.frames[number], hop.length)
            for number in sorted(blocking.difference(found)):
                self._push_leaves(search, self.frames[number])
            while search.heap:
                *_, hop = heappop(search.heap)
                frame = hop.site.frame
                if frame.number not in found:
                    found[frame.number] = hop
                    self._push_callers(search, frame, hop.length)
        return found

    def _push_leaves(self, search: _Search, frame: Frame) -> None:
        """The leaves of the searched gravity that the frame calls itself."""
        for position, site in enumerate(self.own_sites(frame, search.kind)):
            leaves = [one for one in site.members if _is_leaf(one, search.kind) and gravity_of(one.leaf) == search.gravity]
            member = min(leaves, key=_plainness, default=None)
            if member is not None and self.grade(site, member, search.kind, search.blocking) >= search.grade:
                search.push(site, position, member, 0)

    def _push_callers(self, search: _Search, frame: Frame, length: int) -> None:
        """The synchronous callers of a frame whose path is known."""
        for site, position, member in self._callers.get(frame.number, ()):
            caller = site.frame
            if caller.number in search.found or caller.function.scope.is_async or not _leads_on(member):
                continue
            grade = min(self.grade(site, member, search.kind, search.blocking), member.limit(search.gravity))
            if grade >= search.grade and self.own_sites(caller, search.kind):
                search.push(site, position, member, length)

    def blocking_frames(self, kind: str) -> set[int]:
        """The numbers of all synchronous frames from which a leaf of that kind is reached, however surely."""
        todo = [
            frame
            for frame in self._synchronous()
            if any(_is_leaf(member, kind) for site in self.own_sites(frame, kind) for member in site.members)
        ]
        seen = {frame.number for frame in todo}
        while todo:
            frame = todo.pop()
            for site, _, member in self._callers.get(frame.number, ()):
                caller = site.frame
                if _leads_on(member) and caller.number not in seen and not caller.function.scope.is_async:
                    seen.add(caller.number)
                    todo.append(caller)
        return seen

    def _synchronous(self) -> Iterator[Frame]:
        return (frame for frame in self.frames.values() if not frame.function.scope.is_async)

    def own_sites(self, frame: Frame, kind: str) -> tuple[Site, ...]:
        """The sites of a frame that count for leaves of that kind: a function that asks whether a loop runs nests none."""
        if kind == "nested" and not _GUARDS.isdisjoint(frame.function.scope.mentions):
            return ()
        return self._calls.sites(frame)

    def grade(self, site: Site, member: Member, kind: str, blocking: set[int]) -> int:
        """How sure it is that the site blocks through the member: less where it may go elsewhere."""
        if site.has_unknown:
            return min(member.grade, MEDIUM)
        for choice in site.choices:
            if member not in choice and not any(self._blocks(other, kind, blocking) for other in choice):
                return min(member.grade, MEDIUM)
        return member.grade

    def _blocks(self, member: Member, kind: str, blocking: set[int]) -> bool:
        return _is_leaf(member, kind) or (_leads_on(member) and member.target is not None and member.target.number in blocking)

    def candidates(self, site: Site, kind: str, nearest: Mapping[int, Hop], blocking: set[int]) -> list[Hop]:
        """The ways in which a site on a loop leads to a leaf of that kind, best first."""
        found: list[Hop] = []
        for member in site.members:
            if not _leads_on(member):
                continue
            grade = self.grade(site, member, kind, blocking)
            if _is_leaf(member, kind):
                found.append(Hop(site, member, _rank(grade, gravity_of(member.leaf)), 1 + _DETOUR[site.doubt]))
            elif member.target is not None:
                hop = nearest.get(member.target.number)
                if hop is not None:
                    path_grade, gravity, is_unlikely = _PRECEDENCE[hop.rank]
                    sure = min(grade, path_grade, member.limit(gravity))
                    found.append(Hop(site, member, _rank(sure, gravity, is_unlikely), hop.length + 1))
        return sorted(found, key=lambda hop: (hop.rank, hop.length, _plainness(hop.member)))


def _is_test(frame: Frame) -> bool:
    return frame.function.module.role is Role.TEST or frame.function.is_fixture


def grade_of(rank: int) -> int:
    """The grade that a hop's rank stands for."""
    return _PRECEDENCE[rank][0]


def _rank(grade: int, gravity: int, is_unlikely: bool = False) -> int:
    return _PRECEDENCE.index((grade, gravity, is_unlikely))


def _plainness(member: Member) -> tuple[int, str]:
    """Of leaves that are as good, the plainest name stands for all: `redis.Redis.get`, not `redis.RedisCluster.get`."""
    name = member.leaf.callee if member.leaf is not None else ""
    return (len(name), name)


def _leads_on(member: Member) -> bool:
    """Whether the target's work is done, each time, where the site stands."""
    return member.kind is EdgeKind.PLAIN and not member.once


def _is_leaf(member: Member, kind: str) -> bool:
    return member.leaf is not None and member.leaf.kind == kind and _leads_on(member)
