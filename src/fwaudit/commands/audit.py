"""`fwaudit [PATH ...]`: the audit and its reports."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from fwaudit.commands.group import EXIT_FAILING, EXIT_INCOMPLETE, commands, safe
from fwaudit.commands.options import (
    RunOptions,
    baseline_option,
    check_words,
    color_option,
    complete_rules,
    profile_option,
    run_options,
)
from fwaudit.commands.reports import ENDINGS, FORMATS, GROUPINGS, Look, Target, read_targets, write_reports
from fwaudit.commands.running import Run, Start, begin, run_audit, write_counts, write_problems
from fwaudit.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from fwaudit.cache import Cache
    from fwaudit.config import Config
    from fwaudit.model.audit import Audit
    from fwaudit.pipeline import Timings

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
@color_option
def audit_command(paths: tuple[Path, ...], **options: Any) -> int:
    """Audit PATH: find what blocks the event loop, and show the way to it. The default command."""
    asked = _Asked(**options)
    targets = read_targets(asked.output, asked.format_name)
    check_words(paths)
    if asked.watch:
        return _watch(paths, targets, asked)
    timings = _timings()
    run = _run(paths, asked, timings)
    with timings.stage("report"):
        write_reports(run.audit, run.root, targets, run.request, asked.look)
    _write_notes(run, targets, timings.seconds if asked.timings else {}, is_verbose=asked.how.verbose)
    return _exit_code(run.audit, is_strict=asked.strict, is_lenient=asked.exit_zero)


class _Asked(NamedTuple):
    """What the command line says, but for the paths."""

    select: tuple[str, ...]
    ignore: tuple[str, ...]
    min_severity: str | None
    min_confidence: str | None
    fail_on: str | None
    fail_confidence: str | None
    format_name: str
    output: tuple[str, ...]
    group_by: str
    statistics: bool
    exit_zero: bool
    strict: bool
    diff: str | None
    baseline: Path | None
    profiles: tuple[Path, ...]
    today: str | None
    watch: bool
    timings: bool
    color: str
    how: RunOptions

    @property
    def look(self) -> Look:
        """How the reports for people look."""
        return Look(self.color, self.group_by, self.statistics)


def _timings() -> Timings:
    from fwaudit.pipeline import Timings

    return Timings()


def _begin(paths: Sequence[Path], asked: _Asked) -> Start:
    """What is audited, by the settings and by what the command line says instead."""
    start = begin(paths, asked.how)
    return start._replace(config=_override(start.config, asked))


def _run(paths: Sequence[Path], asked: _Asked, timings: Timings) -> Run:
    """Reads the settings and audits."""
    start, today = _begin(paths, asked), _read_day(asked.today)

    def narrow(result: Audit, cache: Cache | None) -> Audit:
        with timings.stage("diff"):
            return _keep_new(result, start, asked.diff or "", cache=cache, today=today, how=asked.how)

    return run_audit(
        start,
        asked.how,
        today=today,
        timings=timings,
        profiles=asked.profiles,
        since=asked.diff or "",
        narrow=narrow if asked.diff else None,
    )


def _watch(paths: Sequence[Path], targets: Sequence[Target], asked: _Asked) -> int:
    """Audits whenever a file changes, until it is interrupted: files are written anew, stdout gets what changed."""
    from fwaudit.commands.watch import watch
    from fwaudit.discover.files import stamps_of

    if any(form != "text" and file is None for form, file in targets):
        raise UsageError("--watch prints text alone; other formats go to a file: --output FILE")

    def look() -> object:
        return stamps_of(paths, _begin(paths, asked).config)

    def run(before: Audit | None) -> Audit:
        from fwaudit.commands.reports import write_change

        made = _run(paths, asked, _timings())
        if before is None:
            write_reports(made.audit, made.root, targets, made.request, asked.look)
        else:
            write_reports(made.audit, made.root, [target for target in targets if target[1] is not None], made.request, asked.look)
            write_change(before, made.audit, made.root, asked.look)
        return made.audit if before is None else _with_hidden(made.audit, before)

    return watch(look, run, is_quiet=asked.how.quiet)


def _with_hidden(now: Audit, before: Audit) -> Audit:
    """`now`, while a file cannot be analysed with what was found before and is not now, so that it is not new again later."""
    import msgspec

    if not now.misses_files:
        return now
    known = {finding.fingerprint for finding in now.findings}
    return msgspec.structs.replace(now, findings=(*now.findings, *(one for one in before.findings if one.fingerprint not in known)))


def _keep_new(result: Audit, start: Start, ref: str, *, cache: Cache | None, today: date, how: RunOptions) -> Audit:
    """What of `result` is new since the merge base with `ref`; says on stderr what is left out."""
    from fwaudit.changes import keep_new
    from fwaudit.output import write_note
    from fwaudit.report.words import count

    change = keep_new(result, ref, start.root, config=start.config, today=today, cache=cache, jobs=how.jobs or 0)
    if not how.quiet:
        for note in change.notes:
            write_note(safe(f"fwaudit: warning: {note}"))
        were = "was" if change.left_out == 1 else "were"
        left_out = f"{count(change.left_out, 'finding')} that {were} there before left out"
        write_note(safe(f"since {ref} (merge base {change.base[:12]}): {left_out}"))
    return change.audit


def _override(config: Config, asked: _Asked) -> Config:
    """`config` with what the command line says instead; `--ignore` adds to the settings."""
    import msgspec

    from fwaudit.model.context import Grade

    grades = {"min_severity": asked.min_severity, "min_confidence": asked.min_confidence, "fail_confidence": asked.fail_confidence}
    changes: dict[str, Any] = {name: Grade(grade) for name, grade in grades.items() if grade}
    if asked.fail_on:
        changes["fail_on"] = asked.fail_on
    if asked.baseline:
        changes["baseline"] = os.path.abspath(asked.baseline)
    selected, ignored = _split_names(asked.select), _split_names(asked.ignore)
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


def _write_notes(run: Run, targets: Sequence[Target], seconds: dict[str, float], *, is_verbose: bool) -> None:
    """Writes to stderr what the reports on stdout do not say."""
    from fwaudit.output import write_note

    if ("text", None) not in targets:
        write_counts(run)
    if all(path is not None for _, path in targets):
        _write_result(run.audit)
    if not run.audit.summary.analysed:
        write_note("fwaudit: no file could be analysed, so nothing is known of this service")
    if is_verbose:
        write_problems(run.audit)
    for stage, time in seconds.items():
        write_note(f"{stage:<10} {time:8.3f} s")


def _write_result(audit: Audit) -> None:
    """Whether the run fails, where every report goes to a file."""
    from fwaudit.output import write_note
    from fwaudit.report.evidence import live_findings
    from fwaudit.report.summary import verdict

    write_note(verdict(live_findings(audit)) or "No finding is shown.")


def _exit_code(audit: Audit, *, is_strict: bool, is_lenient: bool) -> int:
    """What the contract says of this Audit."""
    if audit.is_incomplete or (is_strict and audit.misses_files):
        return EXIT_INCOMPLETE
    return EXIT_FAILING if audit.summary.failing and not is_lenient else 0
