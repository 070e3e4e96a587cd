"""Writes answers into a settings file, and leaves everything else in it as it is: comments, order, line ends."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import tomli

from fwaudit.errors import ConfigError

_ANY_HEADER = re.compile(r"\s*\[")
_VALUE = re.compile(r"""(?:[^"'#]|"(?:[^"\\]|\\.)*"|'[^']*')*""")


def with_answers(text: str, answers: Mapping[str, str | bool | int | float], *, is_shared: bool, shown: str) -> str:
    """`text` with the answers in it; `is_shared`: it is a pyproject.toml, whose tables of fwaudit stand below `tool.fwaudit`.

    Raises ConfigError, which names the lines to add, for a file in which that cannot be done without touching something else.
    """
    table = ("tool", "fwaudit", "answers") if is_shared else ("answers",)
    lines = [f"{key} = {_written(value)}" for key, value in sorted(answers.items())]
    end = "\r\n" if "\r\n" in text else "\n"
    changed = _change(text.replace("\r\n", "\n"), ".".join(table), dict(zip(sorted(answers), lines, strict=True))).replace("\n", end)
    if not _is_only_that(text, changed, table, answers):
        raise ConfigError(f"{shown}: the answers cannot be written there without changing more; add them yourself: {'; '.join(lines)}")
    return changed


def _written(value: str | bool | float) -> str:
    return str(value).lower() if isinstance(value, bool) else json.dumps(value, ensure_ascii=False)


def _change(text: str, table: str, wanted: dict[str, str]) -> str:
    """The text with the lines of `wanted` in the table, in place of those of the same keys."""
    header = re.compile(rf"\s*\[\s*{re.escape(table)}\s*\]\s*(?:#.*)?")
    lines = text.split("\n")
    start = next((number for number, line in enumerate(lines) if header.fullmatch(line)), None)
    if start is None:
        body = text.rstrip("\n")
        return "\n".join([*([body, ""] if body else []), f"[{table}]", *wanted.values(), ""])
    stop = next((number for number in range(start + 1, len(lines)) if _ANY_HEADER.match(lines[number])), len(lines))
    left = dict(wanted)
    last = start
    for number in range(start + 1, stop):
        key = lines[number].partition("=")[0].strip().strip("\"'")
        if key in left and "=" in lines[number]:
            lines[number] = left.pop(key) + _comment_of(lines[number])
        if lines[number].strip():
            last = number
    return "\n".join([*lines[: last + 1], *left.values(), *lines[last + 1 :]])


def _comment_of(line: str) -> str:
    """The comment at the end of a line, with the spaces in front of it."""
    value = _VALUE.match(line)
    assert value is not None  # it matches nothing, too
    comment = line[value.end() :]
    return line[len(value[0].rstrip()) :] if comment.startswith("#") else ""


def _is_only_that(before: str, after: str, table: tuple[str, ...], answers: Mapping[str, Any]) -> bool:
    """Whether both texts say the same but for the answers."""
    try:
        expected: dict[str, Any] = tomli.loads(before)
        place = expected
        for name in table:
            place = place.setdefault(name, {})
        place.update(answers)
        return tomli.loads(after) == expected
    except (tomli.TOMLDecodeError, RecursionError, AttributeError, TypeError):
        return False
