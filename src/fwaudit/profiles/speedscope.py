"""speedscope's JSON, as py-spy writes it (`py-spy record --format speedscope`)."""

from __future__ import annotations

import msgspec

from fwaudit.profiles.recording import ProfileError, Recording, Stack, StackCollector, StackFrame

_UNITS = {"seconds": 1.0, "milliseconds": 1e-3, "microseconds": 1e-6, "nanoseconds": 1e-9}


class _Frame(msgspec.Struct):
    name: str
    file: str | None = None
    line: int | None = None


class _Shared(msgspec.Struct):
    frames: list[_Frame]


class _Event(msgspec.Struct):
    type: str
    at: float
    frame: int


class _Profile(msgspec.Struct):
    type: str
    unit: str
    samples: list[list[int]] = []
    weights: list[float] = []
    events: list[_Event] = []


class _Document(msgspec.Struct):
    shared: _Shared
    profiles: list[_Profile]


def read(content: bytes) -> Recording:
    """The stacks of all threads."""
    try:
        document = msgspec.json.decode(content, type=_Document)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ProfileError(f"is not a whole speedscope file: {error}") from None
    except RecursionError:
        raise ProfileError("has values that are nested too deeply") from None
    frames = [StackFrame(frame.name, frame.file or "", frame.line or 0) for frame in document.shared.frames]
    stacks: list[Stack] = []
    for profile in document.profiles:
        factor = _UNITS.get(profile.unit, 1.0)
        try:
            stacks += _sampled(profile, frames, factor) if profile.type == "sampled" else _evented(profile, frames, factor)
        except IndexError:
            raise ProfileError("is not a whole speedscope file: it names a frame that it does not have") from None
    return Recording("speedscope", tuple(stacks), is_counted=any(profile.unit not in _UNITS for profile in document.profiles))


def _sampled(profile: _Profile, frames: list[StackFrame], factor: float) -> list[Stack]:
    if len(profile.samples) != len(profile.weights):
        raise ProfileError("is not a whole speedscope file: it has not as many weights as samples")
    return [
        Stack(tuple(frames[index] for index in sample if index >= 0), max(weight, 0.0) * factor)
        for sample, weight in zip(profile.samples, profile.weights, strict=True)
    ]


def _evented(profile: _Profile, frames: list[StackFrame], factor: float) -> list[Stack]:
    """The stacks between functions' beginnings and ends."""
    stacks = StackCollector()
    open_frames: list[StackFrame] = []
    before: float | None = None
    for event in profile.events:
        if before is not None and event.at > before and open_frames:
            stacks.add(tuple(open_frames), (event.at - before) * factor)
        before = event.at
        if event.type == "O":
            open_frames.append(frames[event.frame])
        elif open_frames:
            open_frames.pop()
        if len(open_frames) > 10_000:
            raise ProfileError("has a stack of more than 10,000 frames")
    return stacks.stacks
