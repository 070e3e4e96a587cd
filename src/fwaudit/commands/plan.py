"""`fwaudit plan [PATH]`: the verdict on every service."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fwaudit.commands.asking import ask_and_keep, check_terminal
from fwaudit.commands.group import EXIT_INCOMPLETE, commands, safe
from fwaudit.commands.options import RunOptions, color_option, profile_option, run_options, terminal_width
from fwaudit.commands.running import begin, run_audit, write_notes, write_problems
from fwaudit.errors import UsageError

if TYPE_CHECKING:
    from fwaudit.model.audit import Audit


@commands.command("plan", short_help="Say of every service in PATH whether to stay, to migrate or to add a sidecar, and why.")
@click.argument("path", required=False, type=click.Path(path_type=Path), metavar="[PATH]")
@click.option("--format", "format_name", type=click.Choice(("text", "json")), default="text", help="The form of the plan [default: text].")
@click.option("--from", "saved", type=click.Path(path_type=Path), metavar="AUDIT.json", help="Judge a saved audit; no source is read.")
@click.option("--ask", "is_asking", is_flag=True, help="Ask what code cannot say, and write the answers into the settings.")
@profile_option
@run_options
@color_option
def plan_command(
    *, path: Path | None, format_name: str, saved: Path | None, is_asking: bool, profiles: tuple[Path, ...], color: str, how: RunOptions
) -> int:
    """Say of every service in PATH whether to stay, migrate or add a sidecar: what speaks for and against it, and what would change it."""
    if saved is not None:
        _check_alone(path, is_asking, profiles, how)
        return _judge_saved(saved, format_name, color, how)
    if is_asking:
        check_terminal()
    paths = (path,) if path is not None else ()
    run = run_audit(begin(paths, how), how, profiles=profiles)
    if is_asking:
        run = run._replace(audit=ask_and_keep(run.audit, run.config, run.root))
    _write_plan(run.audit, format_name, color)
    write_notes(run, is_verbose=how.verbose)
    return EXIT_INCOMPLETE if run.audit.is_incomplete else 0


def _check_alone(path: Path | None, is_asking: bool, profiles: tuple[Path, ...], how: RunOptions) -> None:
    """Raises UsageError for what says how an audit runs, where none does."""
    if path is not None:
        raise UsageError("`--from` judges a saved audit; give a path or `--from`, not both")
    given = {"--ask": is_asking, "--profile": bool(profiles), "--config": how.config_file is not None, "--isolated": how.isolated}
    given |= {"--jobs": how.jobs is not None, "--no-cache": how.no_cache, "--cache-dir": how.cache_dir is not None}
    refused = [name for name, is_there in given.items() if is_there]
    if refused:
        raise UsageError(f"`--from` judges a saved audit as it is, and reads no source: {', '.join(refused)} cannot be used with it")


def _judge_saved(saved: Path, format_name: str, color: str, how: RunOptions) -> int:
    """Judges the saved audit anew, by today's tables."""
    from fwaudit.catalog.load import load_advice
    from fwaudit.commands.saved import read_saved
    from fwaudit.judge.verdict import judge
    from fwaudit.output import write_note

    audit = judge(read_saved(saved), load_advice())
    _write_plan(audit, format_name, color)
    write_note(safe(f"Judged from {saved}; no source was read"))
    if how.verbose:
        write_problems(audit)
    return EXIT_INCOMPLETE if audit.is_incomplete else 0


def _write_plan(audit: Audit, format_name: str, color: str) -> None:
    from fwaudit.output import speaks_unicode, wants_color, write_stdout
    from fwaudit.report.services import render_json
    from fwaudit.report.verdict import render_plan

    if format_name == "json":
        write_stdout(render_json(audit), encoding="utf-8")
    else:
        is_colored = wants_color(color, sys.stdout, os.environ)
        write_stdout(render_plan(audit, width=terminal_width(100), color=is_colored, ascii_only=not speaks_unicode(sys.stdout)))
