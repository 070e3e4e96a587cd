"""`fwaudit baseline [PATH]`: accept today's findings, and let go of those that are mended."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fwaudit.commands.group import EXIT_INCOMPLETE, commands, safe
from fwaudit.commands.options import baseline_option, check_words, run_options, seen_from_here, verbosity_options

if TYPE_CHECKING:
    from fwaudit.baseline import Ratchet
    from fwaudit.config import Config
    from fwaudit.model.audit import Audit


@commands.command("baseline", short_help="Accept the findings in PATH, so that only new ones are reported.")
@click.argument("path", required=False, type=click.Path(path_type=Path), metavar="[PATH]")
@click.option("--accept-new", is_flag=True, help="Take new findings into a baseline that is there already.")
@baseline_option
@run_options
@verbosity_options
def baseline_command(path: Path | None, **options: Any) -> int:
    """Accept the findings in PATH: an audit with this baseline reports new ones only.

    The first baseline takes every finding. Run it again to take out what is mended, which then cannot come back.
    """
    import msgspec

    from fwaudit.baseline import file_of, read_accepted, read_baseline, render, turn
    from fwaudit.cache import Cache
    from fwaudit.config import load_config
    from fwaudit.discover.files import find_workspace
    from fwaudit.discover.roots import find_root
    from fwaudit.errors import UsageError
    from fwaudit.output import Progress, is_terminal, write_file, write_note
    from fwaudit.pipeline import audit
    from fwaudit.renames import follow_renames
    from fwaudit.report.summary import Request, count_files

    paths = (path,) if path is not None else ()
    check_words(paths)
    root, named = find_root(paths)
    if named is not None:
        raise UsageError(f"{str(path)!r} is a file: a baseline holds the findings of a folder")
    config = load_config(Path(root), options["config_file"], options["isolated"])
    named_file = os.path.abspath(options["baseline"]) if options["baseline"] else config.baseline
    file = file_of(msgspec.structs.replace(config, baseline=named_file), root)
    old = read_baseline(file)
    config = msgspec.structs.replace(config, baseline=None if old is None else str(file))
    cache = None if options["no_cache"] else Cache(options["cache_dir"], root)
    with Progress(is_shown=is_terminal(sys.stderr) and not options["quiet"]) as progress:
        result = audit((Path(root),), config, jobs=options["jobs"] or 0, cache=cache, on_progress=progress)
    write_note(safe(count_files(result, Request(config, seen_from_here(root)))))
    if not result.summary.analysed or any(problem.kind == "incomplete" for problem in result.problems):
        write_note(safe(f"fwaudit: the audit is incomplete: {file} was not written"))
        return EXIT_INCOMPLETE
    gone = _gone(result)
    accepted = follow_renames(read_accepted(config, root), config, find_workspace((Path(root),), config))
    ratchet = turn(accepted, result.findings, gone, accept_new=options["accept_new"] or old is None)
    write_file(file, render(ratchet.entries))
    if not options["quiet"]:
        _tell(ratchet, file, config, is_named=named_file is not None, held_back=len(result.mended) - len(gone))
    return 0


def _gone(result: Audit) -> tuple[str, ...]:
    """What may be taken out: nothing while a file is not analysed, for its findings are hidden, not mended."""
    return () if any(problem.kind == "not-analysed" for problem in result.problems) else result.mended


def _tell(ratchet: Ratchet, file: Path, config: Config, *, is_named: bool, held_back: int) -> None:
    """Says what became of the baseline."""
    from fwaudit.baseline import DEFAULT_NAME
    from fwaudit.output import write_note
    from fwaudit.report.words import count

    name = os.path.relpath(file)
    write_note(safe(f"{name}: {count(len(ratchet.entries), 'finding')} accepted: {ratchet.added:,} new, {ratchet.removed:,} taken out"))
    if ratchet.refused:
        write_note(
            f"{count(ratchet.refused, 'new finding')} not accepted; `--accept-new` takes {'it' if ratchet.refused == 1 else 'them'} in"
        )
    if held_back:
        write_note(f"{count(held_back, 'finding')} may be mended, and not taken out as long as a file is not analysed")
    if not is_named:
        where = config.file or "fwaudit.toml"
        write_note(safe(f'an audit uses it with `--baseline {name}`, or with `baseline = "{DEFAULT_NAME}"` in {where}'))
