"""What link asks of the tables: what a dotted name is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from fwaudit.catalog.advice import AdviceTables
from fwaudit.catalog.braces import expand_braces
from fwaudit.catalog.data import DataTables
from fwaudit.catalog.framework_schema import Framework
from fwaudit.catalog.index import ConditionalType, Index, last_parts
from fwaudit.catalog.knowledge import Knowledge, RulePage
from fwaudit.catalog.registering import Registering
from fwaudit.catalog.schema import (
    ClassRow,
    Entering,
    Inputs,
    Iteration,
    Layer,
    Relation,
    Sinks,
    Validators,
)
from fwaudit.catalog.servers import ServerIndex
from fwaudit.catalog.types import TypeExpression, class_names

_SELF = TypeExpression("self")
_Found = TypeVar("_Found")


class Catalog:
    """All tables of one run. Answers are remembered; every name may be asked in any spelling.

    `rules` are the pages by name; `servers` what is known of servers; `advice` what verdicts are
    made from; `digest` changes with any byte of any table.
    """

    def __init__(self, index: Index, rules: Mapping[str, RulePage], digest: str, servers: ServerIndex, advice: AdviceTables) -> None:
        self.rules = rules
        self.digest = digest
        self.servers = servers
        self.advice = advice
        self._index = index
        self.data = DataTables(index, self)
        self.registering = Registering(self, index)
        self._canonical: dict[str, str] = {}
        self._callables: dict[str, Knowledge | None] = {}
        self._methods: dict[tuple[str, str], Knowledge | None] = {}
        self._bases: dict[str, tuple[str, ...]] = {}
        self._can_block: dict[str, bool] = {}

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All rows that say by which names services wait for others."""
        return tuple(self._index.layers)

    @property
    def validators(self) -> Mapping[str, Validators]:
        """What checks input, by name of the call, base or decorator."""
        return self._index.validators

    @property
    def sinks(self) -> Mapping[str, Sinks]:
        """Where input ends, by name of the call or base."""
        return self._index.sinks

    @property
    def inputs(self) -> Mapping[str, Inputs]:
        """What of requests is unchecked input, by name."""
        return self._index.inputs

    @property
    def frameworks(self) -> tuple[Framework, ...]:
        """Every framework, by name."""
        return tuple(framework for _, framework in sorted(self._index.frameworks.items()))

    def canonical(self, dotted: str) -> str:
        """`dotted` in its documented spelling."""
        known = self._canonical.get(dotted)
        if known is None:
            known = self._canonical[dotted] = self._index.canonical(dotted)
        return known

    def callable(self, dotted: str) -> Knowledge | None:
        """What calling `dotted` (a function, a class or a method of a class) means; None if no table knows it.

        A class without a row of its own gives an instance of itself.
        """
        name = self.canonical(dotted)
        if name not in self._callables:
            self._callables[name] = self._find_callable(name)
        return self._callables[name]

    def method(self, cls: str, name: str) -> Knowledge | None:
        """What calling the method `name` of an instance of `cls` means: of the class itself, else of its bases in order.

        In each class a row for the name comes before `.*`; `.*` does not match an attribute or a private name.
        """
        key = (self.canonical(cls), name)
        if key not in self._methods:
            self._methods[key] = self._find_method(*key)
        return self._methods[key]

    def is_class(self, dotted: str) -> bool:
        """Whether the tables know `dotted` as a class."""
        return self.canonical(dotted) in self._class_names

    def bases(self, cls: str) -> tuple[str, ...]:
        """All bases of `cls`, nearest first, without itself and without those that no table names."""
        name = self.canonical(cls)
        if name not in self._bases:
            self._bases[name] = self._linearise(name, ())
        return self._bases[name]

    def with_bases(self, cls: str) -> tuple[str, ...]:
        """`cls` in its documented spelling, and all its bases."""
        return (self.canonical(cls), *self.bases(cls))

    def attribute(self, cls: str, name: str) -> TypeExpression | None:
        """The type of the attribute or property `name` of `cls`; None if no table knows it."""
        text = self._first_of_class(cls, lambda row: row.attributes.get(name))
        return self._index.type(text) if text else None

    def elements(self, cls: str) -> TypeExpression | None:
        """What iterating an instance of `cls` gives; None if no table knows it."""
        text = self._first_of_class(cls, lambda row: row.elements)
        return self._index.type(text) if text else None

    def enters(self, cls: str, is_async: bool) -> TypeExpression | None:
        """What `with` or `async with` of an instance of `cls` gives; `self` if its rows name nothing else, None if the class is unknown."""
        if not self.is_class(cls):
            return None
        text = self._first_of_class(cls, lambda row: row.async_enters if is_async else row.enters)
        return self._index.type(text) if text else _SELF

    def awaits(self, cls: str) -> TypeExpression | None:
        """What awaiting an instance of `cls` gives; None if no table says that it can be awaited."""
        text = self._first_of_class(cls, lambda row: row.awaits)
        return self._index.type(text) if text else None

    def calling(self, cls: str) -> TypeExpression | None:
        """What calling an instance of `cls` gives; None if no table knows it."""
        text = self._first_of_class(cls, lambda row: row.calling)
        return self._index.type(text) if text else None

    def iteration(self, cls: str) -> Iteration | None:
        """The row that says that iterating an instance of `cls` blocks."""
        return self.first_in(self._index.iterating, cls)

    def entering(self, cls: str) -> Entering | None:
        """The row that says that `with` of an instance of `cls` blocks."""
        return self.first_in(self._index.entering, cls)

    def is_open(self, cls: str) -> bool:
        """Whether the attributes of an instance of `cls` are what the project puts there."""
        row = self._index.classes.get(self.canonical(cls))
        return row is not None and row.open

    def can_block(self, cls: str) -> bool:
        """Whether anything that blocks is reached from an instance of `cls`: by its methods, or through what its members give."""
        start = self.canonical(cls)
        found = self._can_block.get(start)
        if found is None:
            todo, seen = [start], {start}
            while todo and not found:
                name = todo.pop()
                found = self._blocks_itself(name)
                onward = {self.canonical(one) for one in (*self.bases(name), *self._classes_given_by(name))} - seen
                seen |= onward
                todo.extend(onward)
            found = self._can_block[start] = bool(found)
        return found

    def _blocks_itself(self, cls: str) -> bool:
        index = self._index
        return cls in index.iterating or cls in index.entering or cls in self._blocking_owners or self.is_open(cls)

    def _classes_given_by(self, cls: str) -> Iterator[str]:
        """The classes of what the members of `cls` are and give."""
        index = self._index
        row = index.classes.get(cls)
        texts = [*row.attributes.values(), row.elements, row.enters, row.calling] if row is not None else []
        given = [row.type for row in self._returned_by.get(cls, ())] + [index.type(text) for text in texts if text]
        return (one for expression in given for one in class_names(expression))

    @cached_property
    def _blocking_owners(self) -> frozenset[str]:
        """The classes and modules of which some member blocks."""
        return frozenset(name.rpartition(".")[0] for name in self._index.blocking)

    @cached_property
    def _returned_by(self) -> Mapping[str, tuple[ConditionalType, ...]]:
        """Class to what its methods give."""
        found: dict[str, list[ConditionalType]] = {}
        for name, rows in self._index.returns.items():
            found.setdefault(name.rpartition(".")[0], []).extend(rows)
        return {owner: tuple(rows) for owner, rows in found.items()}

    def knows_module(self, module: str) -> bool:
        """Whether `module`, or a package that it is in, belongs to a library or framework of the tables."""
        prefix = module
        while prefix:
            if prefix in self._index.imports:
                return True
            prefix = prefix.rpartition(".")[0]
        return False

    @cached_property
    def call_names(self) -> frozenset[str]:
        """The last part of every name that any row calls blocking, an offloader and so on, those of `.*` rows left out."""
        return last_parts(name for name in self.dotted_names if not name.endswith(".*"))

    @cached_property
    def injection(self) -> frozenset[str]:
        """Markers whose first argument is called to make a parameter's value."""
        return frozenset(self.canonical(name) for framework in self.frameworks for name in framework.injection)

    @cached_property
    def apps(self) -> Mapping[str, Framework]:
        """Application classes, with their framework."""
        return {self.canonical(name): framework for framework in self.frameworks for name in framework.apps}

    @cached_property
    def default_apps(self) -> Mapping[str, Framework]:
        """Calls that give or serve the application that a framework keeps itself, with the framework."""
        rows = [(framework, text) for framework in self.frameworks for text in framework.default_apps]
        return {self.canonical(name): framework for framework, text in rows for name in expand_braces(text)}

    @cached_property
    def single_files(self) -> Mapping[str, frozenset[str]]:
        """Import names of frameworks that are one file, with the names of their app classes."""
        single = [framework for framework in self.frameworks if framework.single_file]
        return {name: frozenset(app.rpartition(".")[2] for app in one.apps) for one in single for name in one.imports}

    @cached_property
    def routers(self) -> Mapping[str, Framework]:
        """Router classes, with their framework."""
        return {self.canonical(name): framework for framework in self.frameworks for name in framework.routers}

    def relations(self, dotted: str) -> tuple[Relation, ...]:
        """The rows that say to which attributes a call in a class body leads."""
        return self._index.relations.get(self.canonical(dotted), ())

    @cached_property
    def relation_names(self) -> frozenset[str]:
        """The last part of every call that relates classes."""
        return last_parts(self._index.relations)

    @cached_property
    def loop_runner_names(self) -> frozenset[str]:
        """The last part of every call that runs a loop, or schedules on one."""
        return last_parts((*self._index.loop_runners, *self._index.schedulers))

    @cached_property
    def offloader_names(self) -> frozenset[str]:
        """The last part of every call that runs a callable on another thread."""
        return last_parts(self._index.offloaders)

    @cached_property
    def coroutine_names(self) -> frozenset[str]:
        """The last part of every coroutine function."""
        return last_parts(self._index.coroutines)

    @cached_property
    def dotted_names(self) -> frozenset[str]:
        """Every dotted name that any row calls blocking, an offloader and so on."""
        index = self._index
        spoken_of = (index.blocking, index.offloaders, index.schedulers, index.loop_runners, index.coroutines, index.servers)
        return frozenset(name for rows in spoken_of for name in rows)

    @cached_property
    def _class_names(self) -> frozenset[str]:
        index = self._index
        owners = {
            name.rpartition(".")[0]
            for rows in (index.blocking, index.returns, index.offloaders, index.schedulers, index.loop_runners, index.coroutines)
            for name in rows
        }
        by_case = {owner for owner in owners if "." in owner and owner.rpartition(".")[2][:1].isupper() and owner not in index.imports}
        typed = {name for rows in index.returns.values() for row in rows for name in class_names(row.type)}
        bases = {self.canonical(base) for row in index.classes.values() for base in row.bases}
        return frozenset(by_case | typed | bases | index.classes.keys() | index.iterating.keys() | index.entering.keys())

    def _find_callable(self, name: str) -> Knowledge | None:
        owner, _, last = name.rpartition(".")
        if owner in self._class_names:
            return self._find_method(owner, last)
        known = self._gather(name, name)
        if name in self._class_names:
            return self._constructor(name, known)
        return self._gather(f"{owner}.*", name) if known is None and not last.startswith("_") else known

    def _find_method(self, cls: str, name: str) -> Knowledge | None:
        for owner in (cls, *self.bases(cls)):
            own = f"{owner}.{name}"
            found = self._gather(own, own)
            if own in self._class_names:
                return self._constructor(own, found)
            if found is None and not name.startswith("_") and not self._is_attribute(owner, name):
                found = self._gather(f"{owner}.*", own)
            if found is not None:
                return found
        return None

    def _constructor(self, cls: str, known: Knowledge | None) -> Knowledge:
        """What is known of calling the class, which gives an instance of it if no row says otherwise."""
        known = known or Knowledge(cls)
        if known.returns or known.coroutine:
            return known
        return replace(known, returns=(ConditionalType((), TypeExpression(cls)),))

    def _gather(self, key: str, name: str) -> Knowledge | None:
        """The rows that stand under `key`, as knowledge of `name`; None if there is none."""
        index = self._index
        coroutine = index.coroutines.get(key)
        knowledge = Knowledge(
            name,
            index.blocking.get(key, ()),
            index.returns.get(key, ()),
            index.offloaders.get(key),
            index.schedulers.get(key),
            index.loop_runners.get(key),
            coroutine,
            index.type(coroutine.type) if coroutine else None,
            index.servers.get(key),
            index.decorators.get(key),
        )
        return None if knowledge == Knowledge(name) else knowledge

    def _is_attribute(self, cls: str, name: str) -> bool:
        row = self._index.classes.get(cls)
        return row is not None and name in row.attributes

    def _linearise(self, cls: str, below: tuple[str, ...]) -> tuple[str, ...]:
        """Depth first, a base that is reached twice at its last place; a circle ends where it closes."""
        row = self._index.classes.get(cls)
        found: list[str] = []
        for base in (self.canonical(base) for base in (row.bases if row else ())):
            if base == cls or base in below:
                continue
            for name in (base, *self._linearise(base, (*below, cls))):
                if name in found:
                    found.remove(name)
                found.append(name)
        return tuple(found)

    def _first_of_class(self, cls: str, read: Callable[[ClassRow], str | None]) -> str | None:
        """What `read` finds in the class's row, else in those of its bases."""
        for name in (self.canonical(cls), *self.bases(cls)):
            row = self._index.classes.get(name)
            text = read(row) if row else None
            if text:
                return text
        return None

    def first_in(self, rows: Mapping[str, _Found], cls: str) -> _Found | None:
        """The class's row, else that of its nearest base."""
        return next((rows[name] for name in (self.canonical(cls), *self.bases(cls)) if name in rows), None)

    def first_named(self, rows: Mapping[str, _Found], dotted: str) -> _Found | None:
        """The row of `dotted`, else, for a method, that of the nearest base's method."""
        name = self.canonical(dotted)
        owner, _, last = name.rpartition(".")
        return next((rows[key] for key in (name, *(f"{base}.{last}" for base in self.bases(owner))) if key in rows), None)
