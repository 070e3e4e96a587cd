"""Requirements as PEP 508 writes them, and requirements files, which include others."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from fwaudit.manifests.text import ManifestError, ManifestText, lines_of
from fwaudit.model.finding import Location
from fwaudit.model.manifest import Dependency

_INCLUDE = re.compile(r"(?:-r|--requirement)(?:\s+|=)?(?P<path>[^\s#]+)")
_CONSTRAIN = re.compile(r"(?:-c|--constraint)(?:\s+|=)?(?P<path>[^\s#]+)")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_OPTIONS = re.compile(r"\s--(?:hash|config-settings|global-option|install-option)\b.*", re.DOTALL)
_URL_NAME = re.compile(r"[#&]egg=(?P<name>[A-Za-z0-9][\w.-]*)(?:\[(?P<extras>[^\]]*)\])?")
_LENIENT = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[(?P<extras>[^\]]*)\])?\s*(?P<specifier>[^;@#]*)")
_PIN = re.compile(r"==[^,*]+")
_LINE_LIMIT = 10_000
"""The most characters of one requirement that are read."""
_FILE_LIMIT = 20_000
"""The most requirements of one file that are read: the largest real ones hold some thousands."""
_INCLUDED_LIMIT = 200_000
"""The most requirements that files include from each other: a thousand files that include a thousand others are no dependencies."""
_GROUPS = ("test", "tests", "testing", "dev", "develop", "development", "docs", "doc", "lint", "ci", "local", "build", "qa", "typing")


def make_dependency(text: str, at: Location, folder: str, group: str = "") -> Dependency | None:
    """The dependency that a PEP 508 text declares; None if it names none. A specifier that is wrong counts as any version."""
    if len(text) > _LINE_LIMIT:
        return None
    try:
        requirement = Requirement(text)
        name, extras, specifier = requirement.name, requirement.extras, str(requirement.specifier)
    except InvalidRequirement:
        url = _URL_NAME.search(text)
        lenient = url or _LENIENT.match(text.strip())
        if lenient is None or ("://" in text and url is None):
            return None
        name, extras, specifier = lenient["name"], {one.strip() for one in (lenient["extras"] or "").split(",") if one.strip()}, ""
    return Dependency(canonicalize_name(name), specifier, folder, group, is_locked=False, evidence=at, extras=tuple(sorted(extras)))


def read_requirements(files: Mapping[str, ManifestText], constraints: Mapping[str, ManifestText]) -> Iterator[Dependency]:
    """What the requirements files (by path) declare, each with what the files declare that it includes with `-r`: once, also in a circle.

    What is included belongs to the folder and group of the file that includes it.
    What a file of `-c` pins is locked, as by a lock file: it says which version is taken, and not that any is.
    """
    own = {path: _own(file) for path, file in (*constraints.items(), *files.items())}
    left = _INCLUDED_LIMIT
    for path, file in files.items():
        group = group_of_file(path)
        seen = {path}
        waiting = [(path, False)]
        while waiting:
            current, pins = waiting.pop()
            said = own[current]
            left -= len(said.declared) + 1 if current != path else 0
            if left < 0:
                raise ManifestError(1, f"includes more than {_INCLUDED_LIMIT:,} requirements, with the files before it")
            for one in said.declared:
                if not pins or _PIN.fullmatch(one.specifier):
                    yield msgspec.structs.replace(one, folder=file.folder, group=group, is_locked=pins)
            named = [*((one, pins) for one in said.included), *((one, True) for one in said.constraining)]
            onward = [(one, pin) for one, pin in named if one in own and one not in seen]
            seen.update(one for one, _ in onward)
            waiting.extend(onward)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a file itself declares, the paths that it includes, and those of its constraints."""

    declared: list[Dependency] = field(default_factory=list)
    included: list[str] = field(default_factory=list)
    constraining: list[str] = field(default_factory=list)


def _own(file: ManifestText) -> _Said:
    said = _Said()
    declared, included = said.declared, said.included
    for line, text in _lines(file.text):
        if len(declared) + len(included) + len(said.constraining) >= _FILE_LIMIT:
            break
        include, constrain = _INCLUDE.match(text), _CONSTRAIN.match(text)
        if include is not None:
            included.append(posixpath.normpath(posixpath.join(file.folder, include["path"])))
        elif constrain is not None:
            said.constraining.append(posixpath.normpath(posixpath.join(file.folder, constrain["path"])))
        elif not text.startswith("-") or text.startswith("-e"):
            dependency = make_dependency(_OPTIONS.sub("", text.removeprefix("-e").strip()), file.at(line), file.folder)
            if dependency is not None:
                declared.append(dependency)
    return said


def group_of_file(path: str) -> str:
    """The group that a requirements file's name tells: dev, test, docs; "" for what is needed to run."""
    stem = posixpath.splitext(posixpath.basename(path))[0].lower()
    words = re.split(r"[-_.]", stem)
    return next((word for word in words if word in _GROUPS), "")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, without comments, continuations joined."""
    parts: list[str] = []
    start = 1
    for number, line in enumerate(lines_of(text), start=1):
        start = start if parts else number
        bare = line if parts or not line.lstrip().startswith("#") else ""
        if bare.endswith("\\"):
            parts.append(bare[:-1])
            continue
        joined = _COMMENT.sub("", "".join((*parts, bare))).strip()
        parts = []
        if joined:
            yield start, joined
    if parts and (joined := _COMMENT.sub("", "".join(parts)).strip()):
        yield start, joined
