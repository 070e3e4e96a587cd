"""Cheap looks at the bytes that spare the parser what would hang or kill it.

LibCST 1.9 needs 23 s for `case {1:{1:...}}` 12 deep and kills its process at 5,000 brackets.
The deepest pattern in 11,863 files of real services is 4, in CPython's own tests 8; the deepest brackets are 13.
"""

from __future__ import annotations

import re
from itertools import accumulate

BRACKET_LIMIT = 200
"""CPython refuses more nested brackets, so such a file cannot run."""
PATTERN_LIMIT = 10
"""Brackets nested in a `case` pattern from which on the parser's time explodes."""

_STEPS = bytes.maketrans(b"([{)]}", b"\1\1\1\xff\xff\xff")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"([{)]}"))
_CASE = re.compile(rb"^[ \t]*case\b", re.MULTILINE)
# A string that is not closed ends its line; possessive repeats keep this linear.
_TEXT_OR_COMMENT = re.compile(
    rb"#[^\r\n]*+"
    rb"|\"\"\"(?:[^\"\\]++|\\.|\"(?!\"\"))*+(?:\"\"\")?"
    rb"|'''(?:[^'\\]++|\\.|'(?!''))*+(?:''')?"
    rb"|\"(?:[^\"\\\r\n]++|\\.)*+\"?"
    rb"|'(?:[^'\\\r\n]++|\\.)*+'?",
    re.DOTALL,
)
_HEADER_LENGTH = 4000


def refusal(content: bytes) -> tuple[int, str] | None:
    """(line, reason) if the content must not be parsed."""
    if _depth(content) > BRACKET_LIMIT and (line := _line_beyond(_without_texts(content), BRACKET_LIMIT)):
        return line, f"brackets are nested more than {BRACKET_LIMIT} deep, which Python refuses"
    if b"match" in content and b"case" in content and _depth(content) >= PATTERN_LIMIT:
        line = _deep_pattern_line(content)
        if line:
            return line, f"a `case` pattern is nested {PATTERN_LIMIT} deep or more, which the parser cannot read in reasonable time"
    return None


def _depth(content: bytes) -> int:
    """How deep brackets are nested at most, those in strings and comments counted too: at 600 MB/s a first sieve."""
    steps = memoryview(content.translate(_STEPS, _NOT_BRACKETS)).cast("b")
    depths = list(accumulate(steps, initial=0))
    return max(depths) - min(depths)


def _without_texts(content: bytes) -> bytes:
    """The content with strings and comments blanked out, newlines kept."""
    return _TEXT_OR_COMMENT.sub(lambda match: b"\n" * match[0].count(b"\n"), content)


def _line_beyond(code: bytes, limit: int) -> int:
    """The line on which brackets are nested deeper than `limit`; 0 if none."""
    depth = 0
    line = 1
    for byte in code:
        if byte == 10:
            line += 1
        elif byte in b"([{":
            depth += 1
            if depth > limit:
                return line
        elif byte in b")]}":
            depth = max(0, depth - 1)
    return 0


def _deep_pattern_line(content: bytes) -> int:
    """The line of the first `case` whose pattern is nested too deep; 0 if none."""
    code = _without_texts(content)
    for match in _CASE.finditer(code):
        if _pattern_depth(code[match.end() : match.end() + _HEADER_LENGTH]) >= PATTERN_LIMIT:
            return code.count(b"\n", 0, match.end()) + 1
    return 0


def _pattern_depth(code: bytes) -> int:
    """How deep the brackets up to the colon of a `case` line are nested; 0 if it ends without one, so that `case` is but a name."""
    depth = deepest = 0
    for byte in code:
        if byte in b"([{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b")]}":
            depth -= 1
        elif byte in b":\n" and depth <= 0:
            return deepest if byte in b":" else 0
    return deepest if depth > 0 else 0
