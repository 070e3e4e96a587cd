"""The whole Audit as JSON (docs/contract.md), and the JSON Schema of that form."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from fwaudit.model.audit import Audit
from fwaudit.report.escape import json_safe


def render(audit: Audit) -> str:
    """The contract's document, indented by 2 spaces, with a final line feed.

    What cannot be seen is written as JSON escapes, lone surrogates among it (a file name that is not UTF-8),
    so that the document is valid UTF-8 and safe to print. Python's `json` reads all of it back as it was.
    """
    try:
        document = msgspec.json.format(msgspec.json.encode(audit), indent=2).decode()
    except UnicodeEncodeError:  # msgspec encodes no lone surrogates; this is 30 times slower, but such names are rare
        document = json.dumps(msgspec.to_builtins(audit), ensure_ascii=False, indent=2)
    return json_safe(document) + "\n"


def compact(audit: Audit) -> str:
    """The same document in one line, without a line feed, for other formats to carry along."""
    try:
        document = msgspec.json.encode(audit).decode()
    except UnicodeEncodeError:
        document = json.dumps(msgspec.to_builtins(audit), ensure_ascii=False, separators=(",", ":"))
    return json_safe(document)


def render_document(document: dict[str, Any] | list[Any]) -> str:
    """Any other document in the same form."""
    return json_safe(json.dumps(document, ensure_ascii=False, indent=2)) + "\n"


def schema() -> str:
    """The JSON Schema of what `render` writes."""
    document: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "An audit by fwaudit"}
    return msgspec.json.format(msgspec.json.encode(document | msgspec.json.schema(Audit)), indent=2).decode() + "\n"
