"""Pages of the site that are written elsewhere, once: rules, what is known of libraries and frameworks, measurements, grades and changes.

A hook of mkdocs.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

from fwaudit.catalog.files import read_tables
from fwaudit.catalog.load import load_pages, written_table
from fwaudit.report.pages import explanation
from fwaudit.report.table_pages import table_page

ROOT = Path(__file__).parent.parent
TABLE = "<!-- grades -->"


def on_config(config: Any) -> Any:
    """The contents, with the rules of each category below `Rules`."""
    categories: dict[str, list[str]] = defaultdict(list)
    for name, page in sorted(load_pages().items()):
        categories[page.data.category].append(f"rules/{name}.md")
    for entry in config["nav"]:
        if entry.get("Rules"):
            entry["Rules"] = [entry["Rules"], *({category: names} for category, names in sorted(categories.items()))]
    return config


def on_files(files: Files, config: Any) -> Files:
    """The files of `docs/` and the pages that are made here."""
    for path, text in pages():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page, with the table of grades where it has a place for it."""
    return markdown.replace(TABLE, grades()) if TABLE in markdown else markdown


def pages() -> Iterator[tuple[str, str]]:
    """Path and text of every page that is not in `docs/`."""
    yield "changes.md", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    yield "tables.md", (ROOT / "rules" / "README.md").read_text(encoding="utf-8")
    yield "measured.md", (ROOT / "tests" / "benchmarks" / "README.md").read_text(encoding="utf-8")
    rules = load_pages()
    by_category: dict[str, list[str]] = defaultdict(list)
    for name, page in sorted(rules.items()):
        by_category[page.data.category].append(f"| [`{name}`]({name}.md) | {page.data.severity} | {page.data.summary} |")
        yield f"rules/{name}.md", _linked(re.sub(r"^```py$", "```python", explanation(page), flags=re.MULTILINE))
    parts = [
        f"## {category}\n\n| rule | severity, at most | what it finds |\n|---|---|---|\n" + "\n".join(rows)
        for category, rows in sorted(by_category.items())
    ]
    head = "# Rules\n\nThe name of a rule says what is bad, and is the same everywhere: here, in reports, in settings and in suppressions."
    yield "rules/index.md", "\n\n".join([head, *parts]) + "\n"
    yield from known()


def known() -> Iterator[tuple[str, str]]:
    """A page for each table of a framework or a library, and one that lists them."""
    lists: dict[str, list[str]] = defaultdict(list)
    for file in read_tables():
        if file.kind in ("frameworks", "libraries"):
            lists[file.kind].append(f"[{file.name}](known/{file.kind}/{file.name}.md)")
            yield f"known/{file.kind}/{file.name}.md", _linked(table_page(written_table(file), file.name))
    yield (
        "known.md",
        "# What it knows\n\nWhere each framework runs each kind of handler, and which calls of each library hold their thread, each with"
        " its source. `fwaudit explain fastapi` prints such a page in the terminal.\n\n"
        + "\n\n".join(f"## {kind.capitalize()}\n\n{', '.join(names)}" for kind, names in lists.items())
        + "\n",
    )


def _linked(text: str) -> str:
    """The text, with the addresses that stand alone in brackets as links."""
    return re.sub(r"(?<!\])\((https?://[^\s()]+)\)", r"(<\1>)", text)


def grades() -> str:
    """A line for each rule and confidence: what readers said of the newest sample that it was drawn in."""
    by_rule: dict[tuple[str, str], dict[int, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for line in (ROOT / "tests" / "benchmarks" / "grades.jsonl").read_text(encoding="utf-8").splitlines():
        grade = json.loads(line)
        by_rule[grade["rule"], grade["confidence"]][grade["seed"]][grade["grade"]] += 1
    rows = ["| rule | confidence | sample | drawn | true | doubtful | false | share true |", "|---|---|---|---|---|---|---|---|"]
    for (rule, confidence), samples in sorted(by_rule.items()):
        seed = max(samples)
        counted = samples[seed]
        drawn = counted.total()
        cells = (
            f"[`{rule}`](rules/{rule}.md)",
            confidence,
            seed,
            drawn,
            *(counted[name] for name in ("true", "doubtful", "false")),
            f"{counted['true'] / drawn:.0%}",
        )
        rows.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(rows)
