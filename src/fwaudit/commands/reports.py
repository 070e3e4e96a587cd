"""The reports of an audit: which ones are asked for, and writing them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fwaudit.commands.options import terminal_width
from fwaudit.errors import UsageError

if TYPE_CHECKING:
    from fwaudit.model.audit import Audit
    from fwaudit.report.summary import Request

Target = tuple[str, Path | None]
"""A format, and its file; no file: stdout."""


class Look(NamedTuple):
    """How a report for people looks."""

    color: str
    group_by: str
    statistics: bool


FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson", "markdown", "html")
ENDINGS = {".html": "html", ".json": "json", ".md": "markdown", ".rdjson": "rdjson", ".sarif": "sarif", ".txt": "text", ".xml": "junit"}
GROUPINGS = ("root-cause", "file", "route", "service")
_FOR_PEOPLE = ("text", "concise")


def read_targets(outputs: Sequence[str], format_name: str) -> tuple[Target, ...]:
    """Every report that is asked for."""
    return tuple(_read_target(output, format_name) for output in outputs) or ((format_name, None),)


def _read_target(output: str, format_name: str) -> Target:
    """One `--output`: its format stands before `=`, else its ending tells, else `--format` does."""
    prefix, found, name = output.partition("=")
    if found and prefix.isidentifier() and prefix not in FORMATS:
        raise UsageError(f"--output {output}: `{prefix}` is not one of {', '.join(FORMATS)}; a file of that name is written ./{output}")
    chosen, file = (prefix, name) if found and prefix in FORMATS else (ENDINGS.get(Path(output).suffix, format_name), output)
    if not file:
        raise UsageError(f"--output {output}: names no file")
    return chosen, None if file == "-" else Path(file)


def write_reports(audit: Audit, root: str, targets: Sequence[Target], request: Request, look: Look) -> None:
    """Writes every report; all are made before the first one is written."""
    from fwaudit.output import append_file, write_file, write_stdout

    reports = [(form, file, _render(audit, root, form, request, look, is_file=file is not None)) for form, file in targets]
    for form, file, text in reports:
        if file is not None:
            write_file(file, text)
        else:
            write_stdout(text, encoding=None if form in _FOR_PEOPLE else "utf-8")
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary and any(form == "github" for form, _ in targets):
        append_file(Path(summary), _render_for_programs(audit, root, "markdown", request))


def write_change(before: Audit, now: Audit, root: str, look: Look) -> None:
    """Writes to stdout what changed between two audits."""
    from fwaudit.output import speaks_unicode, wants_color, write_stdout
    from fwaudit.reading import line_reader
    from fwaudit.report import text

    color = wants_color(look.color, sys.stdout, os.environ)
    is_ascii = not speaks_unicode(sys.stdout)
    write_stdout(text.render_change(before, now, line_reader(root), width=terminal_width(100), color=color, ascii_only=is_ascii))


def _render(audit: Audit, root: str, form: str, request: Request, look: Look, *, is_file: bool) -> str:
    if form in _FOR_PEOPLE:
        return _render_for_people(audit, root, form, request, look, is_file=is_file)
    if form == "json":
        from fwaudit.report import json

        return json.render(audit)
    return _render_for_programs(audit, root, form, request)


def _render_for_people(audit: Audit, root: str, form: str, request: Request, look: Look, *, is_file: bool) -> str:
    from fwaudit.output import speaks_unicode, wants_color

    is_ascii = not is_file and not speaks_unicode(sys.stdout)
    if form == "concise":
        from fwaudit.report import concise

        return concise.render(audit, ascii_only=is_ascii)
    from fwaudit.reading import line_reader
    from fwaudit.report import text

    return text.render(
        audit,
        line_reader(root),
        width=terminal_width(100),
        color=wants_color(look.color, None if is_file else sys.stdout, os.environ),
        request=request,
        group_by=look.group_by,
        statistics=look.statistics,
        ascii_only=is_ascii,
    )


def _render_for_programs(audit: Audit, root: str, form: str, request: Request) -> str:
    from fwaudit.catalog.load import load_pages
    from fwaudit.reading import line_reader
    from fwaudit.report import github, gitlab, html, junit, markdown, rdjson, sarif

    folder = _folder_in_repository(root, request)
    reports: dict[str, Callable[[], str]] = {
        "sarif": lambda: sarif.render(audit, load_pages(), folder),
        "github": lambda: github.render(audit, folder),
        "gitlab": lambda: gitlab.render(audit, folder),
        "junit": lambda: junit.render(audit, folder),
        "html": lambda: html.render(audit, line_reader(root), load_pages(), request),
        "markdown": lambda: markdown.render(audit, request, folder),
        # reviewdog itself finds out where the current folder lies in the repository.
        "rdjson": lambda: rdjson.render(audit, line_reader(root), request.folder),
    }
    return reports[form]()


def _folder_in_repository(root: str, request: Request) -> str:
    """The workspace, seen from the root of its git repository; without one, from the current folder if it lies there; "" if it is that."""
    from fwaudit.discover.roots import find_marker_above

    repository = find_marker_above(root, ".git")
    folder = os.path.relpath(root, repository) if repository is not None else request.folder
    return "" if folder == "." or folder.startswith("..") or os.path.isabs(folder) else folder
