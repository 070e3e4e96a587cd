"""What fwaudit knows of a library or a framework, for people: what blocks, what is used instead, and where handlers run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from fwaudit.catalog.framework_schema import Framework, Handlers
from fwaudit.catalog.schema import Blocking, Condition, Entering, Iteration, Library, Offloader, Speaking
from fwaudit.model.context import WaitsFor
from fwaudit.report.words import WAITING

_INTERFACES = {"asgi": ", served over ASGI", "wsgi": ", served over WSGI", "own-loop": ", with a server and loop of its own", "": ""}
_KINDS = {
    "web": "A web framework",
    "extension": "An extension",
    "entry-points": "Entry points beside a web framework (jobs, bots, RPC and the like)",
}


def table_page(table: Library | Framework, name: str) -> str:
    """The page, in the form of a rule's; `name` is that of the table's file, by which it was asked for."""
    return _library(table, name) if isinstance(table, Library) else _framework(table, name)


def _library(library: Library, name: str) -> str:
    packaged = "The standard library" if library.distribution == "python" else f"The distribution `{library.distribution}`"
    releases = f", releases {' and '.join(library.versions)}" if library.versions else ""
    lines = [f"# {name}", "", f"{packaged}{releases}, imported as {_names(library.imports)} ({library.documentation})."]
    lines += _rows(library)
    lines += _section("Names that no release was seen to have", (f"{_names(one.names)}: {one.why}" for one in library.not_looked_up))
    return _page(lines, f"rules/libraries/{name}.toml")


def _framework(framework: Framework, name: str) -> str:
    installed = f" Its distributions are {_names(framework.distributions)}." if framework.distributions else ""
    said = f"{_KINDS[framework.kind]}{_INTERFACES[framework.interface]} ({framework.documentation}).{installed}"
    if framework.extends:
        said += f" What {_names(framework.extends)} {'do' if len(framework.extends) > 1 else 'does'} holds for it too."
    if framework.validates:
        said += " It checks what handlers take from the request against their annotations."
    if framework.threads:
        said += f" A process runs up to {framework.threads} sync handlers at a time."
    lines = [f"# {framework.name}", "", said]
    lines += _section("Where code runs", _contexts(framework.handlers))
    lines += _section("Releases without support", (f"{one.versions}: since {one.last_day} ({one.source})" for one in framework.ends))
    return _page([*lines, *_rows(framework)], f"rules/frameworks/{name}.toml")


def _page(lines: Sequence[str], file: str) -> str:
    return "\n".join([*lines, "", f"All rows, with what calls give and how names are followed, stand in `{file}`.", ""])


def _rows(table: Speaking) -> Iterator[str]:
    yield from _section("What holds its thread", map(_blocking, table.blocking))
    touched = [("going through", one) for one in table.iterating] + [("`with` on", one) for one in table.entering]
    shown = (f"{said} {_names(one.types)} {_waiting(one)}{_instead(one.twin)} ({one.source})" for said, one in touched)
    yield from _section("What holds it besides", shown)
    yield from _section("What runs elsewhere", map(_offloaded, table.offloaders))
    runners = (f"{_names(one.calls)} ({one.source})" for one in table.loop_runners)
    yield from _section("What runs a coroutine on a loop of its own and waits", runners)
    yield from _section("What only has to be awaited", (_names(one.calls) for one in table.coroutines))


def _blocking(row: Blocking) -> str:
    where = "".join([_where("where", row.when), _where("not where", row.unless)])
    peers = ", only with the setting `parity`" if row.tier == "parity" else ""
    return f"{_names(row.calls)} {_waiting(row)}{where}{peers}{_instead(row.twin)} ({row.source})"


def _waiting(row: Blocking | Iteration | Entering) -> str:
    said = WAITING[WaitsFor(row.waits_for)]
    return f"{said} ({row.cost})" if row.cost else said


def _offloaded(row: Offloader) -> str:
    argument = f"argument {row.position}" if row.position >= 0 else f"argument `{row.keyword}`"
    return f"{_names(row.calls)} runs its {argument} in a {'thread' if row.context == 'threadpool' else 'process'} ({row.source})"


def _contexts(rows: Iterable[Handlers]) -> Iterator[str]:
    """A line for each kind of handler and place where it runs; what is registered in that way below it."""
    groups: dict[str, list[Handlers]] = defaultdict(list)
    for row in rows:
        served = f", served over {row.interface.upper()}" if row.interface else ""
        beside = f", beside {_names(row.only_beside)}" if row.only_beside else ""
        releases = f", releases {row.versions}" if row.versions else ""
        runs = row.synchronous if row.synchronous == row.asynchronous else f"`def` {row.synchronous}, `async def` {row.asynchronous}"
        groups[f"{row.kind}{releases}{served}{beside}: {runs}"].append(row)
    for said, group in groups.items():
        yield "\n".join([said, *(f"    - {_registered(row)}" for row in group)])


def _registered(row: Handlers) -> str:
    ways = {"decorator": row.decorators, "call": row.calls, "subclasses of": row.bases, "methods": row.methods}
    told = ", ".join(f"{way} {_names(names)}" for way, names in ways.items() if names)
    proof = f"; not run: {row.not_run}" if row.not_run else ""
    return f"{told}{_where('where', row.when)}{proof} ({row.source})"


def _where(word: str, conditions: Sequence[Condition]) -> str:
    return f", {word} {' and '.join(map(_condition, conditions))}" if conditions else ""


def _condition(condition: Condition) -> str:
    argument = f"`{condition.keyword}`" if condition.keyword else f"argument {condition.position}"
    if condition.type:
        return f"{argument} is a `{condition.type}`"
    if condition.value is None:
        return f"{argument} is given"
    return f"{argument} is {'not given' if condition.value == 'default' else f'`{condition.value}`'}"


def _instead(twin: str) -> str:
    return f"; async code uses `{twin}`" if twin else ""


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _section(title: str, items: Iterable[str]) -> list[str]:
    found = [f"- {item}" for item in items]
    return ["", f"## {title}", "", *found] if found else []
