"""What is asked of a real library for its table, the form of `results/libraries/<table>.json`, and the comparison of both."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import tomli

from fwaudit.catalog.braces import expand_braces
from fwaudit.catalog.schema import Condition, Library
from fwaudit.catalog.types import class_names, parse_type

TABLES = Path(__file__).parents[2] / "rules" / "libraries"
FOLDER = Path(__file__).parent / "results" / "libraries"

AWAITABLES = ("aiofiles.", "openai.File.adelete", "openai.File.aretrieve", "openai.Moderation.acreate", "redis.asyncio.", "tornado.gen.")
"""These, and all below them: plain functions that hand on the coroutine of another one."""

WRAPPERS = frozenset(
    {
        "asgiref.sync.AsyncToSync",
        "asgiref.sync.SyncToAsync",
        *(f"pydantic.UUID{version}" for version in (1, 3, 4, 5)),
        "sqlalchemy.ext.declarative.declarative_base",
    }
)
"""Aliases that are objects of their own which lead to the other one, or the other way round."""

STAND_INS = frozenset({("mysql.connector.pooling.PooledMySQLConnection", "mysql.connector.abstracts.MySQLConnectionAbstract")})
"""(class, other) where the first hands every call on to one of the second, as which the table knows it."""

_DOTTED = re.compile(r"\w+(\.\w+)+")


class Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one release told. A name that it does not have is not in `names`; an older release is asked only for what newer ones lack."""

    version: str
    python: str
    modules: list[str] = []
    names: dict[str, str] = {}
    """To module, class, coroutine, async generator, function or value."""
    parameters: dict[str, list[str] | None] = {}
    gives: dict[str, list[str]] = {}
    """Calls and attributes to the classes of the table that fit their annotation, or a real object; else to what these are."""
    bases: dict[str, list[str]] = {}
    aliases: dict[str, str] = {}
    awaited_members: dict[str, list[str]] = {}
    """Of what stands with `.*` in a table: the members that are coroutine functions."""
    opens: dict[str, bool] = {}
    """Calls that were made: whether they opened a connection."""


class LibraryResult(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the releases of a library told, in the order of the table's `versions`."""

    distribution: str
    date: str
    releases: list[Release]


class Questions(msgspec.Struct, frozen=True):
    """What one table wants to know."""

    distribution: str
    modules: list[str]
    names: list[str]
    parameters: list[str]
    wildcards: list[str]
    gives: dict[str, list[str]]
    bases: list[tuple[str, str]]
    aliases: list[tuple[str, str, list[str]]]


def read_tables() -> dict[str, Library]:
    """The tables of all libraries but the standard one, by their file's name."""
    read = {path.stem: msgspec.convert(tomli.loads(path.read_text(encoding="utf-8")), Library) for path in sorted(TABLES.glob("*.toml"))}
    return {stem: table for stem, table in read.items() if table.distribution != "python"}


def read_result(stem: str) -> LibraryResult | None:
    """The committed result of a table, if there is one."""
    path = FOLDER / f"{stem}.json"
    return msgspec.json.decode(path.read_bytes(), type=LibraryResult) if path.is_file() else None


def write_result(stem: str, result: LibraryResult) -> None:
    """Writes the file of a result, whole or not at all; one name a line."""
    FOLDER.mkdir(exist_ok=True, parents=True)
    path = FOLDER / f"{stem}.json"
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(_lines(result), encoding="utf-8")
    os.replace(unfinished, path)


def _lines(result: LibraryResult) -> str:
    """JSON with one name a line."""
    releases = []
    for release in result.releases:
        fields = []
        for field, value in msgspec.to_builtins(release).items():
            rows = [f"      {_json(key)}: {_json(one)}" for key, one in sorted(value.items())] if isinstance(value, dict) else []
            fields.append(f"    {_json(field)}: " + ("{\n" + ",\n".join(rows) + "\n    }" if rows else _json(value)))
        releases.append("  {\n" + ",\n".join(fields) + "\n  }")
    head = f'{{\n"distribution": {_json(result.distribution)},\n"date": {_json(result.date)},\n'
    return head + '"releases": [\n' + ",\n".join(releases) + "\n]\n}\n"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


class Claims:
    """What a table says that a real library can prove."""

    def __init__(self, table: Library, twins: Iterable[str] = ()) -> None:
        self.table = table
        self.twins = sorted(set(twins))
        self.exempt = {name for row in table.not_looked_up for written in row.names for name in expand_braces(written)}

    def is_exempt(self, name: str) -> bool:
        """The table says that the name, or all below one, was not looked up."""
        return any(name == one or name.startswith(f"{one}.") for one in self.exempt)

    @property
    def is_looked_up(self) -> bool:
        """Some of its modules can be."""
        return not all(map(self.is_exempt, self.table.imports))

    def questions(self) -> Questions:
        """All that is asked of a release."""
        classes = set(self.classes())
        calls = {name for _, name in self.calls()}
        gives = {name: given for name, given in self.gives().items() if not self.is_exempt(name)}
        aliases = [
            (alias.spelling, alias.means, [name for name in sorted(calls | classes) if name.rpartition(".")[0] == alias.means])
            for alias in self.table.aliases
            if not self.is_exempt(alias.spelling)
        ]
        bases = [(name, base) for name, base in self.bases() if not self.is_exempt(name)]
        means = {means for _, means, _ in aliases}
        names = calls | classes | set(gives) | set(self.twins) | means | {one for pair in bases for one in pair} | set(self.layers())
        return Questions(
            self.table.distribution,
            list(self.table.imports),
            sorted(name for name in names if not self.is_exempt(name)),
            sorted({name for name, _, _ in self.arguments()}),
            sorted({name for name in self.wildcards() if not self.is_exempt(name)}),
            gives,
            bases,
            aliases,
        )

    def calls(self) -> Iterator[tuple[str, str]]:
        """(kind of row, name) of everything that can be called; of `Class.*` ("all of", the class)."""
        table = self.table
        kinds: dict[str, list[list[str]]] = {
            "blocking": [row.calls for row in table.blocking],
            "returns": [row.calls for row in table.returns],
            "coroutines": [row.calls for row in table.coroutines],
            "offloaders": [row.calls for row in table.offloaders],
            "schedulers": [row.calls for row in table.schedulers],
            "loop_runners": [row.calls for row in table.loop_runners],
            "servers": [row.calls for row in table.servers],
            "decorators": [row.names for row in table.decorators],
            "kept": [row.calls for row in table.kept],
            "unlimited": [row.calls for row in table.unlimited],
            "queries": [row.calls for row in table.queries],
            "lazy_fields": [row.calls for row in table.lazy_fields],
            "relations": [row.calls for row in table.relations],
            "sinks": [[*row.calls, *row.bases] for row in table.sinks],
            "validators": [[*row.calls, *row.bases, *row.decorators] for row in table.validators],
        }
        for kind, rows in kinds.items():
            for text in (text for names in rows for text in names):
                yield from (("all of" if text.endswith(".*") else kind, name) for name in expanded([text]))

    def layers(self) -> Iterator[str]:
        """Modules and names that tell a layer."""
        return (name for row in self.table.layers for name in expanded(row.names))

    def classes(self) -> Iterator[str]:
        """Every class that is named, in whatever place."""
        for row in self.table.classes:
            yield from expanded(row.names)
            yield from expanded(row.bases)
            for text in (*row.attributes.values(), row.elements, row.enters, row.async_enters, row.calling, row.awaits):
                yield from class_names(parse_type(text)) if text else ()
        for text in [row.type for row in self.table.returns] + [row.type for row in self.table.coroutines]:
            yield from class_names(parse_type(text))
        for types in [row.types for row in self.table.iterating] + [row.types for row in self.table.entering]:
            yield from expanded(types)
        for relation in self.table.relations:
            yield relation.gives
        for sink in self.table.sinks:
            yield from expanded(sink.bases)

    def gives(self) -> dict[str, list[str]]:
        """Calls and attributes to the classes that one of them is said to give."""
        found: dict[str, set[str]] = {}
        given = [(row.calls, row.type) for row in self.table.returns] + [(row.calls, row.type) for row in self.table.coroutines]
        for calls, text in given:
            for name in expanded(calls):
                found.setdefault(name, set()).update(_own_classes(text))
        for cls in self.table.classes:
            for name in expanded(cls.names):
                for attribute, text in cls.attributes.items():
                    found.setdefault(f"{name}.{attribute}", set()).update(_own_classes(text))
        return {name: sorted(classes) for name, classes in sorted(found.items())}

    def bases(self) -> list[tuple[str, str]]:
        """Each class with each of its bases."""
        return sorted({(name, base) for row in self.table.classes for name in expanded(row.names) for base in expanded(row.bases)})

    def wildcards(self) -> Iterator[str]:
        """Of blocking rows with `.*`: the owner."""
        return (
            name.removesuffix(".*") for row in self.table.blocking for text in row.calls for name in expand_braces(text) if name[-1] == "*"
        )

    def arguments(self) -> Iterator[tuple[str, str, int]]:
        """(call, keyword, position) of every argument that a row asks for."""
        conditioned: list[tuple[Sequence[str], Sequence[Condition]]] = [
            (row.calls, [*row.when, *row.unless]) for row in self.table.blocking
        ]
        conditioned += [(row.calls, row.when) for row in self.table.returns]
        conditioned += [(row.calls, row.unless) for row in self.table.kept]
        conditioned += [(row.calls, row.unless) for row in self.table.lazy_fields]
        for calls, conditions in conditioned:
            named = [] if all(name.endswith(".*") for name in calls) else expanded(calls)
            yield from ((name, one.keyword, one.position) for name in named for one in conditions)
        moved = [(row.calls, row.keyword, row.position) for row in self.table.offloaders]
        moved += [(row.calls, row.keyword, row.position) for row in self.table.schedulers]
        yield from ((name, keyword, position) for calls, keyword, position in moved for name in expanded(calls))
        for limit in self.table.unlimited:
            yield from ((name, limit.keyword, limit.position) for name in expanded(limit.calls))
        for sink in self.table.sinks:
            yield from ((name, keyword, -1) for name in expanded(sink.calls) for keyword in sink.keywords)
            yield from ((name, "", position) for name in expanded(sink.calls) for position in sink.positions)


def expanded(names: Iterable[str]) -> tuple[str, ...]:
    """Every name that is written so; of `Class.*` the class."""
    return tuple(name.removesuffix(".*") for written in names for name in expand_braces(written))


def _own_classes(text: str) -> list[str]:
    """The classes of a type expression that the library itself would have to give; none where the call gives a class."""
    if "class:" in text:
        return []
    return [name for name in class_names(parse_type(text)) if not name.startswith("builtins.")]


def twins_by_table(tables: dict[str, Library]) -> dict[str, set[str]]:
    """The async twins that are dotted names, by the table whose imports they stand below."""
    found: dict[str, set[str]] = {stem: set() for stem in tables}
    owners = {name: stem for stem, table in tables.items() for name in table.imports}
    for table in tables.values():
        rows = [(row.twin, row.calls) for row in table.blocking] + [(row.twin, row.types) for row in table.iterating]
        rows += [(row.twin, row.types) for row in table.entering]
        for text, names in rows:
            if "{name}" in text and any(name.endswith(".*") for name in names):
                continue
            for twin in {text.replace("{name}", name.rpartition(".")[2]) for name in expanded(names)}:
                above = (twin.rsplit(".", cut)[0] for cut in range(twin.count(".") + 1))
                owner = next((name for name in above if name in owners), "")
                if owner and _DOTTED.fullmatch(twin):
                    found[owners[owner]].add(twin)
    return found


# --- the comparison ---


def contradictions(claims: Claims, result: LibraryResult) -> list[str]:
    """What the table says otherwise than the real library, and what no release was asked for or has."""
    return sorted(set(_contradictions(claims, result)))


def _contradictions(claims: Claims, result: LibraryResult) -> Iterator[str]:
    questions = claims.questions()
    kinds = _merged(result, "names")
    yield from (f"{name}: no release has it, or it was not looked up" for name in questions.names if name not in kinds)
    modules = {name for release in result.releases for name in release.modules}
    yield from (f"{name}: no module" for name in questions.modules if name not in modules and not claims.is_exempt(name))
    yield from (f"{name}: a {kinds[name]}, not a class" for name in sorted(set(claims.classes())) if kinds.get(name, "class") != "class")
    yield from _of_calls(claims, kinds)
    yield from _of_arguments(claims, result)
    yield from _of_types(questions, result)
    rows = [(name, row.waits_for) for row in claims.table.blocking for text in row.calls for name in expand_braces(text)]
    for name, opens in _merged(result, "opens").items():
        waits = {waits_for for one, waits_for in rows if one == name}
        if opens and not waits:
            yield f"{name}: opens a connection, and is not said to block"
        if not opens and waits & {"network", "database"}:
            yield f"{name}: opens no connection, and is said to block"
    for name, members in _merged(result, "awaited_members").items():
        named = {call.rpartition(".")[2] for _, call in claims.calls() if call.rpartition(".")[0] == name}
        if name in questions.wildcards and set(members) - named:
            yield f"{name}.*: coroutine functions are {', '.join(sorted(set(members) - named))}"


def _of_calls(claims: Claims, kinds: dict[str, str]) -> Iterator[str]:
    for kind, name in claims.calls():
        seen = kinds.get(name, "")
        if seen == "value" and not name.rpartition(".")[2].startswith("__"):
            yield f"{name}: cannot be called"
        if kind == "coroutines" and seen not in ("", "coroutine") and not name.startswith(AWAITABLES):
            yield f"{name}: a {seen}, no coroutine function"
        if kind == "blocking" and seen in ("coroutine", "async generator"):
            yield f"{name}: a {seen}, and said to block"


def _of_arguments(claims: Claims, result: LibraryResult) -> Iterator[str]:
    for name, keyword, position in claims.arguments():
        signatures = [release.parameters[name] for release in result.releases if name in release.parameters]
        misfits = [_misfit([one.removesuffix("=") for one in names or ["*"]], keyword, position) for names in signatures]
        if misfits and all(misfits):
            yield f"{name}: {misfits[0]}"


def _misfit(names: Sequence[str], keyword: str, position: int) -> str:
    takes_any = any(one.startswith("*") for one in names)
    if keyword and keyword not in names and not takes_any:
        return f"no argument {keyword}"
    if keyword in names and position >= 0 and names.index(keyword) != position:
        return f"{keyword} is at position {names.index(keyword)}"
    return f"no argument at position {position}" if not keyword and position >= len(names) and not takes_any else ""


def _of_types(questions: Questions, result: LibraryResult) -> Iterator[str]:
    told = _merged(result, "gives")
    for name, expected in questions.gives.items():
        stands_in = any((given.removeprefix("annotated: "), one) in STAND_INS for given in told.get(name, ()) for one in expected)
        if expected and name in told and not stands_in and not set(told[name]) & set(expected):
            yield f"{name}: gives {', '.join(told[name])}, not {', '.join(expected)}"
    bases = _merged(result, "bases")
    yield from (f"{name}: is no {base}" for name, base in questions.bases if base not in bases.get(name, []))
    aliases = _merged(result, "aliases")
    for spelling, means, _ in questions.aliases:
        if spelling not in aliases:
            yield f"{spelling}: no release has this alias, or it was not looked up"
        elif aliases[spelling] != means and spelling not in WRAPPERS:
            yield f"{spelling}: is {aliases[spelling]}, not {means}"


def _merged(result: LibraryResult, field: str) -> dict[str, Any]:
    """The field of all releases; the newest counts."""
    merged: dict[str, Any] = {}
    for release in reversed(result.releases):
        merged |= getattr(release, field)
    return merged
