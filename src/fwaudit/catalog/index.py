"""The rows of all tables by the names that they speak of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from fwaudit.catalog.braces import expand_braces, without_braces
from fwaudit.catalog.framework_schema import Framework, Handlers, Mounts, Prefixes
from fwaudit.catalog.schema import (
    Blocking,
    ClassRow,
    Condition,
    Coroutines,
    Decorators,
    Entering,
    Inputs,
    Iteration,
    Kept,
    Layer,
    LazyField,
    Library,
    LoopRunner,
    Offloader,
    Pools,
    Queries,
    Relation,
    Returns,
    Scheduler,
    Servers,
    Sinks,
    Unlimited,
    Validators,
)
from fwaudit.catalog.types import TypeExpression, parse_type
from fwaudit.errors import CatalogError

_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*(\.\*)?")
_MOST_ALIASES = 10
_Table = Library | Framework
_Row = TypeVar("_Row")
_Conditional = TypeVar("_Conditional", Blocking, Returns)


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one file; `shown` is its name in messages."""

    shown: str
    table: Library | Framework


@dataclass(frozen=True, slots=True)
class ConditionalType:
    """What a call gives if all of `when` hold."""

    when: tuple[Condition, ...]
    type: TypeExpression


@dataclass(frozen=True, slots=True)
class HandlerRow:
    """A way to register handlers, under the name that it was found by (`fastapi.FastAPI.get`)."""

    name: str
    framework: Framework
    row: Handlers

    @property
    def http_methods(self) -> tuple[str, ...]:
        """The row's methods; `{NAME}` is the last part of the name in upper case, without `add_` or `on_`."""
        last = self.name.rpartition(".")[2].removeprefix("add_").removeprefix("on_").upper()
        return tuple(method.replace("{NAME}", last) for method in self.row.http_methods)


@dataclass(frozen=True, slots=True)
class MountRow:
    """A call that puts a router below a prefix, under the name that it was found by."""

    name: str
    framework: Framework
    row: Mounts


class Index:
    """Canonical name to row, one mapping for each kind of table. Folders are added one after the other; later rows win."""

    def __init__(self) -> None:
        self.aliases: dict[str, str] = {}
        self._owners: dict[str, str] = {}
        self.imports: set[str] = set()
        self.blocking: dict[str, tuple[Blocking, ...]] = {}
        self.iterating: dict[str, Iteration] = {}
        self.entering: dict[str, Entering] = {}
        self.classes: dict[str, ClassRow] = {}
        self.returns: dict[str, tuple[ConditionalType, ...]] = {}
        self.relations: dict[str, tuple[Relation, ...]] = {}
        self.kept: dict[str, Kept] = {}
        self.pools: dict[str, Pools] = {}
        self.unlimited: dict[str, Unlimited] = {}
        self.queries: dict[str, Queries] = {}
        self.lazy_fields: dict[str, LazyField] = {}
        self.offloaders: dict[str, Offloader] = {}
        self.schedulers: dict[str, Scheduler] = {}
        self.loop_runners: dict[str, LoopRunner] = {}
        self.coroutines: dict[str, Coroutines] = {}
        self.servers: dict[str, Servers] = {}
        self.decorators: dict[str, Decorators] = {}
        self.validators: dict[str, Validators] = {}
        """Calls, bases and decorators alike."""
        self.sinks: dict[str, Sinks] = {}
        self.inputs: dict[str, Inputs] = {}
        self.frameworks: dict[str, Framework] = {}
        self.layers: list[Layer] = []
        self.handler_decorators: dict[str, tuple[HandlerRow, ...]] = {}
        self.handler_calls: dict[str, tuple[HandlerRow, ...]] = {}
        self.handler_bases: dict[str, tuple[HandlerRow, ...]] = {}
        self.read_handlers: dict[str, tuple[HandlerRow, ...]] = {}
        self.mounts: dict[str, tuple[MountRow, ...]] = {}
        self.prefixes: dict[str, Prefixes] = {}

    def canonical(self, dotted: str) -> str:
        """`dotted` in its documented spelling: aliases are followed from the longest that fits."""
        owner, _, last = dotted.rpartition(".")
        if dotted in self.aliases or not owner:
            return self._follow(dotted)
        # Thousands of names share their owners.
        spelled_owner = self._owners.get(owner)
        if spelled_owner is None:
            spelled_owner = self._owners[owner] = self._follow(owner)
        spelled = f"{spelled_owner}.{last}"
        return self._follow(spelled) if spelled in self.aliases else spelled

    def _follow(self, dotted: str) -> str:
        for _ in range(_MOST_ALIASES):
            prefix = dotted
            while prefix and prefix not in self.aliases:
                prefix = prefix.rpartition(".")[0]
            if not prefix:
                break
            dotted = self.aliases[prefix] + dotted[len(prefix) :]
        return dotted

    def add(self, folder: Sequence[Tables]) -> None:
        """Takes in the tables of one folder; raises CatalogError if a name stands twice in it or a name or type cannot be read."""
        aliases = self._once(folder, "aliases", lambda table: (([row.spelling], row) for row in table.aliases), canonical=False)
        self.aliases |= {spelling: row.means for spelling, row in aliases.items()}
        self._owners.clear()
        for tables in folder:
            self.imports.update(tables.table.imports)
            self.layers += tables.table.layers
            if isinstance(tables.table, Framework):
                self.frameworks[tables.table.name] = tables.table
        self.blocking |= self._several(folder, "blocking", lambda table: table.blocking)
        self._add_returns(folder)
        self.iterating |= self._once(folder, "iterating", lambda table: ((row.types, row) for row in table.iterating))
        self.entering |= self._once(folder, "entering", lambda table: ((row.types, row) for row in table.entering))
        self.classes |= self._once(folder, "classes", lambda table: ((row.names, row) for row in table.classes))
        self.kept |= self._once(folder, "kept", lambda table: ((row.calls, row) for row in table.kept))
        self.pools |= self._once(folder, "pools", lambda table: ((row.calls, row) for row in table.pools))
        self.queries |= self._once(folder, "queries", lambda table: ((row.calls, row) for row in table.queries))
        self.lazy_fields |= self._once(folder, "lazy_fields", lambda table: ((row.calls, row) for row in table.lazy_fields))
        self.unlimited |= self._once(folder, "unlimited", lambda table: ((row.calls, row) for row in table.unlimited))
        self.offloaders |= self._once(folder, "offloaders", lambda table: ((row.calls, row) for row in table.offloaders))
        self.schedulers |= self._once(folder, "schedulers", lambda table: ((row.calls, row) for row in table.schedulers))
        self.loop_runners |= self._once(folder, "loop_runners", lambda table: ((row.calls, row) for row in table.loop_runners))
        self.coroutines |= self._once(folder, "coroutines", lambda table: ((row.calls, row) for row in table.coroutines))
        self.servers |= self._once(folder, "servers", lambda table: ((row.calls, row) for row in table.servers))
        self.decorators |= self._once(folder, "decorators", lambda table: ((row.names, row) for row in table.decorators))
        self.validators |= self._once(
            folder, "validators", lambda table: (([*row.calls, *row.bases, *row.decorators], row) for row in table.validators)
        )
        self.sinks |= self._once(folder, "sinks", lambda table: (([*row.calls, *row.bases], row) for row in table.sinks))
        self.inputs |= self._once(
            folder,
            "inputs",
            lambda table: (([*row.names, *row.handlers], row) for row in (table.inputs if isinstance(table, Framework) else ())),
        )
        self._check_types(folder)
        self._add_relations(folder)
        self._add_handlers(folder)

    def type(self, text: str) -> TypeExpression:
        """The expression that `text` spells, its classes in their documented spelling."""
        return self._renamed(parse_type(text))

    def _renamed(self, expression: TypeExpression) -> TypeExpression:
        name = self.canonical(expression.name) if "." in expression.name else expression.name
        arguments = tuple(self._renamed(argument) for argument in expression.arguments)
        if name == expression.name and arguments == expression.arguments:
            return expression
        return replace(expression, name=name, arguments=arguments)

    def _type(self, folder: Sequence[Tables], name: str, text: str) -> TypeExpression:
        try:
            return self.type(text)
        except ValueError as error:
            raise CatalogError(f"{_file_of(folder, text)}: {name}: {error}") from error

    def _check_types(self, folder: Sequence[Tables]) -> None:
        for tables in folder:
            for row in tables.table.classes:
                for text in (*row.attributes.values(), row.elements, row.enters, row.async_enters, row.awaits, row.calling):
                    if text:
                        self._type(folder, row.names[0], text)
            for coroutine in tables.table.coroutines:
                self._type(folder, coroutine.calls[0], coroutine.type)

    def _once(
        self, folder: Sequence[Tables], kind: str, rows: Callable[[_Table], Iterable[tuple[list[str], _Row]]], canonical: bool = True
    ) -> dict[str, _Row]:
        """The rows by name; a name that stands twice is an error."""
        found: dict[str, _Row] = {}
        files: dict[str, str] = {}
        for tables in folder:
            for written, row in rows(tables.table):
                for name in self._names(written, tables.shown, kind, canonical):
                    if name in found:
                        also = "" if files[name] == tables.shown else f" and in {files[name]}"
                        raise CatalogError(f"{tables.shown}: {kind}: `{name}` stands twice{also}")
                    found[name] = row
                    files[name] = tables.shown
        return found

    def _several(
        self, folder: Sequence[Tables], kind: str, rows: Callable[[_Table], list[_Conditional]]
    ) -> dict[str, tuple[_Conditional, ...]]:
        """The rows by name, those with conditions first; a name may stand several times in one file, but only once without conditions."""
        found: dict[str, list[_Conditional]] = {}
        files: dict[str, str] = {}
        for tables in folder:
            for row in rows(tables.table):
                for name in self._names(row.calls, tables.shown, kind):
                    others = found.setdefault(name, [])
                    if others and files[name] != tables.shown:
                        raise CatalogError(f"{tables.shown}: {kind}: `{name}` stands also in {files[name]}")
                    if others and not _has_conditions(row) and not all(_has_conditions(other) for other in others):
                        raise CatalogError(f"{tables.shown}: {kind}: `{name}` stands twice, with no condition that tells the rows apart")
                    others.append(row)
                    files[name] = tables.shown
        return {name: _conditions_first(group) for name, group in found.items()}

    def _names(self, written: Sequence[str], shown: str, kind: str, canonical: bool = True) -> Iterator[str]:
        for text in written:
            if not _NAME.fullmatch(without_braces(text)):
                raise CatalogError(f"{shown}: {kind}: `{text}` is not a dotted name")
            for name in expand_braces(text):
                yield self.canonical(name) if canonical else name

    def _add_returns(self, folder: Sequence[Tables]) -> None:
        found = self._several(folder, "returns", lambda table: table.returns)
        for name, rows in found.items():
            self.returns[name] = tuple(ConditionalType(tuple(row.when), self._type(folder, name, row.type)) for row in rows)

    def _add_relations(self, folder: Sequence[Tables]) -> None:
        for tables in folder:
            for row in tables.table.relations:
                for name in self._names(row.calls, tables.shown, "relations"):
                    self.relations[name] = (*self.relations.get(name, ()), row)

    def _add_handlers(self, folder: Sequence[Tables]) -> None:
        frameworks = [(tables.shown, tables.table) for tables in folder if isinstance(tables.table, Framework)]
        every = [(shown, framework, row) for shown, framework in frameworks for row in framework.handlers]
        rows = [(shown, framework, row) for shown, framework, row in every if not row.reader]
        read = ((shown, framework, row, [*row.decorators, *row.calls, *row.bases]) for shown, framework, row in every if row.reader)
        self.read_handlers |= self._grouped(read)
        self.handler_decorators |= self._grouped((shown, framework, row, row.decorators) for shown, framework, row in rows)
        self.handler_calls |= self._grouped((shown, framework, row, row.calls) for shown, framework, row in rows)
        self.handler_bases |= self._grouped((shown, framework, row, row.bases) for shown, framework, row in rows)
        for shown, framework in frameworks:
            for mount in framework.mounts:
                for name in self._names(mount.calls, shown, "mounts"):
                    self.mounts[name] = (*self.mounts.get(name, ()), MountRow(name, framework, mount))
            for prefix in framework.prefixes:
                self.prefixes |= dict.fromkeys(self._names(prefix.calls, shown, "prefixes"), prefix)

    def _grouped(self, rows: Iterable[tuple[str, Framework, Handlers, list[str]]]) -> dict[str, tuple[HandlerRow, ...]]:
        found: dict[str, list[HandlerRow]] = {}
        for shown, framework, row, names in rows:
            for name in self._names(names, shown, "handlers"):
                found.setdefault(name, []).append(HandlerRow(name, framework, row))
        return {name: tuple(group) for name, group in found.items()}


def _conditions_first(rows: list[_Conditional]) -> tuple[_Conditional, ...]:
    return tuple(rows if len(rows) == 1 else sorted(rows, key=lambda row: not _has_conditions(row)))


def _has_conditions(row: Blocking | Returns) -> bool:
    return bool(row.when or (isinstance(row, Blocking) and row.unless))


def _file_of(folder: Sequence[Tables], text: str) -> str:
    """The first file of the folder in which the type expression stands."""
    return next((tables.shown for tables in folder if text in _types_in(tables.table)), "")


def _types_in(table: Library | Framework) -> list[str]:
    types = [row.type for row in table.returns] + [row.type for row in table.coroutines]
    for row in table.classes:
        types += [*row.attributes.values(), row.elements, row.enters, row.async_enters, row.awaits, row.calling]
    return types


def last_parts(names: Iterable[str]) -> frozenset[str]:
    """The part behind the last dot of each name."""
    return frozenset(name.rpartition(".")[2] for name in names)
