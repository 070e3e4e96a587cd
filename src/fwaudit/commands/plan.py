"""`fwaudit plan [PATH]`: the verdict on every service."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fwaudit.commands.asking import ask_and_keep, check_terminal
from fwaudit.commands.group import EXIT_INCOMPLETE, commands, safe
from fwaudit.commands.options import check_words, profile_option, run_options, seen_from_here, terminal_width, verbosity_options
from fwaudit.errors import UsageError

if TYPE_CHECKING:
    from fwaudit.model.audit import Audit

_LARGEST = 1_000_000_000
"""Bytes of a saved audit."""


@commands.command("plan", short_help="Say of every service in PATH whether to stay, to migrate or to add a sidecar, and why.")
@click.argument("path", required=False, type=click.Path(path_type=Path), metavar="[PATH]")
@click.option("--format", "format_name", type=click.Choice(("text", "json")), default="text", help="The form of the plan [default: text].")
@click.option("--from", "saved", type=click.Path(path_type=Path), metavar="AUDIT.json", help="Judge a saved audit; no source is read.")
@click.option("--ask", "is_asking", is_flag=True, help="Ask what code cannot say, and write the answers into the settings.")
@profile_option
@run_options
@verbosity_options
def plan_command(path: Path | None, saved: Path | None, is_asking: bool, **options: Any) -> int:
    """Say of every service in PATH whether to stay, migrate or add a sidecar: what speaks for and against it, and what would change it."""
    from fwaudit.output import speaks_unicode, wants_color, write_note, write_stdout
    from fwaudit.report.services import render_json
    from fwaudit.report.verdict import render_plan

    if path is not None and saved is not None:
        raise UsageError("`--from` judges a saved audit; give a path or `--from`, not both")
    if saved is not None and (is_asking or options["profiles"]):
        raise UsageError("`--from` judges a saved audit as it is: `--ask` and `--profile` take a path")
    if is_asking:
        check_terminal()
    result, told = _read(saved) if saved is not None else _audit((path,) if path is not None else (), options, is_asking=is_asking)
    if options["format_name"] == "json":
        write_stdout(render_json(result), encoding="utf-8")
    else:
        color = wants_color(options["color"], sys.stdout, os.environ)
        write_stdout(render_plan(result, width=terminal_width(100), color=color, ascii_only=not speaks_unicode(sys.stdout)))
    write_note(safe(told))
    is_incomplete = not result.summary.analysed or any(problem.kind == "incomplete" for problem in result.problems)
    return EXIT_INCOMPLETE if is_incomplete else 0


def _audit(paths: tuple[Path, ...], options: dict[str, Any], *, is_asking: bool) -> tuple[Audit, str]:
    """The Audit of `paths`, and what was read for it."""
    from fwaudit.cache import Cache
    from fwaudit.config import load_config
    from fwaudit.discover.roots import find_root
    from fwaudit.output import Progress, is_terminal
    from fwaudit.pipeline import audit
    from fwaudit.report.summary import Request, count_files

    check_words(paths)
    root, _ = find_root(paths)
    config = load_config(Path(root), options["config_file"], options["isolated"])
    cache = None if options["no_cache"] else Cache(options["cache_dir"], root)
    with Progress(is_shown=is_terminal(sys.stderr) and not options["quiet"]) as progress:
        result = audit(paths, config, jobs=options["jobs"] or 0, cache=cache, on_progress=progress, profiles=options["profiles"])
    if is_asking:
        result = ask_and_keep(result, config, root)
    return result, count_files(result, Request(config, seen_from_here(root)))


def _read(saved: Path) -> tuple[Audit, str]:
    """The Audit that was saved as JSON, judged again by today's tables."""
    import msgspec

    from fwaudit.catalog.load import load_advice
    from fwaudit.judge.verdict import judge
    from fwaudit.model.audit import SCHEMA_VERSION, Audit
    from fwaudit.reading import UnreadableError, read_source

    try:
        whole = msgspec.json.decode(read_source(str(saved.parent), saved.name, _LARGEST), type=Audit)
    except UnreadableError as error:
        raise UsageError(f"{saved}: {error}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError(f"{saved}: not an audit that `fwaudit --format json` wrote: {error}") from error
    if whole.schema_version != SCHEMA_VERSION:
        raise UsageError(f"{saved}: has the form {whole.schema_version}; this version reads the form {SCHEMA_VERSION}")
    return judge(whole, load_advice()), f"Judged from {saved}; no source was read"
