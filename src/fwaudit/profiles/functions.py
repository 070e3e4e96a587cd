"""Which function of the workspace a profiler's frame is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from fwaudit.catalog.timing import below_packages
from fwaudit.model.code import CodeBody
from fwaudit.profiles.recording import StackFrame

_ABOVE = 30
"""Some profilers count a function's lines from its first decorator, so far above the `def` at most."""
_BEHIND = 20
"""A body may go on so many lines after its last call."""


class FunctionIndex:
    """The functions of a workspace, by file, name and line. The files may have lain elsewhere when they were measured."""

    def __init__(self, functions: Iterable[CodeBody]) -> None:
        self._by_name: dict[str, list[CodeBody]] = defaultdict(list)
        for function in functions:
            self._by_name[function.name.rpartition(".")[2]].append(function)
        self._known: dict[StackFrame, CodeBody | None] = {}

    def find(self, frame: StackFrame) -> CodeBody | None:
        """The function; None for one of a library, one that several could be, and one that has no such line."""
        if frame not in self._known:
            self._known[frame] = self._find(frame)
        return self._known[frame]

    def _find(self, frame: StackFrame) -> CodeBody | None:
        written = frame.name.rpartition(".")[2].removesuffix("()")
        tail = below_packages(frame.file)
        if not tail:
            return None
        named = [function for function in self._by_name.get(written, ()) if _is_same_file(tail, function.place.path)]
        fitting = [function for function in named if _fits(function, frame.line)]
        paths = {function.place.path for function in fitting}
        if len(paths) > 1:
            paths = {max(paths, key=lambda path: (len(_shared(tail, path)), path))} if _is_clear(tail, paths) else set()
        fitting = [function for function in fitting if function.place.path in paths]
        above = [function for function in fitting if function.place.line <= frame.line]
        if above:
            return max(above, key=lambda function: function.place.line)
        return min(fitting, key=lambda function: function.place.line) if fitting and (frame.line or len(fitting) == 1) else None


def _is_same_file(tail: str, path: str) -> bool:
    return tail == path or path.endswith(f"/{tail}") or tail.endswith(f"/{path}")


def _fits(function: CodeBody, line: int) -> bool:
    return not line or function.place.line - _ABOVE <= line <= function.place.line + function.lines + _BEHIND


def _shared(tail: str, path: str) -> str:
    """The shorter of both: of two files that fit, the one that says more of the name is meant."""
    return min(tail, path, key=len)


def _is_clear(tail: str, paths: Iterable[str]) -> bool:
    lengths = sorted(len(_shared(tail, path)) for path in paths)
    return lengths[-1] > lengths[-2]
