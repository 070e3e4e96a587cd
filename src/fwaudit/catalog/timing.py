"""The form of `rules/advice/timing.toml`: by which files of libraries a profile's time is told apart."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Literal

import msgspec

_PACKAGES = re.compile(r".*(?:site-packages|dist-packages)/|.*/lib(?:64)?/python3(?:\.\d+)?/|.*python3\d*\.zip/")
"""Everything in front of where a library, or a module of the standard library, begins."""

Kind = Literal["idle", "idle-worker", "loop", "pool", "database", "network", "serialization"]


class TimeRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Functions whose time, with what they call in other libraries, is of one kind.

    idle: waits for work; idle-worker: does so as one of a pool; loop and pool: tell that a thread runs an event loop, or is one of a pool;
    the others: what the time went into.
    """

    kind: Kind
    files: list[str] = []
    """Below `site-packages` or the standard library; `sqlalchemy/` stands for all below it."""
    functions: list[str] = []
    """Only these functions of the files; none named: all."""
    builtins: list[str] = []
    """What the name of a built-in function holds, which has no file."""
    source: str
    """Documentation of what the functions do."""


class TimeTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`rules/advice/timing.toml`."""

    times: list[TimeRow]


class TimeIndex:
    """The rows, as they are asked."""

    def __init__(self, rows: Iterable[TimeRow]) -> None:
        self._rows = tuple(rows)
        self._known: dict[tuple[str, str], str] = {}

    def kind_of(self, file: str, function: str) -> str:
        """What the time in a function of a library is, "" for what no row names. A longer path is the surer one."""
        key = (file, function)
        if key not in self._known:
            self._known[key] = self._kind_of(below_packages(file), function)
        return self._known[key]

    def _kind_of(self, path: str, function: str) -> str:
        found: list[tuple[int, str]] = []
        for row in self._rows:
            if any(part in function for part in row.builtins):
                found.append((len(function), row.kind))
            if row.functions and function.rpartition(".")[2] not in row.functions:
                continue
            found += [(len(name), row.kind) for name in row.files if path == name or (name.endswith("/") and path.startswith(name))]
        return max(found)[1] if found else ""


@cache
def below_packages(file: str) -> str:
    """The path of a library's file without where it is installed; any other path as it is, with slashes."""
    path = file.replace("\\", "/")
    match = _PACKAGES.match(path)
    return path[match.end() :] if match else path
