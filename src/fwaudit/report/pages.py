"""Rules for people: the list of all, and the page of one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fwaudit.catalog.knowledge import RulePage
from fwaudit.report.terminal import Terminal

_NARROWEST_SUMMARY = 40
"""With less room beside the other columns, a rule's summary stands below them."""

_DATA = re.compile(r"^```toml\n.*?^```$", re.MULTILINE | re.DOTALL)
_MARKS = {
    "finds": "`# finds:` names the rules that are reported on its line",
    "misses": "`# misses:` those that should be and are not",
    "calls": "`# calls:` what its call leads to",
    "runs-on": "`# runs-on:` where its function runs",
}
"""What the comments in a page's examples say."""


def rule_list(pages: Sequence[RulePage], width: int | None) -> str:
    """A line for each rule; for a terminal of `width` columns its summary is wrapped."""
    rows = [(page.name, page.data.category, _severity(page), page.data.fix, page.data.summary) for page in pages]
    table = [("rule", "category", "severity", "fix", "what it finds"), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(4)]
    lines: list[str] = []
    for *cells, summary in table:
        start = "".join(f"{cell:<{size}}  " for cell, size in zip(cells, widths, strict=True))
        if width is None:
            lines.append(start + summary)
        elif width - len(start) >= _NARROWEST_SUMMARY:
            lines += Terminal(width, color=False, ascii_only=False).wrap(summary, start)
        else:
            name, others = start[: widths[0]].rstrip(), start[widths[0] + 2 :].rstrip()
            lines += [start.rstrip()] if len(start.rstrip()) <= width else [name, f"    {others}"]
            lines += Terminal(width, color=False, ascii_only=False).wrap(summary, "    ")
    return "".join(f"{line}\n" for line in lines)


def explanation(page: RulePage) -> str:
    """The page, its data as one line, and at the end what the marks in its examples say."""
    data = page.data
    fix = "" if data.fix == "none" else f", fix {data.fix}"
    summary = data.summary[:1].upper() + data.summary[1:]
    line = f"{summary} (category {data.category}, severity {_severity(page)}{fix}, since {data.since})."
    offers = "".join(f"\n- {'frameworks' if name == 'any' else name}: {offer.has} ({offer.source})" for name, offer in data.offers.items())
    told = f"{line}\n\nWhat there is instead:{offers}" if offers else line
    text = _DATA.sub(lambda _: told, page.text, count=1).rstrip("\n")
    marks = [said for kind, said in _MARKS.items() if re.search(rf"[#;] {kind}: ", text)]
    return f"{text}\n\nIn the examples, {', '.join(marks)}.\n" if marks else f"{text}\n"


def _severity(page: RulePage) -> str:
    """The page names the highest that a finding of the rule can have."""
    return page.data.severity if page.data.severity == "low" else f"up to {page.data.severity}"
