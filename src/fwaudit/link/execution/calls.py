"""Call sites: every place where a frame hands control on, written as a call or not, and what it hands control to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from fwaudit.link.execution.members import Members
from fwaudit.link.execution.misuse import Misuse
from fwaudit.link.execution.naming import Naming
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.types import DUNDERS, Types
from fwaudit.link.sites import UNLIKELY, Member, Site, gravity_of
from fwaudit.link.symbols import Function
from fwaudit.link.values import (
    LOW,
    MEDIUM,
    UNKNOWN,
    UNKNOWN_VALUES,
    Frame,
    LibraryName,
    Object,
    Value,
)
from fwaudit.model import facts
from fwaudit.model.context import EdgeKind
from fwaudit.model.facts import NOWHERE

_PROPERTY_DECORATORS = frozenset({"property", "cached_property", "getter", "hybrid_property", "abstractproperty", "classproperty", "reify"})
_THREAD_NUMBERS = frozenset({"get_ident", "get_native_id", "ident", "main_thread", "native_id"})
_RUNNING_LOOPS = frozenset({"_get_running_loop", "get_running_loop"})
_THREAD_NAMES = frozenset({"getName", "name"})
"""What is asked of a thread to tell of it, not to tell it from others."""

_STANDARD_LIBRARY = sys.stdlib_module_names.union(
    ("aifc", "asynchat", "asyncore", "audioop", "cgi", "cgitb", "chunk", "crypt", "distutils", "imghdr", "imp", "lib2to3", "mailcap"),
    ("msilib", "nis", "nntplib", "ossaudiodev", "pipes", "smtpd", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib"),
)
"""With the modules that only older Pythons have: an audit says the same on each."""


class Calls:
    """The sites of each frame, worked out once."""

    def __init__(self, types: Types, parity: bool) -> None:
        self._types = types
        self.names = Naming(types)
        self.members = Members(types, parity)
        self.misuse = Misuse(types, self.names)
        self._library_dunders = frozenset(name for name in types.catalog.call_names if name.startswith("__"))
        self._circumstances: dict[Function, tuple[frozenset[int], ...]] = {}
        self._sites: dict[int, tuple[Site, ...]] = {}
        self._call_sites: dict[tuple[int, int], Site | None] = {}
        self._property_names = frozenset(_property_names(types))
        self._dunders = frozenset(
            name
            for module in types.symbols.modules
            for class_ in module.classes.values()
            for name in class_.members
            if name.startswith("__")
        )
        self.unresolved: dict[str, set[tuple[Function, int]]] = {}
        """Reason to the calls, each as the function around it and its span, whose target could not be told."""

    def sites(self, frame: Frame) -> tuple[Site, ...]:
        """Every site of `frame` that leads to a frame or a leaf, in evaluation order."""
        found = self._sites.get(frame.number)
        if found is None:
            found = self._sites[frame.number] = tuple(self._collect(frame))
        return found

    def _collect(self, frame: Frame) -> Iterator[Site]:
        body = frame.function.body
        awaited = frozenset((*body.awaited, *asynchronously_used(body)))
        branches = self._types.branches
        excluded = branches.excluded(frame) if branches.is_decided(frame) else frozenset[int]()
        written = self._written_sites(frame, awaited, excluded)
        direct = {index for index, site in written.items() if _has_leaf(site)}
        yield from _unless_offloaded([*written.values()])
        for iteration in body.iterations:
            if iteration.value not in direct and iteration.value not in excluded:
                iterate = partial(self.members.of_iteration, is_async=iteration.is_async)
                yield from self._implicit(frame, iteration.span, iteration.value, iterate, "iterated")
        for entry in body.entries:
            if entry.value not in direct and entry.value not in excluded:
                enter = partial(self.members.of_entry, is_async=entry.is_async)
                yield from self._implicit(frame, entry.span, entry.value, enter, "entered")
        yield from self._item_sites(frame, body)
        yield from self._property_sites(frame, body)
        yield from self._operator_sites(frame, body)

    def _written_sites(self, frame: Frame, awaited: frozenset[int], excluded: frozenset[int]) -> dict[int, Site]:
        """The sites of the written calls, by the index of the call."""
        body = frame.function.body
        written: dict[int, Site] = {}
        for index in body.calls:
            site = self._written(frame, index, index in awaited) if index not in excluded else None
            if site is not None:
                written[index] = site
                if _starts_task(site):
                    written.pop(_first_argument(body, index), None)
        for index in self._run_by_others(frame, body):
            if index in written:
                written[index] = _on_a_loop_of_its_own(written[index])
        for index in self.misuse.called_instead(frame):
            if index in written:
                written[index] = replace(written[index], called_instead=True)
        return written

    def _run_by_others(self, frame: Frame, body: facts.Body) -> Iterator[int]:
        """What is handed over together with a function that runs it on a loop: `Thread(target=asyncio.run, args=(work(),))`."""
        if not frame.function.uses(self._types.catalog.loop_runner_names):
            return
        for index in body.calls:
            call = body.call(index)
            given = [*call.arguments, *(value for _, value in call.keywords)]
            if any(self._runs_loops(frame, one) for one in given):
                for one in given:
                    expression = body.expressions[one]
                    yield from expression.items if isinstance(expression, facts.Display) else (one,)

    def _runs_loops(self, frame: Frame, index: int) -> bool:
        if facts.last_name(frame.function.body.expressions[index]) not in self._types.catalog.loop_runner_names:
            return False
        known = (self._types.results.knowledge(value) for value, _ in self._types.value(frame, index) if isinstance(value, LibraryName))
        return any(one is not None and one.loop_runner is not None for one in known)

    def _property_sites(self, frame: Frame, body: facts.Body) -> Iterator[Site]:
        names, expressions = self._property_names, body.expressions
        for index in body.attributes:
            expression = expressions[index]
            assert isinstance(expression, facts.Attribute)
            if expression.name not in names:
                continue
            for value, _ in self._types.value(frame, expression.value):
                if isinstance(value, Object) and self._types.attributes.properties(value, expression.name):
                    read = partial(self.members.of_property, expression.name)
                    yield from self._implicit(frame, expression.span, expression.value, read, "property")
                    break

    def _circumstanced(self, site: Site, index: int) -> Site:
        """The site with what is known of when it is passed: the first time only, under a condition, or in an `except`."""
        function = site.frame.function
        circumstances = self._circumstances.get(function)
        if circumstances is None:
            body = function.body
            first, uses = set(body.first_time), set[int]()
            for call, attribute in body.first_of_instance:
                (first if self._is_given_on_construction(function, attribute) else uses).add(call)
            keyed = (call for call, _ in body.first_of_key)
            circumstances = (frozenset(first), frozenset(keyed), frozenset(uses), frozenset(body.unlikely), frozenset(body.conditional))
            self._circumstances[function] = circumstances
        first_time, by_key, first_uses, unlikely, conditional = circumstances
        if index in conditional and _asks_for_its_thread(function):
            weak = tuple(tuple(replace(member, grade=LOW) for member in choice) for choice in site.choices)
            site = replace(site, choices=weak)
        if index in first_time:
            return replace(site, choices=tuple(tuple(replace(member, once=True) for member in choice) for choice in site.choices))
        if index in by_key:
            site = replace(site, choices=tuple(tuple(_kept_for_its_key(member) for member in choice) for choice in site.choices))
        if index in first_uses:
            return replace(site, doubt=UNLIKELY, is_first_use=True)
        if index in unlikely:
            return replace(site, doubt=UNLIKELY)
        return replace(site, doubt=1) if index in conditional else site

    def _is_given_on_construction(self, function: Function, attribute: str) -> bool:
        """Whether the constructor of the method's class stores more than None in the attribute: then nothing finds it missing."""
        owner = function.owner
        for constructor in self._types.binder.constructors(owner) if owner is not None else ():
            frame = self._types.generic(constructor)
            stores = [constructor.body.stores[index] for name, index in constructor.scope.own_stores if name == attribute]
            return bool(stores) and all(not store.path and self._types.nones.excludes_none(frame, store.value) for store in stores)
        return False

    def _item_sites(self, frame: Frame, body: facts.Body) -> Iterator[Site]:
        for item in body.items:
            if item.method == "__contains__":
                if self._holds_objects(frame, item.value):
                    yield from self._implicit(frame, item.span, item.value, self.members.of_containment, "item")
            elif (item.method in self._dunders or item.method in self._library_dunders) and self._holds_objects(frame, item.value):
                access = partial(self.members.of_method, name=item.method)
                yield from self._implicit(frame, item.span, item.value, access, "item")

    def _holds_objects(self, frame: Frame, index: int) -> bool:
        """Whether the expression may stand for an instance whose class has item methods of its own: most containers are builtins."""
        return any(
            isinstance(value, Object) and not (isinstance(value.class_, str) and value.class_.startswith("builtins."))
            for value, _ in self._types.value(frame, index)
        )

    def _operator_sites(self, frame: Frame, body: facts.Body) -> Iterator[Site]:
        for index in body.operations:
            expression = body.expressions[index]
            if isinstance(expression, facts.Operation):
                name = f"__{DUNDERS.get(expression.operator)}__"
                if name in self._dunders:
                    operate = partial(self.members.of_method, name=name)
                    yield from self._implicit(frame, expression.span, expression.left, operate, "operator")

    def _implicit(
        self, frame: Frame, span: int, operand: int, members_of: Callable[[Value, int], Iterator[Member]], note: str
    ) -> Iterator[Site]:
        """The site at which the value of `operand` is used without a written call."""
        values = self._types.value(frame, operand)
        choices = [tuple(members_of(value, grade)) for value, grade in values]
        if any(choices):
            site = Site(frame, span, tuple(choice for choice in choices if choice), not all(choices), note)
            yield self._circumstanced(site, operand)

    # --- written calls ------------------------------------------------------------------------------

    def _written(self, frame: Frame, index: int, is_awaited: bool) -> Site | None:
        """The site of a written call, with its circumstances: that of the generic frame, unless it hangs on what tells the two apart."""
        base = frame.base
        if base is not None and index not in frame.own:
            shared = self._written(base, index, is_awaited)
            if (base.number, frame.function.body.call(index).span) not in self.members.telling:
                return replace(shared, frame=frame) if shared is not None else None
        key = (frame.number, index)
        if key not in self._call_sites:
            site = self._call_site(frame, index, is_awaited)
            self._call_sites[key] = self._circumstanced(site, index) if site is not None else None
        return self._call_sites[key]

    def _call_site(self, frame: Frame, index: int, is_awaited: bool) -> Site | None:
        call = frame.function.body.call(index)
        callees = self._types.value(frame, call.function)
        if callees == UNKNOWN_VALUES:
            self._count_unresolved(frame, call)
            return None
        callees = self._types.branches.callees(frame, index, call, callees)
        arguments = Arguments(self._types, frame, call)
        if len(callees) == 1:
            value, grade = callees[0]
            members = tuple(self.members.of_call(value, grade, arguments, is_awaited))
            if not members and not is_awaited and self._is_of_unknown_library(value):
                self._count_unknown_library(frame, call)
            return Site(frame, call.span, (members,), has_unknown=False) if members else None
        choices = [tuple(self.members.of_call(value, grade, arguments, is_awaited)) for value, grade in callees]
        if not any(choices):
            if any(value is UNKNOWN for value, _ in callees):
                self._count_unresolved(frame, call)
            return None
        return Site(frame, call.span, tuple(choice for choice in choices if choice), not all(choices))

    def _count_unresolved(self, frame: Frame, call: facts.Call) -> None:
        expression = frame.function.body.expressions[call.function]
        reason = "unknown-receiver" if isinstance(expression, facts.Attribute) else "unknown-callee"
        self.unresolved.setdefault(reason, set()).add((frame.function, call.span))

    def _count_unknown_library(self, frame: Frame, call: facts.Call) -> None:
        reason = "unknown-library"
        self.unresolved.setdefault(reason, set()).add((frame.function, call.span))

    def _is_of_unknown_library(self, value: Value) -> bool:
        """Whether it is a function or method of a library that no table knows; making an object waits too seldom to be told of."""
        if not isinstance(value, LibraryName) or value.dotted.rpartition(".")[2][:1].isupper():
            return False
        return value.dotted.partition(".")[0] not in _STANDARD_LIBRARY and not self._types.catalog.knows_module(value.dotted)


def _kept_for_its_key(member: Member) -> Member:
    """The member, whose work is done once for each key: less sure, and for a few files not sure at all."""
    kept = replace(member, grade=min(member.grade, MEDIUM), is_kept=True)
    return kept if member.leaf is None else replace(kept, grade=min(kept.grade, kept.limit(gravity_of(member.leaf))))


def _asks_for_its_thread(function: Function) -> bool:
    """Whether a plain function asks which thread it runs on: on that of the loop, it goes the way that was made for it."""
    mentions = function.scope.mentions
    is_compared = not _THREAD_NUMBERS.isdisjoint(mentions)
    is_compared = is_compared or ("current_thread" in mentions and _THREAD_NAMES.isdisjoint(mentions))
    # Whoever waits on the loop's own thread for what that loop is to run waits for ever.
    hands_over = "run_coroutine_threadsafe" in mentions and not _RUNNING_LOOPS.isdisjoint(mentions)
    return not function.scope.is_async and (is_compared or hands_over)


def asynchronously_used(body: facts.Body) -> Iterator[int]:
    """The expressions that `async for` and `async with` use: a plain result would not do there."""
    for iteration in body.iterations:
        if iteration.is_async:
            yield iteration.value
    for entry in body.entries:
        if entry.is_async:
            yield entry.value


def _unless_offloaded(sites: list[Site]) -> list[Site]:
    """The sites, without calls under a condition of what the same code offloads otherwise: on a loop, it does not come to them."""
    members = [member for site in sites for member in site.members]
    offloaded = {one.target.function for one in members if one.target is not None and one.kind is EdgeKind.OFFLOADED}
    if not offloaded:
        return sites
    return [site for site in sites if not site.doubt or not _goes_only_to(site, offloaded)]


def _goes_only_to(site: Site, functions: set[Function]) -> bool:
    members = [*site.members]
    return bool(members) and all(
        one.kind is EdgeKind.PLAIN and one.target is not None and one.target.function in functions for one in members
    )


def _on_a_loop_of_its_own(site: Site) -> Site:
    """The site, with the coroutines that it makes run by another thread, or later."""
    return replace(site, choices=tuple(tuple(_on_its_own(member) for member in choice) for choice in site.choices))


def _on_its_own(member: Member) -> Member:
    return replace(member, kind=EdgeKind.SCHEDULED, context="private-loop") if member.kind is EdgeKind.AWAITED else member


def _starts_task(site: Site) -> bool:
    """Whether the site has the loop run a coroutine on its own: the call that made the coroutine hands nothing on then."""
    return any(
        member.kind is EdgeKind.SCHEDULED and member.target is not None and member.target.function.scope.is_async for member in site.members
    )


def _first_argument(body: facts.Body, index: int) -> int:
    call = body.expressions[index]
    return call.arguments[0] if isinstance(call, facts.Call) and call.arguments else NOWHERE


def _has_leaf(site: Site) -> bool:
    for choice in site.choices:
        for member in choice:
            if member.leaf is not None:
                return True
    return False


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
        if facts.last_name(expression) in _PROPERTY_DECORATORS:
            return True
    return False
