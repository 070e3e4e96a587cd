"""The formats for other programs; `tests/consumers` hands them to the programs' own schemas."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import msgspec
import pytest

from fwaudit.catalog.knowledge import RulePage
from fwaudit.catalog.load import load_pages
from fwaudit.catalog.schema import RuleData
from fwaudit.model.audit import Audit
from fwaudit.model.context import Grade
from fwaudit.model.finding import Finding, Location
from fwaudit.model.source import Problem
from fwaudit.model.verdict import Argument, Source, Verdict
from fwaudit.report import github, gitlab, junit, markdown, rdjson, sarif
from fwaudit.report.summary import Request
from tests.conftest import Golden
from tests.report.sample import audit, findings, service, source_of

PAGES = {
    "blocking-call-on-loop": RulePage(
        "blocking-call-on-loop",
        RuleData(summary="blocking work runs on the event loop", category="event-loop", severity="high", since="0.1"),
        '# blocking-call-on-loop\n```toml\nsummary = "..."\n```\n\n'
        "## What it finds\nA call that waits\nwithout `await`.\n\n## Known misses\nNone.\n",
    )
}


def run_of(shown: Audit, folder: str = "") -> dict[str, Any]:
    """The one run of the SARIF report."""
    (run,) = json.loads(sarif.render(shown, PAGES, folder))["runs"]
    assert isinstance(run, dict)
    return run


def many(number: int, **changes: Any) -> tuple[Finding, ...]:
    """As many findings as asked for, each in a line of its own."""
    base = msgspec.structs.replace(findings()[1], **changes)
    return tuple(msgspec.structs.replace(base, line=line, end_line=line, fingerprint=f"f{line}") for line in range(1, number + 1))


@pytest.mark.parametrize(
    ("name", "report"),
    [
        ("shop.sarif", sarif.render(audit(), PAGES, "services/shop")),
        ("shop_github.txt", github.render(audit(), "services/shop")),
        ("shop_gitlab.json", gitlab.render(audit(), "services/shop")),
        ("shop_junit.xml", junit.render(audit(), "services/shop")),
        ("shop.rdjson", rdjson.render(audit(), source_of, "services/shop")),
        ("shop.md", markdown.render(audit(), Request(folder="services/shop"), "services/shop")),
        ("clean_github.txt", github.render(audit((), ()))),
        ("clean_gitlab.json", gitlab.render(audit((), ()))),
        ("clean_junit.xml", junit.render(audit((), ()))),
        ("clean.md", markdown.render(audit((), ()))),
    ],
)
def test_the_shop_looks_like_its_golden_file(golden: Golden, name: str, report: str) -> None:
    """The report of the hand-made audit is the golden file, byte for byte."""
    golden(name, report)


def test_every_format_says_the_same_of_a_finding() -> None:
    """What fails the run is an error everywhere, what is of low severity is a note, and what is silenced is left out or marked."""
    levels = [result["level"] for result in run_of(audit())["results"] if "suppressions" not in result]
    diagnostics = json.loads(rdjson.render(audit(), source_of))["diagnostics"]
    commands = re.findall("^::(error|warning|notice) [^:]*line=", github.render(audit((*findings(),), ())), re.MULTILINE)
    suites = ET.fromstring(junit.render(audit(None, ())))

    assert sorted(levels) == ["error"] * 5 + ["note", "warning", "warning"]
    assert [{"ERROR": "error", "WARNING": "warning", "INFO": "note"}[one["severity"]] for one in diagnostics] == levels
    assert sorted(commands) == ["error"] * 5 + ["notice", "warning", "warning"]
    assert (suites.attrib["failures"], len(list(suites.iter("skipped")))) == ("5", 3)
    assert [one["severity"] for one in json.loads(gitlab.render(audit()))].count("critical") == 5


def test_sarif_leads_from_the_boundary_to_the_leaf() -> None:
    """The code flow has the steps in their order, each deeper; the message links to the leaf and to the routes."""
    result = next(result for result in run_of(audit())["results"] if "fetch_rate" in result["message"]["text"])
    (flow,) = result["codeFlows"]
    locations = flow["threadFlows"][0]["locations"]

    assert [one["location"]["physicalLocation"]["region"]["startLine"] for one in locations] == [13, 7]
    assert [one["nestingLevel"] for one in locations] == [0, 1]
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 13
    assert result["message"]["text"].endswith(" See [the call that blocks](1), [GET /orders/{id}](2).")
    assert [one["id"] for one in result["relatedLocations"]] == [1, 2]


def test_sarif_marks_what_is_silenced() -> None:
    """A comment is a suppression in the source, the baseline one outside of it, each with its reason."""
    base = findings()[0]
    both = tuple(msgspec.structs.replace(base, silenced=means, reason="known", fails=False) for means in ("suppression", "baseline"))

    assert [result["suppressions"] for result in run_of(audit(both))["results"]] == [
        [{"kind": "inSource", "status": "accepted", "justification": "known"}],
        [{"kind": "external", "status": "accepted", "justification": "known"}],
    ]
    assert all("suppressions" not in result for result in run_of(audit(findings()[:1]))["results"])


def test_sarif_keeps_the_gravest_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit the least grave results are left out, silenced ones first, and a notification says how many."""
    assert sarif._RESULTS == 5_000
    monkeypatch.setattr(sarif, "_RESULTS", 50)
    silenced = many(2, silenced="suppression", fails=False, path="a.py")
    low = many(3, severity=Grade.LOW, fails=False, path="b.py")
    run = run_of(audit((*silenced, *low, *many(48)), ()))

    assert len(run["results"]) == 50
    assert [result["level"] for result in run["results"][:3]] == ["note", "note", "error"]
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("3 more findings: ")
    assert run_of(audit((), ()))["invocations"][0]["toolExecutionNotifications"] == []


def test_sarif_counts_its_locations() -> None:
    """A code flow has at most 1,000 locations, the first and the last; a result at most 20 related ones."""
    base = findings()[1]
    steps = tuple(msgspec.structs.replace(base.steps[0], line=line) for line in range(1, 1_200))
    places = tuple(Location("app/a.py", line, 1, line, 2) for line in range(1, 40))
    (result,) = run_of(audit((msgspec.structs.replace(base, steps=steps, places=places),)))["results"]

    locations = result["codeFlows"][0]["threadFlows"][0]["locations"]
    lines = [one["location"]["physicalLocation"]["region"]["startLine"] for one in locations]
    assert (len(lines), lines[499], lines[500], lines[-1]) == (1_000, 500, 700, 1_199)
    assert len(result["relatedLocations"]) == 20


def test_sarif_describes_every_rule_in_full() -> None:
    """Each shipped page gives what code scanning asks for: both descriptions, the help as Markdown, and a level."""
    pages = load_pages()
    found = tuple(msgspec.structs.replace(one, rule=name) for one, name in zip(many(len(pages)), sorted(pages), strict=True))
    (run,) = json.loads(sarif.render(audit(found), pages))["runs"]

    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(pages)
    for rule in rules:
        assert all(0 < len(rule[key]["text"]) <= 1_024 for key in ("shortDescription", "fullDescription"))
        assert rule["help"]["markdown"].startswith(f"# {rule['id']}\n")
        assert "```toml" not in rule["help"]["markdown"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [result["ruleId"] for result in run["results"]]


def test_a_sarif_run_tells_what_is_missing() -> None:
    """What was not analysed is a warning, what failed an error, and then the run was not successful."""
    (invocation,) = run_of(audit((), (Problem("", 1, "the check x failed", "incomplete"), Problem("a b.py", 3, "no"))))["invocations"]

    assert invocation["executionSuccessful"] is False
    assert [one["level"] for one in invocation["toolExecutionNotifications"]] == ["error", "warning"]
    place = invocation["toolExecutionNotifications"][1]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "a%20b.py", "uriBaseId": "SRCROOT"}, "region": {"startLine": 3}}
    assert run_of(audit())["invocations"][0]["executionSuccessful"] is True


def test_services_of_a_repository_have_categories_of_their_own() -> None:
    """Code scanning keeps the results of two uploads apart by what stands before the last slash."""
    assert run_of(audit())["automationDetails"]["id"] == "fwaudit/"
    assert run_of(audit(), "services/shop")["automationDetails"]["id"] == "fwaudit/services/shop/"


def test_annotations_stay_within_the_limits() -> None:
    """Of each kind ten are commands, the worst; the others are lines of the log."""
    report = github.render(
        audit((*many(30), *many(12, fails=False, path="b.py"), *many(11, severity=Grade.LOW, fails=False, path="c.py")), ())
    )
    lines = report.splitlines()

    assert [sum(line.startswith(f"::{kind} ") for line in lines) for kind in ("error", "warning", "notice")] == [10, 10, 10]
    assert lines[30] == "23 more lines without an annotation, of which a step may have 10 of each kind:"
    assert len(lines) == 31 + 23
    assert lines[31].startswith("error app/routers/orders.py:11:")


def test_annotations_over_several_lines_have_no_columns() -> None:
    """GitHub refuses columns where the first and the last line differ."""
    one = msgspec.structs.replace(findings()[1], end_line=20)

    assert ",line=12,endLine=20,title=" in github.render(audit((one,), ()))


def test_code_quality_fingerprints_are_unique() -> None:
    """No two entries share one, neither in a report nor in two reports of one merge request; moved lines change none."""
    twice = (findings()[0], msgspec.structs.replace(findings()[0], line=30))
    one, other = (json.loads(gitlab.render(audit(twice), folder)) for folder in ("a", "b"))

    assert len({entry["fingerprint"] for entry in (*one, *other)}) == 4
    moved = tuple(msgspec.structs.replace(finding, line=finding.line + 7) for finding in twice)
    assert [entry["fingerprint"] for entry in json.loads(gitlab.render(audit(moved), "a"))] == [entry["fingerprint"] for entry in one]


def test_reviewdog_columns_count_bytes() -> None:
    """A character of three bytes moves the column by three; without the source there is no column."""
    one = msgspec.structs.replace(findings()[1], line=1, column=4, end_line=1, end_column=6)

    def range_of(source: list[str] | None) -> object:
        (diagnostic,) = json.loads(rdjson.render(audit((one,)), lambda path: source))["diagnostics"]
        return diagnostic["location"]["range"]

    assert range_of(["é東 = f()"]) == {"start": {"line": 1, "column": 7}, "end": {"line": 1, "column": 9}}
    assert range_of(None) == {"start": {"line": 1}, "end": {"line": 1}}


def test_a_comment_stays_short() -> None:
    """However many root causes there are, the comment fits, and says how many are missing."""
    found = tuple(msgspec.structs.replace(one, root_cause=f"rc-{one.line}") for one in many(3_000))
    report = markdown.render(audit(found))

    assert report.count("<details>") == 25
    assert "\nAnd 2,975 more findings: `--format json` lists all.\n" in report
    assert len(report) < 65_536


def test_a_comment_stays_short_below_many_verdicts() -> None:
    """What stands below the findings takes its part of the characters first."""
    found = tuple(
        msgspec.structs.replace(
            one, root_cause=f"rc-{number % 40}", routes=tuple(f"GET /{'r' * 90}/{route}" for route in range(9)), path="p" * 150
        )
        for number, one in enumerate(many(600))
    )
    argument = Argument("Every route waits for the database in a thread of its own. " * 8, 1.0, "x", (), Source("a", "b", "c"))
    arguments = (argument, argument)
    verdict = Verdict(
        action="migrate",
        target="fastapi",
        fix_first=False,
        adopt=(),
        scope=(),
        confidence=Grade.MEDIUM,
        arguments_for=arguments,
        arguments_against=arguments,
        would_change=(),
    )
    services = tuple(msgspec.structs.replace(service(), name=f"{number}-{'n' * 200}", verdict=verdict) for number in range(12))
    problems = tuple(Problem("q" * 200, number, "is not valid Python: " + "x" * 400, "syntax") for number in range(10))
    report = markdown.render(msgspec.structs.replace(audit(found, problems), services=services))

    assert 50_000 < len(report) < 65_536
    assert "more findings: `--format json` lists all.\n" in report
    assert report.count("  - against: ") == 24


def test_a_comment_has_the_verdict() -> None:
    """Each service's verdict stands below the findings, with two arguments of each side; hostile texts are code."""
    arguments = tuple(Argument(text, 1.0, "x", (), Source("a", "b", "c")) for text in ("One.", "[Two](x)", "Three."))
    verdict = Verdict(
        action="migrate",
        target="fastapi",
        fix_first=False,
        adopt=(),
        scope=(),
        confidence=Grade.MEDIUM,
        arguments_for=arguments,
        arguments_against=arguments[:1],
        would_change=(),
    )
    report = markdown.render(msgspec.structs.replace(audit(), services=(msgspec.structs.replace(service(), verdict=verdict),)))

    arguments_shown = "  - for: One.\n  - for: `[Two](x)`\n  - against: One.\n- 1 finding silenced."
    assert f"- `shop`: migrate to fastapi, medium confidence\n{arguments_shown}" in report


def test_a_comment_says_when_nothing_was_found() -> None:
    """An incomplete audit is not told as an all-clear."""
    report = markdown.render(audit((), (Problem("", 1, "the check `x` failed", "incomplete"),)))

    assert report.startswith("<!-- fwaudit -->\n### fwaudit: nothing found\n")
    assert "The audit is incomplete: the check `x` failed" in report
