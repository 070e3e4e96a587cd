from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fwaudit.report.escape import json_safe, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x00\x7f\x9b", "\\x00\\x7f\\x9b"),
        ("\u202e\u2066\u200b\ufeff\u2028", "\\u202e\\u2066\\u200b\\ufeff\\u2028"),
        ("b\udcff.py", "b\\udcff.py"),
        ("\U000e0041", "\\U000e0041"),
        ("\u3164\u115f", "\\u3164\\u115f"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    """Control, C1, bidi, zero-width, tag, blank and surrogate characters become escapes."""
    assert visible(text) == shown


@pytest.mark.parametrize("text", ["app/main.py", "größe", "東京", "a b", "C:\\x", "é e\u0301", "👍", ""])
def test_what_can_be_seen_stays(text: str) -> None:
    """Letters of any script, marks on letters, spaces and backslashes are left alone."""
    assert visible(text) == text


@given(st.text())
def test_visible_text_is_printable(text: str) -> None:
    """Whatever goes in, what comes out is one printable line, and goes through unchanged a second time."""
    shown = visible(text)

    assert shown.isprintable()
    assert visible(shown) == shown
    assert visible(text, ascii_only=True).isascii()
    assert visible(text, ascii_only=True).isprintable()


@given(st.text(st.characters()))
def test_json_keeps_its_meaning(text: str) -> None:
    """A document that was made safe holds the same values and nothing that cannot be seen."""
    document = json.dumps({text: [text]}, ensure_ascii=False, indent=2)
    safe = json_safe(document)

    assert json.loads(safe) == json.loads(document)
    assert safe.replace("\n", "").isprintable()
    safe.encode()
