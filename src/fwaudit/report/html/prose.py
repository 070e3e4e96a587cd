"""The Markdown of rule pages as HTML: headings, paragraphs, lists, tables, code and links, which is all that they are made of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fwaudit.report.html.markup import Markup, code, element, joined, text

_FENCE = re.compile(r"(`{3,})(\w*)\s*$")
_HEADING = re.compile(r"(#{1,6}) +(.*)")
_ITEM = re.compile(r"(?:[-*]|\d+\.) +(.*)")
_INLINE = re.compile(r"`([^`]+)`|\*\*(.+?)\*\*|\*(.+?)\*|\[([^\]]+)\]\(([^)\s]+)\)|<(https://[^>\s]+)>")
_LOWEST = 6


def prose(source: str, *, heading: int) -> Markup:
    """The page; its first level of headings becomes level `heading`."""
    return joined(_blocks(source.splitlines(), heading))


def _blocks(lines: list[str], heading: int) -> Iterator[Markup]:
    index = 0
    while index < len(lines):
        line = lines[index]
        if not line.strip():
            index += 1
        elif fence := _FENCE.match(line):
            end = next((at for at in range(index + 1, len(lines)) if lines[at].rstrip() == fence[1]), len(lines))
            yield element("pre", element("code", Markup("\n".join(text(one) for one in lines[index + 1 : end]))), class_="code")
            index = end + 1
        elif found := _HEADING.match(line):
            yield element(f"h{min(len(found[1]) + heading - 1, _LOWEST)}", inline(found[2]))
            index += 1
        else:
            end = next(
                (at for at in range(index, len(lines)) if not lines[at].strip() or _FENCE.match(lines[at]) or _HEADING.match(lines[at])),
                len(lines),
            )
            yield _paragraph(lines[index:end])
            index = end


def _paragraph(lines: list[str]) -> Markup:
    """A table, text, a list, or text with a list after it."""
    if lines[0].startswith("|"):
        return _table(lines)
    start = next((index for index, line in enumerate(lines) if _ITEM.match(line)), len(lines))
    words = element("p", inline(" ".join(line.strip() for line in lines[:start]))) if start else None
    if start == len(lines):
        return words or Markup("")
    items: list[str] = []
    for line in lines[start:]:
        found = _ITEM.match(line)
        if found:
            items.append(found[1])
        else:
            items[-1] += f" {line.strip()}"
    tag = "ol" if lines[start][0].isdigit() else "ul"
    return joined([words, element(tag, *(element("li", inline(item)) for item in items))])


def _table(lines: list[str]) -> Markup:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    head = element("tr", *(element("th", inline(cell), scope="col") for cell in rows[0]))
    body = [element("tr", *(element("td", inline(cell)) for cell in row)) for row in rows[2:]]
    return element("table", element("thead", head), element("tbody", *body))


def inline(words: str) -> Markup:
    """Text with code, bold and slanted words and links to the web; other links lose their target."""
    pieces: list[str] = []
    end = 0
    for found in _INLINE.finditer(words):
        pieces.append(text(words[end : found.start()]))
        pieces.append(_inline(found))
        end = found.end()
    return joined([*pieces, text(words[end:])])


def _inline(found: re.Match[str]) -> Markup:
    quoted, bold, slanted, label, target, address = found.groups()
    if quoted:
        return code(quoted)
    if bold or slanted:
        return element("strong" if bold else "em", inline(bold or slanted))
    if address:
        return element("a", address, href=address, rel="noreferrer")
    return element("a", inline(label), href=target, rel="noreferrer") if target.startswith("https://") else inline(label)
