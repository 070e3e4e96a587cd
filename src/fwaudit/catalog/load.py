"""Reads `rules/` and users' own folders of tables, strictly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import tomli

from fwaudit.catalog.advice import AdviceTable, AdviceTables, QuestionTable, SignalTable, SourceTable
from fwaudit.catalog.braces import expand_all
from fwaudit.catalog.files import TableFile, digest_of, read_kind, read_tables
from fwaudit.catalog.fit import FitTable
from fwaudit.catalog.framework_schema import Framework
from fwaudit.catalog.index import Index, Tables
from fwaudit.catalog.knowledge import RulePage
from fwaudit.catalog.mistakes import explain
from fwaudit.catalog.names import Catalog
from fwaudit.catalog.schema import Library, RuleData
from fwaudit.catalog.server_schema import ServerTable
from fwaudit.catalog.servers import ServerIndex
from fwaudit.catalog.timing import TimeTable
from fwaudit.errors import CatalogError

_TOML_BLOCK = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_Form = TypeVar(
    "_Form", Library, Framework, RuleData, ServerTable, AdviceTable, QuestionTable, SignalTable, SourceTable, TimeTable, FitTable
)


def load_catalog(extra_folders: Sequence[Path] = (), own: Sequence[Library] = ()) -> Catalog:
    """All that the shipped tables say, then those of `extra_folders` and the rows of `own`; of rows for one name the later count.

    Raises CatalogError, which names the file, the table and the key.
    """
    files = read_tables(extra_folders)
    index = Index()
    for folder in range(len(extra_folders) + 1):
        index.add(_tables(file for file in files if file.folder == folder))
    index.add([Tables("settings", library) for library in own])
    pages = _pages(files)
    servers = [_convert(file.shown, file.content, ServerTable) for file in files if file.kind == "servers"]
    return Catalog(
        index, pages, digest_of(files), ServerIndex(servers), _advice({file.name: file for file in files if file.kind == "advice"})
    )


def load_advice() -> AdviceTables:
    """What the shipped tables advise, without the tables of names."""
    return _advice({file.name: file for file in read_kind("advice")})


def load_pages() -> dict[str, RulePage]:
    """The page of each rule, without the tables: for reports of a finished Audit."""
    return _pages(read_kind("pages"))


def _pages(files: Iterable[TableFile]) -> dict[str, RulePage]:
    return {file.name: _page(file) for file in files if file.kind == "pages"}


def _tables(files: Iterable[TableFile]) -> list[Tables]:
    tables = []
    for file in files:
        if file.kind == "libraries":
            tables.append(Tables(file.shown, _convert(file.shown, file.content, Library)))
        elif file.kind == "frameworks":
            tables.append(Tables(file.shown, _convert(file.shown, file.content, Framework)))
    return tables


def _advice(files: Mapping[str, TableFile]) -> AdviceTables:
    """What `advice/` says; a folder without it says nothing."""
    if not files:
        return AdviceTables(SignalTable(uses=[], families=[], contracts=[]), (), (), ())

    def table(name: str, form: type[_Form]) -> _Form:
        if name not in files:
            raise CatalogError(f"rules/advice/{name}.toml is missing; install fwaudit again")
        return _convert(files[name].shown, files[name].content, form)

    questions = table("questions", QuestionTable)
    tables = AdviceTables(
        table("signals", SignalTable),
        tuple(table("triggers", AdviceTable).triggers),
        tuple(questions.questions),
        tuple(table("sources", SourceTable).sources),
        tuple(table("timing", TimeTable).times),
        table("fit", FitTable),
        tuple(questions.contradictions),
    )
    for file, mistake in tables.mistakes():
        raise CatalogError(f"{files[file].shown}: {mistake}")
    return tables


def written_table(file: TableFile) -> Library | Framework:
    """The table of a library or a framework as it is written: braces in names stand."""
    table = tomli.loads(file.content.decode())
    return msgspec.convert(table, Library) if file.kind == "libraries" else msgspec.convert(table, Framework)


def _convert(shown: str, content: bytes, form: type[_Form]) -> _Form:
    try:
        table = tomli.loads(content.decode())
        expand_all(table)
    except (CatalogError, RecursionError, ValueError) as error:
        raise CatalogError(f"{shown}: {error}") from error
    try:
        return msgspec.convert(table, form)
    except msgspec.ValidationError as error:
        raise CatalogError(f"{shown}: {explain(error, form, table)}") from error


def _page(file: TableFile) -> RulePage:
    try:
        text = file.content.decode()
    except UnicodeDecodeError as error:
        raise CatalogError(f"{file.shown}: {error}") from error
    title = text.partition("\n")[0]
    if title != f"# {file.name}":
        raise CatalogError(f"{file.shown}: the first line is `{title}`, not `# {file.name}`")
    block = _TOML_BLOCK.search(text)
    if block is None:
        raise CatalogError(f"{file.shown}: no `toml` block with the rule's data")
    return RulePage(file.name, _convert(file.shown, block[1].encode(), RuleData), text)
