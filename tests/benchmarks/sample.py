"""Draws findings at random, to be graded by someone who reads the source, and keeps every grade as data.

    python tests/benchmarks/sample.py draw CHECKOUT --repository NAME --version VERSION --seed N [--count 60] [--rule RULE] [--sheet FILE]
    python tests/benchmarks/sample.py record FILE
    python tests/benchmarks/sample.py score [--seed N] [--repository NAME]

`draw` audits the checkout as a user does and prints the drawn findings: what is claimed, the source around the place and around every step.
It writes a sheet, one JSON object a line, with an empty `grade` and `reason` for the reader to fill in; `record` checks a filled-in sheet
and adds it to `grades.jsonl`; `score` prints the share of true findings for each rule. A grade is
- true: as the source stands, the claimed call runs where it is said to run and blocks it;
- doubtful: the reader cannot tell, or it holds only in a case that the source does not show (counted as false);
- false: it does not.
A sample is the whole truth of its seed: what was mended afterwards is drawn again with another one, and old grades stay.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from audits import Audit, Finding, load_audit

GRADES = Path(__file__).with_name("grades.jsonl")
KNOWN_GRADES = ("true", "doubtful", "false")
LINES_AROUND_PLACE = 12
LINES_AROUND_STEP = 4


@dataclass(frozen=True, slots=True)
class Grade:
    """One graded finding. `version` is a commit or a released version; `grade` is empty until it is read."""

    repository: str
    version: str
    path: str
    line: int
    rule: str
    grade: str
    reason: str
    seed: int
    confidence: str
    fingerprint: str


def draw(audit: Audit, count: int, seed: int, rule: str = "") -> list[Finding]:
    """Up to `count` findings that are shown by default, each as likely as any other, in the order of the report."""
    shown = [finding for finding in audit.findings if not finding.silenced and rule in ("", finding.rule)]
    numbers = random.Random(seed).sample(range(len(shown)), min(count, len(shown)))
    return [shown[number] for number in sorted(numbers)]


def describe(number: int, finding: Finding, root: Path) -> str:
    """All that a reader is given: the claim, the source, the steps."""
    claim = [
        f"=== {number}. {finding.rule} ({finding.severity} severity, {finding.confidence} confidence)",
        f"{finding.path}:{finding.line}:{finding.column} in {finding.function}",
        f"claim: {finding.message}",
        f"context: {finding.context}; leaf: {finding.callee}; routes: {', '.join(finding.routes) or 'none'}",
        _excerpt(root, finding.path, finding.line, LINES_AROUND_PLACE),
    ]
    for step in finding.steps[1:]:
        claim += [f"--- {step.path}:{step.line} in {step.function}: {step.note}", _excerpt(root, step.path, step.line, LINES_AROUND_STEP)]
    return "\n".join(claim)


def _excerpt(root: Path, path: str, line: int, around: int) -> str:
    lines = (root / path).read_text(encoding="utf-8", errors="replace").splitlines()
    first, last = max(1, line - around), min(len(lines), line + around)
    return "\n".join(f"{'>' if number == line else ' '} {number:5} {lines[number - 1]}" for number in range(first, last + 1))


def read_grades(path: Path) -> list[Grade]:
    """The grades of a file, none where there is no file. Raises ValueError for one that is not whole."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as file:
        return [_checked(json.loads(line), f"{path.name}:{number}") for number, line in enumerate(file, start=1)]


def _checked(row: dict[str, Any], place: str) -> Grade:
    grade = Grade(**row)
    if grade.grade not in KNOWN_GRADES:
        raise ValueError(f"{place}: the grade is {grade.grade!r}, not one of {', '.join(KNOWN_GRADES)}")
    if not grade.reason.strip():
        raise ValueError(f"{place}: no reason")
    return grade


def write_grades(path: Path, grades: Iterable[Grade]) -> None:
    """Writes the grades, one JSON object a line."""
    path.write_text("".join(json.dumps(asdict(grade), ensure_ascii=False) + "\n" for grade in grades), encoding="utf-8")


def score(grades: Iterable[Grade]) -> list[str]:
    """A Markdown table: for each rule and in all, how many were drawn and true."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for grade in grades:
        counts[f"`{grade.rule}`"][grade.grade] += 1
        counts["in all"][grade.grade] += 1
    rows = ["| rule | drawn | true | doubtful | false | share true |", "|---|---|---|---|---|---|"]
    for rule in sorted(counts, key=lambda name: (name == "in all", name)):
        cells = counts[rule]
        numbers = " | ".join(str(cells[grade]) for grade in KNOWN_GRADES)
        rows.append(f"| {rule} | {cells.total()} | {numbers} | {cells['true'] / cells.total():.1%} |")
    return rows


def _draw_sheet(arguments: argparse.Namespace) -> None:
    audit = load_audit(arguments.checkout, arguments.fwaudit, arguments.report)
    drawn = draw(audit, arguments.count, arguments.seed, arguments.rule)
    for number, finding in enumerate(drawn, start=1):
        print(describe(number, finding, arguments.checkout), end="\n\n")
    print(f"{len(drawn)} of {len(audit.findings)} findings drawn with seed {arguments.seed}")
    if arguments.sheet:
        origin = {"repository": arguments.repository, "version": arguments.version, "seed": arguments.seed}
        write_grades(arguments.sheet, [_ungraded(finding, origin) for finding in drawn])


def _ungraded(finding: Finding, origin: dict[str, Any]) -> Grade:
    place = {name: getattr(finding, name) for name in ("path", "line", "rule", "confidence", "fingerprint")}
    return Grade(**origin, **place, grade="", reason="")


def _record(arguments: argparse.Namespace) -> None:
    known = read_grades(GRADES)
    taken = {(grade.repository, grade.version, grade.seed, grade.fingerprint) for grade in known}
    new = [grade for grade in read_grades(arguments.sheet) if (grade.repository, grade.version, grade.seed, grade.fingerprint) not in taken]
    write_grades(GRADES, [*known, *new])
    print(f"{len(new)} grades added, {len(known) + len(new)} in all")


def _print_score(arguments: argparse.Namespace) -> None:
    chosen = [
        grade for grade in read_grades(GRADES) if arguments.seed in (None, grade.seed) and arguments.repository in (None, grade.repository)
    ]
    by_sample: dict[str, list[Grade]] = defaultdict(list)
    for grade in chosen:
        by_sample[f"{grade.repository} {grade.version}, seed {grade.seed}"].append(grade)
    for sample, grades in sorted(by_sample.items()):
        print(f"\n{sample}\n\n" + "\n".join(score(grades)))
    if len(by_sample) > 1:
        print("\nall samples\n\n" + "\n".join(score(chosen)))


def main() -> None:
    """Draw, record or score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    drawing = commands.add_parser("draw", help="draw findings and print them for grading")
    drawing.add_argument("checkout", type=Path)
    drawing.add_argument("--repository", required=True, metavar="NAME", help="as the grades name it: owner/name, or a distribution")
    drawing.add_argument("--version", required=True, help="commit, or released version")
    drawing.add_argument("--seed", type=int, required=True)
    drawing.add_argument("--count", type=int, default=60)
    drawing.add_argument("--rule", default="", help="draw from this rule's findings alone")
    drawing.add_argument("--sheet", type=Path, metavar="FILE", help="write the sheet to fill in")
    drawing.add_argument("--report", type=Path, metavar="FILE", help="a JSON report of the checkout, instead of an audit")
    drawing.add_argument("--fwaudit", default="fwaudit", metavar="COMMAND")
    drawing.set_defaults(run=_draw_sheet)
    recording = commands.add_parser("record", help="add a filled-in sheet to the grades")
    recording.add_argument("sheet", type=Path)
    recording.set_defaults(run=_record)
    scoring = commands.add_parser("score", help="print the share of true findings")
    scoring.add_argument("--seed", type=int)
    scoring.add_argument("--repository", metavar="NAME")
    scoring.set_defaults(run=_print_score)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
