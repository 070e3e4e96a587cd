"""Reads a profile whose form is told by its content."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from fwaudit.profiles import collapsed, pstats, pyinstrument, slow_callbacks, speedscope
from fwaudit.profiles.recording import ProfileError, Recording
from fwaudit.reading import UnreadableError, read_source

SIZE_LIMIT = 64_000_000
_FORMS = "py-spy (speedscope or raw), pyinstrument (JSON), cProfile, or a log of asyncio's debug mode"


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


def read_recording(content: bytes) -> Recording:
    """The recording in a file. ProfileError for one that is damaged, or of a form that is not known."""
    start = content[:100_000].lstrip()
    if not start:
        raise ProfileError("is empty")
    if start.startswith(b"{"):
        if b"speedscope" in start or b'"shared"' in start:
            return speedscope.read(content)
        if b'"root_frame"' in start or b'"sample_count"' in start:
            return pyinstrument.read(content)
        if content[:1] == b"{" and b"\0" in start:
            return pstats.read(content)
        if slow_callbacks.MARK in content:  # a log of JSON lines
            return slow_callbacks.read(content)
        raise ProfileError(f"is JSON, and not of a form that is known: {_FORMS}")
    if content[0] & 0x7F == ord("{"):
        return pstats.read(content)
    if slow_callbacks.MARK in content:
        return slow_callbacks.read(content)
    if b"\0" in start:
        raise ProfileError(f"is not of a form that is known: {_FORMS}")
    try:
        return collapsed.read(content)
    except ProfileError as error:
        raise ProfileError(f"{error}, and it is of no other form that is known: {_FORMS}") from None


def _content(file: Path) -> bytes | ProfileError:
    """What the user named may be a link; it is read no further than `SIZE_LIMIT`."""
    try:
        folder, name = os.path.split(os.path.realpath(file, strict=True))
        return read_source(folder, name, SIZE_LIMIT)
    except (OSError, ValueError) as error:
        return ProfileError(f"cannot be read: {getattr(error, 'strerror', None) or error}")
    except UnreadableError as error:
        return ProfileError(str(error))
