"""What is wrong with a table, in words: table, key, nearest right word."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

_STEP = re.compile(r"\.(?P<key>[A-Za-z_]\w*)|\[(?P<index>\d+)\]|\[\.\.\.\]")
_UNKNOWN_FIELD = re.compile(r"unknown field `([^`]*)`")
_WRONG_VALUE = re.compile(r"Invalid enum value '([^']*)'")


def explain(error: msgspec.ValidationError, form: type[msgspec.Struct], table: Any) -> str:
    """One sentence on why `table` has not the form `form`."""
    message, _, path = str(error).partition(" - at `")
    place, expected = _follow(path.rstrip("`"), form)
    row = _row_name(path, table)
    prefix = f"{place}{row}: " if place else ""
    if unknown := _UNKNOWN_FIELD.search(message):
        keys = list(get_type_hints(expected)) if isinstance(expected, type) and issubclass(expected, msgspec.Struct) else []
        return f"{prefix}there is no key `{unknown[1]}`{_nearest(unknown[1], keys)}"
    if wrong := _WRONG_VALUE.search(message):
        words = [str(word) for word in get_args(expected)]
        return f"{prefix}`{wrong[1]}` is not one of {', '.join(words)}{_nearest(wrong[1], words)}"
    return prefix + message[:1].lower() + message[1:]


def _follow(path: str, form: type[msgspec.Struct]) -> tuple[str, Any]:
    """The path without its `$`, and the type that the form has there."""
    expected: Any = form
    for step in _STEP.finditer(path):
        if step["key"]:
            expected = get_type_hints(expected).get(step["key"], Any)
        elif get_origin(expected) in (list, dict):
            expected = get_args(expected)[-1]
    return path.removeprefix("$").removeprefix("."), expected


def _row_name(path: str, table: Any) -> str:
    """` (its first name)` of the row that `path` leads into, so that it is found without counting."""
    step = re.match(r"\$\.(\w+)\[(\d+)\]", path)
    if step is None:
        return ""
    row = table[step[1]][int(step[2])]
    keys = ("name", "calls", "names", "types", "decorators", "bases", "commands")
    names = next((row[key] for key in keys if isinstance(row, dict) and row.get(key)), None)
    name = names[0] if isinstance(names, list) else names
    return f" ({name})" if isinstance(name, str) else ""


def _nearest(word: str, words: list[str]) -> str:
    near = get_close_matches(word, words, n=1, cutoff=0.5)
    return f"; did you mean `{near[0]}`?" if near else ""
