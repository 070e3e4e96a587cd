"""Call sites: every place where a frame hands control on, written as a call or not, and what it hands control to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from fwaudit.catalog.names import Knowledge
from fwaudit.catalog.schema import Blocking, Entering, Iteration
from fwaudit.link.arguments import Arguments
from fwaudit.link.symbols import Class, Function
from fwaudit.link.types import DUNDERS, Types
from fwaudit.link.values import (
    HIGH,
    UNKNOWN,
    UNKNOWN_VALUES,
    Awaitable,
    ClassObject,
    ContextManager,
    Frame,
    FunctionObject,
    Generator,
    LazyCalls,
    LibraryName,
    LoopRunning,
    ModuleObject,
    Object,
    Offloaded,
    PartialObject,
    Value,
    Values,
)
from fwaudit.model import facts
from fwaudit.model.context import EdgeKind, WaitsFor
from fwaudit.model.facts import NOWHERE

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
_ENTERERS = frozenset({"contextlib.ExitStack.enter_context", "contextlib.AsyncExitStack.enter_context"})
_TASK_STARTERS = frozenset(
    {"asyncio.create_task", "asyncio.ensure_future", "asyncio.TaskGroup.create_task", "asyncio.AbstractEventLoop.create_task"}
)
"""Calls that have the loop run a coroutine on its own, past the end of the code that starts it."""
_STARTS_TASKS = frozenset(
    {
        "asyncio.create_task",
        "asyncio.ensure_future",
        "asyncio.gather",
        "asyncio.wait",
        "asyncio.as_completed",
        "asyncio.TaskGroup.create_task",
    }
    | {
        "asyncio.AbstractEventLoop.create_task",
        "anyio.abc.TaskGroup.start_soon",
        "trio.Nursery.start_soon",
        "asyncio.AbstractEventLoop.run_forever",
    }
)
_PROPERTY_DECORATORS = frozenset({"property", "cached_property", "getter", "hybrid_property", "abstractproperty", "classproperty", "reify"})


@dataclass(frozen=True, slots=True)
class Leaf:
    """A call of a library, or an iteration over one of its objects, that holds the thread."""

    callee: str
    kind: str
    """blocking, cpu, or nested (runs a loop inside a loop)."""
    waits_for: WaitsFor | None
    cost: str = ""
    twin: str = ""
    is_iteration: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """One thing that a site may hand control to: a frame, or a leaf."""

    kind: EdgeKind
    grade: int
    target: Frame | None = None
    leaf: Leaf | None = None
    context: str = ""
    """Of an offloaded or private run: where it goes on."""
    is_from_thread: bool = False
    """What is iterated over was made in a thread."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place in a frame. It takes one of `choices`, and then hands control to all members of that.

    `has_unknown`: it may also go where nothing is known of. `note` says how control passes if it is not a call.
    """

    frame: Frame
    span: int
    choices: tuple[tuple[Member, ...], ...]
    has_unknown: bool
    note: str = ""
    called_instead: bool = False
    """The call stands where an offloader expects the function itself."""

    @property
    def members(self) -> Iterator[Member]:
        """The members of all choices."""
        return (member for choice in self.choices for member in choice)


@dataclass(frozen=True, slots=True)
class LostCall:
    """A call whose result is lost: a coroutine that nobody awaits, or a result where a function was expected."""

    frame: Frame
    span: int
    callee: str


class Calls:
    """The sites of each frame, worked out once."""

    def __init__(self, types: Types, parity: bool) -> None:
        self._types = types
        self._parity = parity
        self._sites: dict[int, tuple[Site, ...]] = {}
        self._property_names = frozenset(_property_names(types))
        self._dunders = frozenset(
            name
            for module in types.symbols.modules
            for class_ in module.classes.values()
            for name in class_.members
            if name.startswith("__")
        )
        self._offloaded_parameters: dict[Function, frozenset[int]] = {}
        self.unresolved: dict[str, set[tuple[str, int]]] = {}
        """Reason to the (path, span) of calls whose target could not be told."""
        self.sharing: set[int] = set()
        """Numbers of frames that serve, or start tasks that share their loop."""

    def sites(self, frame: Frame) -> tuple[Site, ...]:
        """Every site of `frame` that leads to a frame or a leaf, in evaluation order."""
        found = self._sites.get(frame.number)
        if found is None:
            found = self._sites[frame.number] = tuple(self._collect(frame))
        return found

    def _collect(self, frame: Frame) -> Iterator[Site]:
        body = frame.function.body
        awaited = frozenset((*body.awaited, *_asynchronously_used(body)))
        direct: set[int] = set()
        written: dict[int, Site] = {}
        for index in body.calls:
            site = self._call_site(frame, index, index in awaited)
            if site is not None:
                written[index] = site
                if _has_leaf(site):
                    direct.add(index)
        for index in self._called_instead(frame, body):
            if index in written:
                written[index] = replace(written[index], called_instead=True)
        yield from written.values()
        for iteration in body.iterations:
            if iteration.value not in direct:
                iterate = partial(self._iteration_members, is_async=iteration.is_async)
                yield from self._implicit(frame, iteration.span, iteration.value, iterate, "iterated")
        for entry in body.entries:
            if entry.value not in direct:
                enter = partial(self._entry_members, is_async=entry.is_async)
                yield from self._implicit(frame, entry.span, entry.value, enter, "entered")
        yield from self._property_sites(frame, body)
        yield from self._operator_sites(frame, body)

    def _property_sites(self, frame: Frame, body: facts.Body) -> Iterator[Site]:
        names, expressions = self._property_names, body.expressions
        for index in body.attributes:
            expression = expressions[index]
            assert isinstance(expression, facts.Attribute)
            if expression.name not in names:
                continue
            for value, _ in self._types.value(frame, expression.value):
                if isinstance(value, Object) and self._types.attributes.properties(value, expression.name):
                    read = partial(self._property_members, expression.name)
                    yield from self._implicit(frame, expression.span, expression.value, read, "property")
                    break

    def _operator_sites(self, frame: Frame, body: facts.Body) -> Iterator[Site]:
        for index in body.operations:
            expression = body.expressions[index]
            if isinstance(expression, facts.Operation):
                name = f"__{DUNDERS.get(expression.operator)}__"
                if name in self._dunders:
                    operate = partial(self._method, name=name)
                    yield from self._implicit(frame, expression.span, expression.left, operate, "operator")

    def _implicit(
        self, frame: Frame, span: int, operand: int, members_of: Callable[[Value, int], Iterator[Member]], note: str
    ) -> Iterator[Site]:
        """The site at which the value of `operand` is used without a written call."""
        values = self._types.value(frame, operand)
        choices = [tuple(members_of(value, grade)) for value, grade in values]
        if any(choices):
            yield Site(frame, span, tuple(choice for choice in choices if choice), not all(choices), note)

    # --- written calls ------------------------------------------------------------------------------

    def _call_site(self, frame: Frame, index: int, is_awaited: bool) -> Site | None:
        call = frame.function.body.expressions[index]
        assert isinstance(call, facts.Call)
        callees = self._types.value(frame, call.function)
        if callees == UNKNOWN_VALUES:
            self._count_unresolved(frame, call)
            return None
        arguments = Arguments(self._types, frame, call)
        if len(callees) == 1:
            value, grade = callees[0]
            members = tuple(self._members(value, grade, arguments, is_awaited))
            return Site(frame, call.span, (members,), has_unknown=False) if members else None
        choices = [tuple(self._members(value, grade, arguments, is_awaited)) for value, grade in callees]
        if not any(choices):
            if any(value is UNKNOWN for value, _ in callees):
                self._count_unresolved(frame, call)
            return None
        return Site(frame, call.span, tuple(choice for choice in choices if choice), not all(choices))

    def _count_unresolved(self, frame: Frame, call: facts.Call) -> None:
        expression = frame.function.body.expressions[call.function]
        reason = "unknown-receiver" if isinstance(expression, facts.Attribute) else "unknown-callee"
        self.unresolved.setdefault(reason, set()).add((frame.function.module.path, call.span))

    def _members(self, value: Value, grade: int, call: Arguments, is_awaited: bool) -> Iterator[Member]:
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
                yield from self._members(member, min(own, grade), inner, is_awaited)
        elif isinstance(value, Offloaded):
            yield from self._handed_over(value.callable, EdgeKind.OFFLOADED, grade, value.context, call)
        elif isinstance(value, LoopRunning):
            yield from self._handed_over(value.callable, EdgeKind.SCHEDULED, grade, "private-loop", call)
            yield Member(EdgeKind.PLAIN, grade, leaf=Leaf("asgiref.sync.async_to_sync", "nested", None))
        elif isinstance(value, Object) and isinstance(value.class_, Class):
            for member, own in self._types.attributes.of(value, "__call__"):
                yield from self._members(member, min(own, grade), call, is_awaited)

    def _of_function(self, value: FunctionObject, grade: int, call: Arguments, is_awaited: bool) -> Iterator[Member]:
        function = value.function
        own = self._types.results.own_knowledge(function)
        if own is not None:
            yield from self._of_knowledge(function.qualified_name, own, None, grade, call, is_awaited)
            return
        if value.wrapping in ("context", "async_context") or (function.scope.is_generator and not function.scope.is_async):
            return
        target = self._types.binder.bind(value, call)
        if function.scope.is_async:
            yield Member(EdgeKind.AWAITED, grade, target)
        elif not is_awaited or self._may_be_awaited(target):
            yield Member(EdgeKind.PLAIN, grade, target)

    def _may_be_awaited(self, target: Frame) -> bool:
        """Whether a plain function may give something to await: if it cannot, `await f()` shows that another `f` is meant."""
        return any(not isinstance(value, Object) or isinstance(value.class_, Class) for value, _ in self._types.results.of_frame(target))

    def _of_class(self, value: ClassObject, grade: int, call: Arguments) -> Iterator[Member]:
        if isinstance(value.class_, str):
            knowledge = self._types.catalog.callable(value.class_)
            if knowledge is not None:
                yield from self._of_knowledge(value.class_, knowledge, None, grade, call, is_awaited=False)
            if value.class_ in _CONSUMERS:
                yield from self._consumed(call, grade)
            return
        made = Object(value.class_, exact=True)
        constructors = self._types.binder.constructors(value.class_)
        for constructor in constructors:
            bound = FunctionObject(constructor, made, self._types.generic(constructor).closure)
            yield Member(EdgeKind.PLAIN, grade, self._types.binder.bind(bound, call))
        if not constructors:
            yield from self._method(made, grade, "__post_init__")
            for base in self._types.attributes.order(value.class_):
                knowledge = self._types.catalog.callable(base) if isinstance(base, str) else None
                if knowledge is not None and knowledge.blocking:
                    yield from self._of_knowledge(knowledge.name, knowledge, None, grade, call, is_awaited=False)
                    break

    def _of_library(self, value: LibraryName, grade: int, call: Arguments, is_awaited: bool) -> Iterator[Member]:
        name = value.dotted
        if name in _CONSUMERS:
            yield from self._consumed(call, grade)
        if name in _CALLERS:
            yield from self._handed_over(call.position(_CALLERS[name]), EdgeKind.PLAIN, grade)
        if name in _KEYED:
            yield from self._handed_over(call.keyword("key"), EdgeKind.PLAIN, grade)
        if name in _ENTERERS:
            for member, own in call.position(0):
                yield from self._entry_members(member, min(own, grade), is_async=False)
        knowledge = self._types.results.knowledge(value)
        if knowledge is not None:
            yield from self._of_knowledge(name, knowledge, value.receiver, grade, call, is_awaited)

    def _of_knowledge(
        self, name: str, knowledge: Knowledge, receiver: Value | None, grade: int, call: Arguments, is_awaited: bool
    ) -> Iterator[Member]:
        if call.frame is not None and (knowledge.server is not None or name in _STARTS_TASKS):
            self.sharing.add(call.frame.number)
        leaf = self._leaf(knowledge, call)
        if leaf is not None and not (is_awaited and receiver is not None):
            yield Member(EdgeKind.PLAIN, grade, leaf=leaf)
        if knowledge.offloader is not None and knowledge.offloader.gives != "wrapper":
            callables = call.argument(knowledge.offloader.position, knowledge.offloader.keyword)
            context = "process" if self._names_processes(receiver, call) else knowledge.offloader.context
            yield from self._handed_over(callables, EdgeKind.OFFLOADED, grade, context, call.rest(knowledge.offloader.position + 1))
        if knowledge.scheduler is not None:
            callables = call.argument(knowledge.scheduler.position, knowledge.scheduler.keyword)
            rest = call.rest(knowledge.scheduler.position + 1)
            yield from self._handed_over(callables, EdgeKind.SCHEDULED, grade, "event-loop", rest)
        if name in _TASK_STARTERS:
            for value, own in call.position(0):
                if isinstance(value, Awaitable) and value.frame is not None:
                    yield Member(EdgeKind.SCHEDULED, min(own, grade), value.frame, context="event-loop")
        if knowledge.loop_runner is not None and knowledge.loop_runner.gives == "result":
            yield from self._run_on_loop(knowledge, call, grade)

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
        if row.nested == "raises":
            yield Member(EdgeKind.PLAIN, grade, leaf=Leaf(knowledge.name, "nested", None))

    def _handed_over(
        self, callables: Values, kind: EdgeKind, grade: int, context: str = "", call: Arguments | None = None
    ) -> Iterator[Member]:
        """The members for callables that somebody else calls; `kind` says where they run."""
        arguments = call if call is not None else Arguments.nothing()
        for value, own in callables:
            for member in self._members(value, min(own, grade), arguments, is_awaited=False):
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
                return _leaf_of(knowledge.name, row)
        return None

    # --- implicit calls ----------------------------------------------------------------------------------

    def _consumed(self, call: Arguments, grade: int) -> Iterator[Member]:
        for values in call.positional():
            for value, own in values:
                yield from self._iteration_members(value, min(own, grade), is_async=False)

    def _iteration_members(self, value: Value, grade: int, is_async: bool) -> Iterator[Member]:
        if isinstance(value, Generator):
            if value.is_async == is_async:
                yield Member(EdgeKind.AWAITED if is_async else EdgeKind.PLAIN, grade, value.frame, is_from_thread=value.offloaded)
        elif isinstance(value, LazyCalls):
            for member in self._handed_over(value.callables, EdgeKind.PLAIN, grade):
                yield replace(member, is_from_thread=value.offloaded)
            for source, own in value.source:
                yield from self._iteration_members(source, min(own, grade), is_async=False)
        elif isinstance(value, Object) and isinstance(value.class_, str):
            row = None if is_async else self._types.catalog.iteration(value.class_)
            if row is not None:
                yield Member(EdgeKind.PLAIN, grade, leaf=_leaf_of(value.class_, row, is_iteration=True), is_from_thread=value.offloaded)
        elif isinstance(value, Object):
            yield from self._iterator_methods(value, grade, is_async)

    def _iterator_methods(self, value: Object, grade: int, is_async: bool) -> Iterator[Member]:
        first, step = ("__aiter__", "__anext__") if is_async else ("__iter__", "__next__")
        yield from self._method(value, grade, first)
        for given, own in self._types.results.of_method(value, first, None):
            if isinstance(given, Generator):
                yield Member(EdgeKind.AWAITED if is_async else EdgeKind.PLAIN, min(own, grade), given.frame)
            elif isinstance(given, Object) and isinstance(given.class_, Class):
                yield from self._method(given, min(own, grade), step)
            elif isinstance(given, Object) and given != value:
                yield from self._iteration_members(given, min(own, grade), is_async)

    def _entry_members(self, value: Value, grade: int, is_async: bool) -> Iterator[Member]:
        if isinstance(value, ContextManager):
            if value.frame is not None and value.is_async == is_async:
                yield Member(EdgeKind.AWAITED if is_async else EdgeKind.PLAIN, grade, value.frame)
        elif isinstance(value, Object) and isinstance(value.class_, str):
            row = None if is_async else self._types.catalog.entering(value.class_)
            if row is not None:
                yield Member(EdgeKind.PLAIN, grade, leaf=_leaf_of(value.class_, row))
        elif isinstance(value, Object):
            for name in ("__aenter__", "__aexit__") if is_async else ("__enter__", "__exit__"):
                yield from self._method(value, grade, name)

    def _property_members(self, name: str, value: Value, grade: int) -> Iterator[Member]:
        for bound in self._types.attributes.properties(value, name):
            plain = FunctionObject(bound.function, bound.receiver, bound.closure)
            yield from self._of_function(plain, grade, Arguments.nothing(), is_awaited=False)

    def _method(self, value: Value, grade: int, name: str) -> Iterator[Member]:
        if not isinstance(value, Object) or not isinstance(value.class_, Class):
            return
        for member, own in self._types.attributes.of(value, name):
            if isinstance(member, FunctionObject):
                yield from self._of_function(member, min(own, grade), Arguments.nothing(), is_awaited=False)
            elif isinstance(member, LibraryName):
                yield from self._of_library(member, min(own, grade), Arguments.nothing(), is_awaited=False)

    # --- other questions about calls ------------------------------------------------------------------------

    def _called_instead(self, frame: Frame, body: facts.Body) -> frozenset[int]:
        """The calls that stand where an offloader expects a function."""
        found: set[int] = set()
        for index in body.calls:
            call = body.expressions[index]
            assert isinstance(call, facts.Call)
            if not call.arguments or not _has_call_among(body, call.arguments):
                continue
            arguments = Arguments.of_expression(self._types, frame, call)
            for value, _ in self._types.value(frame, call.function):
                handed = self._offloaded_argument(value, arguments)
                if handed is not None and isinstance(body.expressions[handed], facts.Call):
                    results = self._types.value(frame, handed)
                    if not any(_is_callable(result) for result, _ in results) and self._is_resolved_call(frame, handed):
                        found.add(handed)
        return frozenset(found)

    def _offloaded_argument(self, value: Value, call: Arguments) -> int | None:
        """The expression given for a callable that an offloader, of a library or of the project, hands to a thread."""
        knowledge: Knowledge | None = None
        if isinstance(value, FunctionObject):
            knowledge = self._types.results.own_knowledge(value.function)
            if knowledge is None:
                offset = 1 if value.receiver is not None else 0
                for index in sorted(self.offloaded_parameters(value.function)):
                    return call.index(index - offset, value.function.scope.parameters[index].name)
        elif isinstance(value, LibraryName):
            knowledge = self._types.results.knowledge(value)
        if knowledge is None or knowledge.offloader is None:
            return None
        return call.index(knowledge.offloader.position, knowledge.offloader.keyword)

    def offloaded_parameters(self, function: Function) -> frozenset[int]:
        """The parameters of a project's function that it hands to an offloader: as they are, in a partial, or to a function that does."""
        found = self._offloaded_parameters.get(function)
        if found is None:
            self._offloaded_parameters[function] = frozenset()
            frame = self._types.generic(function)
            found = (
                frozenset(self._handed_parameters(frame)) if any(_is_open_kind(one) for one in function.scope.parameters) else frozenset()
            )
            self._offloaded_parameters[function] = found
        return found

    def _handed_parameters(self, frame: Frame) -> Iterator[int]:
        body = frame.function.body
        for index in body.calls:
            call = body.expressions[index]
            assert isinstance(call, facts.Call)
            arguments = Arguments.of_expression(self._types, frame, call)
            for value, _ in self._types.value(frame, call.function):
                handed = self._offloaded_argument(value, arguments)
                if handed is not None:
                    parameter = _parameter_of(body, handed)
                    if parameter is not None:
                        yield parameter

    def _is_resolved_call(self, frame: Frame, index: int) -> bool:
        call = frame.function.body.expressions[index]
        return isinstance(call, facts.Call) and all(
            isinstance(value, FunctionObject | ClassObject | LibraryName) for value, _ in self._types.value(frame, call.function)
        )

    def not_callable(self, frame: Frame) -> Iterator[LostCall]:
        """Calls that stand where an offloader expects a function, and give something that surely cannot be called."""
        body = frame.function.body
        for index in sorted(self._called_instead(frame, body)):
            call = body.expressions[index]
            values = self._types.value(frame, index)
            if isinstance(call, facts.Call) and all(value is not UNKNOWN and grade == HIGH for value, grade in values):
                yield LostCall(frame, call.span, self.name_of_callee(frame, call))

    def lost_coroutines(self, frame: Frame, names: frozenset[str]) -> Iterator[LostCall]:
        """Calls of one of `names` that stand alone as a statement and surely give a coroutine."""
        body = frame.function.body
        for index in body.discarded:
            call = body.expressions[index]
            if not isinstance(call, facts.Call):
                continue
            callee = body.expressions[call.function]
            if isinstance(callee, facts.Name | facts.Attribute) and callee.name not in names and not isinstance(callee, facts.Name):
                continue
            arguments = Arguments.of_expression(self._types, frame, call)
            callees = self._types.value(frame, call.function)
            if callees and all(grade == HIGH and self._gives_coroutine(value, arguments) for value, grade in callees):
                yield LostCall(frame, call.span, self.name_of_callee(frame, call))

    def _gives_coroutine(self, callee: Value, call: Arguments) -> bool:
        values = self._types.results.of(callee, call)
        return bool(values) and all(isinstance(value, Awaitable) and value.coroutine and grade == HIGH for value, grade in values)

    def name_of_callee(self, frame: Frame, call: facts.Call) -> str:
        """The dotted name of what is called, for messages."""
        names = self.names_of(self._types.value(frame, call.function))
        return names[0] if names else "?"

    def targets(self, frame: Frame, call: facts.Call) -> tuple[str, ...]:
        """The dotted names of everything that the call may call, sorted; `unknown` for what could not be told."""
        return tuple(sorted(set(self.names_of(self._types.value(frame, call.function))))) or ("unknown",)

    def names_of(self, values: Values) -> list[str]:
        """A dotted name for each value, in order."""
        names: list[str] = []
        for value, _ in values:
            if isinstance(value, FunctionObject):
                names.append(value.function.qualified_name)
            elif isinstance(value, Object) and isinstance(value.class_, Class):
                names.extend(self.names_of(self._types.attributes.of(value, "__call__")))
            elif isinstance(value, ClassObject | Object):
                names.append(value.class_ if isinstance(value.class_, str) else value.class_.qualified_name)
            elif isinstance(value, LibraryName):
                knowledge = self._types.results.knowledge(value)
                names.append(knowledge.name if knowledge is not None else value.dotted)
            elif isinstance(value, PartialObject | Offloaded | LoopRunning):
                names.extend(self.names_of(value.callable))
            elif isinstance(value, ModuleObject):
                names.append(value.dotted)
            else:
                names.append("unknown")
        return names


def _leaf_of(name: str, row: Blocking | Iteration | Entering, *, is_iteration: bool = False) -> Leaf:
    kind = "cpu" if row.waits_for == "cpu" else "blocking"
    twin = row.twin.replace("{name}", name.rpartition(".")[2])
    return Leaf(name, kind, WaitsFor(row.waits_for), row.cost, twin, is_iteration)


def _asynchronously_used(body: facts.Body) -> Iterator[int]:
    """The expressions that `async for` and `async with` use: a plain result would not do there."""
    for iteration in body.iterations:
        if iteration.is_async:
            yield iteration.value
    for entry in body.entries:
        if entry.is_async:
            yield entry.value


def _has_leaf(site: Site) -> bool:
    for choice in site.choices:
        for member in choice:
            if member.leaf is not None:
                return True
    return False


def _has_call_among(body: facts.Body, indices: tuple[int, ...]) -> bool:
    expressions = body.expressions
    for index in indices:
        if type(expressions[index]) is facts.Call:
            return True
    return False


def _is_open_kind(declaration: facts.ParameterDeclaration) -> bool:
    return declaration.kind in ("plain", "positional-only", "keyword-only")


def _parameter_of(body: facts.Body, index: int) -> int | None:
    """The parameter that an expression names, itself or as the function of a `partial`."""
    expression = body.expressions[index]
    if isinstance(expression, facts.Name):
        bound = [body.bindings[binding] for binding in expression.bindings]
        return bound[0].index if len(bound) == 1 and isinstance(bound[0], facts.Parameter) else None
    if isinstance(expression, facts.Call) and expression.arguments:
        callee = body.expressions[expression.function]
        if isinstance(callee, facts.Name | facts.Attribute) and callee.name == "partial":
            return _parameter_of(body, expression.arguments[0])
    return None


def _is_callable(value: Value) -> bool:
    if isinstance(value, Object):
        return isinstance(value.class_, Class) and "__call__" in value.class_.members
    return isinstance(value, FunctionObject | LibraryName | PartialObject | Offloaded | LoopRunning | ClassObject)


def _property_names(types: Types) -> Iterator[str]:
    """The names of all properties of the project, by the look of their decorators: a cheap bound."""
    for module in types.symbols.modules:
        for class_ in module.classes.values():
            for name, bindings in class_.members.items():
                if any(
                    _looks_like_property(module.functions[class_.declaration.scope].body, binding, module.facts) for binding in bindings
                ):
                    yield name


def _looks_like_property(body: facts.Body, binding: int, module: facts.ModuleFacts) -> bool:
    defined = body.bindings[binding]
    if not isinstance(defined, facts.DefinedFunction):
        return False
    for decorator in module.scopes[defined.scope].decorators:
        expression = body.expressions[decorator]
        if isinstance(expression, facts.Name | facts.Attribute) and expression.name in _PROPERTY_DECORATORS:
            return True
    return False


def span_of(frame: Frame, span: int) -> tuple[int, int, int, int]:
    """(line, column, end line, end column) of a span in the frame's file."""
    return frame.function.module.facts.span(span if span != NOWHERE else frame.function.scope.span)
