"""TOML with the lines of its keys and strings."""

from __future__ import annotations

import re
from typing import Any

import tomli

from fwaudit.manifests.text import ManifestError

_LINE = re.compile(r"line (\d+)")
_HEADER = re.compile(r"\s*\[\[?\s*(?P<name>[^\[\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"""\s*(?P<key>[\w.-]+|"[^"]*"|'[^']*')\s*=""")
_STRING = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|'([^'\n]*)'")


class TomlText:
    """A parsed document, and where in its text what is said. Raises ManifestError for what is no TOML."""

    def __init__(self, text: str) -> None:
        try:
            self.document: dict[str, Any] = tomli.loads(text)
        except (tomli.TOMLDecodeError, RecursionError, ValueError) as error:
            line = _LINE.search(str(error))
            raise ManifestError(int(line[1]) if line else 1, f"is not valid TOML: {error}") from error
        self._keys: dict[tuple[str, str], int] = {}
        self._strings: dict[tuple[str, str], int] = {}
        self._headers: dict[str, list[int]] = {}
        table = ""
        for number, written in enumerate(text.split("\n"), start=1):
            header = _HEADER.fullmatch(written)
            if header is not None and "=" not in written:
                table = header["name"].replace('"', "").replace(" ", "")
                self._headers.setdefault(table, []).append(number)
                continue
            if (key := _KEY.match(written)) is not None:
                self._keys.setdefault((table, key["key"].strip("\"'")), number)
            for double, single in _STRING.findall(written):
                self._strings.setdefault((table, double or single), number)

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
