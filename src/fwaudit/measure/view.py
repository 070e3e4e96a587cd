"""One service as its signals are measured from: its files, the uses of known names in them, and its findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import Any

from fwaudit.catalog.advice import Use
from fwaudit.catalog.braces import expand_braces
from fwaudit.measure.relations import NO_RELATIONS, Relations
from fwaudit.model import facts
from fwaudit.model.code import CallUse, Code, CodeBody, ImportUse, Place
from fwaudit.model.finding import Finding, Location
from fwaudit.model.manifest import Manifests
from fwaudit.model.project import FrameworkTraits
from fwaudit.model.service import Route, Service

_ABOUT_OTHERS = frozenset({"HEAD", "OPTIONS"})
PLACES = 10
"""So many places of a signal are kept."""


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A place where a name of a signal is used, the name, and the routes from which it is reached."""

    location: Location
    name: str
    routes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """A value that JSON can hold, and the places that it was measured from."""

    value: Any
    places: tuple[Location, ...] = ()


Signals = dict[str, Signal]


@dataclass(frozen=True)
class View:
    """One service. `uses` gives what was found for each signal of the tables, sorted by place."""

    service: Service
    files: frozenset[str]
    lines: Mapping[str, int]
    """Lines of every file of the workspace."""
    uses: Mapping[str, tuple[Found, ...]]
    findings: tuple[Finding, ...]
    """Those that stand and lie in the service's files or are reached from its routes."""
    manifests: Manifests
    specifications: tuple[str, ...]
    """OpenAPI documents that lie in the workspace, as paths."""
    services: int
    """In the workspace."""
    traits: tuple[FrameworkTraits, ...]
    """Of the service's frameworks."""
    around: frozenset[str] = frozenset()
    """Functions that run around every request."""
    served: frozenset[str] = frozenset()
    """Functions that run for any request."""
    relations: Relations = NO_RELATIONS
    """Of the workspace's models."""
    functions: Mapping[str, tuple[CodeBody, ...]] = field(default_factory=dict)
    """Path to the functions of the file, for the files in which findings need them."""
    shared: frozenset[str] = frozenset()
    """Files that another service of the workspace uses, too."""
    labels: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", frozenset(route.label for route in self.routes))

    @cached_property
    def routes(self) -> tuple[Route, ...]:
        """The service's, without those that only tell about others: a base class may answer OPTIONS for every path."""
        return tuple(route for route in self.service.routes if not route.methods or not _ABOUT_OTHERS.issuperset(route.methods))

    @property
    def knows_routes(self) -> bool:
        """Whether routes were found; where documents hold them, most of what the documents say."""
        if not any(one.routes_in_documents for one in self.traits):
            return bool(self.routes)
        told = {operation.path for document in self.manifests.specifications for operation in document.operations}
        served = [path for path in told if any(route.path.endswith(path) for route in self.routes)]
        return bool(told) and len(served) >= len(told) / 2

    def found(self, signal: str) -> tuple[Found, ...]:
        """Where a signal's names are used in the service."""
        return self.uses.get(signal, ())

    def routes_of(self, found: Iterable[Found]) -> frozenset[str]:
        """The service's routes from which any of `found` is reached."""
        return frozenset(label for one in found for label in one.routes if label in self.labels)

    def places_of_routes(self, labels: Collection[str]) -> tuple[Location, ...]:
        """Where the handlers of the routes with these labels stand, all of them: the plan asks for each."""
        return tuple(sorted({route.location for route in self.routes if route.label in labels}))


def first(places: Iterable[Location]) -> tuple[Location, ...]:
    """The first places, each once, sorted."""
    return tuple(sorted(set(places))[:PLACES])


def counted(found: tuple[Found, ...]) -> Signal:
    """How many uses there are."""
    return Signal(len(found), first(one.location for one in found))


def labelled(view: View, labels: Collection[str]) -> Signal:
    """How many routes there are."""
    return Signal(len(labels), view.places_of_routes(labels))


def share(part: int, whole: int) -> float:
    """`part` of `whole`, between 0 and 1, to two decimals; 0 of nothing."""
    return round(part / whole, 2) if whole else 0.0


def find_uses(code: Code, rows: Iterable[Use], canonical: Callable[[str], str]) -> dict[str, tuple[Found, ...]]:
    """Signal to where its names are used in the workspace. Each kind of use is looked for once, for all signals together."""
    rows = tuple(rows)
    found: dict[str, set[Found]] = defaultdict(set)
    for signal, one in (*_calls(code, rows, canonical), *_imports(code, rows), *_classes(code, rows, canonical), *_reads(code, rows)):
        found[signal].add(one)
    return {signal: tuple(sorted(places)) for signal, places in found.items()}


class _Names:
    """Which rows a dotted name belongs to; `x.*` stands for all below x."""

    def __init__(self, pairs: Iterable[tuple[str, Use]], canonical: Callable[[str], str] = str) -> None:
        self.exact: dict[str, list[Use]] = defaultdict(list)
        self.below: dict[str, list[Use]] = defaultdict(list)
        for written, row in pairs:
            for name in expand_braces(written):
                if name.endswith(".*"):
                    self.below[name.removesuffix(".*")].append(row)
                else:
                    for spelling in {name, canonical(name)}:
                        self.exact[spelling].append(row)

    def rows(self, name: str) -> Iterator[Use]:
        yield from self.exact.get(name, ())
        parts = name.split(".")
        for end in range(1, len(parts)):
            yield from self.below.get(".".join(parts[:end]), ())


def _calls(code: Code, rows: tuple[Use, ...], canonical: Callable[[str], str]) -> Iterator[tuple[str, Found]]:
    names = _Names(((name, row) for row in rows for name in row.calls), canonical)
    for use in code.calls([*names.exact, *(f"{name}.*" for name in names.below)]):
        for row in names.rows(use.callee):
            if _has(use, row):
                yield row.signal, Found(location_of(use.place), use.callee, use.routes)


def _reads(code: Code, rows: tuple[Use, ...]) -> Iterator[tuple[str, Found]]:
    names = _Names((name, row) for row in rows for name in row.reads)
    written = {name.rpartition(".")[2] for name in names.exact}
    for body in code.bodies if written else ():
        if written.isdisjoint(body.mentions):
            continue
        for index, expression in enumerate(body.body.expressions):
            name_written = facts.last_name(expression)
            if name_written in written:
                for row in {row.signal for name in body.names(index) for row in names.rows(name)}:
                    yield row, Found(location_of(body.place_of(index)), name_written, body.routes)


def _has(use: CallUse, row: Use) -> bool:
    """Whether the argument that the row asks for, if any, is what it asks for."""
    if not row.keyword and row.position < 0:
        return True
    given = use.keyword(row.keyword) if row.keyword else None
    if given is None and 0 <= row.position < len(use.arguments):
        given = use.arguments[row.position]
    return given is not None and (given.startswith(row.value) if row.at_least is None else _number(given) >= row.at_least)


def _number(text: str) -> float:
    """What a literal says, minus infinity for what is no number."""
    try:
        return float(text)
    except ValueError:
        return -inf


def _imports(code: Code, rows: tuple[Use, ...]) -> Iterator[tuple[str, Found]]:
    names = _Names((f"{name}{ending}", row) for row in rows for name in row.imports for ending in ("", ".*"))
    for one in code.imports:
        for row in names.rows(one.name):
            yield row.signal, Found(_location(one), one.name)


def _classes(code: Code, rows: tuple[Use, ...], canonical: Callable[[str], str]) -> Iterator[tuple[str, Found]]:
    bases = _Names(((name, row) for row in rows for name in row.bases), canonical)
    fields = _Names(((name, row) for row in rows for name in row.fields), canonical)
    options = {name: row for row in rows for name in row.options}
    kinds = {one.name: frozenset(one.bases) for one in code.classes if options}
    for one in code.classes:
        place = location_of(one.place)
        for row in dict.fromkeys(row.signal for base in one.bases for row in bases.rows(base)):
            yield row, Found(place, one.name)
        for field_ in one.fields:
            for row in dict.fromkeys(row.signal for row in fields.rows(field_.made_by)):
                yield row, Found(place, f"{one.name}.{field_.name}")
        around, _, last = one.name.rpartition(".")
        for bound in sorted({field_.name for field_ in one.fields} & options.keys()) if last == "Meta" else ():
            if kinds.get(around, frozenset()) & set(options[bound].of):
                yield options[bound].signal, Found(place, f"{one.name}.{bound}")


def location_of(place: Place) -> Location:
    """The place without its function."""
    return Location(place.path, place.line, place.column, place.end_line, place.end_column)


def _location(one: ImportUse) -> Location:
    return Location(one.path, one.line, one.column, one.end_line, one.end_column)
