"""`fwaudit routes [PATH]`: every route of every service."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from fwaudit.commands.group import EXIT_INCOMPLETE, commands
from fwaudit.commands.options import RunOptions, color_option, run_options, terminal_width
from fwaudit.commands.running import begin, run_audit, write_notes


@commands.command("routes", short_help="List every route in PATH: where its handler runs and what it waits for.")
@click.argument("path", required=False, type=click.Path(path_type=Path), metavar="[PATH]")
@click.option("--format", "format_name", type=click.Choice(("text", "json")), default="text", help="The form of the list [default: text].")
@run_options
@color_option
def routes_command(path: Path | None, format_name: str, color: str, how: RunOptions) -> int:
    """List every route in PATH by service: its handler, where that runs, what it waits for, whether its input is validated."""
    from fwaudit.output import speaks_unicode, wants_color, write_stdout
    from fwaudit.report.services import render_json, render_routes

    paths = (path,) if path is not None else ()
    run = run_audit(begin(paths, how), how)
    if format_name == "json":
        write_stdout(render_json(run.audit), encoding="utf-8")
    else:
        is_colored = wants_color(color, sys.stdout, os.environ)
        is_ascii = not speaks_unicode(sys.stdout)
        write_stdout(render_routes(run.audit, width=terminal_width(120), color=is_colored, ascii_only=is_ascii))
    write_notes(run, is_verbose=how.verbose)
    return EXIT_INCOMPLETE if run.audit.is_incomplete else 0
