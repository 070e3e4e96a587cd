"""What the manifests of a workspace say: the distributions that it declares and the servers that it starts."""

from __future__ import annotations

import re

import msgspec

from fwaudit.model.finding import Location
from fwaudit.model.source import Problem

_DEVELOPING = re.compile(
    r"(?:.*[-_.])?(?:bench|ci|dev|develop|docs?|examples?|lint|tests?|tox|typing)(?:[-_.].*|eloping|elopment|ing)?", re.DOTALL
)


def is_for_developing(group: str) -> bool:
    """Whether a group or an extra has a name of those who work on the project."""
    return _DEVELOPING.fullmatch(group) is not None


class Dependency(msgspec.Struct, frozen=True, order=True):
    """A distribution that a manifest declares or a lock file pins."""

    name: str
    """Normalised as the package index does: lower case, dashes."""
    specifier: str
    """PEP 440; "" for any version. Of a lock file: `==` and the version."""
    folder: str
    """Of the manifest, relative to the workspace root: "." for the root itself."""
    group: str
    """"" for what the service needs to run, else the extra's or the group's name: dev, test, docs."""
    is_locked: bool
    """Whether it comes from a lock file, which also names what others depend on."""
    evidence: Location
    extras: tuple[str, ...] = ()


class Distribution(msgspec.Struct, frozen=True, order=True):
    """What the project of a folder is called on a package index."""

    name: str
    """Normalised, as of a `Dependency`."""
    folder: str


UNKNOWN_WORKER_CLASS = "<unknown>"


class ServerStart(msgspec.Struct, frozen=True, order=True):
    """A command that starts a server, as a manifest writes it."""

    server: str
    """Name of the row in `rules/servers.toml`: gunicorn, uvicorn; "python" for a program that brings a server of its own, or none."""
    app: str
    """What it is told to serve (`app.main:app`, a module, an ini file); "" where that is not told."""
    folder: str
    """Where it runs, relative to the workspace root, as far as the manifest tells; else the manifest's own folder."""
    evidence: Location
    worker_class: str = ""
    """`UNKNOWN_WORKER_CLASS` where its own file computes it, or gives it under a condition."""
    workers: int | None = None
    options: tuple[str, ...] = ()
    """Options that rules ask for (`kept_options` of the row), sorted, each with its value: `--reload`, `--threads=4`."""
    config: str = ""
    """The file with more options that it reads, as written; what could be told from it stands in the other fields."""
    stage: str = ""
    """The name of the stage of a Dockerfile that it stands in."""
    is_open: bool = False
    """It gets options that no manifest writes: from a script that runs it, or from a variable."""


class Operation(msgspec.Struct, frozen=True, order=True):
    """A method on a path that an OpenAPI document promises, and the line that says so."""

    path: str
    method: str
    line: int
    parameters: tuple[str, ...] | None = None
    """The names of its query parameters, sorted; None where the document does not tell all of them."""
    name: str = ""
    """Its `operationId`, if that is a dotted name."""
    controller: str = ""
    """The module that an extension of Connexion names for it."""


class Specification(msgspec.Struct, frozen=True, order=True):
    """An OpenAPI or Swagger document. `base` is the path before all others, "" for none."""

    path: str
    base: str
    operations: tuple[Operation, ...]

    def at(self, line: int) -> Location:
        """The place that begins with the line."""
        return Location(self.path, line, 1, line, 1)


class Manifests(msgspec.Struct, frozen=True):
    """All that was read, sorted."""

    dependencies: tuple[Dependency, ...] = ()
    starts: tuple[ServerStart, ...] = ()
    problems: tuple[Problem, ...] = ()
    specifications: tuple[Specification, ...] = ()
    distributions: tuple[Distribution, ...] = ()
    """What the projects of the workspace are themselves."""


NO_MANIFESTS = Manifests()
