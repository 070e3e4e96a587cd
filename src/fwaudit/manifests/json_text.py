"""JSON with the lines of its keys and strings."""

from __future__ import annotations

import json
import re

from fwaudit.manifests.text import ManifestError, ManifestText

_STRING = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"(?P<is_object>\s*:\s*\{)?', re.DOTALL)
"""Every string of a document that is JSON, and whether it is the key of an object."""


class JsonText:
    """A parsed document, and where in its text what is said. Raises ManifestError for what is no JSON."""

    def __init__(self, file: ManifestText) -> None:
        try:
            self.document: object = json.loads(file.text)
        except RecursionError as error:
            raise ManifestError(1, "is nested too deeply") from error
        except ValueError as error:
            raise ManifestError(getattr(error, "lineno", 1), f"is not valid JSON: {getattr(error, 'msg', error)}") from error
        self._strings: dict[str, int] = {}
        self._objects: dict[str, int] = {}
        line, place = 1, 0
        for found in _STRING.finditer(file.text):
            line += file.text.count("\n", place, found.start())
            place = found.start()
            self._strings.setdefault(found["text"], line)
            if found["is_object"]:
                self._objects.setdefault(found["text"], line)

    def line_of_string(self, text: str, unknown: int = 1) -> int:
        """The line on which the string stands first, `unknown` if it is written in another way: with escapes."""
        return self._strings.get(text, unknown)

    def line_of_object(self, key: str, unknown: int = 1) -> int:
        """The line of the first key of that name whose value is an object; else that of the first such string; else `unknown`."""
        return self._objects.get(key) or self.line_of_string(key, unknown)
