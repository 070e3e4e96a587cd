"""What discover hands on: the workspace, its files, and what could not be read."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Role(StrEnum):
    """What a source file is for. Only `code` is reported by default; all are linked."""

    CODE = "code"
    TEST = "test"
    MIGRATION = "migration"
    GENERATED = "generated"
    VENDORED = "vendored"


class Problem(msgspec.Struct, frozen=True, order=True):
    """What the audit could not do. `path` is relative to the workspace root, POSIX, unescaped; line 1 where none is known.

    `path` may hold anything a file name can hold: reports escape it.
    """

    path: str
    line: int
    message: str
    kind: str = "not-analysed"
    """not-analysed: a Python file that was left out (counted in the summary, fails `--strict`);
    skipped: not a file to analyse (a link out of the tree, a FIFO), said but not counted as missing;
    incomplete: a stage or check failed (exit 3)."""


class SourceFile(msgspec.Struct, frozen=True):
    """One Python file, read once. `path` is relative to the root, POSIX (undecodable bytes as surrogates)."""

    path: str
    digest: bytes
    """sha256 of the content."""
    size: int
    role: Role
    reported: bool
    """Whether findings here are shown: not excluded, not a test and so on, unless settings say otherwise."""


class Manifest(msgspec.Struct, frozen=True):
    """A non-Python file that says something about the service."""

    path: str
    kind: str
    """As `discover.roles.manifest_kind` names it: pyproject, requirements, dockerfile, procfile, shell, openapi and so on."""
    content: bytes
    reported: bool = True
    """Whether findings here are shown: not one of tests or vendored code, unless settings say otherwise."""


class Workspace(msgspec.Struct, frozen=True):
    """The directory under audit. `sources` and `manifests` are sorted by path."""

    root: str
    """Absolute; never printed in a report."""
    sources: tuple[SourceFile, ...]
    manifests: tuple[Manifest, ...]
    problems: tuple[Problem, ...]
    named: tuple[str, ...] | None = None
    """Files named on the command line, relative to the root: only findings that touch one are reported."""
    package: str = ""
    """The dotted name of the package that the root folder itself is, where it is one: `prefect.server`."""
