"""The command line: commands, options, exit codes, and what goes to stdout and stderr."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fwaudit.commands.later import LATER
from fwaudit.commands.reports import FORMATS, GROUPINGS
from tests.command import Command

BLOCKING = """\
import time


async def serve() -> None:
    time.sleep(1)
"""
FINE = """\
import asyncio


async def serve() -> None:
    await asyncio.sleep(1)
"""


def test_no_command_and_no_path_audit_the_current_folder(command: Command) -> None:
    """`fwaudit`, `fwaudit .` and `fwaudit audit .` are one command."""
    command.write("app.py", BLOCKING)

    outcome = command("--color", "never")

    assert outcome.code == 1
    assert "`time.sleep` in app.py:5 blocks the event loop" in outcome.stdout
    assert "1 file analysed" in outcome.stdout
    assert outcome.stderr == ""
    assert outcome == command(".", "--color", "never") == command("audit", ".", "--color", "never")


def test_a_clean_service_exits_0(command: Command) -> None:
    """Without a finding that fails the run, the exit code is 0."""
    command.write("app.py", FINE)

    assert command().code == 0


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 1),
        (["--exit-zero"], 0),
        (["--fail-on", "never"], 0),
        (["--ignore", "blocking-call-on-loop"], 0),
        (["--ignore", "cpu-work-on-loop,blocking-call-on-loop"], 0),
        (["--select", "event-loop"], 1),
        (["--select", "cpu-work-on-loop"], 0),
        (["--format", "json"], 1),
        *((["--format", form], 1) for form in FORMATS),
        (["--statistics"], 1),
        *((["--group-by", grouping], 1) for grouping in GROUPINGS),
        (["--quiet"], 1),
        (["--verbose"], 1),
        (["--jobs", "1", "--no-cache", "--isolated"], 1),
    ],
)
def test_exit_codes_do_not_depend_on_the_format(command: Command, options: list[str], code: int) -> None:
    """A finding that fails the run exits 1 in every format; options that let it pass exit 0."""
    command.write("app.py", BLOCKING)

    assert command(*options).code == code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fromat", "json"], "No such option"),
        (["--format", "pdf"], "'pdf' is not one of"),
        (["--select", "blocking-cal-on-loop"], "--select: no rule or category is called `blocking-cal-on-loop`; did you mean"),
        (["--select", "meta", "--ignore", "meta"], "no rule is left to run"),
        (["--isolated", "--config", "missing.toml"], "use one of them"),
        (["--today", "soon"], "--today soon: not a date"),
        (["--jobs", "0"], "--jobs"),
        (["--output", "json="], "names no file"),
        (["--output", "pdf=x"], "`pdf` is not one of text, concise, json, "),
        (["--output", "pdf=x"], "; a file of that name is written ./pdf=x"),
        (["missing"], "does not exist"),
        (["empty"], "no Python file"),
        (["--config", "missing.toml"], "missing.toml: no such file"),
        (["explain", "blocking-cal-on-loop"], "did you mean `blocking-call-on-loop`?"),
        (["explain"], "Missing argument"),
        (["cache"], "Usage: fwaudit cache"),
    ],
)
def test_wrong_usage_exits_2(command: Command, arguments: list[str], message: str) -> None:
    """Wrong usage says what is wrong on stderr, prints no report and exits 2."""
    command.write("app.py", BLOCKING)
    (command.folder / "empty").mkdir()

    outcome = command(*arguments)

    assert (outcome.code, outcome.stdout) == (2, "")
    assert message in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_settings_are_read_and_overridden(command: Command) -> None:
    """The settings file counts, `--isolated` ignores it, `--config` takes another, and options win over both."""
    command.write("app.py", BLOCKING)
    command.write("fwaudit.toml", 'fail-on = "never"')
    command.write("other.toml", 'select = ["cpu-work-on-loop"]')

    assert command().code == 0
    assert command("--isolated").code == 1
    assert "blocking" not in command("--config", "other.toml", "--format", "concise").stdout
    assert command("--fail-on", "high").code == 1


def test_a_wrong_setting_exits_2(command: Command) -> None:
    """A wrong setting is named with file, key and the nearest right word."""
    command.write("app.py", BLOCKING)
    file = command.write("pyproject.toml", '[tool.fwaudit]\nfail-onn = "high"')

    outcome = command()

    assert outcome == (2, "", f"fwaudit: {file}: unknown setting `fail-onn`; did you mean `fail-on`?\n")


def test_a_broken_table_of_ones_own_exits_2(command: Command) -> None:
    """A mistake in a folder of own tables is named with its file; without it the run goes on."""
    command.write("app.py", FINE)
    command.write("fwaudit.toml", 'rules = ["tables"]')
    table = 'distribution = "own"\nimports = ["own"]\ndocumentation = "x"\n'
    command.write("tables/libraries/own.toml", table + '[[blocking]]\ncall = ["own.load"]\nwaits_for = "network"\nsource = "x"\n')

    outcome = command()

    assert (outcome.code, outcome.stdout) == (2, "")
    assert "own.toml" in outcome.stderr
    assert "did you mean `calls`" in outcome.stderr
    command.write("tables/libraries/own.toml", table)
    assert command().code == 0


def test_a_file_that_cannot_be_parsed(command: Command) -> None:
    """A syntax error is said and the rest is audited; with `--strict` it exits 3, also with `--exit-zero`."""
    command.write("app.py", BLOCKING)
    command.write("broken.py", "def (:\n")

    outcome = command("--format", "concise")

    assert (outcome.code, outcome.stdout.count("\n")) == (1, 1)
    assert outcome.stderr == "1 file analysed, 1 not: broken.py:1: syntax error at column 5\n"
    assert command("--strict").code == 3
    assert command("--strict", "--exit-zero").code == 3


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_service_of_which_nothing_could_be_read_is_no_clean_one(command: Command, form: str) -> None:
    """If no file at all was analysed, the run exits 3 in every format and says why; one readable file is enough for 0."""
    command.write("broken.py", "def (:\n")

    outcome = command("--format", form, "--exit-zero")

    assert outcome.code == 3
    assert "no file could be analysed" in outcome.stderr
    command.write("app.py", FINE)
    assert command("--format", form).code == 0
    assert "no file could be analysed" not in command("--format", form).stderr


def test_the_workspace_is_named_where_it_is_another_folder(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths in reports count from the workspace, so its place is said, in the summary or on stderr; in the workspace itself it is not."""
    command.write("src/app.py", FINE)

    assert "1 file analysed in `src` (" in command("src").stdout
    assert command("src", "--format", "concise").stderr == "1 file analysed in `src`, 0 not\n"
    monkeypatch.chdir(command.folder / "src")
    assert "1 file analysed (" in command(str(command.folder / "src")).stdout
    assert "1 file analysed in `..` (" in command("..").stdout


def test_an_all_clear_says_what_it_is_about(command: Command) -> None:
    """What was not looked for, or is not shown, is not passed off as absent."""
    command.write("app.py", BLOCKING)
    command.write("other.py", FINE)

    def first_line(*options: str) -> str:
        blocks = command("--color", "never", *options).stdout.split("\n\n")
        return " ".join(blocks[blocks[0].startswith("No web service here")].split("\n"))

    assert first_line("--select", "cpu-work-on-loop") == "Nothing was found. Only `cpu-work-on-loop` was looked for."
    assert first_line("--ignore", "blocking-call-on-loop").endswith("`blocking-call-on-loop` was not looked for.")
    assert first_line("other.py") == "No blocking call that touches a named file was found on an event loop."
    command.write("app.py", FINE)
    assert first_line() == "No blocking call was found on an event loop."


ROUTED = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/x')\nasync def read():\n    return 1\n"


def test_the_report_opens_with_what_the_repository_is(command: Command) -> None:
    """Not where only named files are reported, and not in place of counts by rule."""
    command.write("app.py", ROUTED)

    assert command("--color", "never").stdout.startswith("app: fastapi · asgi\n    1 route, on the event loop\n\n")
    assert "fastapi" not in command("--color", "never", "app.py").stdout
    assert "fastapi" not in command("--color", "never", "--statistics").stdout
    command.write("app.py", FINE)
    assert command("--color", "never").stdout.startswith("No web service here: ")


def test_routes_lists_every_route(command: Command) -> None:
    """As a table on stdout, with the number of files on stderr; findings fail nothing here."""
    command.write("app.py", ROUTED + BLOCKING)

    outcome = command("routes")
    assert (outcome.code, outcome.stdout) == (
        0,
        "app: fastapi · asgi\n    1 route, on the event loop\n\n  GET  /x  read  app.py:7  event loop\n",
    )
    assert outcome.stderr == "1 file analysed, 0 not\n"


def test_routes_as_json_are_the_part_of_the_audit_that_speaks_of_services(command: Command) -> None:
    """The keys are those of `--format json`, without findings."""
    command.write("app.py", ROUTED)

    routes, audit = json.loads(command("routes", "--format", "json").stdout), json.loads(command("--format", "json").stdout)
    assert list(routes) == ["schema_version", "tool", "root", "services", "problems"]
    assert routes == {key: audit[key] for key in routes}
    assert routes["services"][0]["routes"][0]["handler"] == "app.read"


def test_routes_exit_as_the_contract_says(command: Command) -> None:
    """2 for what cannot be used, 3 where nothing could be analysed."""
    assert command("routes", "nowhere").code == 2
    assert command("routes", "--format", "xml").code == 2
    command.write("app.py", "def broken(:\n")
    assert command("routes").code == 3


def test_json_goes_to_stdout_alone(command: Command) -> None:
    """The output is one JSON document, and the count of files goes to stderr."""
    command.write("app.py", BLOCKING)

    outcome = command("--format", "json")

    audit = json.loads(outcome.stdout)
    assert (audit["schema_version"], audit["root"], audit["summary"]["failing"]) == (1, ".", 1)
    assert outcome.stderr == "1 file analysed, 0 not\n"


def test_several_reports_in_one_run(command: Command) -> None:
    """Each `--output` writes one file in its format; nothing goes to stdout but a `-`."""
    command.write("app.py", BLOCKING)

    outcome = command("--output", "json=out.json", "--output", "report.txt", "--output", "concise=-", "--color", "never")

    assert outcome.code == 1
    assert json.loads((command.folder / "out.json").read_text())["summary"]["findings"] == 1
    assert "blocks the event loop" in (command.folder / "report.txt").read_text()
    assert "\x1b" not in (command.folder / "report.txt").read_text()
    assert outcome.stdout.startswith("app.py:5:5: high[high] blocking-call-on-loop ")


@pytest.mark.parametrize(
    ("options", "name", "form"),
    [
        (["--output", "report.json"], "report.json", "json"),
        (["--output", "report.txt", "--format", "json"], "report.txt", "text"),
        (["--output", "report.log", "--format", "json"], "report.log", "json"),
        (["--output", "report.log"], "report.log", "text"),
        (["--output", "concise=report.json"], "report.json", "concise"),
        (["--output", "./sarif=x"], "sarif=x", "text"),
        (["--output", "report.sarif"], "report.sarif", "sarif"),
        (["--output", "report.md", "--format", "json"], "report.md", "markdown"),
        (["--output", "report.xml"], "report.xml", "junit"),
        (["--output", "report.html"], "report.html", "html"),
        (["--output", "report.rdjson"], "report.rdjson", "rdjson"),
        (["--output", "gitlab=gl-code-quality-report.json"], "gl-code-quality-report.json", "gitlab"),
        (["--output", "text=sarif=x.json"], "sarif=x.json", "text"),
    ],
)
def test_the_format_of_an_output(command: Command, options: list[str], name: str, form: str) -> None:
    """What stands before `=` is the format; without it a known ending tells, and else `--format`."""
    command.write("app.py", BLOCKING)

    command(*options)

    report = (command.folder / name).read_text()
    starts = {
        "json": '{\n  "schema_version"',
        "sarif": '{\n  "$schema"',
        "rdjson": '{\n  "source"',
        "gitlab": '[\n  {\n    "description"',
        "junit": "<?xml",
        "html": "<!doctype html>",
        "markdown": "<!-- fwaudit -->",
        "concise": "app.py:5:5: ",
        "text": "No web service here",
    }
    assert report.startswith(starts[form])


def test_paths_for_other_programs_count_from_the_repository(command: Command) -> None:
    """Code scanning, annotations and merge requests know the repository; without one, the current folder stands for it."""
    command.write("services/api/app.py", BLOCKING)

    assert "file=services/api/app.py," in command("services/api", "--format", "github").stdout
    (command.folder / "services" / ".git").mkdir()
    assert "file=api/app.py," in command("services/api", "--format", "github").stdout
    assert '"path": "api/app.py"' in command("services/api", "--format", "gitlab").stdout
    assert '"path": "services/api/app.py"' in command("services/api", "--format", "rdjson").stdout
    assert '"path": "app.py"' in command("services/api", "--format", "json").stdout


def test_github_gets_a_job_summary(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the format github the Markdown report is added to the file that the runner names; not with any other format."""
    command.write("app.py", BLOCKING)
    summary = tmp_path / "summary.md"
    summary.write_text("earlier\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))

    assert command("--format", "concise").code == 1
    assert summary.read_text() == "earlier\n"
    assert command("--format", "github").stdout.startswith("::error file=app.py,")
    assert summary.read_text().startswith("earlier\n<!-- fwaudit -->\n### fwaudit: 1 finding fails the run\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    assert command("--format", "github").code == 3


def test_a_report_that_cannot_be_written_exits_3(command: Command) -> None:
    """A report that could not be written is never passed over."""
    command.write("app.py", FINE)

    outcome = command("--output", "missing/report.txt")

    assert outcome.code == 3
    assert "missing/report.txt: the report was not written" in outcome.stderr


def test_named_files_limit_what_is_reported(command: Command) -> None:
    """With file names, the whole workspace is linked and only what touches a named file is reported."""
    command.write("pyproject.toml", "[project]\n")
    command.write("app.py", "from helper import wait\n\n\nasync def serve() -> None:\n    wait()\n")
    command.write("helper.py", "import time\n\n\ndef wait() -> None:\n    time.sleep(1)\n")
    command.write("other.py", FINE)

    assert command("other.py", "--format", "concise").stdout == ""
    assert "app.py:5" in command("helper.py", "--format", "concise").stdout
    assert "app.py:5" in command("app.py", "other.py", "--format", "concise").stdout


def test_a_word_that_is_a_command_is_the_command(command: Command) -> None:
    """`rules` is the command, `./rules` the folder; an option before a path does not make the path a command."""
    command.write("rules/app.py", BLOCKING)

    assert command("rules").stdout.startswith("rule ")
    assert command("./rules").code == 1
    assert command("--format", "concise", "rules").code == 1


def test_where_every_report_goes_to_a_file_the_result_is_said(command: Command) -> None:
    """So that nobody has to open one to see why the exit code is 1; a report on stdout says it itself."""
    command.write("app.py", BLOCKING)

    alone = command("--no-cache", "--output", "report.html")
    beside = command("--no-cache", "--output", "report.html", "--output", "json=-")
    command.write("app.py", "x = 1\n")

    assert "1 finding fails the run: grave enough for `--fail-on`" in alone.stderr
    assert "fails the run" not in beside.stderr
    assert "No finding is shown." in command("--no-cache", "--output", "report.html").stderr


@pytest.mark.parametrize("name", LATER)
def test_later_commands_say_so(command: Command, name: str) -> None:
    """Commands of later versions exit 2 with a clear word, whatever follows them, and are not in the help."""
    assert command(name) == (2, "", f"fwaudit: `{name}` is not available yet; a path of that name is written ./{name}\n")
    assert command(name, ".", "--ask").code == 2
    assert f"\n  {name} " not in command("--help").stdout


def test_help_names_commands_and_options(command: Command) -> None:
    """`--help` shows the commands and the options of the audit, and `--version` the version."""
    text = command("--help").stdout

    for word in ("audit ", "explain ", "rules ", "schema ", "cache ", "--select", "--version", "--exit-zero"):
        assert f"  {word}" in text
    assert command("--version").stdout.startswith("fwaudit 0.")


def test_a_mistyped_command_is_recognised(command: Command) -> None:
    """A word that is no path but nearly a command is answered with it; other missing paths are missing paths."""
    assert command("ruels") == (2, "", "fwaudit: 'ruels' is neither a path nor a command; did you mean `rules`?\n")
    for name in ("routes", "plan", "baseline", "derive"):
        outcome = command(name, "ruels")
        assert (outcome.code, "command" in outcome.stderr, "ruels" in outcome.stderr) == (2, False, True), name
    assert "does not exist" in command("app/ruels").stderr
    assert "does not exist" in command("shop").stderr
    command.write("ruels/app.py", FINE)
    assert command("ruels").code == 0


def test_the_cache_can_be_cleaned(command: Command, tmp_path: Path) -> None:
    """`cache clean` removes what audits left, in the named folder or the usual one; `--no-cache` leaves nothing."""
    command.write("app.py", FINE)

    command("--no-cache")
    assert not (tmp_path / "cache").exists()
    command()
    command("--cache-dir", str(tmp_path / "own"))
    assert list((tmp_path / "own").iterdir())

    assert command("cache", "clean", "--cache-dir", str(tmp_path / "own")).code == 0
    assert list((tmp_path / "own").iterdir()) == []
    assert list((tmp_path / "cache").rglob("*.facts"))
    command("cache", "clean")
    assert not list((tmp_path / "cache").rglob("*.facts"))


def test_a_cache_that_cannot_be_written_is_said_once(command: Command, tmp_path: Path) -> None:
    """An audit goes on without its cache and says so; `--quiet` does not."""
    command.write("app.py", FINE)
    (tmp_path / "file").write_text("")

    outcome = command("--cache-dir", str(tmp_path / "file"))

    assert (outcome.code, outcome.stderr.count("warning")) == (0, 1)
    assert command("--cache-dir", str(tmp_path / "file"), "--quiet").stderr == ""


def test_timings_name_every_stage(command: Command) -> None:
    """`--timings` says on stderr how long each stage took."""
    command.write("app.py", FINE)

    stages = [line.split()[0] for line in command("--timings", "--no-cache").stderr.splitlines()]

    named = ["discover", "cache", "tables", "manifests", "extract", "link", "check", "history", "filter", "measure", "judge", "report"]
    assert stages == named


def test_a_defect_exits_3(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error inside fwaudit is not a finding: it exits 3 in one line, and `--verbose` shows where."""
    command.write("app.py", FINE)

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("\x1b[31m")

    monkeypatch.setattr("fwaudit.pipeline.audit", fail)

    outcome = command()
    assert (outcome.code, outcome.stdout) == (3, "")
    assert outcome.stderr.startswith("fwaudit: the audit stopped: ZeroDivisionError: \\x1b[31m\n")
    assert "Traceback" not in outcome.stderr
    assert "Traceback" in command("--verbose").stderr


@pytest.mark.parametrize("name", ["audit", "routes", "plan", "baseline"])
def test_every_command_that_audits_says_the_same_of_the_run(command: Command, name: str) -> None:
    """A cache that cannot be used is warned of, unless `--quiet`; problems are listed with `--verbose`; files are always counted."""
    command.write("app.py", "")
    command.write("broken.py", "def f(:\n")
    command.write("full", "no folder")

    plain, loud, quiet = (command(name, "--cache-dir", "full/x", *options) for options in ((), ("--verbose",), ("--quiet",)))

    assert "fwaudit: warning: " in plain.stderr
    assert "full" in plain.stderr
    assert "\nbroken.py:1: syntax error" not in plain.stderr
    assert "\nbroken.py:1: syntax error" in loud.stderr
    assert "warning" not in quiet.stderr
    assert all(re.search(r"1 file analysed.*, 1 not:\s+broken.py:1: syntax error", one.stdout + one.stderr) for one in (plain, loud, quiet))


@pytest.mark.parametrize("name", ["baseline", "derive"])
def test_a_command_without_a_report_for_people_takes_no_color(command: Command, name: str) -> None:
    """An option that would do nothing is refused."""
    command.write("app.py", "")

    assert command(name, ".", "--color", "always").code == 2
    assert command(name, ".").code == 0
