"""Reads a profile whose form is told by its content."""

from __future__ import annotations

from fwaudit.profiles import collapsed, pstats, pyinstrument, slow_callbacks, speedscope
from fwaudit.profiles.recording import ProfileError, Recording

_FORMS = "py-spy (speedscope or raw), pyinstrument (JSON), cProfile, or a log of asyncio's debug mode"


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
