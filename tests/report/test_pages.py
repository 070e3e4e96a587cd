"""The list of rules and the page of one, as people see them."""

from __future__ import annotations

import pytest

from fwaudit.catalog.knowledge import RulePage
from fwaudit.catalog.load import load_catalog
from fwaudit.catalog.schema import RuleData
from fwaudit.report.pages import explanation, rule_list

DATA = RuleData(
    summary="a thing is done where another thing was meant to be done by somebody", category="glue", severity="high", since="0.1"
)


def page(body: str, data: RuleData = DATA) -> RulePage:
    """A page whose examples are `body`."""
    return RulePage("some-rule", data, f"# some-rule\n```toml\nsummary = 1\n```\n\n## Example\n{body}")


def test_a_page_starts_with_its_data_in_words() -> None:
    """The block of data is one sentence; a block of settings in an example stays as it is."""
    text = explanation(page("```toml\nparity = true\n```\n"))

    assert text.startswith(
        "# some-rule\nA thing is done where another thing was meant to be done by somebody (category glue, severity up to high, since"
    )
    assert text.endswith("```toml\nparity = true\n```\n")


@pytest.mark.parametrize(
    ("body", "end"),
    [
        ("f()  # finds: some-rule\n", "In the examples, `# finds:` names the rules that are reported on its line.\n"),
        ("f()  # finds: some-rule; calls: app.f\n", "reported on its line, `# calls:` what its call leads to.\n"),
        ("f()  # misses: some-rule\n", "In the examples, `# misses:` those that should be and are not.\n"),
        ("f()\n", "\nf()\n"),
    ],
)
def test_marks_are_explained_where_there_are_some(body: str, end: str) -> None:
    """The last line says what the marks of this page mean, and only those."""
    assert explanation(page(body)).endswith(end)


def test_every_page_is_explained_without_its_block() -> None:
    """No shipped page shows its data as TOML, and each with examples explains their marks."""
    for shipped in load_catalog().rules.values():
        text = explanation(shipped)
        assert "summary =" not in text
        assert "\nIn the examples, `# finds:`" in text


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
def test_the_list_fits_the_terminal(width: int) -> None:
    """Summaries are wrapped, beside the other columns or below them; nothing of them is lost."""
    pages = list(load_catalog().rules.values())
    text = rule_list([*pages, page("")], width)

    assert all(len(line) <= max(width, 60) for line in text.splitlines())
    assert DATA.summary in " ".join(text.split())


def test_the_list_is_one_line_a_rule_elsewhere() -> None:
    """Other programs get a line for each rule, whatever its length; the lowest severity is not "up to"."""
    low = RuleData(summary="x", category="meta", severity="low", since="0.1")
    lines = rule_list([page(""), page("", low)], None).splitlines()

    assert [line.split()[:2] for line in lines] == [["rule", "category"], ["some-rule", "glue"], ["some-rule", "meta"]]
    assert lines[1].split("  ")[-1] == DATA.summary
    assert lines[2].split() == ["some-rule", "meta", "low", "none", "x"]
