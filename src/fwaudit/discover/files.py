"""The workspace: its root, its Python files with their digests, its manifests, and what could not be read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path, PurePath

import msgspec

from fwaudit.config import Config
from fwaudit.discover.ignore import PatternList
from fwaudit.discover.roles import copied_packages, role_of
from fwaudit.discover.roots import find_marker_above, find_root
from fwaudit.discover.walk import Found, ScopedPatterns, read_ignore_file, walk
from fwaudit.errors import NothingToAuditError
from fwaudit.model.source import Manifest, Problem, Role, SourceFile, Workspace
from fwaudit.reading import UnreadableError, read_source

__all__ = ["PatternList", "find_workspace", "read_source", "stamps_of", "workspace_digest"]

MANIFEST_LIMIT = 1_000_000
"""The most bytes of one manifest that are read."""
MANIFESTS_LIMIT = 32_000_000
"""The most bytes of all manifests together."""


def find_workspace(paths: Sequence[Path], settings: Config) -> Workspace:
    """The workspace that `paths` belong to, every Python file in it read once and hashed.

    Raises UsageError for a path that does not exist, for paths that share no workspace, and where there is no Python file.
    """
    root, named = find_root(paths)
    excludes = _excludes(root, settings)
    found = Found()
    ignores = _ignores_above(root, found)
    walked = walk(root, ignores, excludes)
    problems = [*found.problems, *walked.problems]
    _add_named(root, named, excludes, walked)
    sources = _read_sources(root, walked.sources, settings, problems)
    if not sources and not any(problem.kind == "not-analysed" for problem in problems):
        raise NothingToAuditError(f"no Python file in {str(paths[0] if len(paths) == 1 else root)!r}")
    return Workspace(
        root=root,
        sources=sources,
        manifests=_read_manifests(root, walked.manifests, settings, problems),
        problems=tuple(sorted(problems, key=_problem_order)),
        named=None if named is None else _named_sources(named, sources),
        package=_package_of(Path(root)),
    )


def stamps_of(paths: Sequence[Path], settings: Config) -> frozenset[tuple[str, int, int]]:
    """Path, time and size of each file that an audit of `paths` would read, and of those that the settings name; none is opened."""
    root, named = find_root(paths)
    excludes = _excludes(root, settings)
    walked = walk(root, _ignores_above(root, Found()), excludes)
    _add_named(root, named, excludes, walked)
    files = [f"{root}/{path}" for path in (*walked.sources, *(path for path, _ in walked.manifests))]
    files += [str(Path(settings.folder, name)) for name in (settings.file, settings.baseline) if name]
    for folder in settings.table_folders:
        files += [str(path) for path in folder.rglob("*") if path.suffix in (".toml", ".md")]
    return frozenset(stamp for file in files if (stamp := _stamp(file)) is not None)


def _stamp(file: str) -> tuple[str, int, int] | None:
    try:
        status = os.lstat(file)
    except OSError:
        return None
    return (file, status.st_mtime_ns, status.st_size)


def _package_of(root: Path) -> str:
    """The dotted name of the package that the folder is, with those around it; "" if it is none. Only names are looked at."""
    parts: list[str] = []
    while (root / "__init__.py").is_file() and root.name.isidentifier():
        parts.insert(0, root.name)
        root = root.parent
    return ".".join(parts)


def workspace_digest(workspace: Workspace) -> bytes:
    """A digest of all that an audit reads from the workspace: two runs with the same one have the same input."""
    state = hashlib.sha256()
    for source in workspace.sources:
        _feed(state, source.path, source.digest, source.role, source.reported)
    for manifest in workspace.manifests:
        _feed(state, manifest.path, manifest.kind, manifest.content)
    for problem in workspace.problems:
        _feed(state, problem.path, problem.line, problem.message, problem.kind)
    _feed(state, workspace.named is None, *(workspace.named or ()))
    _feed(state, workspace.package)
    return state.digest()


def _feed(state: hashlib._Hash, *values: object) -> None:
    """Adds the values with their lengths, so that no two different lists look the same."""
    parts = [value if isinstance(value, bytes) else os.fsencode(str(value)) for value in values]
    state.update(b"%d" % len(parts) + b"".join(b",%d:" % len(part) + part for part in parts))


def _excludes(root: str, settings: Config) -> ScopedPatterns:
    """The patterns of the settings, which hold from the folder of the settings on."""
    place = settings.place_of(Path(root))
    return ScopedPatterns(PatternList((*settings.exclude, *settings.extend_exclude)), tuple(place.split("/")) if place else ())


def _ignores_above(root: str, found: Found) -> tuple[ScopedPatterns, ...]:
    """The .gitignore files between the top of the repository and the root, the outermost first."""
    top = find_marker_above(root, ".git")
    if top is None or top == root:
        return ()
    segments = PurePath(root).relative_to(top).parts
    ignores = []
    for depth in range(len(segments)):
        folder = os.path.join(top, *segments[:depth])
        if os.path.lexists(os.path.join(folder, ".gitignore")):
            above = Found()
            patterns = read_ignore_file(folder, ".gitignore", above)
            prefix = "../" * (len(segments) - depth)
            found.problems.extend(msgspec.structs.replace(problem, path=prefix + problem.path) for problem in above.problems)
            ignores.append(ScopedPatterns(patterns, segments[depth:]))
    return tuple(ignores)


def _add_named(root: str, named: tuple[str, ...] | None, excludes: ScopedPatterns, found: Found) -> None:
    """Adds the Python files that were named although a .gitignore leaves them out; settings exclude named files too."""
    known = {*found.sources, *(problem.path for problem in found.problems)}
    for path in named or ():
        if path.endswith(".py") and path not in known and not os.path.isdir(f"{root}/{path}"):
            from_settings = "/".join((*excludes.folder, path))
            if not excludes.patterns.matches(from_settings):
                found.sources.append(path)


def _named_sources(named: tuple[str, ...], sources: tuple[SourceFile, ...]) -> tuple[str, ...]:
    """The named files, and for a named folder the Python files in it."""
    folders = tuple("" if path == "." else f"{path}/" for path in named)
    below = {source.path for source in sources if source.path.startswith(folders)}
    return tuple(sorted({*below, *(path for path in named if path.endswith(".py"))}, key=os.fsencode))


def _read_sources(root: str, paths: list[str], settings: Config, problems: list[Problem]) -> tuple[SourceFile, ...]:
    """The readable files, sorted by the bytes of their paths; the others become problems."""
    sources = []
    copied = copied_packages(paths)
    for path in sorted(paths, key=os.fsencode):
        try:
            content = read_source(root, path, settings.max_file_size)
        except UnreadableError as error:
            problems.append(Problem(path, 1, str(error), "skipped" if error.is_special else "not-analysed"))
            continue
        if b"\0" in content:
            line = content.count(b"\n", 0, content.index(b"\0")) + 1
            problems.append(Problem(path, line, "contains a NUL byte, which Python refuses"))
            continue
        role = role_of(path, content, copied)
        sources.append(SourceFile(path, hashlib.sha256(content).digest(), len(content), role, _is_reported(role, settings)))
    return tuple(sources)


def _read_manifests(root: str, found: list[tuple[str, str]], settings: Config, problems: list[Problem]) -> tuple[Manifest, ...]:
    """The readable manifests, sorted by path; the others become problems that do not count as missing files."""
    manifests = []
    left = MANIFESTS_LIMIT
    for path, kind in sorted(found, key=lambda pair: os.fsencode(pair[0])):
        try:
            content = read_source(root, path, min(MANIFEST_LIMIT, left))
        except UnreadableError as error:
            problems.append(Problem(path, 1, str(error), "skipped"))
            continue
        left -= len(content)
        manifests.append(Manifest(path, kind, content, _is_reported(role_of(path, b""), settings)))
    return tuple(manifests)


def _is_reported(role: Role, settings: Config) -> bool:
    return role is Role.CODE or (role is Role.TEST and settings.include_tests)


def _problem_order(problem: Problem) -> tuple[bytes, int, str]:
    return (os.fsencode(problem.path), problem.line, problem.message)
