"""What narrows the list of findings down; a script makes it work, and shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fwaudit.report.groups import Group
from fwaudit.report.html.flow import WAITS_WORDS
from fwaudit.report.html.markup import Markup, element, name
from fwaudit.report.html.shares import Share
from fwaudit.report.words import count

_GRADES = ("high", "medium", "low")


def filters(shares: Sequence[Share], groups: Sequence[Group]) -> Markup:
    """The search and the choices that would leave something out."""
    rules = sorted({name(group.worst.rule) for group in groups})
    categories = sorted({name(group.worst.category) for group in groups})
    waits = sorted({str(group.worst.waits_for) for group in groups if group.worst.waits_for is not None})
    choices = [
        _choice("severity", "Severity", [(grade, grade) for grade in _GRADES if any(group.worst.severity == grade for group in groups)]),
        _choice(
            "confidence", "Confidence", [(grade, grade) for grade in _GRADES if any(group.worst.confidence == grade for group in groups)]
        ),
        _choice("category", "Category", [(one, one) for one in categories]),
        _choice("rule", "Rule", [(one, one) for one in rules]),
        _choice("waits", "Waits for", [(one, WAITS_WORDS.get(one, one)) for one in waits]),
        _choice("service", "Service", [(str(share.number), name(share.title)) for share in shares]),
        _choice("fails", "Fails the run", [("yes", "yes"), ("no", "no")] if len({group.fails for group in groups}) > 1 else []),
    ]
    search = element(
        "label", "Search", element("input", type="search", name="text", autocomplete="off", placeholder="path, function, route, call")
    )
    reset = element("button", "Show all", type="reset")
    shown = element("p", element("output", count(len(groups), "root cause")), role="status", class_="quiet")
    return element("form", search, *choices, reset, shown, id="filters", hidden=True, aria_label="Filter the findings")


def _choice(key: str, title: str, options: Iterable[tuple[str, str]]) -> str:
    """A menu; nothing where there is nothing to choose."""
    entries = [element("option", words, value=value) for value, words in options]
    return element("label", title, element("select", element("option", "all", value=""), *entries, name=key)) if len(entries) > 1 else ""
