"""The workspace as it was at a commit: what discover looks at, laid out in a folder of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from fwaudit.discover.roles import manifest_kind
from fwaudit.git import GitError, Repository
from fwaudit.reading import UnreadableError, read_source

TOTAL_LIMIT = 2_000_000_000
"""The most bytes that are laid out. A tree of a few bytes can name a large file a million times."""

_ALSO_READ = frozenset({".gitignore", "pyvenv.cfg"})
_READ_ABOVE = frozenset({".gitignore", "__init__.py"})
"""What discover reads in the folders above the workspace."""


@dataclass(frozen=True, slots=True)
class Past:
    """A commit that was laid out: where the workspace is, its files by path, and the submodules that were taken as they are now."""

    root: str
    files: dict[str, str]
    """Path from the workspace to the id of its content, of the files that were laid out."""
    submodules: tuple[str, ...]


def lay_out(repository: Repository, commit: str, root: str, folder: str, size_limit: int) -> Past:
    """Writes into `folder` what the workspace at `root` held at a commit, under the same path.

    A Python file of more than `size_limit` bytes becomes one with a byte more than that, for discover to leave out.
    GitError where the repository lacks a file.
    """
    place = os.path.relpath(root, repository.folder)
    prefix = "" if place == "." else f"{place}/"
    past_top = folder + repository.folder.rstrip("/")
    os.makedirs(folder + root, exist_ok=True)
    os.makedirs(f"{past_top}/.git", exist_ok=True)  # a marker: discover looks for the top of the repository
    wanted = {path: blob for path, blob in repository.files_at(commit).items() if _is_read(path, prefix)}
    places: dict[str, list[str]] = {}
    for path, blob in wanted.items():
        places.setdefault(blob, []).append(path)
    left = TOTAL_LIMIT
    for blob, content in repository.read_blobs(places, size_limit):
        for path in places[blob]:
            left -= len(content or b"")
            if left < 0:
                raise GitError(f"the files of the commit have more than {TOTAL_LIMIT:,} bytes")
            _write(past_top, path, content, size_limit)
    submodules = repository.submodules_at(commit, place if prefix else "")
    for path, content in _files_of_submodules(repository.folder, submodules, prefix, size_limit):
        left -= len(content)
        if left < 0:
            raise GitError(f"the files of the commit and its submodules have more than {TOTAL_LIMIT:,} bytes")
        _write(past_top, path, content, size_limit)
    return Past(folder + root, {path.removeprefix(prefix): blob for path, blob in wanted.items() if path.startswith(prefix)}, submodules)


def _is_read(path: str, prefix: str) -> bool:
    """Whether discover reads a file of that path, or looks whether it is there. Paths that leave the folder are no files of ours."""
    *folders, name = path.split("/")
    if not {"", ".", ".."}.isdisjoint({*folders, name}) or any(part.lower() == ".git" for part in folders):
        return False
    if not path.startswith(prefix):
        return name in _READ_ABOVE and prefix.startswith("".join(f"{part}/" for part in folders))
    return name.endswith(".py") or name in _ALSO_READ or manifest_kind("/".join(folders), name) is not None


def _write(top: str, path: str, content: bytes | None, size_limit: int) -> None:
    """Writes one file; None stands for one that is too large. A name that this system does not take is left out."""
    target = f"{top}/{path}"
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "xb") as stream:
            if content is None:
                stream.truncate(size_limit + 1)
            else:
                stream.write(content)
    except OSError as error:
        if error.filename is None:  # not the name: the disk is full
            raise GitError(f"the files of the commit cannot be laid out: {error.strerror}") from None


def _files_of_submodules(top: str, submodules: tuple[str, ...], prefix: str, size_limit: int) -> Iterator[tuple[str, bytes]]:
    """(path, content) of what discover reads in submodules, as it is now: what they were lies in another repository."""
    for submodule in submodules:
        if _leads_elsewhere(top, submodule):
            continue
        for folder, folders, names in os.walk(os.path.join(top, submodule)):
            folders[:] = sorted(name for name in folders if name != ".git")
            for name in sorted(names):
                path = os.path.relpath(os.path.join(folder, name), top)
                if _is_read(path, prefix):
                    try:
                        yield path, read_source(top, path, size_limit)
                    except UnreadableError:
                        continue


def _leads_elsewhere(top: str, path: str) -> bool:
    """Whether a path is written so that it leaves the repository, or goes through a link, which may lead anywhere."""
    parts = path.split("/")
    if not {"", ".", ".."}.isdisjoint(parts):
        return True
    return any(os.path.islink(os.path.join(top, *parts[:end])) for end in range(1, len(parts) + 1))
