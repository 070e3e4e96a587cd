"""`fwaudit baseline [PATH]`: accept today's findings, and let go of those that are mended."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fwaudit.commands.group import EXIT_INCOMPLETE, commands, safe
from fwaudit.commands.options import RunOptions, baseline_option, run_options
from fwaudit.commands.running import begin, run_audit, write_notes

if TYPE_CHECKING:
    from fwaudit.baseline import Ratchet
    from fwaudit.config import Config


@commands.command("baseline", short_help="Accept the findings in PATH, so that only new ones are reported.")
@click.argument("path", required=False, type=click.Path(path_type=Path), metavar="[PATH]")
@click.option("--accept-new", is_flag=True, help="Take new findings into a baseline that is there already.")
@baseline_option
@run_options
def baseline_command(path: Path | None, accept_new: bool, baseline: Path | None, how: RunOptions) -> int:
    """Accept the findings in PATH: an audit with this baseline reports new ones only.

    The first baseline takes every finding. Run it again to take out what is mended, which then cannot come back.
    """
    import msgspec

    from fwaudit.baseline import file_of, read_accepted, read_baseline, render, turn
    from fwaudit.discover.files import find_workspace
    from fwaudit.errors import UsageError
    from fwaudit.output import write_file, write_note
    from fwaudit.renames import follow_renames

    paths = (path,) if path is not None else ()
    start = begin(paths, how)
    if start.names_files:
        raise UsageError(f"{str(path)!r} is a file: a baseline holds the findings of a folder")
    named_file = os.path.abspath(baseline) if baseline else start.config.baseline
    file = file_of(msgspec.structs.replace(start.config, baseline=named_file), start.root)
    old = read_baseline(file)
    config = msgspec.structs.replace(start.config, baseline=None if old is None else str(file))
    run = run_audit(start._replace(paths=(Path(start.root),), config=config), how)
    write_notes(run, is_verbose=how.verbose)
    if run.audit.is_incomplete:
        write_note(safe(f"fwaudit: the audit is incomplete: {file} was not written"))
        return EXIT_INCOMPLETE
    # What is not analysed hides its findings: nothing is taken out then.
    gone = () if run.audit.misses_files else run.audit.mended
    accepted = follow_renames(read_accepted(config, run.root), config, find_workspace((Path(run.root),), config))
    ratchet = turn(accepted, run.audit.findings, gone, accept_new=accept_new or old is None)
    write_file(file, render(ratchet.entries))
    if not how.quiet:
        _tell(ratchet, file, config, is_named=named_file is not None, held_back=len(run.audit.mended) - len(gone))
    return 0


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
