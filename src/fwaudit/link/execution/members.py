"""What a value hands control to when it is called, iterated over, entered or read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from fwaudit.catalog.knowledge import Knowledge
from fwaudit.catalog.schema import Blocking, Entering, Iteration
from fwaudit.link.execution.tasks import IN_A_GROUP, ON_ITS_OWN, SIDE_BY_SIDE, beside_each_other, goes_on, keeps_running
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.types import Types
from fwaudit.link.sites import Leaf, Member
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import (
    LOW,
    MEDIUM,
    Awaitable,
    ClassObject,
    ContextManager,
    Frame,
    FunctionObject,
    Generator,
    LazyCalls,
    LibraryName,
    LoopRunning,
    Object,
    Offloaded,
    PartialObject,
    Value,
    Values,
)
from fwaudit.model import facts
from fwaudit.model.context import EdgeKind, WaitsFor

_CONSUMERS = frozenset(
    f"builtins.{name}"
    for name in (
        *("list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "any", "all", "min", "max", "next"),
        *("enumerate", "zip", "reversed", "str.join", "list.extend", "set.update"),
    )
)
"""Builtins that run an iterator handed to them, at once or as soon as somebody iterates over what they give."""

_CALLERS = {"functools.reduce": 0}
"""Builtins that call a function handed to them, with its position."""

_PROCESS_POOL = "concurrent.futures.ProcessPoolExecutor"

_KEYED = frozenset({"builtins.sorted", "builtins.min", "builtins.max", "builtins.list.sort"})

_STARTERS = ON_ITS_OWN | SIDE_BY_SIDE | IN_A_GROUP
_TASK_STARTERS = ON_ITS_OWN | {"asyncio.TaskGroup.create_task"}

_ENTERERS = frozenset({"contextlib.ExitStack.enter_context", "contextlib.AsyncExitStack.enter_context"})


class Members:
    """From one value at one place to the frames and leaves that it leads to."""

    def __init__(self, types: Types, parity: bool) -> None:
        self._types = types
        self._parity = parity
        self.sharing: set[int] = set()
        """Numbers of frames that serve, or start tasks that outlive them: whatever runs on the loop shares it."""
        self.serving: set[int] = set()
        """Those of them that serve."""
        self.together: set[int] = set()
        """Numbers of frames of coroutines that are run beside others."""
        self.telling: set[tuple[int, int]] = set()
        """(number of the frame, span) of the calls that told something of their own frame: that it serves, or which tasks it starts."""

    def of_call(self, value: Value, grade: int, call: Arguments, is_awaited: bool) -> Iterator[Member]:
        """What calling `value` hands control to."""
        if isinstance(value, FunctionObject):
            yield from self._of_function(value, grade, call, is_awaited)
        elif isinstance(value, ClassObject):
            yield from self._of_class(value, grade, call)
        elif isinstance(value, LibraryName):
            yield from self._of_library(value, grade, call, is_awaited)
        elif isinstance(value, PartialObject):
            inner = call.after(value)
            for member, own in value.callable:
                yield from self.of_call(member, min(own, grade), inner, is_awaited)
        elif isinstance(value, Offloaded):
            yield from self._handed_over(value.callable, EdgeKind.OFFLOADED, grade, value.context, call)
        elif isinstance(value, LoopRunning):
            yield from self._handed_over(value.callable, EdgeKind.SCHEDULED, grade, "private-loop", call)
            if value.raises:
                yield Member(EdgeKind.PLAIN, grade, leaf=Leaf(value.raises, "nested", None))
        elif isinstance(value, Object):
            for member, own in self._types.attributes.of(value, "__call__"):
                yield from self.of_call(member, min(own, grade), call, is_awaited)

    def _of_function(self, value: FunctionObject, grade: int, call: Arguments, is_awaited: bool) -> Iterator[Member]:
        function = value.function
        own = self._types.results.own_knowledge(function)
        if own is not None:
            yield from self._of_knowledge(own, None, grade, call, is_awaited)
            return
        if value.wrapping in ("context", "async_context") or (function.scope.is_generator and not function.scope.is_async):
            return
        target = self._types.binder.bind(value, call)
        if function.scope.is_async:
            yield Member(EdgeKind.AWAITED, grade, target)
        elif not is_awaited or self._may_be_awaited(target):
            grade = LOW if self._asks_for_one_key(value, call) else grade
            yield self._each_time_or_once(function, Member(EdgeKind.PLAIN, grade, target))

    def _asks_for_one_key(self, value: FunctionObject, call: Arguments) -> bool:
        """Whether the function keeps what it gives under the key that it is given, and the call gives a literal: it waits once."""
        offset = 0 if value.receiver is None else 1
        for parameter in self._types.binder.keys(value.function):
            given = call.index(parameter - offset, value.function.scope.parameters[parameter].name)
            if given is not None and call.frame is not None and isinstance(call.frame.function.body.expressions[given], facts.Constant):
                return True
        return False

    def _each_time_or_once(self, function: Function, member: Member) -> Member:
        """The member; where the function keeps its result, as passed once if that is done on import, else as less sure."""
        if not self._types.binder.keeps_results(function):
            return member
        if self._types.binder.keeps_result(function) and self._types.symbols.is_named_on_import(function.name):
            return replace(member, once=True)
        return replace(member, grade=min(member.grade, MEDIUM), is_kept=True)

    def _may_be_awaited(self, target: Frame) -> bool:
        """Whether a plain function may give something to await: if it cannot, `await f()` shows that another `f` is meant."""
        return any(not isinstance(value, Object) or isinstance(value.class_, Class) for value, _ in self._types.results.of_frame(target))

    def _of_class(self, value: ClassObject, grade: int, call: Arguments) -> Iterator[Member]:
        if isinstance(value.class_, str):
            knowledge = self._types.catalog.callable(value.class_)
            if knowledge is not None:
                yield from self._of_knowledge(knowledge, None, grade, call, is_awaited=False)
            if value.class_ in _CONSUMERS:
                yield from self._consumed(call, grade)
            return
        made = Object(value.class_, exact=True)
        constructors = self._types.binder.constructors(value.class_)
        for constructor in constructors:
            bound = FunctionObject(constructor, made, self._types.generic(constructor).closure)
            yield Member(EdgeKind.PLAIN, grade, self._types.binder.bind(bound, call), once=self._types.binder.is_kept(value.class_))
        if not constructors:
            yield from self.of_method(made, grade, "__post_init__")
            for base in self._types.classes.order(value.class_):
                knowledge = self._types.catalog.callable(base) if isinstance(base, str) else None
                if knowledge is not None and knowledge.blocking:
                    yield from self._of_knowledge(knowledge, None, grade, call, is_awaited=False)
                    break

    def _of_library(self, value: LibraryName, grade: int, call: Arguments, is_awaited: bool) -> Iterator[Member]:
        name = value.dotted
        if name in _CONSUMERS:
            yield from self._consumed(call, grade)
        if name == "builtins.len":
            for member, own in call.position(0):
                yield from self.of_method(member, min(own, grade), "__len__")
        if name in _CALLERS:
            yield from self._handed_over(call.position(_CALLERS[name]), EdgeKind.PLAIN, grade)
        if name in _KEYED:
            yield from self._handed_over(call.keyword("key"), EdgeKind.PLAIN, grade)
        if name in _ENTERERS:
            for member, own in call.position(0):
                yield from self.of_entry(member, min(own, grade), is_async=False)
        knowledge = self._types.results.knowledge(value)
        if knowledge is not None:
            yield from self._of_knowledge(knowledge, value.receiver, grade, call, is_awaited)

    def _of_knowledge(
        self, knowledge: Knowledge, receiver: Value | None, grade: int, call: Arguments, is_awaited: bool
    ) -> Iterator[Member]:
        """What a call that the tables know hands control to."""
        if call.frame is not None:
            self._note_tasks(knowledge, call, call.frame)
        leaf = self._leaf(knowledge, call)
        if leaf is not None and not (is_awaited and receiver is not None):
            yield Member(EdgeKind.PLAIN, grade, leaf=leaf)
        yield from self._handed_to_known(knowledge, receiver, grade, call)
        if knowledge.loop_runner is not None and knowledge.loop_runner.gives == "result":
            yield from self._run_on_loop(knowledge, call, grade)

    def goes_on(self, coroutine: Frame) -> bool:
        """Whether it may go on for as long as its loop does."""
        return goes_on(self._types, coroutine)

    def _note_tasks(self, knowledge: Knowledge, call: Arguments, frame: Frame) -> None:
        name = knowledge.name
        if knowledge.server is None and name not in _STARTERS:
            return
        if call.expression is not None:
            self.telling.add((frame.number, call.expression.span))
        if knowledge.server is not None or (name in ON_ITS_OWN and keeps_running(self._types, call)):
            self.sharing.add(frame.number)
            if knowledge.server is not None:
                self.serving.add(frame.number)
        else:
            self.together.update(one.number for one in beside_each_other(self._types, call))

    def _handed_to_known(self, knowledge: Knowledge, receiver: Value | None, grade: int, call: Arguments) -> Iterator[Member]:
        """The callables and coroutines that an offloader, a scheduler or a starter of tasks is given."""
        if knowledge.offloader is not None and knowledge.offloader.gives != "wrapper":
            callables = call.argument(knowledge.offloader.position, knowledge.offloader.keyword)
            context = "process" if self._names_processes(receiver, call) else knowledge.offloader.context
            yield from self._handed_over(callables, EdgeKind.OFFLOADED, grade, context, call.rest(knowledge.offloader.position + 1))
        if knowledge.scheduler is not None:
            callables = call.argument(knowledge.scheduler.position, knowledge.scheduler.keyword)
            rest = call.rest(knowledge.scheduler.position + 1)
            yield from self._handed_over(callables, EdgeKind.SCHEDULED, grade, "event-loop", rest)
        if knowledge.name in _TASK_STARTERS:
            for value, own in call.position(0):
                if isinstance(value, Awaitable) and value.frame is not None:
                    yield Member(EdgeKind.SCHEDULED, min(own, grade), value.frame, context="event-loop")

    def _names_processes(self, receiver: Value | None, call: Arguments) -> bool:
        """Whether the callable goes to a pool of processes: the receiver, or the executor that is the first argument."""
        pools = [value for value, _ in call.position(0)]
        return any(isinstance(pool, Object) and pool.class_ == _PROCESS_POOL for pool in (receiver, *pools))

    def _run_on_loop(self, knowledge: Knowledge, call: Arguments, grade: int) -> Iterator[Member]:
        row = knowledge.loop_runner
        assert row is not None
        given = call.argument(row.position, "")
        if row.takes == "callable":
            yield from self._handed_over(given, EdgeKind.SCHEDULED, grade, "private-loop")
        for value, own in given:
            if isinstance(value, Awaitable) and value.frame is not None:
                yield Member(EdgeKind.SCHEDULED, min(own, grade), value.frame, context="private-loop")
        if knowledge.raises_on_a_loop:
            yield Member(EdgeKind.PLAIN, grade, leaf=Leaf(knowledge.name, "nested", None))

    def _handed_over(
        self, callables: Values, kind: EdgeKind, grade: int, context: str = "", call: Arguments | None = None
    ) -> Iterator[Member]:
        """The members for callables that somebody else calls; `kind` says where they run."""
        arguments = call if call is not None else Arguments.nothing()
        for value, own in callables:
            for member in self.of_call(value, min(own, grade), arguments, is_awaited=False):
                if member.kind in (EdgeKind.PLAIN, EdgeKind.AWAITED):
                    moved = EdgeKind.PLAIN if kind is EdgeKind.SCHEDULED and member.leaf is not None else kind
                    yield Member(moved, member.grade, member.target, member.leaf, context)
                else:
                    yield member

    def _leaf(self, knowledge: Knowledge, call: Arguments) -> Leaf | None:
        for row in knowledge.blocking:
            if row.tier == "parity" and not self._parity:
                continue
            if all(self._types.holds(condition, call) for condition in row.when) and not any(
                self._types.holds(one, call) for one in row.unless
            ):
                return None if _is_ready(call, row.ready_after) else _leaf_of(knowledge.name, row)
        return None

    def _consumed(self, call: Arguments, grade: int) -> Iterator[Member]:
        for values in call.positional():
            for value, own in values:
                yield from self.of_iteration(value, min(own, grade), is_async=False)

    def of_iteration(self, value: Value, grade: int, is_async: bool) -> Iterator[Member]:
        """What iterating over `value` runs."""
        if isinstance(value, Generator):
            if value.is_async == is_async:
                yield Member(EdgeKind.AWAITED if is_async else EdgeKind.PLAIN, grade, value.frame, is_from_thread=value.offloaded)
        elif isinstance(value, LazyCalls):
            for member in self._handed_over(value.callables, EdgeKind.PLAIN, grade):
                yield replace(member, is_from_thread=value.offloaded)
            for source, own in value.source:
                yield from self.of_iteration(source, min(own, grade), is_async=False)
        elif isinstance(value, Object) and isinstance(value.class_, str):
            row = None if is_async else self._types.catalog.iteration(value.class_)
            if row is not None:
                yield Member(EdgeKind.PLAIN, grade, leaf=_leaf_of(value.class_, row, is_iteration=True), is_from_thread=value.offloaded)
        elif isinstance(value, Object):
            yield from self._iterator_methods(value, grade, is_async)

    def of_containment(self, value: Value, grade: int) -> Iterator[Member]:
        """What `in` runs: `__contains__`, and where a class has none, the iteration."""
        yield from self.of_method(value, grade, "__contains__")
        known = self._types.attributes.of(value, "__contains__") if isinstance(value, Object) and isinstance(value.class_, Class) else ()
        if not any(isinstance(member, FunctionObject) for member, _ in known):
            yield from self.of_iteration(value, grade, is_async=False)

    def _iterator_methods(self, value: Object, grade: int, is_async: bool) -> Iterator[Member]:
        first, step = ("__aiter__", "__anext__") if is_async else ("__iter__", "__next__")
        yield from self.of_method(value, grade, first)
        for given, own in self._types.results.of_method(value, first, None):
            if isinstance(given, Generator):
                yield Member(EdgeKind.AWAITED if is_async else EdgeKind.PLAIN, min(own, grade), given.frame)
            elif isinstance(given, Object) and isinstance(given.class_, Class):
                yield from self.of_method(given, min(own, grade), step)
            elif isinstance(given, Object) and given != value:
                yield from self.of_iteration(given, min(own, grade), is_async)

    def of_entry(self, value: Value, grade: int, is_async: bool) -> Iterator[Member]:
        """What entering `value` with `with` or `async with`, and leaving it, runs."""
        if isinstance(value, ContextManager):
            if value.frame is not None and value.is_async == is_async:
                yield Member(EdgeKind.AWAITED if is_async else EdgeKind.PLAIN, grade, value.frame)
        elif isinstance(value, Object) and isinstance(value.class_, str):
            row = None if is_async else self._types.catalog.entering(value.class_)
            if row is not None:
                yield Member(EdgeKind.PLAIN, grade, leaf=_leaf_of(value.class_, row))
        elif isinstance(value, Object):
            for name in ("__aenter__", "__aexit__") if is_async else ("__enter__", "__exit__"):
                yield from self.of_method(value, grade, name)

    def of_property(self, name: str, value: Value, grade: int) -> Iterator[Member]:
        """What reading the property `name` of `value` runs."""
        for bound in self._types.attributes.properties(value, name):
            plain = FunctionObject(bound.function, bound.receiver, bound.closure)
            is_kept = (
                bound.wrapping == "cached"
                and isinstance(value, Object)
                and isinstance(value.class_, Class)
                and self._types.binder.is_read_on_construction(value.class_, name)
            )
            for member in self._of_function(plain, grade, Arguments.nothing(), is_awaited=False):
                yield replace(member, once=True) if is_kept else member

    def of_method(self, value: Value, grade: int, name: str) -> Iterator[Member]:
        """What the method `name` of `value` runs when Python itself calls it."""
        if not isinstance(value, Object):
            return
        if isinstance(value.class_, str):
            knowledge = self._types.catalog.method(value.class_, name)
            if knowledge is not None:
                yield from self._of_knowledge(knowledge, value, grade, Arguments.nothing(), is_awaited=False)
            return
        for member, own in self._types.attributes.of(value, name):
            if isinstance(member, FunctionObject):
                yield from self._of_function(member, min(own, grade), Arguments.nothing(), is_awaited=False)
            elif isinstance(member, LibraryName):
                yield from self._of_library(member, min(own, grade), Arguments.nothing(), is_awaited=False)


def _leaf_of(name: str, row: Blocking | Iteration | Entering, *, is_iteration: bool = False) -> Leaf:
    kind = "cpu" if row.waits_for == "cpu" else "blocking"
    twin = row.twin.replace("{name}", name.rpartition(".")[2])
    return Leaf(name, kind, WaitsFor(row.waits_for), row.cost, twin, is_iteration)


def _is_ready(call: Arguments, asking: Collection[str]) -> bool:
    """Whether the function has asked the object, by one of these methods, before it makes the call."""
    if not asking or call.frame is None or call.expression is None:
        return False
    body = call.frame.function.body
    callee = body.expressions[call.expression.function]
    if not isinstance(callee, facts.Attribute):
        return False
    for index in body.calls:
        other = body.call(index)
        if other == call.expression:
            return False
        asked = body.expressions[other.function]
        if isinstance(asked, facts.Attribute) and asked.name in asking and _is_same_place(body, asked.value, callee.value):
            return True
    return False


def _is_same_place(body: facts.Body, one: int, other: int) -> bool:
    """Whether two expressions read the same name, or the same attributes of it."""
    left, right = body.expressions[one], body.expressions[other]
    if isinstance(left, facts.Attribute) and isinstance(right, facts.Attribute):
        return left.name == right.name and _is_same_place(body, left.value, right.value)
    return isinstance(left, facts.Name) and isinstance(right, facts.Name) and (left.name, left.bindings) == (right.name, right.bindings)
