"""What rules/libraries claims is what the real packages told: the results of tests/experiments, compared with the tables."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fwaudit.catalog.load import load_catalog
from fwaudit.catalog.schema import Library
from tests.experiments.library_questions import (
    FOLDER,
    Claims,
    LibraryResult,
    Release,
    contradictions,
    read_result,
    read_tables,
    twins_by_table,
)

CATALOG = load_catalog()
TABLES = read_tables()
TWINS = twins_by_table(TABLES)


@pytest.mark.parametrize("stem", TABLES)
def test_a_table_says_what_its_packages_told(stem: str) -> None:
    """Every name is there, is a class, a function or a coroutine function as it is used, and gives what the table says."""
    claims = Claims(TABLES[stem], TWINS[stem])
    result = read_result(stem)

    if claims.is_looked_up:
        assert result is not None, f"python tests/experiments/look_up_libraries.py {stem}"
        assert len(result.releases) == len(TABLES[stem].versions)
        assert contradictions(claims, result) == []
    else:
        assert result is None


class Pause(msgspec.Struct, frozen=True):
    """For how many seconds a call let nothing else run on its loop, and how many it took."""

    pause: float
    took: float
    blocks: bool


class Loopback(msgspec.Struct, frozen=True):
    """What tests/experiments/loopback.py saw."""

    seen: dict[str, Pause]


LOOPBACK = msgspec.json.decode((FOLDER.parent / "calls" / "loopback.json").read_bytes(), type=Loopback).seen


@pytest.mark.parametrize("name", LOOPBACK)
def test_what_blocks_a_loop_is_said_to_block(name: str) -> None:
    """And what leaves the loop free is not; each call waited for the silent server."""
    known = CATALOG.callable(name)
    seen = LOOPBACK[name]

    assert known is not None
    assert seen.took > 0.35
    assert bool(known.blocking) == seen.blocks


# --- the comparison itself ---


def _claims(*twins: str, **rows: Any) -> Claims:
    table = {"distribution": "shop", "versions": ["<2"], "imports": ["shop"], "documentation": "", **rows}
    return Claims(msgspec.convert(table, Library), twins)


def _told(**fields: Any) -> LibraryResult:
    return LibraryResult("shop", "2026-11-21", [Release("1.0", "3.11.7", ["shop"], **fields)])


_GET = {"calls": ["shop.get"], "waits_for": "network", "source": "https://example.org/"}


def test_a_name_that_no_release_has_is_a_contradiction() -> None:
    """A row's name, an async twin and a module have to be there, unless the table says why they were not looked up."""
    exempt = [{"names": ["shop"], "why": "no wheel"}]

    assert contradictions(_claims(blocking=[_GET]), _told(names={"shop.get": "function"})) == []
    assert len(contradictions(_claims(blocking=[_GET]), _told())) == 1
    assert len(contradictions(_claims("shop.aget", blocking=[_GET]), _told(names={"shop.get": "function"}))) == 1
    assert len(contradictions(_claims(imports=["shop", "shops"]), _told())) == 1
    assert contradictions(_claims(blocking=[_GET], not_looked_up=exempt), _told()) == []


def test_what_older_releases_have_counts() -> None:
    """A name is in one of the releases."""
    result = _told(names={})
    older = msgspec.structs.replace(result.releases[0], version="0.9", names={"shop.get": "function"})

    assert contradictions(_claims(blocking=[_GET]), msgspec.structs.replace(result, releases=[*result.releases, older])) == []


def test_only_coroutine_functions_are_in_coroutine_rows() -> None:
    """And none of them in a row of what blocks, nor among what `.*` stands for."""
    coroutines = [{"calls": ["shop.get"]}]
    wildcard = [{**_GET, "calls": ["shop.Client.*"]}]
    client: dict[str, Any] = {"names": {"shop.Client": "class"}, "awaited_members": {"shop.Client": ["aget"]}}

    assert contradictions(_claims(coroutines=coroutines), _told(names={"shop.get": "coroutine"})) == []
    assert len(contradictions(_claims(coroutines=coroutines), _told(names={"shop.get": "function"}))) == 1
    assert len(contradictions(_claims(blocking=[_GET]), _told(names={"shop.get": "coroutine"}))) == 1
    assert len(contradictions(_claims(blocking=wildcard), _told(**client))) == 1
    assert (
        contradictions(
            _claims(blocking=wildcard, returns=[{"calls": ["shop.Client.aget"], "type": "None"}]),
            _told(**{**client, "names": {**client["names"], "shop.Client.aget": "coroutine"}}),
        )
        == []
    )


def test_what_a_call_gives_is_compared() -> None:
    """With the annotation, or a real object; where neither tells anything, nothing is said."""
    claims = _claims(returns=[{"calls": ["shop.get"], "type": "shop.Item | None"}])
    names = {"shop.get": "function", "shop.Item": "class"}

    assert contradictions(claims, _told(names=names)) == []
    assert contradictions(claims, _told(names=names, gives={"shop.get": ["shop.Item"]})) == []
    assert len(contradictions(claims, _told(names=names, gives={"shop.get": ["annotated: shop.Basket"]}))) == 1
    assert len(contradictions(claims, _told(names={**names, "shop.Item": "function"}))) == 1


def test_bases_and_aliases_are_compared() -> None:
    """A base is one, and an alias is the same object."""
    claims = _claims(classes=[{"names": ["shop.Item"], "bases": ["shop.Thing"]}], aliases=[{"spelling": "shop.I", "means": "shop.Item"}])
    names = {"shop.Item": "class", "shop.Thing": "class"}

    assert contradictions(claims, _told(names=names, bases={"shop.Item": ["shop.Thing"]}, aliases={"shop.I": "shop.Item"})) == []
    assert len(contradictions(claims, _told(names=names, aliases={"shop.I": "shop.Basket"}))) == 2


def test_arguments_are_compared() -> None:
    """Those of conditions, of time limits, of where input ends and of what is offloaded: by keyword and by position."""
    names = {"shop.get": "function"}
    limit = _claims(unlimited=[{"calls": ["shop.get"], "keyword": "timeout", "position": 1, "source": ""}])
    sink = _claims(sinks=[{"calls": ["shop.get"], "kind": "query", "positions": [1], "keywords": ["what"], "source": ""}])

    assert contradictions(limit, _told(names=names, parameters={"shop.get": ["url", "timeout"]})) == []
    assert contradictions(limit, _told(names=names, parameters={"shop.get": ["url", "**options"]})) == []
    assert contradictions(limit, _told(names=names, parameters={"shop.get": None})) == []
    assert len(contradictions(limit, _told(names=names, parameters={"shop.get": ["timeout"]}))) == 1
    assert len(contradictions(limit, _told(names=names, parameters={"shop.get": ["url"]}))) == 1
    assert len(contradictions(sink, _told(names=names, parameters={"shop.get": ["url"]}))) == 2


@pytest.mark.parametrize("kind", ["kept", "queries", "lazy_fields"])
def test_all_kinds_of_rows_are_read(kind: str) -> None:
    """What is kept, asks a database or is read late has to be something that can be called."""
    row = {"calls": ["shop.get"], "source": "", **({"kind": "client"} if kind == "kept" else {})}

    assert contradictions(_claims(**{kind: [row]}), _told(names={"shop.get": "function"})) == []
    assert len(contradictions(_claims(**{kind: [row]}), _told(names={"shop.get": "value"}))) == 1
    assert len(contradictions(_claims(**{kind: [row]}), _told())) == 1
