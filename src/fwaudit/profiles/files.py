"""The files that profilers wrote, unparsed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from fwaudit.profiles.recording import ProfileError
from fwaudit.reading import UnreadableError, read_source

SIZE_LIMIT = 64_000_000


def read_files(files: Sequence[Path]) -> tuple[tuple[str, bytes | ProfileError], ...]:
    """The name and the content of each file, or why it cannot be read."""
    return tuple((os.fspath(file), _content(file)) for file in files)


def digest_of_files(files: Sequence[tuple[str, bytes | ProfileError]]) -> str:
    """Changes with the name and the content of any file; "" without files."""
    digest = hashlib.sha256()
    for name, content in files:
        part = content if isinstance(content, bytes) else str(content).encode("utf-8", "surrogateescape")
        digest.update(f"{name}\0{len(part)}\0".encode("utf-8", "surrogateescape") + part)
    return digest.hexdigest() if files else ""


def _content(file: Path) -> bytes | ProfileError:
    """What the user named may be a link; it is read no further than `SIZE_LIMIT`."""
    try:
        folder, name = os.path.split(os.path.realpath(file, strict=True))
        return read_source(folder, name, SIZE_LIMIT)
    except (OSError, ValueError) as error:
        return ProfileError(f"cannot be read: {getattr(error, 'strerror', None) or error}")
    except UnreadableError as error:
        return ProfileError(str(error))
