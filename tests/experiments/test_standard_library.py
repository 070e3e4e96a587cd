"""Looks every name of the standard library's tables up in real Pythons.

pytest tests/experiments/test_standard_library.py
FWAUDIT_PYTHONS=python3.11:python3.12:python3.13 pytest tests/experiments/test_standard_library.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tomli

from fwaudit.catalog.braces import expand_braces
from fwaudit.catalog.schema import Condition, Library

LIBRARIES = Path(__file__).parents[2] / "rules" / "libraries"
LOOK_UP = Path(__file__).with_name("look_up_names.py")
PYTHONS = os.environ.get("FWAUDIT_PYTHONS", sys.executable).split(":")

ONLY_IN = {
    "compression.zstd": (">=", (3, 14)),
    "concurrent.futures.InterpreterPoolExecutor": (">=", (3, 14)),
    "crypt": ("<", (3, 13)),
    "nntplib": ("<", (3, 13)),
    "os.path._joinrealpath": ("<", (3, 13)),
    "os.path._path_normpath": ("<", (3, 13)),
    "os.path.isdevdrive": (">=", (3, 13)),
    "os.path.isjunction": (">=", (3, 12)),
    "pathlib.Path.copy": (">=", (3, 14)),
    "pathlib.Path.copy_into": (">=", (3, 14)),
    "pathlib.Path.from_uri": (">=", (3, 13)),
    "pathlib.Path.info": (">=", (3, 14)),
    "pathlib.Path.is_junction": (">=", (3, 12)),
    "pathlib.Path.link_to": ("<", (3, 12)),
    "pathlib.Path.move": (">=", (3, 14)),
    "pathlib.Path.move_into": (">=", (3, 14)),
    "pathlib.Path.walk": (">=", (3, 12)),
    "pathlib.PurePath.full_match": (">=", (3, 13)),
    "pathlib.PurePath.parser": (">=", (3, 13)),
    "pathlib.PurePath.with_segments": (">=", (3, 12)),
    "pathlib._local": (">=", (3, 13)),
    "telnetlib": ("<", (3, 13)),
    "typing.override": (">=", (3, 12)),
    "warnings.deprecated": (">=", (3, 13)),
}
"""Names and modules that only some versions have; everything else has to be in all of them."""

ELSEWHERE = frozenset(
    {
        "asyncio.ProactorEventLoop",
        "os.chflags",
        "os.lchmod",
        "select.devpoll",
        "select.devpoll.poll",
        "selectors.DevpollSelector",
        "selectors.KqueueSelector",
    }
)
"""Names of other systems than Linux: not looked up."""

OURS = (
    "bz2.BZ2FileInMemory",
    "gzip.GzipFileInMemory",
    "lzma.LZMAFileInMemory",
    "socket.DatagramSocket",
    "sqlite3.ConnectionInMemory",
    "sqlite3.CursorInMemory",
    "tarfile.TarFileInMemory",
    "zipfile.ZipFileInMemory",
)
"""Classes that no package has: the tables tell by them what one real class is when it is made with certain arguments."""

STAND_INS = frozenset({("tempfile._TemporaryFileWrapper", "io.BufferedRandom")})
"""(class, base) that a table calls a subclass because it hands every call on to one."""


@cache
def answers(python: str) -> dict[str, Any]:
    """What one interpreter says of all names."""
    completed = subprocess.run([python, str(LOOK_UP)], input=json.dumps(questions()), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(completed.stdout)
    return found


@cache
def questions() -> dict[str, Any]:
    files = [tomli.loads(path.read_text(encoding="utf-8")) for path in sorted(LIBRARIES.glob("python*.toml"))]
    tables = [msgspec.convert(file, Library) for file in files if file["distribution"] == "python"]
    names: set[str] = set()
    for table in tables:
        names |= set(expanded(called_in(table)))
        names |= {base for row in table.classes for base in expanded(row.bases)}
        names |= {spelling for row in table.aliases for spelling in (row.spelling, row.means)}
    return {
        "names": sorted(name for name in names - ELSEWHERE if not name.startswith(OURS)),
        "coroutines": [name for table in tables for row in table.coroutines for name in expanded(row.calls)],
        "blocking": [name for table in tables for row in table.blocking for name in expanded(row.calls)],
        "bases": sorted(set(bases(tables)) - STAND_INS),
        "conditions": [(name, msgspec.to_builtins(condition)) for table in tables for name, condition in conditions(table)],
        "aliases": [(row.spelling, row.means) for table in tables for row in table.aliases],
    }


def called_in(table: Library) -> list[str]:
    calls = [name for blocking in table.blocking for name in blocking.calls]
    calls += [name for returns in table.returns for name in returns.calls]
    calls += [name for offloader in table.offloaders for name in offloader.calls]
    calls += [name for scheduler in table.schedulers for name in scheduler.calls]
    calls += [name for runner in table.loop_runners for name in runner.calls]
    calls += [name for coroutine in table.coroutines for name in coroutine.calls]
    calls += [name for server in table.servers for name in server.calls]
    calls += [name for iterating in table.iterating for name in iterating.types]
    calls += [name for entering in table.entering for name in entering.types]
    calls += [name for classes in table.classes for name in classes.names]
    return calls + [name for decorators in table.decorators for name in decorators.names]


def bases(tables: list[Library]) -> Iterator[tuple[str, str]]:
    for table in tables:
        yield from ((name, base) for row in table.classes for name in expanded(row.names) for base in expanded(row.bases))


def conditions(table: Library) -> Iterator[tuple[str, Condition]]:
    for row in table.blocking:
        yield from ((name, condition) for name in expanded(row.calls) for condition in (*row.when, *row.unless))
    for returned in table.returns:
        yield from ((name, condition) for name in expanded(returned.calls) for condition in returned.when)


def expanded(names: list[str]) -> list[str]:
    return [name.removesuffix(".*") for written in names for name in expand_braces(written)]


def belongs_to(name: str, version: str) -> bool:
    """Whether a Python of that version should have `name`."""
    here = tuple(int(part) for part in version.split(".")[:2])
    for limited, (sign, bound) in ONLY_IN.items():
        if name == limited or name.startswith(f"{limited}."):
            return here >= bound if sign == ">=" else here < bound
    return True


@pytest.mark.parametrize("python", PYTHONS)
def test_every_name_is_there_in_its_versions(python: str) -> None:
    """Each name of the tables is in the versions of Python that have it, and in no other."""
    answer = answers(python)
    missing = set(answer["missing"])
    expected = {name for name in questions()["names"] if not belongs_to(name, answer["version"])}
    assert missing == expected, {"missing": sorted(missing - expected), "there after all": sorted(expected - missing)}


@pytest.mark.parametrize("python", PYTHONS)
def test_names_are_what_the_rows_say(python: str) -> None:
    """Coroutine rows are coroutine functions, blocking ones are not; bases, conditions and aliases are what the tables say."""
    assert answers(python)["wrong"] == []
