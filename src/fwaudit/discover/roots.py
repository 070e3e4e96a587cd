"""Which folder is the workspace that the paths of a command line belong to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from fwaudit.errors import UsageError

MARKERS = ("pyproject.toml", "setup.cfg", "setup.py", "manage.py", ".git")


def find_root(paths: Sequence[Path]) -> tuple[str, tuple[str, ...] | None]:
    """The absolute root, and the named paths relative to it (None for one folder, which is the root itself).

    Several paths, and a file, belong to the nearest folder above all of them that holds a marker.

    Raises UsageError for a path that does not exist and for paths without such a folder.
    """
    resolved = [_resolve(path) for path in paths] or [_resolve(Path())]
    if len(resolved) == 1 and os.path.isdir(resolved[0]):
        return resolved[0], None
    folders = {path if os.path.isdir(path) else os.path.dirname(path) for path in resolved}
    root = _marked_folder(os.path.commonpath(folders))
    if root is None and len(folders) > 1:
        raise UsageError(
            f"{str(paths[0])!r} and {str(paths[-1])!r} have no parent in common that holds {', '.join(MARKERS[:-1])} or {MARKERS[-1]}:"
            " audit the folder that holds them, or one after the other"
        )
    root = root or folders.pop()
    return root, tuple(sorted({os.path.relpath(path, root) for path in resolved}, key=os.fsencode))


def find_marker_above(folder: str, marker: str) -> str | None:
    """The nearest folder, `folder` or above it, that holds `marker`."""
    while True:
        if os.path.lexists(os.path.join(folder, marker)):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def _resolve(path: Path) -> str:
    """The absolute path without links."""
    try:
        return os.path.realpath(path, strict=True)
    except ValueError:
        raise UsageError(f"{str(path)!r} is not a path") from None
    except FileNotFoundError:
        raise UsageError(f"{str(path)!r} does not exist") from None
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be read: {error.strerror}") from None


def _marked_folder(start: str) -> str | None:
    """The nearest folder, `start` or above it, that holds a marker."""
    found = [folder for marker in MARKERS if (folder := find_marker_above(start, marker)) is not None]
    return max(found, key=len, default=None)
