"""TOML with the lines of its keys and strings."""

from __future__ import annotations

import re
from typing import Any

import tomli

from fwaudit.manifests.text import ManifestError, lines_of

_MESSAGE_LIMIT = 300
"""The most characters of what tomli says: it repeats keys, however long they are."""
_KEY = re.compile(r"""\s*(?P<key>[\w.-]+|"[^"]*"|'[^']*')\s*=""")
_STRING = re.compile(r"""\#.*|"(?P<double>(?:[^"\\]|\\.)*)(?P<double_end>"?)|'(?P<single>[^']*)(?P<single_end>'?)""")
"""A string in a line. Comments and quotes that nothing closes are taken, too, so that no part of the line is read twice."""


class TomlText:
    """A parsed document, and where in its text what is said. Raises ManifestError for what is no TOML."""

    def __init__(self, text: str) -> None:
        try:
            self.document: dict[str, Any] = tomli.loads(text)
        except (tomli.TOMLDecodeError, RecursionError, ValueError) as error:
            line = min(getattr(error, "lineno", 1), max(len(lines_of(text)), 1))
            raise ManifestError(line, f"is not valid TOML: {str(error)[:_MESSAGE_LIMIT]}") from error
        self._keys: dict[tuple[str, str], int] = {}
        self._strings: dict[tuple[str, str], int] = {}
        self._headers: dict[str, list[int]] = {}
        table = ""
        for number, written in enumerate(text.split("\n"), start=1):
            if header := _header_in(written):
                table = header
                self._headers.setdefault(table, []).append(number)
                continue
            if (key := _KEY.match(written)) is not None:
                self._keys.setdefault((table, key["key"].strip("\"'")), number)
            for string in _STRING.finditer(written):
                if string["double_end"] or string["single_end"]:
                    self._strings.setdefault((table, string["double"] or string["single"] or ""), number)

    def table(self, *path: str) -> dict[str, Any]:
        """The table there; an empty one if there is none."""
        found: Any = self.document
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def texts(self, *path: str) -> list[str]:
        """The strings of the array there."""
        values = self.table(*path[:-1]).get(path[-1])
        return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []

    def line_of(self, table: str, text: str) -> int:
        """The line of the key, or else of the string, `text` in `table` (with dots); else that of the table; else 1."""
        line = self._keys.get((table, text)) or self._strings.get((table, text))
        return line or next(iter(self._headers.get(table, ())), 1)

    def line_of_string(self, table: str, text: str) -> int:
        """The line of the string `text` in `table`, else that of the table, else 1."""
        return self._strings.get((table, text)) or next(iter(self._headers.get(table, ())), 1)

    def headers(self, table: str) -> list[int]:
        """The lines of all `[[table]]`."""
        return self._headers.get(table, [])


def _header_in(line: str) -> str:
    """The name of the table that begins in the line; "" if none does. No pattern: spaces in a line must not multiply."""
    bare = line.strip()
    if not bare.startswith("["):
        return ""
    name, _, rest = bare.lstrip("[").partition("]")
    rest = rest.lstrip("]").lstrip()
    is_header = (not rest or rest.startswith("#")) and "=" not in name and "[" not in name
    return name.replace('"', "").replace(" ", "").strip() if is_header else ""
