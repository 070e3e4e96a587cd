"""Patterns in the form of a .gitignore line, matched in time linear in the path.

An own matcher, because one line can hang the usual ones:
pathspec 1.1.1 needs more than 20 s for fifteen `a*` against a name of 40 letters, and for twelve `**/a`.
Here each segment becomes a regex of `fnmatch.translate`, whose groups do not backtrack,
and `**` moves a set of positions over the segments.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

LINE_LIMIT = 10_000
"""The most lines of one list that are read."""
LENGTH_LIMIT = 1_000
"""The most characters that a pattern may have."""
GLOB_LIMIT = 1_000
"""The most patterns of one list that may hold wildcards: each of them is tried on each name."""

Segments = tuple[str, ...]
_Matcher = Callable[[str], object]
_WILD = frozenset("*?[\\")


@dataclass(frozen=True, slots=True)
class _Rule:
    """One line. `pieces` match segments, None stands for `**`; a rule for a bare name has one piece and may stand at any depth."""

    index: int
    is_negated: bool
    is_folder_only: bool
    is_bare: bool
    literal: str | None
    """The text of the first piece, if it has no wildcard."""
    pieces: tuple[_Matcher | None, ...]


class PatternList:
    """The patterns of one .gitignore file or setting; the last one that matches a path decides."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.refused: list[tuple[int, str]] = []
        """(line, reason) of each line that is not used."""
        self._rules: list[_Rule] = []
        self._named: dict[str, list[_Rule]] = {}
        self._globs: list[_Rule] = []
        self._anchored: dict[str, list[_Rule]] = {}
        self._floating: list[_Rule] = []
        self._decided: dict[tuple[str, bool], int] = {}
        wild = 0
        for number, line in enumerate(lines, start=1):
            if number > LINE_LIMIT:
                self.refused.append((number, f"only the first {LINE_LIMIT:,} lines are used"))
                break
            wild += not _WILD.isdisjoint(line)
            if len(line) > LENGTH_LIMIT:
                self.refused.append((number, f"a pattern of more than {LENGTH_LIMIT:,} characters is not used"))
            elif wild > GLOB_LIMIT and not _WILD.isdisjoint(line):
                self.refused.append((number, f"only the first {GLOB_LIMIT:,} patterns with wildcards are used"))
                break
            else:
                self._add(number, line)

    def __bool__(self) -> bool:
        return bool(self._rules)

    def verdict(self, folder: Segments, name: str, *, is_folder: bool) -> bool | None:
        """Whether `folder`/`name` is ignored; None if no pattern says so. Patterns for a parent folder are the caller's to apply."""
        decided = self._last_bare(name, is_folder=is_folder)
        first = folder[0] if folder else name
        for rules in (self._anchored.get(first, ()), self._floating):
            for rule in reversed(rules):
                if rule.index < decided:
                    break
                if (is_folder or not rule.is_folder_only) and _matches(rule.pieces, (*folder, name)):
                    decided = rule.index
                    break
        return None if decided < 0 else not self._rules[decided].is_negated

    def matches(self, path: str) -> bool:
        """Whether the file `path` or one of the folders it lies in matches."""
        segments = tuple(path.split("/"))
        last = len(segments) - 1
        return any(self.verdict(segments[:depth], name, is_folder=depth < last) for depth, name in enumerate(segments))

    def _add(self, number: int, line: str) -> None:
        try:
            rule = _parse_line(line, len(self._rules))
        except re.error:
            self.refused.append((number, "not a pattern"))
            return
        if rule is None:
            return
        self._rules.append(rule)
        if rule.is_bare and rule.literal is not None:
            self._named.setdefault(rule.literal, []).append(rule)
        elif rule.is_bare:
            self._globs.append(rule)
        elif rule.literal is not None:
            self._anchored.setdefault(rule.literal, []).append(rule)
        else:
            self._floating.append(rule)

    def _last_bare(self, name: str, *, is_folder: bool) -> int:
        """The index of the last rule for bare names that matches; -1 for none. Names repeat (`__init__.py`), so answers are kept."""
        known = self._decided.get((name, is_folder))
        if known is not None:
            return known
        decided = max((rule.index for rule in self._named.get(name, ()) if is_folder or not rule.is_folder_only), default=-1)
        for rule in reversed(self._globs):
            if rule.index < decided:
                break
            if (is_folder or not rule.is_folder_only) and _matches(rule.pieces, (name,)):
                decided = rule.index
                break
        self._decided[name, is_folder] = decided
        return decided


def _parse_line(line: str, index: int) -> _Rule | None:
    """The rule that a line states; None for a blank line or a comment."""
    text = _strip(line)
    if not text or text.startswith("#"):
        return None
    is_negated = text.startswith("!")
    text = text.removeprefix("!")
    is_folder_only = text.endswith("/")
    is_anchored = "/" in text.rstrip("/")
    names = [name for name in text.split("/") if name]
    if not names:
        return None
    collapsed = [name for position, name in enumerate(names) if name != "**" or position == 0 or names[position - 1] != "**"]
    if len(collapsed) == 2 and collapsed[0] == "**" and collapsed[1] != "**":
        is_anchored, collapsed = False, collapsed[1:]
    if not is_anchored and collapsed == ["**"]:
        collapsed = ["*"]
    first = collapsed[0]
    return _Rule(
        index=index,
        is_negated=is_negated,
        is_folder_only=is_folder_only,
        is_bare=not is_anchored,
        literal=first if _WILD.isdisjoint(first) else None,
        pieces=tuple(None if name == "**" else _segment_matcher(name) for name in collapsed),
    )


def _strip(line: str) -> str:
    """The line without its end and without trailing spaces, unless a backslash keeps one."""
    text = line.rstrip("\r\n")
    stripped = text.rstrip(" ")
    is_escaped = (len(stripped) - len(stripped.rstrip("\\"))) % 2 == 1
    return stripped + " " if is_escaped and len(stripped) < len(text) else stripped


def _segment_matcher(pattern: str) -> _Matcher:
    """A function that says whether one segment matches. The two commonest forms need no regex, which takes 50 µs to compile."""
    if _WILD.isdisjoint(pattern):
        return pattern.__eq__
    if pattern[0] == "*" and _WILD.isdisjoint(pattern[1:]):
        ending = pattern[1:]
        return lambda segment: segment.endswith(ending)
    return re.compile(fnmatch.translate(_as_fnmatch(pattern))).match


def _as_fnmatch(pattern: str) -> str:
    """The pattern in the language of fnmatch, which has no backslashes and negates a class with `!` alone."""
    parts = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if character == "\\" and position + 1 < len(pattern):
            position += 1
            character = pattern[position]
            parts.append(f"[{character}]" if character in "*?[" else character)
        elif character == "[" and (end := pattern.find("]", position + 2 + (pattern[position + 1 : position + 2] in ("!", "^")))) > 0:
            inner = pattern[position + 1 : end].replace("\\", "")
            parts.append(f"[!{inner[1:]}]" if inner.startswith("^") else f"[{inner}]")
            position = end
        else:
            parts.append("*" if character == "*" else character)
        position += 1
    return "".join(parts)


def _matches(pieces: tuple[_Matcher | None, ...], segments: Segments) -> bool:
    """Whether the pieces match all segments. Positions move together, so the work is pieces times segments at most."""
    total = len(segments)
    positions = {0}
    for place, piece in enumerate(pieces):
        if piece is None:
            # A last `**` stands for what lies inside: one segment at least.
            start = min(positions) + (place == len(pieces) - 1 and place > 0)
            positions = set(range(start, total + 1))
        else:
            positions = {position + 1 for position in positions if position < total and piece(segments[position])}
        if not positions:
            return False
    return total in positions
