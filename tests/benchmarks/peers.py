"""Runs fwaudit on the tests of ruff and flake8-async for blocking calls in async functions, each file a workspace of its own.

    python tests/benchmarks/peers.py --ruff CHECKOUT --flake8-async CHECKOUT [--fwaudit COMMAND]

Their files are read from the checkouts and never copied into this repository; `peers.toml` names the commits that were argued.
- A *positive* is a diagnostic that the peer's own test expects. It is reported if a finding starts on its line with `parity = true`.
- A *negative* is every other line. A finding that starts there without `parity` is one too many.
`peers.toml` holds the exceptions, each with its reason, and the imports that some files leave out: the peers match names as written,
so that their tests get by without the import, while a program without it ends in a NameError before anything blocks.
An exception that no longer differs is itself an error, so the file cannot rot.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audits import Audit, run_audit

RUFF_FIXTURES = Path("crates/ruff_linter/resources/test/fixtures/flake8_async")
RUFF_SNAPSHOTS = Path("crates/ruff_linter/src/rules/flake8_async/snapshots")
FLAKE8_FIXTURES = Path("tests/eval_files")
ARGUED = Path(__file__).with_name("peers.toml")
BLOCKING_RULES = {
    "blocking-call-on-loop",
    "cpu-work-on-loop",
    "called-instead-of-offloaded",
    "lazy-result-consumed-on-loop",
    "nested-event-loop",
}
_SNAPSHOT_CODE = re.compile(r"(ASYNC2\d\d) ")
_SNAPSHOT_PLACE = re.compile(r" *--> (\S+\.py):(\d+):\d+")
_MARK = re.compile(r"# *(ASYNC2\d\d)(?:_\w+)?:")


@dataclass(frozen=True, slots=True)
class Fixture:
    """One test file of a peer. `positives` counts the expected diagnostics of each line."""

    suite: str
    name: str
    source: str
    positives: Counter[int]


@dataclass(frozen=True, slots=True)
class Argued:
    """What `peers.toml` says of lines and of whole files: a reason, or the imports that a file leaves out."""

    missed: dict[tuple[str, str, int], str]
    extra: dict[tuple[str, str, int], str]
    imports: dict[tuple[str, str], str]
    left_out: dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What differs on one fixture: lines with a positive not reported, lines with a finding too many."""

    fixture: Fixture
    missed: Counter[int]
    extra: list[int]

    def counts(self) -> dict[str, int]:
        """What is printed of it."""
        expected, missed = self.fixture.positives.total(), self.missed.total()
        return {"positives": expected, "reported": expected - missed, "not reported": missed, "extra": len(self.extra)}


def ruff_fixtures(checkout: Path) -> list[Fixture]:
    """The fixtures of the blocking rules with the diagnostics of their snapshots."""
    expected: dict[str, Counter[int]] = {}
    for snapshot in sorted((checkout / RUFF_SNAPSHOTS).glob("*ASYNC2*.snap")):
        seen = set()
        for code, name, line, place in _snapshot_diagnostics(snapshot.read_text(encoding="utf-8")):
            if (code, place) not in seen:
                expected.setdefault(name, Counter())[line] += 1
            seen.add((code, place))
    fixtures = sorted((checkout / RUFF_FIXTURES).glob("ASYNC2*.py"))
    return [Fixture("ruff", path.name, path.read_text(encoding="utf-8"), expected.get(path.name, Counter())) for path in fixtures]


def _snapshot_diagnostics(text: str) -> Iterator[tuple[str, str, int, str]]:
    """Code, file, line and place of each diagnostic: its heading, and the first arrow after it."""
    code = ""
    for line in text.splitlines():
        heading, arrow = _SNAPSHOT_CODE.match(line), _SNAPSHOT_PLACE.match(line)
        if heading:
            code = heading[1]
        elif arrow and code:
            yield code, arrow[1], int(arrow[2]), arrow[0]
            code = ""


def flake8_fixtures(checkout: Path) -> list[Fixture]:
    """The eval files of the blocking rules with their marks."""
    return [_flake8_fixture(path) for path in sorted((checkout / FLAKE8_FIXTURES).glob("async2*.py"))]


def _flake8_fixture(path: Path) -> Fixture:
    source = path.read_text(encoding="utf-8")
    positives: Counter[int] = Counter()
    for number, line in enumerate(source.splitlines(), start=1):
        marks = 0 if line.lstrip().startswith("#") else len(_MARK.findall(line))
        if marks:
            positives[number] = marks
    return Fixture("flake8-async", path.name, source, positives)


def read_argued(path: Path) -> Argued:
    """The exceptions. Raises ValueError for one without a reason."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return Argued(
        missed=dict(_argued_lines(document.get("missed", []))),
        extra=dict(_argued_lines(document.get("extra", []))),
        imports={(each["suite"], each["file"]): each["imports"] for each in document.get("completed", []) if _reason(each)},
        left_out={(each["suite"], each["file"]): _reason(each) for each in document.get("left-out", [])},
    )


def _argued_lines(rows: list[dict[str, Any]]) -> Iterator[tuple[tuple[str, str, int], str]]:
    for row in rows:
        for line in row["lines"]:
            yield (row["suite"], row["file"], line), _reason(row)


def _reason(row: dict[str, Any]) -> str:
    reason = str(row.get("reason", ""))
    if not reason:
        raise ValueError(f"{ARGUED.name}: no reason for {row}")
    return reason


def try_fixture(fixture: Fixture, imports: str, folder: Path, command: str) -> Outcome:
    """What fwaudit says of the fixture, with parity for its positives and without for the other lines."""
    workspace = folder / fixture.suite / fixture.name.removesuffix(".py")
    workspace.mkdir(parents=True)
    (workspace / fixture.name).write_text(completed(fixture, imports), encoding="utf-8")
    settings = folder / "parity.toml"
    settings.write_text("parity = true\n", encoding="utf-8")
    with_parity = Counter(_lines(run_audit(workspace, command, "--no-cache", "--config", str(settings))))
    plain = run_audit(workspace, command, "--no-cache", "--isolated")
    missed = fixture.positives - with_parity
    extra = sorted(set(_lines(plain)) - set(fixture.positives))
    return Outcome(fixture, missed, extra)


def completed(fixture: Fixture, imports: str) -> str:
    """The source with the imports that it leaves out, in place of its first comment, so that every line keeps its number."""
    if not imports:
        return fixture.source
    first, _, rest = fixture.source.partition("\n")
    if not first.startswith("#"):
        raise ValueError(f"{fixture.name} does not start with a comment that its imports could replace")
    return f"{imports}\n{rest}"


def _lines(audit: Audit) -> list[int]:
    return [finding.line for finding in audit.findings if finding.rule in BLOCKING_RULES]


def judge(outcome: Outcome, argued: Argued) -> list[str]:
    """One line for each difference that nothing argues, and for each argument that no difference needs."""
    suite, name = outcome.fixture.suite, outcome.fixture.name
    source = outcome.fixture.source.splitlines()
    trouble = []
    for kind, lines, reasons in (("missed", outcome.missed, argued.missed), ("extra", outcome.extra, argued.extra)):
        known = {line for file_suite, file, line in reasons if (file_suite, file) == (suite, name)}
        trouble += [f"{kind} {suite} {name}:{line}: {source[line - 1].strip()}" for line in sorted(set(lines) - known)]
        trouble += [f"argued without need: {kind} {suite} {name}:{line}: {source[line - 1].strip()}" for line in sorted(known - set(lines))]
    return trouble


def main() -> None:
    """Print every difference and the counts of each file; exit 1 if a difference is not argued."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ruff", type=Path, metavar="CHECKOUT", help="of ruff")
    parser.add_argument("--flake8-async", type=Path, metavar="CHECKOUT", help="of flake8-async")
    parser.add_argument("--fwaudit", default="fwaudit", metavar="COMMAND")
    parser.add_argument("--expected", action="store_true", help="only count what the peers expect")
    arguments = parser.parse_args()
    if not (arguments.ruff or arguments.flake8_async):
        parser.error("name at least one checkout")
    fixtures = ruff_fixtures(arguments.ruff) if arguments.ruff else []
    fixtures += flake8_fixtures(arguments.flake8_async) if arguments.flake8_async else []
    if arguments.expected:
        for fixture in fixtures:
            print(f"{fixture.suite:13} {fixture.name:28} {fixture.positives.total():4} positives")
        return
    sys.exit(_try_all(fixtures, read_argued(ARGUED), arguments.fwaudit))


def _try_all(fixtures: list[Fixture], argued: Argued, command: str) -> bool:
    """Whether anything differs without an argument; prints it and the totals."""
    trouble, totals = [], Counter[str]()
    with tempfile.TemporaryDirectory(prefix="fwaudit-peers-") as folder:
        for fixture in fixtures:
            place = (fixture.suite, fixture.name)
            if place in argued.left_out:
                print(f"{fixture.suite:13} {fixture.name:28} left out: {argued.left_out[place]}")
                continue
            outcome = try_fixture(fixture, argued.imports.get(place, ""), Path(folder), command)
            trouble += judge(outcome, argued)
            totals.update(outcome.counts())
            print(f"{fixture.suite:13} {fixture.name:28} {_words(outcome.counts())}")
    print("\n".join(trouble))
    print(f"in all: {_words(totals)}; {len(trouble)} not argued")
    return bool(trouble)


def _words(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {word}" for word, count in counts.items())


if __name__ == "__main__":
    main()
