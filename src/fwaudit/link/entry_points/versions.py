"""Which version of a framework a file is written for, and which rows of its table hold for that version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from fwaudit.catalog.framework_schema import Framework
from fwaudit.catalog.index import HandlerRow
from fwaudit.model.finding import Location
from fwaudit.model.manifest import Dependency, Manifests, is_for_developing

NEWEST = Version("99999")
"""Stands for the newest version there is."""
_REQUIREMENTS_FOLDERS = ("requirements", "requires", "reqs")
"""Folders that hold nothing but requirements files, which speak for the folder around them."""


class Versions:
    """From a framework and a path to what the nearest manifest says of the framework's version."""

    def __init__(self, manifests: Manifests) -> None:
        self._declared: dict[str, dict[str, list[Dependency]]] = defaultdict(lambda: defaultdict(list))
        self._locked: dict[str, dict[str, list[Dependency]]] = defaultdict(lambda: defaultdict(list))
        for dependency in manifests.dependencies:
            known = self._locked if dependency.is_locked else self._declared
            known[dependency.name][speaks_for(dependency.folder)].append(dependency)
        self._known: dict[tuple[str, str], Version] = {}

    def declared(self, distributions: Sequence[str], path: str) -> str:
        """The specifier that the nearest manifest declares, what is locked where none does, "" where nothing is said."""
        for known in (self._declared, self._locked):
            found = sorted(_nearest(known, distributions, path), key=_by_importance)
            specifier = next((one.specifier for one in found if one.specifier), "")
            if specifier:
                return specifier
        return ""

    def stated(self, distributions: Sequence[str], path: str) -> tuple[str, Location] | None:
        """The specifier that decides which version is used, the locked one if there is one, and where the version is declared."""
        locked = [one for one in _nearest(self._locked, distributions, path) if one.specifier]
        declared = sorted(_nearest(self._declared, distributions, path), key=_by_importance)
        deciding = locked or [one for one in declared if one.specifier]
        return (deciding[0].specifier, (declared or deciding)[0].evidence) if deciding else None

    def is_declared(self, distributions: Sequence[str], path: str) -> bool:
        """Whether a manifest at or above `path` declares one of the distributions, for whatever purpose."""
        return bool(_nearest(self._declared, distributions, path))

    def is_needed(self, distributions: Sequence[str], path: str) -> bool:
        """Whether the nearest manifest that declares one does so for what runs, not only for an extra, tests or documentation."""
        return any(not one.group for one in _nearest(self._declared, distributions, path))

    def brought_together(self, distributions: Sequence[str], others: Sequence[str], path: str) -> bool:
        """Whether an extra that is not for developing brings one of both: what it is for needs them."""
        groups, other = ({one.group for one in _nearest(self._declared, names, path)} for names in (distributions, others))
        return any(group and not is_for_developing(group) for group in groups & other)

    def holding(self, rows: Iterable[HandlerRow], path: str) -> tuple[HandlerRow, ...]:
        """The rows that hold for the version that the file at `path` is written for.

        A use of what only older versions have says itself that the code is written for one, unless a manifest says otherwise.
        """
        rows = tuple(rows)
        held = tuple(row for row in rows if not row.row.versions or specifier_holds(row.row.versions, self._assumed(row.framework, path)))
        if len(held) == len(rows):
            return rows
        kinds = {row.row.kind for row in held}
        last = [row for row in rows if row.row.kind not in kinds and self._may_be_installed(row, path)]
        newest = max((newest_within(row.row.versions) for row in last), default=NEWEST)
        return (*held, *(row for row in last if newest_within(row.row.versions) == newest))

    def _may_be_installed(self, row: HandlerRow, path: str) -> bool:
        """Whether nothing that is locked or declared speaks against the newest version for which the row holds."""
        is_open = self._assumed(row.framework, path) == NEWEST
        return is_open and specifier_holds(self.declared(row.framework.distributions, path), newest_within(row.row.versions))

    def assumed(self, framework: Framework, path: str) -> Version:
        """The version that the file at `path` is written for; `NEWEST` where nothing bounds it."""
        return self._assumed(framework, path)

    def _assumed(self, framework: Framework, path: str) -> Version:
        key = (framework.name, path.rpartition("/")[0])
        if key not in self._known:
            self._known[key] = self._version(framework, path)
        return self._known[key]

    def _version(self, framework: Framework, path: str) -> Version:
        """The locked version, else the newest that the declared specifier allows: what an installer would take."""
        locked = [one.specifier for one in _nearest(self._locked, framework.distributions, path) if one.specifier]
        return newest_within(locked[0] if locked else self.declared(framework.distributions, path))


def speaks_for(folder: str) -> str:
    """The folder that the manifests of `folder` speak for."""
    parts = folder.split("/")
    place = next((index for index, part in enumerate(parts) if part in _REQUIREMENTS_FOLDERS), len(parts))
    return "/".join(parts[:place]) or "."


def folders_above(path: str) -> Iterator[str]:
    """The folders that hold a file, the innermost first; "." is the workspace root."""
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield "."


def specifier_holds(specifier: str, version: Version) -> bool:
    """Whether `version` is one of those that `specifier` allows; a specifier that cannot be read allows all."""
    read = _read(specifier)
    return read is None or read.contains(version, prereleases=True)


@cache
def newest_within(specifier: str) -> Version:
    """The newest version that `specifier` may allow; `NEWEST` where it sets no upper bound, allows none or cannot be read."""
    read = _read(specifier)
    if read is None:
        return NEWEST
    return max((one for one in _around(read) if read.contains(one, prereleases=True)), default=NEWEST)


def _read(specifier: str) -> SpecifierSet | None:
    try:
        return SpecifierSet(specifier)
    except InvalidSpecifier:
        return None


def _around(specifiers: SpecifierSet) -> Iterator[Version]:
    """Versions on both sides of every bound that is written: an allowed version is among them if there is one."""
    yield NEWEST
    for specifier in specifiers:
        try:
            version = Version(specifier.version.removesuffix(".*"))
        except InvalidVersion:
            continue
        release = [*version.release]
        yield version
        yield Version(".".join(map(str, [*release, 99999])))
        for end in range(1, len(release) + 1):
            head = release[:end]
            yield Version(".".join(map(str, [*head, 99999])))
            if head[-1]:
                yield Version(".".join(map(str, [*head[:-1], head[-1] - 1, 99999])))


def _nearest(known: dict[str, dict[str, list[Dependency]]], distributions: Sequence[str], path: str) -> list[Dependency]:
    by_folder = [known[name] for name in distributions if name in known]
    for folder in folders_above(path) if by_folder else ():
        found = [one for folders in by_folder for one in folders.get(folder, ())]
        if found:
            return found
    return []


def _by_importance(dependency: Dependency) -> tuple[bool, str, Dependency]:
    """What runs before what tests."""
    return (bool(dependency.group), dependency.group, dependency)
