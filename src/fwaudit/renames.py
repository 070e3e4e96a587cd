"""Renamed files, as far as git's commits tell: which file became which, and what the findings in it are told by then."""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from fwaudit.baseline import Accepted, file_of
from fwaudit.config import Config
from fwaudit.discover.files import find_workspace
from fwaudit.git import GitError, Repository, open_repository
from fwaudit.model.finding import Finding, fingerprint_of
from fwaudit.model.source import Workspace
from fwaudit.reading import UnreadableError, read_source

SIMILAR = 0.5
"""The share of its lines, by length, that a file keeps when it is renamed: what git takes, too."""
PAIRS_LIMIT = 10_000
"""Above so many pairs of a lost and a new file only those of the same name are compared."""

_ORDINALS = 500


@dataclass(frozen=True, slots=True)
class Renames:
    """Old path to new path, from the workspace. `package`: see Workspace."""

    paths: Mapping[str, str]
    package: str = ""

    def fingerprints_of(self, finding: Finding) -> frozenset[str]:
        """What an old finding may be told by now; nothing for one that no rename touches."""
        return self.fingerprints(
            rule=finding.rule,
            path=finding.path,
            function=finding.function,
            callee=finding.callee or "",
            fingerprint=finding.fingerprint,
        )

    def fingerprints(self, *, rule: str, path: str, function: str, callee: str, fingerprint: str) -> frozenset[str]:
        """The same for what a baseline keeps of a finding."""
        functions = {function}
        if path in self.paths:
            functions |= self._renamed(function, path)
        callees = {callee}.union(*(self._renamed(callee, old) for old in self.paths))
        if len(functions) == len(callees) == 1:
            return frozenset()
        numbers = (number for number in range(1, _ORDINALS) if fingerprint_of(rule, function, callee, number) == fingerprint)
        ordinal = next(numbers, None)
        if ordinal is None:
            return frozenset()
        return frozenset(fingerprint_of(rule, one, other, ordinal) for one in functions for other in callees) - {fingerprint}

    def _renamed(self, name: str, old: str) -> set[str]:
        """The names that `name`, in the module at the old path, may have now: which folders belong to a module is not known."""
        before, after = self._module(old), self._module(self.paths[old])
        for start in range(len(before)):
            module = ".".join(before[start:])
            if name == module or name.startswith(f"{module}."):
                return {".".join(after[first:]) + name.removeprefix(module) for first in range(len(after))}
        return set()

    def _module(self, path: str) -> list[str]:
        parts = path.removesuffix(".py").split("/")
        return [*filter(None, self.package.split(".")), *(parts[:-1] if parts[-1] == "__init__" else parts)]


def find_renames(lost: Mapping[str, bytes], new: Mapping[str, bytes]) -> dict[str, str]:
    """Lost path to new path: the same content first, then what is most alike. An empty file is nobody's."""
    pairs = sorted(
        (-score, posixpath.basename(old) != posixpath.basename(now), old, now)
        for old, now in _pairs(lost, new)
        if (score := _likeness(lost[old], new[now])) >= SIMILAR
    )
    found: dict[str, str] = {}
    taken: set[str] = set()
    for _, _, old, now in pairs:
        if old not in found and now not in taken:
            found[old] = now
            taken.add(now)
    return found


def _pairs(lost: Mapping[str, bytes], new: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """The pairs to compare."""
    is_bounded = len(lost) * len(new) > PAIRS_LIMIT
    by_name: dict[str, list[str]] = {}
    for now, content in new.items():
        by_name.setdefault(posixpath.basename(now) if is_bounded else "", []).append(now)
        if is_bounded:
            by_name.setdefault(f"/{hash(content)}", []).append(now)
    for old, content in lost.items():
        names = (posixpath.basename(old), f"/{hash(content)}") if is_bounded else ("",)
        yield from ((old, now) for now in dict.fromkeys(now for name in names for now in by_name.get(name, ())))


def _likeness(one: bytes, other: bytes) -> float:
    """The share of the larger file that both have, line by line, whatever the order."""
    larger = max(len(one), len(other))
    if not one.strip() or not other.strip() or min(len(one), len(other)) < SIMILAR * larger:
        return 0.0
    if one == other:
        return 1.0
    common = Counter(one.splitlines(keepends=True)) & Counter(other.splitlines(keepends=True))
    return sum(len(line) * number for line, number in common.items()) / larger


def renames_since(repository: Repository, commit: str, root: str, config: Config) -> Renames:
    """The Python files of a commit that the workspace at `root` has under another path now. GitError where one cannot be read."""
    place = os.path.relpath(root, repository.folder)
    prefix = "" if place == "." else f"{place}/"
    files = repository.files_at(commit, "" if place == "." else place)
    old = {path.removeprefix(prefix): blob for path, blob in files.items() if path.endswith(".py")}
    lost = {path: blob for path, blob in old.items() if not os.path.lexists(f"{root}/{path}")}
    if not lost:
        return Renames({})
    workspace = find_workspace((Path(root),), config)
    new = {source.path for source in workspace.sources} - old.keys()
    contents = dict(repository.read_blobs(lost.values(), config.max_file_size)) if new else {}
    before = {path: contents.get(blob) or b"" for path, blob in lost.items()}
    return Renames(find_renames(before, _read(root, new, config.max_file_size)), workspace.package)


def _read(root: str, paths: Collection[str], limit: int) -> dict[str, bytes]:
    found = {}
    for path in sorted(paths):
        try:
            found[path] = read_source(root, path, limit)
        except UnreadableError:  # gone in between
            continue
    return found


def follow_renames(accepted: Accepted, config: Config, workspace: Workspace) -> Accepted:
    """`accepted`, which also knows the findings of files that were renamed since the commit that last changed the baseline.

    It looks only where an entry's file is gone, and finds nothing where git cannot tell.
    """
    prefix = f"{accepted.place}/" if accepted.place else ""
    present = {source.path for source in workspace.sources}
    lost = [entry for entry in accepted.entries if entry.path.startswith(prefix) and entry.path.removeprefix(prefix) not in present]
    if not lost:
        return accepted
    try:
        with open_repository(workspace.root) as repository:
            file = os.path.relpath(os.path.realpath(file_of(config, workspace.root)), repository.folder)
            commit = repository.head if file.startswith("..") else repository.last_change_of(Path(file).as_posix())
            renames = renames_since(repository, commit, workspace.root, config)
    except GitError:
        return accepted
    aliases = {
        now: entry.fingerprint
        for entry in lost
        for now in renames.fingerprints(
            rule=entry.rule,
            path=entry.path.removeprefix(prefix),
            function=entry.function,
            callee=entry.callee,
            fingerprint=entry.fingerprint,
        )
    }
    return replace(accepted, aliases=aliases)
