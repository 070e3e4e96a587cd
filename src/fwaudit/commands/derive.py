"""`fwaudit derive FOLDER`: a library table from the library's own source."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from fwaudit.commands.group import commands, safe
from fwaudit.commands.options import check_words, verbosity_options


@commands.command("derive", short_help="Make a table of a library from its source: what its functions wait for.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", default="", metavar="NAME", help="The distribution that the table is of [default: the folder's name].")
@verbosity_options
def derive_command(folder: Path, name: str, **options: Any) -> int:
    """Print a table of the library in FOLDER, which is read and never run: the public functions that wait for a socket, a file, a lock,
    a process or a clock, those that run elsewhere what they are handed, and the coroutines.

    The table is for a folder of tables of your own (the setting `rules`), once somebody has looked it over.
    What the library calls of others counts as far as a table knows them, or as far as they lie in FOLDER, too.
    """
    from fwaudit.config import load_config
    from fwaudit.configured import read_catalog
    from fwaudit.derive.run import derive
    from fwaudit.derive.table import render
    from fwaudit.output import Progress, is_terminal, write_note, write_stdout

    check_words((folder,))
    config = load_config(folder, None, isolated=True)
    with Progress(is_shown=is_terminal(sys.stderr) and not options["quiet"]) as progress:
        found = derive(folder, read_catalog(config), config, progress)
    write_stdout(render(found, name or folder.resolve().name), encoding="utf-8")
    if not options["quiet"]:
        waiting = sum(1 for one in found if one.callee)
        write_note(safe(f"{len(found)} public names, {waiting} of them wait for something"))
    return 0
