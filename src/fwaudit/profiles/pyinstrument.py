"""pyinstrument's JSON (`pyinstrument --renderer json`)."""

from __future__ import annotations

import msgspec

from fwaudit.profiles.recording import ProfileError, Recording, StackCollector, StackFrame

_OWN, _AWAITED = "[self]", "[await]"


class _Call(msgspec.Struct):
    function: str
    time: float
    file_path: str | None = None
    line_no: int | None = None
    children: list[_Call] = []


class _Document(msgspec.Struct):
    duration: float
    root_frame: _Call | None


def read(content: bytes) -> Recording:
    """The stacks; time in which a coroutine waited belongs to nobody."""
    try:
        document = msgspec.json.decode(content, type=_Document)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ProfileError(f"is not a whole file of pyinstrument: {error}") from None
    except RecursionError:
        raise ProfileError("has calls that are nested too deeply") from None
    stacks = StackCollector()
    open_calls: list[tuple[_Call, tuple[StackFrame, ...]]] = [(document.root_frame, ())] if document.root_frame else []
    while open_calls:
        call, above = open_calls.pop()
        if call.function == _AWAITED:
            continue
        frames = above if call.function == _OWN else (*above, StackFrame(call.function, call.file_path or "", call.line_no or 0))
        own = call.time - sum(child.time for child in call.children)
        if own > 0 and frames:
            stacks.add(frames, own)
        open_calls += [(child, frames) for child in call.children]
    return Recording("pyinstrument", tuple(stacks.stacks))
