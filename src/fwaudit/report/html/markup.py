"""HTML out of elements: whatever is not markup already is text, and comes out as text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from fwaudit.report.escape import brief, visible
from fwaudit.report.evidence import LONGEST_NAME

_VOID = frozenset({"input", "link", "meta", "path", "rect", "circle", "line"})
_CODE = re.compile("`([^`]+)`")


class Markup(str):
    """Finished HTML. Any other string is escaped where it becomes part of an element."""

    __slots__ = ()


EMPTY = Markup("")


def element(tag: str, /, *children: str | None, **attributes: str | float | bool | None) -> Markup:
    """`<tag ...>children</tag>`. An attribute that is None or False is left out, `class_` is `class`, `aria_label` `aria-label`."""
    start = tag + "".join([_attribute(name, value) for name, value in attributes.items() if value is not None and value is not False])
    if tag in _VOID:
        return Markup(f"<{start}>" if tag in ("input", "link", "meta") else f"<{start}/>")
    return Markup(f"<{start}>{joined(children)}</{tag}>")


def joined(children: Iterable[str | None]) -> Markup:
    """The children one after another, those that are text escaped."""
    return Markup("".join([child if isinstance(child, Markup) else text(child) for child in children if child]))


def text(words: str) -> Markup:
    """The words as text, with what cannot be seen in them made visible."""
    return Markup(escape(visible(words), quote=False))


def name(words: str, most: int = LONGEST_NAME) -> str:
    """A name of bearable length: one that is too long loses its middle, and is whole in the Audit inside the file."""
    return brief(words, most)


def code(words: str) -> Markup:
    """A name in the code."""
    return element("code", name(words))


def sentence(words: str, most: int = 2 * LONGEST_NAME) -> Markup:
    """A sentence in which names stand in backticks."""
    pieces = _CODE.split(brief(words, most))
    return joined(code(piece) if index % 2 else text(piece) for index, piece in enumerate(pieces))


def link(target: str, *children: str, **attributes: str | float | bool | None) -> Markup:
    """A link to a place in this file."""
    return element("a", *children, href=f"#{target}", **attributes)


def listing(items: Iterable[str], tag: str = "ul", **attributes: str | float | bool | None) -> Markup:
    """A list; nothing where it has no items."""
    entries = [element("li", item) for item in items]
    return element(tag, *entries, **attributes) if entries else EMPTY


def folded(title: str, *children: str, **attributes: str | float | bool | None) -> Markup:
    """What is shown when its title is opened; nothing where there is nothing to show."""
    content = joined(children)
    return element("details", element("summary", title), content, **attributes) if content else EMPTY


def number(value: float) -> str:
    """A coordinate or share in its shortest form: `12`, `3.5`."""
    return f"{value:.1f}".removesuffix(".0")


def _attribute(key: str, value: str | float | bool) -> str:
    attribute = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {attribute}"
    shown = value if isinstance(value, str) else number(value)
    return f' {attribute}="{escape(visible(shown))}"'
