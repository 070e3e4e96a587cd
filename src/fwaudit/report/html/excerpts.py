"""Source lines of a step: the head of its function, the call, and what stands around it."""

from __future__ import annotations

import re

from fwaudit.model.finding import Finding, Location, Step
from fwaudit.reading import SourceOf
from fwaudit.report.escape import visible
from fwaudit.report.excerpt import Span, mark_in_line, with_end
from fwaudit.report.html.markup import EMPTY, Markup, element, joined, text

_AROUND = 1
"""Lines shown before and after the call."""
_MOST_LINES = 6
"""A call that takes more lines is shown by its first ones."""
_LONGEST_LINE = 160
_SEARCHED = 300
"""So many lines above a call the head of its function is looked for."""
_TAB = "    "


def excerpt_of_step(step: Step, source_of: SourceOf, *, callee: str = "") -> Markup:
    """The lines of a step, its call marked; of the leaf the call of `callee`."""
    source = source_of(step.path)
    if not source or not 1 <= step.line <= len(source):
        return EMPTY
    return _lines(source, with_end(source, Span(step.line, step.column, name=callee)), step.function)


def excerpt_of_finding(finding: Finding, source_of: SourceOf) -> Markup:
    """The lines of the finding's own place."""
    source = source_of(finding.path)
    if not source or not 1 <= finding.line <= len(source):
        return EMPTY
    return _lines(source, Span(finding.line, finding.column, finding.end_line, finding.end_column), finding.function)


def line_of(place: Location | Step, source_of: SourceOf) -> str:
    """The one line of a place, without its margin; "" where it cannot be read now."""
    source = source_of(place.path)
    return _cut(source[place.line - 1].strip(), 0) if source and 1 <= place.line <= len(source) else ""


def _lines(source: list[str], span: Span, function: str) -> Markup:
    first = max(span.line - _AROUND, 1)
    last = min(max(span.end_line, span.line) + _AROUND, span.line + _MOST_LINES, len(source))
    numbers = [line for line in range(first, last + 1) if source[line - 1].strip() or line == span.line]
    head = _head(source, span.line, function)
    if head and head < numbers[0]:
        numbers = [head, *numbers]
    margin = min(_margin(source[line - 1]) for line in numbers if source[line - 1].strip()) if source[span.line - 1].strip() else 0
    rows: list[Markup] = []
    before = numbers[0] - 1
    for line in numbers:
        if any(source[between - 1].strip() for between in range(before + 1, line)):
            rows.append(_row("⋯", EMPTY))
        rows.append(_row(str(line), _line(source[line - 1].rstrip("\r\n"), margin, _marks(source, span, line))))
        before = line
    return element("pre", *rows, class_="code")


def _row(gutter: str, line: Markup) -> Markup:
    return element("span", element("i", gutter), line, Markup("\n"))


def _marks(source: list[str], span: Span, line: int) -> tuple[int, int]:
    """What is marked in a line: of the lines between the first and the last of the span all."""
    if span.line < line < span.end_line:
        return (_margin(source[line - 1]), len(source[line - 1].rstrip()))
    return mark_in_line(source, span, line)


def _line(line: str, margin: int, marks: tuple[int, int]) -> Markup:
    """The line from `margin` on, what is marked in a `<mark>`; a line that is too long loses its end, or its start."""
    start, end = marks
    if start >= end:
        return text(_cut(_shown(line[margin:]), 0))
    before, marked, after = _shown(line[margin:start]), _shown(line[start:end]), _shown(line[end:])
    if len(before) > _LONGEST_LINE // 2:
        before = "…" + before[-_LONGEST_LINE // 2 :]
    return joined([before, element("mark", _cut(marked, 0)), _cut(after, len(before) + len(marked))])


def _head(source: list[str], line: int, function: str) -> int:
    """The line that begins the function around `line`, 0 where it is not found."""
    name = re.escape(function.rpartition(".")[2])
    pattern = re.compile(rf"\s*(?:async\s+)?def\s+{name}\b")
    margin = _margin(source[line - 1])
    for number in range(line, max(line - _SEARCHED, 0), -1):
        if pattern.match(source[number - 1]) and _margin(source[number - 1]) < max(margin, 1):
            return number
    return 0


def _cut(line: str, used: int) -> str:
    room = max(_LONGEST_LINE - used, 20)
    return line if len(line) <= room else line[: room - 1] + "…"


def _shown(line: str) -> str:
    return visible(line.replace("\t", _TAB))


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
