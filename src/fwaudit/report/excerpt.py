"""Source lines with a span underlined."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fwaudit.model.context import Grade
from fwaudit.report.terminal import Terminal, columns

_TAB = "    "
_MOST_LINES = 4
"""A longer span is shown by its first lines and its last one."""

_LONGEST_CALL = 20
"""So many lines are searched for the end of a call."""

_MOST_CHARACTERS = 10_000
"""And so many characters: a line can have a million."""

# A text that is not closed on its line takes the rest of it: else each quote in it would be tried as the start of one.
_TOKEN = re.compile(r"""\s+|#[^\n]*|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|\w+|.""", re.DOTALL)
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


@dataclass(frozen=True, slots=True)
class Span:
    """What to underline; lines and columns start at 1.

    Without an end it runs to the end of the call of `name`, or else of the expression, as far as the shown lines tell.
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
    span = span if span.end_line else with_end(source, span)
    numbers = _shown_numbers(source, span)
    margin = min((_margin(source[number - 1]) for number in numbers if source[number - 1].strip()), default=0)
    gutter = len(str(numbers[-1]))
    room = terminal.width - len(indent) - gutter - 3
    lines, before = [], numbers[0] - 1
    for number in numbers:
        if number > before + 1:
            lines.append(indent + terminal.dim(f"{'':>{gutter}} {terminal.bar} {terminal.ellipsis}"))
        text = source[number - 1].rstrip("\r\n")
        code, offset, length = _fit(text, margin, mark_in_line(source, span, number), terminal, room)
        lines.append(indent + terminal.dim(f"{number:>{gutter}} {terminal.bar}") + (f" {code}" if code else ""))
        if length > 0:
            underline = terminal.severity("^" * length, grade)
            lines.append(indent + terminal.dim(f"{'':>{gutter}} {terminal.bar}") + " " * (offset + 1) + underline)
        before = number
    return lines


def _shown_numbers(source: list[str], span: Span) -> list[int]:
    """The line before the span unless it is empty, the span's first lines, and its last one."""
    last = min(max(span.end_line, span.line), len(source))
    lead = [span.line - 1] if span.line > 1 and source[span.line - 2].strip() else []
    inside = list(range(span.line, last + 1))
    return [*lead, *(inside if len(inside) <= _MOST_LINES else [*inside[: _MOST_LINES - 1], last])]


def with_end(source: list[str], span: Span) -> Span:
    """The span up to where its call or expression ends, as far as the lines that follow tell."""
    text = "\n".join(line.rstrip("\r\n") for line in source[span.line - 1 : span.line - 1 + _LONGEST_CALL])
    end = expression_end(text[: span.column - 1 + _MOST_CHARACTERS], span.column - 1, span.name)
    return Span(span.line, span.column, span.line + text.count("\n", 0, end), end - (text.rfind("\n", 0, end) + 1) + 1)


def expression_end(text: str, start: int, name: str = "") -> int:
    """Where the primary expression (`a.b(...)[...].c()`) ends that starts at index `start` of `text`.

    With a `name` it ends behind the first call of that name; if a bracket is still open at the end of the text, there.
    """
    depth, end, previous = 0, start, ""
    is_gap = is_named = False
    for token in _TOKEN.finditer(text, start):
        word = token[0]
        if word.isspace() or word.startswith("#"):
            is_gap = True
            continue
        if depth == 0 and (word in _CLOSING or (is_gap and word != ".") or not _continues(word)):
            return end if end > start else min(start + 1, len(text))
        if word in _OPENING:
            is_named = is_named or (depth == 0 and word == "(" and previous == name)
            depth += 1
        elif word in _CLOSING:
            depth -= 1
        end, previous, is_gap = token.end(), word, False
        if depth == 0 and is_named:
            return end
    return end


def _continues(word: str) -> bool:
    return word == "." or word in _OPENING or word[0] in "\"'" or word.isidentifier() or word.isnumeric()


def _margin(text: str) -> int:
    return len(text) - len(text.lstrip(" \t"))


def mark_in_line(source: list[str], span: Span, number: int) -> tuple[int, int]:
    """Start and end index of what is underlined in line `number`: of a span over many lines the first and the last."""
    text = source[number - 1].rstrip("\r\n")
    if number not in (span.line, span.end_line):
        return (0, 0)
    start = span.column - 1 if number == span.line else _margin(text)
    end = len(text.rstrip()) if span.end_line > number else span.end_column - 1
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
