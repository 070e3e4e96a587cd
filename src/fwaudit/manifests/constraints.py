"""Poetry's version constraints in the words of PEP 440."""

from __future__ import annotations

import re

from packaging.specifiers import InvalidSpecifier, SpecifierSet

_RELEASE = re.compile(r"v?(\d{1,9}(?:\.\d{1,9}){0,5})(?!\d).*", re.DOTALL)
_LENGTH_LIMIT = 500


def to_specifier(constraint: str) -> str:
    """`^1.2` as `>=1.2,<2`, `~1.2` as `>=1.2,<1.3`, `1.2.*` and `1.2` as `==`; "" for any version and for what cannot be read.

    Of alternatives (`||`) the span from the lowest to the highest is not known: "".
    """
    text = constraint.strip()
    if not text or text == "*" or "|" in text or len(text) > _LENGTH_LIMIT:
        return ""
    parts = [_one(part.strip()) for part in re.split(r"[,\s]+(?=[\^~<>=!\d])", text) if part.strip(" ,")]
    specifier = ",".join(part for part in parts if part)
    try:
        return str(SpecifierSet(specifier))
    except InvalidSpecifier:
        return ""


def _one(text: str) -> str:
    text = text.strip(" ,")
    if text.startswith("^"):
        return _caret(text[1:].strip())
    if text.startswith("~") and not text.startswith("~="):
        return _tilde(text[1:].strip())
    if text == "*":
        return ""
    return text.replace(" ", "") if text[:1] in "<>=!~" else f"=={text}"


def _caret(version: str) -> str:
    """Up to the next version whose first part that is not 0 is higher."""
    release = _RELEASE.fullmatch(version)
    if release is None:
        return "invalid"
    parts = [int(part) for part in release[1].split(".")]
    place = next((index for index, part in enumerate(parts) if part), len(parts) - 1)
    return f">={version},<{_raised(parts, place)}"


def _tilde(version: str) -> str:
    """Up to the next minor version, or major if only that is written."""
    release = _RELEASE.fullmatch(version)
    if release is None:
        return "invalid"
    parts = [int(part) for part in release[1].split(".")]
    return f">={version},<{_raised(parts, min(1, len(parts) - 1))}"


def _raised(parts: list[int], place: int) -> str:
    return ".".join(str(part) for part in (*parts[:place], parts[place] + 1))
