"""What asyncio writes into a log in its debug mode: callbacks that held up the loop longer than `slow_callback_duration`."""

from __future__ import annotations

import re

from fwaudit.profiles.recording import ProfileError, Recording, Stack, StackFrame

MARK = b"Executing <"
_TOOK = re.compile(r"> took (\d{1,6}(?:\.\d{1,9})?) seconds")
_WHAT = re.compile(r"(?:coro=<|<Handle |<TimerHandle when=\S{1,40} )(?P<name>[\w.<>]{1,300})\(")
_WHERE = re.compile(r" at (?P<file>[^>\s]{1,1000}):(?P<line>\d{1,9})(?=[>\s])")
_LINE_LIMIT = 20_000


def read(content: bytes) -> Recording:
    """A stack of one frame for each callback that was too slow."""
    stacks = []
    for raw in content.splitlines():
        if MARK not in raw or len(raw) > _LINE_LIMIT:
            continue
        line = raw[raw.index(MARK) :].decode("utf-8", "replace")
        took = _TOOK.findall(line)
        what = _WHAT.search(line)
        where = _WHERE.search(line, what.end()) if what else None
        if took and what and where:
            frame = StackFrame(what["name"], where["file"], int(where["line"]))
            stacks.append(Stack((frame,), float(took[-1]), blocks_loop=True))
    if not stacks:
        raise ProfileError("has no line of asyncio about a slow callback")
    return Recording("asyncio", tuple(stacks))
