"""The one walk over the disk: which files there are to read."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from fwaudit.discover.ignore import PatternList, Segments
from fwaudit.discover.roles import manifest_kind
from fwaudit.model.source import Problem
from fwaudit.reading import UnreadableError, describe_special, read_source

IGNORE_FILE_LIMIT = 1_000_000
"""The most bytes of a .gitignore that are read."""
IGNORE_FILES_LIMIT = 50
"""The most .gitignore files that may hold for one file, each in a folder inside the one before."""

_PRUNED = frozenset({
    ".bzr", ".direnv", ".eggs", ".git", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pants.d", ".pyenv", ".pytest_cache",
    ".pytype", ".ruff_cache", ".svn", ".tox", ".venv", "__pycache__", "__pypackages__", "node_modules", "site-packages",
})  # fmt: skip
_PRUNED_ENDINGS = (".dist-info", ".egg-info", ".egg")
_BUILT = frozenset({"build", "dist"})
_PACKAGING_FILES = frozenset({"pyproject.toml", "setup.py", "setup.cfg"})


@dataclass(frozen=True, slots=True)
class ScopedPatterns:
    """Patterns, and the folder that is being walked as seen from where they hold."""

    patterns: PatternList
    folder: Segments

    def inside(self, name: str) -> ScopedPatterns:
        """The same one folder down."""
        return ScopedPatterns(self.patterns, (*self.folder, name))


@dataclass(slots=True)
class Found:
    """What the walk found, in no order. Paths are relative to the root; manifests with their kind."""

    sources: list[str] = field(default_factory=list)
    manifests: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder still to be listed: its path relative to the root with a final slash ("" for the root), and what holds in it."""

    path: str
    name: str
    ignores: tuple[ScopedPatterns, ...]
    """From the outermost to the innermost: the innermost that says something decides."""
    excludes: ScopedPatterns


def walk(root: str, ignores: tuple[ScopedPatterns, ...], excludes: ScopedPatterns) -> Found:
    """Every Python file and manifest below `root` that no pattern leaves out.

    Links are not followed: what they lead to inside the root is found there.
    """
    found = Found()
    waiting = [_Folder("", os.path.basename(root), ignores, excludes)]
    while waiting:
        waiting.extend(_list_folder(root, waiting.pop(), found))
    return found


def read_ignore_file(root: str, path: str, found: Found) -> PatternList:
    """The patterns in the .gitignore at `path`; what is not used of it becomes a problem."""
    try:
        content = read_source(root, path, IGNORE_FILE_LIMIT)
    except UnreadableError as error:
        found.problems.append(Problem(path, 1, str(error), "skipped"))
        return PatternList(())
    patterns = PatternList(content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape").split("\n"))
    found.problems.extend(Problem(path, line, reason, "skipped") for line, reason in patterns.refused)
    return patterns


def _list_folder(root: str, folder: _Folder, found: Found) -> list[_Folder]:
    """The folders in `folder` to go on with; its files are added to `found`."""
    try:
        with os.scandir(f"{root}/{folder.path}") as listing:
            entries = list(listing)
    except OSError as error:
        found.problems.append(Problem(folder.path.rstrip("/") or ".", 1, f"cannot be read: {error.strerror}"))
        return []
    names = {entry.name for entry in entries}
    if "pyvenv.cfg" in names and folder.path:
        return []
    if ".gitignore" in names:
        folder = _with_ignore_file(root, folder, found)
    pruned = _PRUNED if _PACKAGING_FILES.isdisjoint(names) else _PRUNED | _BUILT
    inner = []
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if (
                entry.name not in pruned
                and not entry.name.endswith(_PRUNED_ENDINGS)
                and not _is_left_out(folder, entry.name, is_folder=True)
            ):
                inner.append(_enter(folder, entry.name))
        else:
            _add_file(root, folder, entry, found)
    return inner


def _with_ignore_file(root: str, folder: _Folder, found: Found) -> _Folder:
    """The folder with the patterns of its own .gitignore."""
    path = f"{folder.path}.gitignore"
    if len(folder.ignores) >= IGNORE_FILES_LIMIT:
        found.problems.append(Problem(path, 1, f"is not used: {IGNORE_FILES_LIMIT} others hold here already", "skipped"))
        return folder
    patterns = read_ignore_file(root, path, found)
    ignores = (*folder.ignores, ScopedPatterns(patterns, ())) if patterns else folder.ignores
    return _Folder(folder.path, folder.name, ignores, folder.excludes)


def _enter(folder: _Folder, name: str) -> _Folder:
    return _Folder(f"{folder.path}{name}/", name, tuple(scoped.inside(name) for scoped in folder.ignores), folder.excludes.inside(name))


def _is_left_out(folder: _Folder, name: str, *, is_folder: bool) -> bool:
    """Whether settings exclude the entry or the innermost .gitignore that speaks of it ignores it."""
    if folder.excludes.patterns.verdict(folder.excludes.folder, name, is_folder=is_folder):
        return True
    for scoped in reversed(folder.ignores):
        verdict = scoped.patterns.verdict(scoped.folder, name, is_folder=is_folder)
        if verdict is not None:
            return verdict
    return False


def _add_file(root: str, folder: _Folder, entry: os.DirEntry[str], found: Found) -> None:
    """Adds a Python file or manifest; anything but a regular file of such a name becomes a problem."""
    name = entry.name
    is_source = name.endswith(".py")
    kind = manifest_kind(folder.path.rstrip("/"), name)
    is_link = entry.is_symlink()
    if not (is_source or kind or is_link) or _is_left_out(folder, name, is_folder=False):
        return
    path = f"{folder.path}{name}"
    if is_link:
        _note_link(root, path, found, is_wanted=is_source or kind is not None)
    elif not entry.is_file(follow_symlinks=False):
        found.problems.append(Problem(path, 1, _describe(entry), "skipped"))
    else:
        # setup.py and gunicorn.conf.py are both.
        if is_source:
            found.sources.append(path)
        if kind is not None:
            found.manifests.append((path, kind))


def _note_link(root: str, path: str, found: Found, *, is_wanted: bool) -> None:
    """Adds a problem for a link to follow which would leave the tree, or that leads nowhere and is called like a file of ours."""
    try:
        target = os.path.realpath(f"{root}/{path}", strict=True)
    except OSError:
        if is_wanted:
            found.problems.append(Problem(path, 1, "is a symbolic link that leads nowhere", "skipped"))
        return
    if target != root and not target.startswith(f"{root.rstrip('/')}/") and (is_wanted or os.path.isdir(target)):
        found.problems.append(Problem(path, 1, "is a symbolic link out of the workspace, which is not followed", "skipped"))


def _describe(entry: os.DirEntry[str]) -> str:
    try:
        return describe_special(entry.stat(follow_symlinks=False).st_mode)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
