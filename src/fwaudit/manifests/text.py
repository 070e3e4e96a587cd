"""A manifest as text, and places in it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from fwaudit.model.finding import Location
from fwaudit.model.source import Manifest

_FOLDER_LIMIT = 500
"""The most characters of a folder: a script may change into one a hundred thousand times."""


class ManifestError(Exception):
    """What is wrong with a manifest, and on which line; nothing more of it can be read."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class ManifestText:
    """A manifest's text; `folder` is "." for the root."""

    path: str
    kind: str
    text: str

    @property
    def folder(self) -> str:
        """The folder that it lies in, relative to the root: "." for the root itself."""
        return posixpath.dirname(self.path) or "."

    @property
    def name(self) -> str:
        """Its file name."""
        return posixpath.basename(self.path)

    def at(self, line: int) -> Location:
        """The place that begins with the line."""
        return Location(self.path, line, 1, line, 1)


def read_text(manifest: Manifest) -> ManifestText:
    """The manifest's text; raises ManifestError for what is no text."""
    content = manifest.content
    if b"\0" in content:
        raise ManifestError(content.count(b"\n", 0, content.index(b"\0")) + 1, "contains a NUL byte: not a text file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ManifestError(content.count(b"\n", 0, error.start) + 1, "is not UTF-8") from error
    return ManifestText(manifest.path, manifest.kind, text)


def lines_of(text: str) -> list[str]:
    """Its lines, without their ends.

    Not `str.splitlines`, to which a form feed, U+0085 and U+2028 end a line too: no editor counts them.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines if lines[-1] else lines[:-1]


def inside(folder: str, path: str) -> str:
    """Where `path`, seen from `folder`, leads in the workspace; `folder` itself where that cannot be told.

    An absolute path, a variable and what leaves the workspace cannot be told.
    """
    if not path or path.startswith(("/", "~", "-")) or "$" in path or "`" in path:
        return folder
    joined = posixpath.normpath(posixpath.join(folder, path))
    return folder if joined.startswith("..") or len(joined) > _FOLDER_LIMIT else joined
