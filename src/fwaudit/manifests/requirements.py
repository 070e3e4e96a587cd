"""Requirements as PEP 508 writes them, and requirements files, which include others."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from fwaudit.manifests.text import ManifestText
from fwaudit.model.finding import Location
from fwaudit.model.manifest import Dependency

_INCLUDE = re.compile(r"(?:-r|--requirement)(?:\s+|=)?(?P<path>[^\s#]+)")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_OPTIONS = re.compile(r"\s--(?:hash|config-settings|global-option|install-option)\b.*", re.DOTALL)
_URL_NAME = re.compile(r"[#&]egg=(?P<name>[A-Za-z0-9][\w.-]*)(?:\[(?P<extras>[^\]]*)\])?")
_LENIENT = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[(?P<extras>[^\]]*)\])?\s*(?P<specifier>[^;@#]*)")
_LINE_LIMIT = 10_000
"""The most characters of one requirement that are read."""
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


def read_requirements(file: ManifestText, files: Mapping[str, ManifestText]) -> Iterator[Dependency]:
    """What a requirements file declares, and what the files declare that it includes with `-r`: once each, also in a circle.

    What is included belongs to the folder and group of the file that includes it. Constraints (`-c`) are no dependencies.
    """
    group = group_of_file(file.path)
    seen = {file.path}
    waiting = [file]
    while waiting:
        current = waiting.pop()
        for line, text in _lines(current.text):
            include = _INCLUDE.match(text)
            if include is not None:
                path = posixpath.normpath(posixpath.join(current.folder, include["path"]))
                if path in files and path not in seen:
                    seen.add(path)
                    waiting.append(files[path])
                continue
            dependency = make_dependency(_OPTIONS.sub("", text.removeprefix("-e").strip()), current.at(line), file.folder, group)
            if dependency is not None and not text.startswith("--") and (not text.startswith("-") or text.startswith("-e")):
                yield dependency


def group_of_file(path: str) -> str:
    """The group that a requirements file's name tells: dev, test, docs; "" for what is needed to run."""
    stem = posixpath.splitext(posixpath.basename(path))[0].lower()
    words = re.split(r"[-_.]", stem)
    return next((word for word in words if word in _GROUPS), "")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, without comments, continuations joined."""
    parts: list[str] = []
    start = 1
    for number, line in enumerate(text.splitlines(), start=1):
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
