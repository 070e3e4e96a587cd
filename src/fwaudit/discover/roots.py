"""Which folder is the workspace that the paths of a command line belong to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from fwaudit.errors import UsageError

MARKERS = ("pyproject.toml", "setup.cfg", "setup.py", "manage.py", ".git")


def find_root(paths: Sequence[Path]) -> tuple[str, tuple[str, ...] | None]:
    """The absolute root, and the named paths relative to it (None for one folder, which is the root itself).

    Raises UsageError for a path that does not exist and for paths of several roots.
    """
    resolved = [_resolve(path) for path in paths] or [_resolve(Path())]
    if len(resolved) == 1 and os.path.isdir(resolved[0]):
        return resolved[0], None
    roots = [_nearest_root(path) for path in resolved]
    for path, root in zip(paths, roots, strict=True):
        if root != roots[0]:
            raise UsageError(
                f"{str(paths[0])!r} and {str(path)!r} belong to different workspaces"
                f" (the nearest parent with {', '.join(MARKERS[:-1])} or {MARKERS[-1]}): audit them one by one"
            )
    return roots[0], tuple(sorted({os.path.relpath(path, roots[0]) for path in resolved}, key=os.fsencode))


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


def _nearest_root(path: str) -> str:
    """The nearest folder with a marker; without one, the folder itself or the one that the file lies in."""
    start = path if os.path.isdir(path) else os.path.dirname(path)
    found = [root for marker in MARKERS if (root := find_marker_above(start, marker)) is not None]
    return max(found, key=len, default=start)
