"""`fwaudit explain`, `rules` and `schema`: what fwaudit knows, and the form of what it says."""

from __future__ import annotations

import sys

import click

from fwaudit.commands.group import commands
from fwaudit.commands.options import complete_topics
from fwaudit.errors import UsageError


@commands.command()
@click.argument("name", shell_complete=complete_topics)
def explain(name: str) -> int:
    """Show the page of a rule or of a trigger of the verdict, or what is known of a library or framework."""
    from fwaudit.catalog.files import read_tables
    from fwaudit.catalog.load import load_advice, load_pages, written_table
    from fwaudit.config import nearest
    from fwaudit.output import write_stdout
    from fwaudit.report.pages import explanation
    from fwaudit.report.table_pages import table_page
    from fwaudit.report.trigger_pages import trigger_page

    word = name.lower()
    tables = [file for kind in ("frameworks", "libraries") for file in read_tables() if file.kind == kind]
    known = [table_page(written_table(file), file.name) for file in tables if file.name.lower() == word]
    rules = load_pages()
    advice = load_advice()
    triggers = {row.id: row for row in advice.rows}
    if word in rules:
        page = explanation(rules[word])
    elif word in triggers:
        page = trigger_page(triggers[word], advice)
    elif known:
        page = "\n".join(known)
    else:
        names = {*rules, *triggers, *(file.name for file in tables)}
        raise UsageError(f"no rule, trigger, library or framework is called `{name}`{nearest(word, names)}")
    write_stdout(page)
    return 0


@commands.command()
def rules() -> int:
    """List all rules: name, category, severity, fix, and one line."""
    import shutil

    from fwaudit.catalog.load import load_pages
    from fwaudit.output import is_terminal, write_stdout
    from fwaudit.report.pages import rule_list

    pages = [page for _, page in sorted(load_pages().items())]
    write_stdout(rule_list(pages, shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None))
    return 0


@commands.command()
def schema() -> int:
    """Print the JSON Schema of `--format json`."""
    from fwaudit.output import write_stdout
    from fwaudit.report import json

    write_stdout(json.schema(), encoding="utf-8")
    return 0
