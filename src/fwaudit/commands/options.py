"""Options that several commands have, and what is read from them."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from fwaudit.commands.group import commands
from fwaudit.errors import UsageError

_Function = TypeVar("_Function", bound=Callable[..., Any])


class RunOptions(NamedTuple):
    """What the command line says of how an audit runs, and how much is said of it."""

    config_file: Path | None = None
    isolated: bool = False
    jobs: int | None = None
    no_cache: bool = False
    cache_dir: Path | None = None
    quiet: bool = False
    verbose: bool = False


def cache_option(function: _Function) -> _Function:
    """Adds `--cache-dir`."""
    return click.option("--cache-dir", type=click.Path(path_type=Path), metavar="DIR", help="Where the cache lives.")(function)


def baseline_option(function: _Function) -> _Function:
    """Adds `--baseline`."""
    kind = click.Path(path_type=Path)
    return click.option("--baseline", type=kind, metavar="FILE", help="The file of accepted findings, instead of the setting.")(function)


def profile_option(function: _Function) -> _Function:
    """Adds `--profile`."""
    text = "Use what a profiler measured: py-spy, pyinstrument, cProfile, or a log of asyncio's debug mode (repeatable)."
    return click.option("--profile", "profiles", multiple=True, type=click.Path(path_type=Path), metavar="FILE", help=text)(function)


def color_option(function: _Function) -> _Function:
    """Adds `--color`."""
    choices = click.Choice(("auto", "always", "never"))
    return click.option("--color", type=choices, default="auto", help="Whether the text report is coloured.")(function)


_RUN_OPTIONS = (
    click.option("--config", "config_file", type=click.Path(path_type=Path), metavar="FILE", help="Read the settings from this file."),
    click.option("--isolated", is_flag=True, help="Read no settings at all."),
    click.option("--jobs", type=click.IntRange(min=1), default=None, metavar="N", help="Worker processes [default: one for each core]."),
    click.option("--no-cache", is_flag=True, help="Neither read nor write the cache."),
    cache_option,
)
_VERBOSITY = (
    click.option("-q", "--quiet", is_flag=True, help="No progress bar and no warnings."),
    click.option("-v", "--verbose", is_flag=True, help="Say more, with the place of a defect."),
)


def run_options(function: Callable[..., int]) -> Callable[..., int]:
    """Adds the options that say how an audit runs and how much is said of it; the function gets them as one RunOptions, `how`."""

    @functools.wraps(function)
    def gathered(**values: Any) -> int:
        how = RunOptions(**{name: values.pop(name) for name in RunOptions._fields})
        return function(**values, how=how)

    return _with((*_RUN_OPTIONS, *_VERBOSITY), gathered)


def verbosity_options(function: _Function) -> _Function:
    """Adds the options that say how much is said of a run."""
    return _with(_VERBOSITY, function)


def _with(options: Sequence[Callable[[_Function], _Function]], function: _Function) -> _Function:
    for option in reversed(options):
        function = option(function)
    return function


def check_words(paths: Sequence[Path]) -> None:
    """Raises UsageError for a path that does not exist and is nearly a command: for `audit`, which is the default one."""
    from fwaudit.config import nearest

    for path in paths:
        hint = nearest(str(path), commands.commands) if path.name == str(path) and not os.path.lexists(path) else ""
        if hint:
            raise UsageError(f"{str(path)!r} is neither a path nor a command{hint}")


def seen_from_here(root: str) -> str:
    """The workspace as a path from the current folder; "" if it is that folder."""
    try:
        place = os.path.relpath(root)
    except OSError:  # the current folder is gone
        return root
    return "" if place == "." else place


def terminal_width(fallback: int) -> int:
    """The columns of the terminal, `fallback` where there is none."""
    import shutil

    return shutil.get_terminal_size((fallback, 24)).columns


def complete_rules(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The rules and categories that begin with the last of `incomplete`, which may be a list with commas."""
    from fwaudit.catalog.load import load_pages
    from fwaudit.config import CATEGORIES

    before, comma, word = incomplete.rpartition(",")
    return [before + comma + name for name in sorted({*load_pages(), *CATEGORIES}) if name.startswith(word)]


def complete_topics(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The rules, triggers, libraries and frameworks that begin with `incomplete`."""
    from fwaudit.catalog.files import read_tables
    from fwaudit.catalog.load import load_advice, load_pages

    tables = {file.name.lower() for file in read_tables() if file.kind in ("frameworks", "libraries")}
    return [
        name for name in sorted({*load_pages(), *(row.id for row in load_advice().rows), *tables}) if name.startswith(incomplete.lower())
    ]
