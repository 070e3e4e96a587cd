"""Source lines with a span underlined."""

from __future__ import annotations

from dataclasses import dataclass

from fwaudit.model.context import Grade
from fwaudit.report.terminal import Terminal, columns

_TAB = "    "
_MOST_LINES = 4
"""A longer span is shown by its first lines."""


@dataclass(frozen=True, slots=True)
class Span:
    """What to underline; lines and columns start at 1.

    Without an end it runs to the end of the call of `name`, or else of the expression, on its line.
    """

    line: int
    column: int
    end_line: int = 0
    end_column: int = 0
    name: str = ""


def excerpt(source: list[str], span: Span, grade: Grade, terminal: Terminal, indent: str) -> list[str]:
    """The span's lines and the one before, with line numbers and an underline; [] where the file has no such line."""
    if not 1 <= span.line <= len(source):
        return []
    last = min(max(span.end_line, span.line), span.line + _MOST_LINES - 1, len(source))
    shown = [(number, source[number - 1].rstrip("\r\n")) for number in range(max(span.line - 1, 1), last + 1)]
    if not shown[0][1].strip() and len(shown) > 1:
        shown = shown[1:]
    margin = min((_margin(text) for _, text in shown if text.strip()), default=0)
    gutter = len(str(last))
    room = terminal.width - len(indent) - gutter - 3
    lines = []
    for number, text in shown:
        code, offset, length = _fit(text, margin, _marked(text, span, number), terminal, room)
        lines.append(indent + terminal.dim(f"{number:>{gutter}} {terminal.bar}") + (f" {code}" if code else ""))
        if length > 0:
            underline = terminal.severity("^" * length, grade)
            lines.append(indent + terminal.dim(f"{'':>{gutter}} {terminal.bar}") + " " * (offset + 1) + underline)
    return lines


def expression_end(text: str, start: int, name: str = "") -> int:
    """Where the primary expression (`a.b(...)[...].c()`) ends that starts at index `start` of the line `text`.

    With a `name` it ends behind the first call of that name; if a bracket is still open at the end of the line, there.
    """
    depth, index, quote, is_named = 0, start, "", False
    while index < len(text):
        character = text[index]
        if quote:
            index += character == "\\"
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            is_named = is_named or (depth == 0 and character == "(" and bool(name) and _ends_with_name(text[start:index], name))
            depth += 1
        elif character in ")]}":
            if depth == 0:
                return index
            depth -= 1
            if depth == 0 and is_named:
                return index + 1
        elif depth == 0 and not (character.isidentifier() or character.isdigit() or character == "."):
            return max(index, min(start + 1, len(text)))
        index += 1
    return len(text.rstrip())


def _ends_with_name(text: str, name: str) -> bool:
    return text.endswith(name) and not text.removesuffix(name)[-1:].isidentifier()


def _margin(text: str) -> int:
    return len(text) - len(text.lstrip(" \t"))


def _marked(text: str, span: Span, number: int) -> tuple[int, int]:
    """Start and end index of what is underlined in line `number`; equal where nothing is."""
    if number < span.line:
        return (0, 0)
    start = span.column - 1 if number == span.line else _margin(text)
    if span.end_line > number:
        end = len(text.rstrip())
    elif span.end_line == number:
        end = span.end_column - 1
    else:
        end = expression_end(text, start, span.name)
    return (min(start, len(text)), min(max(start, end), len(text)))


def _fit(text: str, margin: int, marks: tuple[int, int], terminal: Terminal, room: int) -> tuple[str, int, int]:
    """The line from `margin` on, cut to `room` columns so that the marked part is seen; where that starts, and its columns."""
    start, end = marks
    if start >= end:
        return (terminal.crop(_shown(text[margin:], terminal), room), 0, 0)
    before, marked, after = (_shown(part, terminal) for part in (text[margin:start], text[start:end], text[end:].rstrip()))
    if columns(before) + columns(marked) > room:
        before = terminal.crop_start(before, room // 3)
    code = terminal.crop(before + marked + after, room)
    return (code, columns(before), min(columns(marked), columns(code) - columns(before)))


def _shown(text: str, terminal: Terminal) -> str:
    return terminal.clean(text.replace("\t", _TAB))
