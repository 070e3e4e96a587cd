"""How a command audits: the run, and what is said of it on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fwaudit.commands.group import safe
from fwaudit.commands.options import RunOptions, seen_from_here

if TYPE_CHECKING:
    from datetime import date

    from fwaudit.cache import Cache
    from fwaudit.config import Config
    from fwaudit.model.audit import Audit
    from fwaudit.pipeline import Timings
    from fwaudit.report.summary import Request


class Start(NamedTuple):
    """What is to be audited, and with which settings."""

    paths: Sequence[Path]
    root: str
    names_files: bool
    config: Config


class Run(NamedTuple):
    """What one audit gave, and of what."""

    audit: Audit
    root: str
    config: Config
    request: Request


def begin(paths: Sequence[Path], how: RunOptions) -> Start:
    """The workspace of `paths` and its settings."""
    from fwaudit.config import load_config
    from fwaudit.discover.roots import find_root

    root, named = find_root(paths)
    return Start(paths, root, named is not None, load_config(Path(root), how.config_file, how.isolated))


def run_audit(
    start: Start,
    how: RunOptions,
    *,
    today: date | None = None,
    timings: Timings | None = None,
    profiles: Sequence[Path] = (),
    since: str = "",
    narrow: Callable[[Audit, Cache | None], Audit] | None = None,
) -> Run:
    """Audits, with a progress bar, and warns of a cache that cannot be used. `narrow` gives what is new `since` a commit."""
    from fwaudit.cache import Cache
    from fwaudit.output import Progress, is_terminal, write_note
    from fwaudit.pipeline import audit
    from fwaudit.report.summary import Request

    cache = None if how.no_cache else Cache(how.cache_dir, start.root)
    with Progress(is_shown=is_terminal(sys.stderr) and not how.quiet) as progress:
        result = audit(
            start.paths,
            start.config,
            jobs=how.jobs or 0,
            cache=cache,
            today=today,
            on_progress=progress,
            timings=timings,
            profiles=profiles,
        )
    if narrow is not None:
        result = narrow(result, cache)
    if cache is not None and cache.warning and not how.quiet:
        write_note(f"fwaudit: warning: {safe(cache.warning)}")
    return Run(result, start.root, start.config, Request(start.config, seen_from_here(start.root), start.names_files, since))


def write_notes(run: Run, *, is_verbose: bool) -> None:
    """Writes to stderr how many files were analysed, and every problem if more is to be said."""
    write_counts(run)
    if is_verbose:
        write_problems(run.audit)


def write_counts(run: Run) -> None:
    """Writes to stderr how many files were analysed, where, and why others were not."""
    from fwaudit.output import write_note
    from fwaudit.report.summary import count_files

    write_note(safe(count_files(run.audit, run.request)))


def write_problems(audit: Audit) -> None:
    """Writes every problem to stderr, each on a line."""
    from fwaudit.output import write_note

    for problem in audit.problems:
        write_note(safe(f"{problem.path}:{problem.line}: {problem.message}"))
