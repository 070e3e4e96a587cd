"""`fwaudit [PATH ...]`: the audit and its reports."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from fwaudit.commands.group import EXIT_FAILING, EXIT_INCOMPLETE, commands, safe
from fwaudit.commands.options import (
    baseline_option,
    check_words,
    complete_rules,
    profile_option,
    run_options,
    seen_from_here,
    verbosity_options,
)
from fwaudit.commands.reports import ENDINGS, FORMATS, GROUPINGS, Target, read_targets, write_reports
from fwaudit.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from fwaudit.cache import Cache
    from fwaudit.config import Config
    from fwaudit.model.audit import Audit
    from fwaudit.pipeline import Timings
    from fwaudit.report.summary import Request

GRADES = ("low", "medium", "high")

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _grade_option(name: str, words: Sequence[str], text: str) -> Callable[[_Function], _Function]:
    return click.option(name, type=click.Choice(words), help=text)


_OUTPUT = f"Write the report to FILE, not stdout; {', '.join(ENDINGS)} name a FORMAT too, any other ending takes --format (repeatable)."


@commands.command("audit", short_help="Find what blocks the event loop in PATH; the default command.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH ...]")
@click.option(
    "--select",
    multiple=True,
    metavar="NAME",
    shell_complete=complete_rules,
    help="Run only these rules or categories (repeatable, or with commas).",
)
@click.option("--ignore", multiple=True, metavar="NAME", shell_complete=complete_rules, help="Leave out these rules or categories too.")
@_grade_option("--min-severity", GRADES, "Show findings of this severity and above [default: low].")
@_grade_option("--min-confidence", GRADES, "Show findings of this confidence and above [default: medium].")
@_grade_option("--fail-on", (*GRADES, "never"), "Fail on findings of this severity and above [default: high].")
@_grade_option("--fail-confidence", GRADES, "Fail only on findings of this confidence and above [default: high].")
@click.option("--format", "format_name", type=click.Choice(FORMATS), default="text", help="The form of the report [default: text].")
@click.option("--output", multiple=True, metavar="[FORMAT=]FILE", help=_OUTPUT)
@click.option("--group-by", type=click.Choice(GROUPINGS), default="root-cause", help="How the text report is grouped.")
@click.option("--statistics", is_flag=True, help="Show counts by rule instead of findings.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 also where findings fail the run.")
@click.option("--strict", is_flag=True, help="Exit 3 if any Python file was not analysed.")
@click.option("--diff", metavar="REF", help="Report only what is new since the merge base with this branch, tag or commit.")
@baseline_option
@profile_option
@run_options
@click.option("--today", metavar="DATE", help="The day by which suppressions expire [default: today].")
@click.option("--watch", is_flag=True, help="Audit again whenever a file changes, and show what that changed; Ctrl-C ends it.")
@click.option("--timings", is_flag=True, help="Say how long each stage took.")
@verbosity_options
def audit_command(paths: tuple[Path, ...], **options: Any) -> int:
    """Audit PATH: find what blocks the event loop, and show the way to it. The default command."""
    targets = read_targets(options["output"], options["format_name"])
    check_words(paths)
    if options["watch"]:
        return _watch(paths, targets, options)
    run = _run(paths, options)
    with run.timings.stage("report"):
        write_reports(run.audit, run.root, targets, run.request, options)
    _write_notes(run.audit, targets, run.request, run.timings.seconds if options["timings"] else {}, is_verbose=options["verbose"])
    return _exit_code(run.audit, is_strict=options["strict"], is_lenient=options["exit_zero"])


class _Run(NamedTuple):
    """What one audit gave, and of what."""

    audit: Audit
    root: str
    request: Request
    timings: Timings


def _run(paths: Sequence[Path], options: dict[str, Any]) -> _Run:
    """Reads the settings and audits."""
    from fwaudit.cache import Cache
    from fwaudit.config import load_config
    from fwaudit.discover.roots import find_root
    from fwaudit.output import Progress, is_terminal, write_note
    from fwaudit.pipeline import Timings, audit
    from fwaudit.report.summary import Request

    root, named = find_root(paths)
    config = _override(load_config(Path(root), options["config_file"], options["isolated"]), options)
    request = Request(config, seen_from_here(root), named is not None, options["diff"] or "")
    today = _read_day(options["today"])
    timings = Timings()
    cache = None if options["no_cache"] else Cache(options["cache_dir"], root)
    with Progress(is_shown=is_terminal(sys.stderr) and not options["quiet"]) as progress:
        result = audit(
            paths,
            config,
            jobs=options["jobs"] or 0,
            cache=cache,
            today=today,
            on_progress=progress,
            timings=timings,
            profiles=options["profiles"],
        )
    if options["diff"]:
        with timings.stage("diff"):
            result = _keep_new(result, root, config=config, cache=cache, today=today, options=options)
    if cache is not None and cache.warning and not options["quiet"]:
        write_note(f"fwaudit: warning: {safe(cache.warning)}")
    return _Run(result, root, request, timings)


def _watch(paths: Sequence[Path], targets: Sequence[Target], options: dict[str, Any]) -> int:
    """Audits whenever a file changes, until it is interrupted: files are written anew, stdout gets what changed."""
    from fwaudit.commands.watch import watch
    from fwaudit.config import load_config
    from fwaudit.discover.files import stamps_of
    from fwaudit.discover.roots import find_root

    if any(form != "text" and file is None for form, file in targets):
        raise UsageError("--watch prints text alone; other formats go to a file: --output FILE")

    def look() -> object:
        root = find_root(paths)[0]
        return stamps_of(paths, _override(load_config(Path(root), options["config_file"], options["isolated"]), options))

    def run(before: Audit | None) -> Audit:
        from fwaudit.commands.reports import write_change

        made = _run(paths, options)
        if before is None:
            write_reports(made.audit, made.root, targets, made.request, options)
        else:
            write_reports(made.audit, made.root, [target for target in targets if target[1] is not None], made.request, options)
            write_change(before, made.audit, made.root, options)
        return made.audit if before is None else _with_hidden(made.audit, before)

    return watch(look, run, is_quiet=options["quiet"])


def _with_hidden(now: Audit, before: Audit) -> Audit:
    """`now`, while a file cannot be analysed with what was found before and is not now, so that it is not new again later."""
    import msgspec

    if not any(problem.kind == "not-analysed" for problem in now.problems):
        return now
    known = {finding.fingerprint for finding in now.findings}
    return msgspec.structs.replace(now, findings=(*now.findings, *(one for one in before.findings if one.fingerprint not in known)))


def _keep_new(result: Audit, root: str, *, config: Config, cache: Cache | None, today: date, options: dict[str, Any]) -> Audit:
    """What of `result` is new since the merge base with `--diff`; says on stderr what is left out."""
    from fwaudit.changes import keep_new
    from fwaudit.output import write_note
    from fwaudit.report.words import count

    change = keep_new(result, options["diff"], root, config=config, today=today, cache=cache, jobs=options["jobs"] or 0)
    if not options["quiet"]:
        for note in change.notes:
            write_note(safe(f"fwaudit: warning: {note}"))
        were = "was" if change.left_out == 1 else "were"
        left_out = f"{count(change.left_out, 'finding')} that {were} there before left out"
        write_note(safe(f"since {options['diff']} (merge base {change.base[:12]}): {left_out}"))
    return change.audit


def _override(config: Config, options: dict[str, Any]) -> Config:
    """`config` with what the command line says instead; `--ignore` adds to the settings."""
    import msgspec

    from fwaudit.model.context import Grade

    changes: dict[str, Any] = {}
    for name in ("min_severity", "min_confidence", "fail_confidence"):
        if options[name]:
            changes[name] = Grade(options[name])
    if options["fail_on"]:
        changes["fail_on"] = options["fail_on"]
    if options["baseline"]:
        changes["baseline"] = os.path.abspath(options["baseline"])
    selected, ignored = _split_names(options["select"]), _split_names(options["ignore"])
    if selected:
        changes["select"] = selected
    if ignored:
        changes["ignore"] = (*config.ignore, *ignored)
    changes["named_now"] = (*selected, *ignored)
    return msgspec.structs.replace(config, **changes)


def _split_names(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for value in values for part in value.split(",") if (name := part.strip()))


def _read_day(text: str | None) -> date:
    from datetime import date

    if text is None:
        return date.today()  # noqa: DTZ011  the system's date, as the contract says
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--today {text}: not a date such as 2027-01-31") from None


def _write_notes(audit: Audit, targets: Sequence[Target], request: Request, seconds: dict[str, float], *, is_verbose: bool) -> None:
    """Writes to stderr what the reports on stdout do not say."""
    from fwaudit.output import write_note
    from fwaudit.report.summary import count_files

    if ("text", None) not in targets:
        write_note(safe(count_files(audit, request)))
    if not audit.summary.analysed:
        write_note("fwaudit: no file could be analysed, so nothing is known of this service")
    if is_verbose:
        for problem in audit.problems:
            write_note(safe(f"{problem.path}:{problem.line}: {problem.message}"))
    for stage, time in seconds.items():
        write_note(f"{stage:<10} {time:8.3f} s")


def _exit_code(audit: Audit, *, is_strict: bool, is_lenient: bool) -> int:
    """What the contract says of this Audit."""
    kinds = {problem.kind for problem in audit.problems}
    if not audit.summary.analysed or "incomplete" in kinds or (is_strict and "not-analysed" in kinds):
        return EXIT_INCOMPLETE
    return EXIT_FAILING if audit.summary.failing and not is_lenient else 0
