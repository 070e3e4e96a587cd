"""The commands of docs/contract.md. Everything but click is imported late: `--help` takes no longer than click does."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from fwaudit import __version__
from fwaudit.errors import FwauditError, UsageError

if TYPE_CHECKING:
    from datetime import date

    from fwaudit.config import Config
    from fwaudit.model.audit import Audit
    from fwaudit.report.summary import Request

FORMATS = ("text", "concise", "json")
ENDINGS = {".json": "json", ".txt": "text"}
GRADES = ("low", "medium", "high")
LATER = ("routes", "plan", "baseline", "derive", "init", "fix")
"""Commands of the contract that do not exist yet."""

EXIT_FAILING, EXIT_USAGE, EXIT_INCOMPLETE = 1, 2, 3
EXIT_INTERRUPTED, EXIT_CLOSED_PIPE, EXIT_TERMINATED = 130, 141, 143


class Terminated(BaseException):
    """SIGTERM arrived. Like KeyboardInterrupt it passes every `except Exception`, so that every `finally` runs."""


def main() -> NoReturn:
    """Runs the command of `sys.argv` and leaves with its exit code.

    The process ends as soon as everything is written. Looking for garbage after link took 0.3 s on open-webui, and taking the
    interpreter's millions of objects down one by one 0.6 s; on an interrupt a thread may still compute what nobody waits for.
    """
    gc.disable()
    signal.signal(signal.SIGTERM, _terminate)
    code = run(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):  # closed at the other end, or by us
            code = code or EXIT_CLOSED_PIPE
    os._exit(code)


def run(arguments: Sequence[str]) -> int:
    """The exit code of the command that `arguments` name."""
    from fwaudit.output import write_note

    try:
        result: int | None = commands.main(args=list(arguments), prog_name="fwaudit", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except FwauditError as error:
        write_note(f"fwaudit: {_safe(str(error))}")
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        write_note("fwaudit: interrupted")
        return EXIT_INTERRUPTED
    except Terminated:
        return EXIT_TERMINATED
    except SystemExit:  # click's answer to a closed pipe, and to nothing else outside its standalone mode
        return EXIT_CLOSED_PIPE
    except Exception as error:  # noqa: BLE001  a defect of fwaudit exits 3 by the contract; Python's own 1 would look like a finding
        _report_defect(error, is_verbose={"-v", "--verbose"} & {*arguments} != set())
        return EXIT_INCOMPLETE
    return result or 0


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated


def _report_defect(error: Exception, *, is_verbose: bool) -> None:
    from fwaudit.output import write_note

    write_note(f"fwaudit: the audit stopped: {type(error).__name__}: {_safe(str(error))}")
    if is_verbose:
        import traceback

        write_note(_safe("".join(traceback.format_exception(error))).rstrip())
    else:
        write_note("fwaudit: this is a defect of fwaudit; --verbose shows where it happened")


def _safe(text: str) -> str:
    from fwaudit.report.escape import visible

    return "\n".join(visible(line) for line in text.split("\n"))


class Commands(click.Group):
    """A group whose default command is `audit`, and whose help shows the options of that command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts `audit` before what is neither a command nor an option of the group."""
        own = {"--help", "-h", "--version"}
        if not args or (args[0] not in own and args[0] not in self.commands):
            args = ["audit", *args]
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the options of `audit`, then the commands."""
        options = [option for option in audit_command.get_params(ctx) if isinstance(option, click.Option)]
        own = [option for option in self.get_params(ctx) if option.name == "version"]
        records = [record for option in (*options, *own) if (record := option.get_help_record(ctx))]
        with formatter.section("Options of the audit"):
            formatter.write_dl(records)
        self.format_commands(ctx, formatter)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    subcommand_metavar="[COMMAND] [PATH ...]",
    options_metavar="",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def commands() -> None:
    """Audits a Python web service without running it: where its async is an illusion.

    A PATH is a folder or a file, by default the current folder.
    A path that is named like a command is written with a folder: ./rules
    """


_Function = TypeVar("_Function", bound=Callable[..., Any])


def _cache_option(function: _Function) -> _Function:
    return click.option("--cache-dir", type=click.Path(path_type=Path), metavar="DIR", help="Where the cache lives.")(function)


def _grade_option(name: str, words: Sequence[str], text: str) -> Callable[[_Function], _Function]:
    return click.option(name, type=click.Choice(words), help=text)


_OUTPUT = "Write the report to FILE, not stdout; .json and .txt name a FORMAT too, any other ending takes --format (repeatable)."


@commands.command("audit", short_help="Find what blocks the event loop in PATH; the default command.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH ...]")
@click.option("--select", multiple=True, metavar="NAME", help="Run only these rules or categories (repeatable, or with commas).")
@click.option("--ignore", multiple=True, metavar="NAME", help="Leave out these rules or categories too.")
@_grade_option("--min-severity", GRADES, "Show findings of this severity and above [default: low].")
@_grade_option("--min-confidence", GRADES, "Show findings of this confidence and above [default: medium].")
@_grade_option("--fail-on", (*GRADES, "never"), "Fail on findings of this severity and above [default: high].")
@_grade_option("--fail-confidence", GRADES, "Fail only on findings of this confidence and above [default: high].")
@click.option("--format", "format_name", type=click.Choice(FORMATS), default="text", help="The form of the report [default: text].")
@click.option("--output", multiple=True, metavar="[FORMAT=]FILE", help=_OUTPUT)
@click.option("--group-by", type=click.Choice(("root-cause", "file")), default="root-cause", help="How the text report is grouped.")
@click.option("--statistics", is_flag=True, help="Show counts by rule instead of findings.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 also where findings fail the run.")
@click.option("--strict", is_flag=True, help="Exit 3 if any Python file was not analysed.")
@click.option("--config", "config_file", type=click.Path(path_type=Path), metavar="FILE", help="Read the settings from this file.")
@click.option("--isolated", is_flag=True, help="Read no settings at all.")
@click.option("--jobs", type=click.IntRange(min=1), default=None, metavar="N", help="Worker processes [default: one for each core].")
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@_cache_option
@click.option("--today", metavar="DATE", help="The day by which suppressions expire [default: today].")
@click.option("--timings", is_flag=True, help="Say how long each stage took.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Whether the text report is coloured.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bar and no warnings.")
@click.option("-v", "--verbose", is_flag=True, help="Say more, with the place of a defect.")
def audit_command(paths: tuple[Path, ...], **options: Any) -> int:
    """Audit PATH: find what blocks the event loop, and show the way to it. The default command."""
    from fwaudit.cache import Cache
    from fwaudit.config import load_config
    from fwaudit.discover.roots import find_root
    from fwaudit.output import Progress, is_terminal, write_note
    from fwaudit.pipeline import Timings, audit
    from fwaudit.report.summary import Request

    targets = _read_targets(options["output"], options["format_name"])
    _check_words(paths)
    root, named = find_root(paths)
    config = _override(load_config(Path(root), options["config_file"], options["isolated"]), options)
    request = Request(config, _seen_from_here(root), named is not None)
    timings = Timings()
    cache = None if options["no_cache"] else Cache(options["cache_dir"], root)
    with Progress(is_shown=is_terminal(sys.stderr) and not options["quiet"]) as progress:
        result = audit(
            paths, config, jobs=options["jobs"] or 0, cache=cache, today=_read_day(options["today"]), on_progress=progress, timings=timings
        )
    if config.baseline is not None and not options["quiet"]:
        write_note(_safe(f"fwaudit: warning: {config.file}: the setting `baseline` is not read yet"))
    if cache is not None and cache.warning and not options["quiet"]:
        write_note(f"fwaudit: warning: {_safe(cache.warning)}")
    with timings.stage("report"):
        _write_reports(result, root, targets, request, options)
    _write_notes(result, targets, request, timings.seconds if options["timings"] else {}, is_verbose=options["verbose"])
    return _exit_code(result, is_strict=options["strict"], is_lenient=options["exit_zero"])


def _read_targets(outputs: Sequence[str], format_name: str) -> tuple[tuple[str, Path | None], ...]:
    """(format, file) of every report that is asked for; no file: stdout."""
    return tuple(_read_target(output, format_name) for output in outputs) or ((format_name, None),)


def _read_target(output: str, format_name: str) -> tuple[str, Path | None]:
    """One `--output`: its format stands before `=`, else its ending tells, else `--format` does."""
    prefix, found, name = output.partition("=")
    if found and prefix.isidentifier() and prefix not in FORMATS:
        raise UsageError(f"--output {output}: `{prefix}` is not one of {', '.join(FORMATS)}; a file of that name is written ./{output}")
    chosen, file = (prefix, name) if found and prefix in FORMATS else (ENDINGS.get(Path(output).suffix, format_name), output)
    if not file:
        raise UsageError(f"--output {output}: names no file")
    return chosen, None if file == "-" else Path(file)


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
    selected, ignored = _split_names(options["select"]), _split_names(options["ignore"])
    if selected:
        changes["select"] = selected
    if ignored:
        changes["ignore"] = (*config.ignore, *ignored)
    changes["named_now"] = (*selected, *ignored)
    return msgspec.structs.replace(config, **changes)


def _split_names(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for value in values for part in value.split(",") if (name := part.strip()))


def _read_day(text: str | None) -> date | None:
    from datetime import date

    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--today {text}: not a date such as 2027-01-31") from None


def _check_words(paths: Sequence[Path]) -> None:
    """Raises UsageError for a path that does not exist and is nearly a command."""
    from fwaudit.config import nearest

    for path in paths:
        hint = nearest(str(path), commands.commands) if path.name == str(path) and not os.path.lexists(path) else ""
        if hint:
            raise UsageError(f"{str(path)!r} is neither a path nor a command{hint}")


def _seen_from_here(root: str) -> str:
    """The workspace as a path from the current folder; "" if it is that folder."""
    try:
        place = os.path.relpath(root)
    except OSError:  # the current folder is gone
        return root
    return "" if place == "." else place


def _write_reports(audit: Audit, root: str, targets: Sequence[tuple[str, Path | None]], request: Request, options: dict[str, Any]) -> None:
    """Writes every report; all are made before the first one is written."""
    from fwaudit.output import write_file, write_stdout

    reports = [(form, file, _render(audit, root, form, request, options, is_file=file is not None)) for form, file in targets]
    for form, file, text in reports:
        if file is not None:
            write_file(file, text)
        else:
            write_stdout(text, encoding="utf-8" if form == "json" else None)


def _render(audit: Audit, root: str, form: str, request: Request, options: dict[str, Any], *, is_file: bool) -> str:
    if form == "json":
        from fwaudit.report import json

        return json.render(audit)
    from fwaudit.output import speaks_unicode, wants_color

    is_ascii = not is_file and not speaks_unicode(sys.stdout)
    if form == "concise":
        from fwaudit.report import concise

        return concise.render(audit, ascii_only=is_ascii)
    import shutil

    from fwaudit.reading import line_reader
    from fwaudit.report import text

    return text.render(
        audit,
        line_reader(root),
        width=shutil.get_terminal_size((100, 24)).columns,
        color=wants_color(options["color"], None if is_file else sys.stdout, os.environ),
        request=request,
        group_by=options["group_by"],
        statistics=options["statistics"],
        ascii_only=is_ascii,
    )


def _write_notes(
    audit: Audit, targets: Sequence[tuple[str, Path | None]], request: Request, seconds: dict[str, float], *, is_verbose: bool
) -> None:
    """Writes to stderr what the reports on stdout do not say."""
    from fwaudit.output import write_note
    from fwaudit.report.summary import count_files

    if ("text", None) not in targets:
        write_note(_safe(count_files(audit, request)))
    if not audit.summary.analysed:
        write_note("fwaudit: no file could be analysed, so nothing is known of this service")
    if is_verbose:
        for problem in audit.problems:
            write_note(_safe(f"{problem.path}:{problem.line}: {problem.message}"))
    for stage, time in seconds.items():
        write_note(f"{stage:<10} {time:8.3f} s")


def _exit_code(audit: Audit, *, is_strict: bool, is_lenient: bool) -> int:
    """What the contract says of this Audit."""
    kinds = {problem.kind for problem in audit.problems}
    if not audit.summary.analysed or "incomplete" in kinds or (is_strict and "not-analysed" in kinds):
        return EXIT_INCOMPLETE
    return EXIT_FAILING if audit.summary.failing and not is_lenient else 0


@commands.command()
@click.argument("name")
def explain(name: str) -> int:
    """Show the page of a rule, or the table of a library or framework."""
    from fwaudit.catalog.load import load_catalog, read_tables
    from fwaudit.config import nearest
    from fwaudit.output import write_stdout
    from fwaudit.report.pages import explanation

    word = name.lower()
    tables = {file.name.lower(): file for kind in ("frameworks", "libraries") for file in read_tables() if file.kind == kind}
    rules = load_catalog().rules
    if word not in rules and word not in tables:
        raise UsageError(f"no rule, library or framework is called `{name}`{nearest(word, {*rules, *tables})}")
    write_stdout(explanation(rules[word]) if word in rules else tables[word].content.decode("utf-8"))
    return 0


@commands.command()
def rules() -> int:
    """List all rules: name, category, severity, fix, and one line."""
    import shutil

    from fwaudit.catalog.load import load_catalog
    from fwaudit.output import is_terminal, write_stdout
    from fwaudit.report.pages import rule_list

    pages = [page for _, page in sorted(load_catalog().rules.items())]
    write_stdout(rule_list(pages, shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None))
    return 0


@commands.command()
def schema() -> int:
    """Print the JSON Schema of `--format json`."""
    from fwaudit.output import write_stdout
    from fwaudit.report import json

    write_stdout(json.schema(), encoding="utf-8")
    return 0


@commands.group()
def cache() -> None:
    """Look after the cache."""


@cache.command()
@_cache_option
def clean(cache_dir: Path | None) -> int:
    """Remove all cached facts and audits."""
    from fwaudit.cache import Cache
    from fwaudit.output import write_note

    store = Cache(cache_dir)
    count = store.clean()
    write_note(_safe(f"{count} cached {'file' if count == 1 else 'files'} removed from {store.folder}"))
    return 0


def _add_later_command(name: str) -> None:
    @commands.command(name, hidden=True, add_help_option=False, context_settings={"ignore_unknown_options": True})
    @click.argument("words", nargs=-1, type=click.UNPROCESSED)
    def command(words: tuple[str, ...]) -> int:
        raise UsageError(f"`{name}` is not available yet" + (f"; a path of that name is written ./{name}" if not words else ""))


for _name in LATER:
    _add_later_command(_name)
