"""Which folder of the workspace a command means that changes its folder."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

_MOST_PARTS = 30


class Folders:
    """The folders of the workspace that hold files which matter."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._known = {"."}
        for path in paths:
            folder = posixpath.dirname(path)
            while folder and folder not in self._known:
                self._known.add(folder)
                folder = posixpath.dirname(folder)

    def find(self, folder: str, start: str) -> str:
        """`folder` if it is one of the workspace, else what its last parts name seen from `start` or a folder above it; else `start`.

        A script in `docker/` that says `cd services/api` is mostly run from the root.
        """
        if folder in self._known:
            return folder
        parts = (folder.removeprefix(f"{start}/") if start != "." else folder).split("/")[-_MOST_PARTS:]
        for first in range(len(parts)):
            # What is left out is a change to a folder before: it must have led somewhere, too.
            if first == 0 or self._below(start, parts[:first]) is not None:
                found = self._below(start, parts[first:])
                if found is not None:
                    return found
        return start if start in self._known else "."

    def _below(self, start: str, parts: list[str]) -> str | None:
        """The folder that the parts name below `start` or a folder above it, the nearest."""
        candidates = (posixpath.normpath(posixpath.join(above, *parts)) for above in _and_above(start))
        return next((candidate for candidate in candidates if candidate in self._known), None)


def _and_above(folder: str) -> Iterator[str]:
    """The folder and those above it, up to the root."""
    while folder not in ("", "."):
        yield folder
        folder = posixpath.dirname(folder)
    yield "."
