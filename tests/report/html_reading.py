"""Reads an HTML report as a browser would, as far as tests ask for it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_VOID = {"meta", "link", "input", "br"}


@dataclass
class Element:
    """A tag with its attributes, and the text below it."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""


@dataclass
class Document:
    """The elements of a report in the order in which they begin, and what is wrong with their nesting."""

    elements: list[Element] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def all(self, tag: str) -> list[Element]:
        """The elements of that tag."""
        return [element for element in self.elements if element.tag == tag]

    @property
    def ids(self) -> list[str]:
        """Every id."""
        return [element.attributes["id"] or "" for element in self.elements if "id" in element.attributes]

    @property
    def links(self) -> list[str]:
        """Every target of a link."""
        return [element.attributes["href"] or "" for element in self.elements if "href" in element.attributes]

    @property
    def data(self) -> Any:
        """The Audit inside."""
        (found,) = [element for element in self.all("script") if element.attributes.get("id") == "audit"]
        return json.loads(found.text)


def read(report: str) -> Document:
    """The report's elements."""
    parser = _Parser()
    parser.feed(report)
    parser.close()
    parser.document.faults += [f"<{element.tag}> is not closed" for element in parser.open]
    return parser.document


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.document = Document()
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len(dict(attrs)) != len(attrs):
            self.document.faults.append(f"<{tag}> has an attribute twice")
        element = Element(tag, dict(attrs))
        self.document.elements.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.document.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1].tag != tag:
            self.document.faults.append(f"</{tag}> closes <{self.open[-1].tag if self.open else ''}>")
        elif self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data
