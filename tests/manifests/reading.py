"""Manifests read in the test's own process, and what they say in short."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import PurePosixPath

from fwaudit.catalog.load import load_catalog
from fwaudit.catalog.servers import ServerIndex
from fwaudit.discover.roles import manifest_kind
from fwaudit.manifests.read import read_manifests
from fwaudit.model.manifest import Manifests
from fwaudit.model.source import Manifest, Role, SourceFile, Workspace

FOLDERS = ("admin", "api", "docker/services/api", "docker/worker", "src")
"""Folders of the workspace with code in them."""


@cache
def shipped_servers() -> ServerIndex:
    """The servers of the shipped tables."""
    return load_catalog().servers


def read(files: Mapping[str, str | bytes]) -> Manifests:
    """What the files (path to content) say; each must be known as a manifest by its name."""
    manifests = []
    for path, content in sorted(files.items()):
        kind = manifest_kind(PurePosixPath(path).parent.name, PurePosixPath(path).name)
        assert kind is not None, f"{path} is not known as a manifest"
        manifests.append(Manifest(path, kind, content.encode() if isinstance(content, str) else content))
    sources = tuple(SourceFile(f"{folder}/main.py", b"", 0, Role.CODE, True) for folder in FOLDERS)
    return read_manifests(Workspace("/workspace", sources, tuple(manifests), ()), shipped_servers())


def dependencies(files: Mapping[str, str | bytes]) -> list[str]:
    """`name[extras]specifier`, then `(group)` and `locked` where that is so, then `path:line`."""
    shown = []
    for one in read(files).dependencies:
        extras = f"[{','.join(one.extras)}]" if one.extras else ""
        group = f" ({one.group})" if one.group else ""
        locked = " locked" if one.is_locked else ""
        shown.append(f"{one.name}{extras}{one.specifier}{group}{locked} {one.evidence.path}:{one.evidence.line}")
    return shown


def starts(files: Mapping[str, str | bytes]) -> list[str]:
    """`server app in folder`, what is known besides, then `path:line`."""
    shown = []
    for one in read(files).starts:
        parts = [one.server, one.app or "-", f"in {one.folder}"]
        parts += [f"worker={one.worker_class}"] if one.worker_class else []
        parts += [f"workers={one.workers}"] if one.workers is not None else []
        parts += one.options
        parts += ["open"] if one.is_open else []
        shown.append(" ".join((*parts, f"{one.evidence.path}:{one.evidence.line}")))
    return shown


def problems(files: Mapping[str, str | bytes]) -> list[str]:
    """`path:line message`."""
    return [f"{problem.path}:{problem.line} {problem.message}" for problem in read(files).problems]
