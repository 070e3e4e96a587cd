"""`fwaudit routes [PATH]`: every route of every service."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from fwaudit.commands.group import EXIT_INCOMPLETE, commands, safe
from fwaudit.commands.options import check_words, run_options, seen_from_here, terminal_width, verbosity_options


@commands.command("routes", short_help="List every route in PATH: where its handler runs and what it waits for.")
@click.argument("path", required=False, type=click.Path(path_type=Path), metavar="[PATH]")
@click.option("--format", "format_name", type=click.Choice(("text", "json")), default="text", help="The form of the list [default: text].")
@run_options
@verbosity_options
def routes_command(path: Path | None, **options: Any) -> int:
    """List every route in PATH by service: its handler, where that runs, what it waits for, whether its input is validated."""
    from fwaudit.cache import Cache
    from fwaudit.config import load_config
    from fwaudit.discover.roots import find_root
    from fwaudit.output import Progress, is_terminal, speaks_unicode, wants_color, write_note, write_stdout
    from fwaudit.pipeline import audit
    from fwaudit.report.services import render_json, render_routes
    from fwaudit.report.summary import Request, count_files

    paths = (path,) if path is not None else ()
    check_words(paths)
    root, _ = find_root(paths)
    config = load_config(Path(root), options["config_file"], options["isolated"])
    cache = None if options["no_cache"] else Cache(options["cache_dir"], root)
    with Progress(is_shown=is_terminal(sys.stderr) and not options["quiet"]) as progress:
        result = audit(paths, config, jobs=options["jobs"] or 0, cache=cache, on_progress=progress)
    if cache is not None and cache.warning and not options["quiet"]:
        write_note(f"fwaudit: warning: {safe(cache.warning)}")
    if options["format_name"] == "json":
        write_stdout(render_json(result), encoding="utf-8")
    else:
        color = wants_color(options["color"], sys.stdout, os.environ)
        is_ascii = not speaks_unicode(sys.stdout)
        write_stdout(render_routes(result, width=terminal_width(120), color=color, ascii_only=is_ascii))
    write_note(safe(count_files(result, Request(config, seen_from_here(root)))))
    if options["verbose"]:
        for problem in result.problems:
            write_note(safe(f"{problem.path}:{problem.line}: {problem.message}"))
    is_incomplete = not result.summary.analysed or any(problem.kind == "incomplete" for problem in result.problems)
    return EXIT_INCOMPLETE if is_incomplete else 0
