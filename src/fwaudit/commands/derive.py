"""`fwaudit derive FOLDER`: a library table from the library's own source."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fwaudit.commands.group import EXIT_INCOMPLETE, commands, safe
from fwaudit.commands.options import seen_from_here, verbosity_options

if TYPE_CHECKING:
    from fwaudit.derive.run import Derivation


@commands.command("derive", short_help="Make a table of a library from its source: what its functions wait for.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", default="", metavar="NAME", help="The distribution that the table is of [default: the folder's name].")
@verbosity_options
def derive_command(folder: Path, name: str, quiet: bool, verbose: bool) -> int:
    """Print a table of the library in FOLDER, which is read and never run: the public functions that wait for a socket, a file, a lock,
    a process or a clock, those that run elsewhere what they are handed, and the coroutines.

    The table is for a folder of tables of your own (the setting `rules`), once somebody has looked it over.
    What the library calls of others counts as far as a table knows them, or as far as they lie in FOLDER, too.
    """
    from fwaudit.config import load_config
    from fwaudit.configured import read_catalog
    from fwaudit.derive.run import derive
    from fwaudit.derive.table import render
    from fwaudit.output import Progress, is_terminal, write_stdout

    config = load_config(folder, None, isolated=True)
    with Progress(is_shown=is_terminal(sys.stderr) and not quiet) as progress:
        found = derive(folder, read_catalog(config), config, progress)
    if not found.read.is_incomplete:
        write_stdout(render(found.names, name or folder.resolve().name), encoding="utf-8")
    _tell(found, folder, is_quiet=quiet, is_verbose=verbose)
    return EXIT_INCOMPLETE if found.read.is_incomplete else 0


def _tell(found: Derivation, folder: Path, *, is_quiet: bool, is_verbose: bool) -> None:
    """Says what was read, what is left out and what came of the rest."""
    from fwaudit.commands.running import write_problems
    from fwaudit.output import write_note
    from fwaudit.report.summary import Request, count_files
    from fwaudit.report.words import count

    write_note(safe(count_files(found.read, Request(folder=seen_from_here(str(folder))))))
    if is_verbose:
        write_problems(found.read)
    if found.unnameable and not is_quiet:
        its, names = ("its", "is") if found.unnameable == 1 else ("their", "are")
        said = f"{count(found.unnameable, 'public name')} {names} left out: no import statement can say the name of {its} module"
        write_note(f"fwaudit: warning: {said}")
    if not is_quiet and not found.read.is_incomplete:
        waiting = sum(1 for one in found.names if one.callee)
        write_note(f"{count(len(found.names), 'public name')}, {waiting:,} of which {'waits' if waiting == 1 else 'wait'} for something")
