"""The one gate for text out of audited files: paths, source lines, names, reasons.

A file name or a comment may hold escape codes that move a terminal's cursor, marks that turn the direction of writing,
or characters that take no room; none of them may reach a terminal or a log as it is.
"""

from __future__ import annotations

import re

_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Hangul fillers: letters by their category, but nothing is seen of them."""

_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str, *, ascii_only: bool = False) -> str:
    r"""`text` in one line, with everything that cannot be seen written as an escape: `\x1b`, `\u202e`, `\udcff`.

    With `ascii_only` every other character beyond ASCII is written so too.
    """
    if not text.isprintable() or not text.isascii():
        text = "".join([character if _is_visible(character) else _escape(character) for character in text])
        if ascii_only:
            text = text.encode("ascii", "backslashreplace").decode("ascii")
    return text


def brief(text: str, most: int) -> str:
    """`text` as `visible` gives it, in at most `most` characters: what is too long loses its middle."""
    text = visible(text)
    if len(text) <= most:
        return text
    tail = most // 3
    return f"{text[: most - tail - 1]}…{text[len(text) - tail :]}"


_BEYOND_PRINTABLE_ASCII = re.compile("[^\n -~]")


def json_safe(document: str) -> str:
    """A JSON document with the same meaning, in which everything that cannot be seen is a JSON escape; line feeds stay."""
    if document.isascii() and "\x7f" not in document:
        return document
    return _BEYOND_PRINTABLE_ASCII.sub(lambda match: match[0] if _is_visible(match[0]) else _json_escape(match[0]), document)


def _is_visible(character: str) -> bool:
    return character.isprintable() and character not in _BLANK_LETTERS


def _escape(character: str) -> str:
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    return character.encode("ascii", "backslashreplace").decode("ascii") if character > "\x7f" else f"\\x{ord(character):02x}"


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
