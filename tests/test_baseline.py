"""The baseline: accepted findings stay silent, new ones fail, mended ones go and do not come back."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from fwaudit.baseline import AcceptedFinding, read_baseline, render
from fwaudit.errors import ConfigError
from tests.command import Command

ONE = """\
import time


async def serve() -> None:
    time.sleep(1)
"""
TWO = f"""\
{ONE}

async def wait() -> None:
    time.sleep(2)
"""
NONE = """\
async def serve() -> None:
    pass
"""
FILE = "fwaudit-baseline.jsonl"
ENTRY = AcceptedFinding("app.py", "app.serve", "blocking-call-on-loop", "time.sleep", "0123456789abcdef")


@pytest.fixture(autouse=True)
def settings(command: Command) -> None:
    """Settings in the workspace, so that the baseline lies in it too."""
    command.write("fwaudit.toml", "")


def findings_of(command: Command) -> tuple[int, list[str]]:
    """The exit code of an audit with the baseline, and the functions of the findings that it reports."""
    outcome = command("--baseline", FILE, "--format", "json")
    return outcome.code, [one["function"] for one in json.loads(outcome.stdout)["findings"] if one["silenced"] is None]


def test_accepted_findings_are_silent_and_new_ones_fail(command: Command) -> None:
    """The first baseline takes all; a finding that comes later is the only one reported."""
    command.write("app.py", ONE)

    made = command("baseline")

    assert made.code == 0
    assert "1 finding accepted: 1 new, 0 taken out" in made.stderr
    assert f'`--baseline {FILE}`, or with `baseline = "{FILE}"`' in made.stderr
    assert findings_of(command) == (0, [])
    command.write("app.py", TWO)
    assert findings_of(command) == (1, ["app.wait"])


def test_what_is_accepted_is_still_there(command: Command) -> None:
    """The all-clear names it, and the verdict counts it; what a suppression calls fine is not counted."""
    handlers = "".join(f'@app.get("/{number}")\nasync def at_{number}() -> None:\n    time.sleep(1){{mark}}\n\n\n' for number in range(4))
    service = f"import time\n\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n{handlers}"
    command.write("app.py", service.format(mark=""))
    command("baseline")

    accepted = command("--baseline", FILE)
    marked = command("--baseline", FILE, "--format", "markdown").stdout
    command.write("app.py", service.format(mark="  # fwaudit: ignore[blocking-call-on-loop] it is a test of waiting"))
    suppressed = command()

    assert "No blocking call was found on an event loop but 4 that are silenced." in " ".join(accepted.stdout.split())
    assert "stay and mend first what blocks the loop" in accepted.stdout
    assert marked.splitlines()[1] == "### fwaudit: nothing found but 4 silenced findings"
    assert "but 4 that are silenced" in " ".join(suppressed.stdout.split())
    assert "mend first" not in suppressed.stdout


def test_moved_code_stays_accepted(command: Command) -> None:
    """Lines above a finding, and other functions beside it, change nothing."""
    command.write("app.py", ONE)
    command("baseline")

    command.write("app.py", f"import os\n\n\ndef first() -> str:\n    return os.sep\n\n\n{ONE}")

    assert findings_of(command) == (0, [])


def test_what_is_mended_cannot_come_back(command: Command) -> None:
    """A mended finding is named by the audit, taken out by the next `fwaudit baseline`, and fails when it comes back."""
    command.write("app.py", TWO)
    command("baseline")
    command.write("app.py", ONE)
    report = command("--baseline", FILE)
    assert "1 finding of the baseline is mended: `fwaudit baseline` takes it out, so that it cannot come back." in " ".join(
        report.stdout.split()
    )

    assert "1 finding accepted: 0 new, 1 taken out" in command("baseline").stderr

    command.write("app.py", TWO)
    assert findings_of(command) == (1, ["app.wait"])
    again = command("baseline")
    assert again.code == 0
    assert "1 new finding not accepted; `--accept-new` takes it in" in again.stderr
    assert findings_of(command) == (1, ["app.wait"])
    assert "2 findings accepted: 1 new, 0 taken out" in command("baseline", "--accept-new").stderr
    assert findings_of(command) == (0, [])


def test_a_file_that_is_not_analysed_keeps_its_findings(command: Command) -> None:
    """A syntax error hides findings and mends none: nothing is taken out, and it is said."""
    command.write("app.py", ONE)
    command.write("other.py", NONE)
    command("baseline")
    before = (command.folder / FILE).read_bytes()

    command.write("app.py", f"{ONE}\n    )")
    outcome = command("baseline")

    assert outcome.code == 0
    assert "1 finding may be mended, and not taken out as long as a file is not analysed" in outcome.stderr
    assert (command.folder / FILE).read_bytes() == before
    assert "mended" not in command("--baseline", FILE).stdout


def test_what_a_run_does_not_look_for_is_not_mended(command: Command) -> None:
    """Rules that did not run, findings that are hidden, files that were not named and other workspaces are not judged."""
    command.write("app.py", ONE)
    command.write("other.py", NONE)
    command.write("inner/fwaudit-stays.py", NONE)
    command("baseline")

    for options in (["--select", "cpu-work-on-loop"], ["--min-confidence", "high", "--min-severity", "high"], ["other.py"]):
        outcome = command("--baseline", FILE, "--format", "json", *options)
        assert json.loads(outcome.stdout)["mended"] == [], options


def test_one_baseline_serves_the_workspaces_below_its_settings(command: Command) -> None:
    """`fwaudit baseline a` leaves what was accepted for `b` alone."""
    command.write("fwaudit.toml", f'baseline = "{FILE}"')
    command.write("a/first.py", ONE)
    command.write("b/second.py", ONE)
    command("baseline", "a")
    assert "1 new finding not accepted" in command("baseline", "b").stderr
    command("baseline", "b", "--accept-new")

    assert [command("a").code, command("b").code] == [0, 0]
    command.write("a/first.py", NONE)
    assert "1 finding accepted: 0 new, 1 taken out" in command("baseline", "a").stderr
    assert [command("a").code, command("b").code] == [0, 0]


def test_a_suppressed_finding_is_not_accepted_besides(command: Command) -> None:
    """What a comment silences needs no line in the baseline."""
    command.write("app.py", ONE.replace("(1)", "(1)  # fwaudit: ignore[blocking-call-on-loop] at startup"))

    assert "0 findings accepted" in command("baseline").stderr


def test_the_baseline_belongs_to_the_key_of_a_cached_audit(command: Command) -> None:
    """A baseline that changes changes the answer at once."""
    command.write("app.py", ONE)
    command("baseline")
    assert findings_of(command) == (0, [])

    (command.folder / FILE).write_text(render([]))

    assert findings_of(command) == (1, ["app.serve"])


def test_the_file_is_sorted_and_merges_by_itself() -> None:
    """One line for each finding, in one order, whatever order they came in; twice the same line is one finding."""
    entries = [AcceptedFinding(f"app/{name}.py", "f", "rule", "time.sleep", f"{name}") for name in "edcba"]
    random.Random(7).shuffle(entries)

    lines = render([*entries, entries[0]]).splitlines()

    assert json.loads(lines[0]) == {"fwaudit_baseline": 1}
    assert [json.loads(line)["path"] for line in lines[1:]] == [f"app/{name}.py" for name in "abcde"]


def test_hostile_names_keep_to_their_line(tmp_path: Path) -> None:
    """Line feeds, colour codes, marks that turn text round and bytes that are no text come back as they were."""
    names = ["a\nb", "\x1b[31m", "\u202e", os.fsdecode(b"\xff"), "x" * 4000, "</script>", "::error::"]
    entries = tuple(sorted(AcceptedFinding(f"{name}.py", name, "rule", name, str(number)) for number, name in enumerate(names)))
    file = tmp_path / FILE

    file.write_text(render(entries))

    assert len(file.read_text().splitlines()) == 1 + len(names)
    assert file.read_bytes().isascii()
    assert "\x1b" not in file.read_text()
    assert read_baseline(file) == entries


def test_lines_of_two_branches_may_stand_in_any_order(tmp_path: Path) -> None:
    """What a merge by union leaves is a baseline; so is one with the line ends of another system."""
    file = tmp_path / FILE
    head, line = render([ENTRY]).splitlines()
    file.write_bytes(f"{head}\r\n{line}\r\n\r\n{line}\r\n".encode())

    assert read_baseline(file) == (ENTRY,)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ':1: not a baseline: it does not start with {"fwaudit_baseline": 1}'),
        (b'{"findings": []}', ':1: not a baseline: it does not start with {"fwaudit_baseline": 1}'),
        (b"[" * 200_000, ':1: not a baseline: it does not start with {"fwaudit_baseline": 1}'),
        (b'{"fwaudit_baseline": 2}\n', ":1: a baseline of version 2, and this fwaudit reads version 1: use the one that wrote it"),
        (b'{"fwaudit_baseline": true}\n', ':1: not a baseline: it does not start with {"fwaudit_baseline": 1}'),
        (b"\xff\xfe", ": not a baseline: it is not UTF-8"),
        (
            b'{"fwaudit_baseline": 1}\n<<<<<<< ours\n',
            ":2: a conflict of a merge: keep the lines of both sides, then run `fwaudit baseline`",
        ),
        (b'{"fwaudit_baseline": 1}\n{"path": "a.py"', ":2: a damaged line of the baseline: expected `object`, got `null`"),
        (b'{"fwaudit_baseline": 1}\n\n{"path": 1}', ":3: a damaged line of the baseline: expected `str`, got `int` - at `$.path`"),
    ],
)
def test_a_damaged_baseline_says_where(tmp_path: Path, content: bytes, message: str) -> None:
    """File, line and what to do; never half of a baseline."""
    file = tmp_path / FILE
    file.write_bytes(content)

    with pytest.raises(ConfigError) as caught:
        read_baseline(file)

    assert str(caught.value) == f"{file}{message}"


def test_a_baseline_that_is_no_file_or_not_there_is_an_error(command: Command) -> None:
    """A folder, a FIFO, and a name that leads nowhere exit 2: without its baseline a run would report everything."""
    command.write("app.py", ONE)
    os.mkfifo(command.folder / "pipe")

    assert command("--baseline", "nowhere.jsonl").code == 2
    assert "there is no baseline; `fwaudit baseline` writes it" in command("--baseline", "nowhere.jsonl").stderr
    assert "the baseline is a folder, not a file" in command("--baseline", ".").stderr
    assert "the baseline is a FIFO, not a file" in command("--baseline", "pipe").stderr
    assert command("baseline", "--baseline", "pipe").code == 2
    assert command("baseline", "app.py").code == 2


def test_a_file_that_cannot_be_written_is_exit_3_and_nothing_is_lost(command: Command) -> None:
    """The old baseline stays whole where the new one cannot be written."""
    command.write("app.py", ONE)

    outcome = command("baseline", "--baseline", "no/folder/here.jsonl")

    assert outcome.code == 3
    assert "was not written" in outcome.stderr
    assert sorted(path.name for path in command.folder.iterdir()) == ["app.py", "fwaudit.toml"]
