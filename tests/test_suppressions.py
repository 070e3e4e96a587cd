"""Suppressions: what they silence, what they do not, and which are reported themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
import pytest

from fwaudit.config import Config, choose_rules
from fwaudit.extract.module import extract_module
from fwaudit.model.context import Grade
from fwaudit.model.finding import Finding, Step
from fwaudit.model.source import Manifest
from fwaudit.suppressions import apply_suppressions
from tests.support import quick

RULES = {"blocking-call-on-loop": "event-loop", "cpu-work-on-loop": "event-loop", "unused-suppression": "meta"}
TODAY = date(2026, 11, 21)

MAIN = """\
async def items():{definition}
    rows = load(
        session,
    ){end}
    return rows


def other():{other}
    pass
"""
STORE = """\
class Repository:{class_}
    def load(self):{definition}
        time.sleep(1){leaf}
"""


def finding_through_the_store(rule: str = "blocking-call-on-loop") -> Finding:
    """A finding at lines 2 to 4 of main.py whose leaf is line 3 of store.py."""
    return Finding(
        rule=rule,
        category="event-loop",
        severity=Grade.HIGH,
        confidence=Grade.HIGH,
        fails=False,
        message="`time.sleep` blocks the event loop",
        path="main.py",
        line=2,
        column=12,
        end_line=4,
        end_column=6,
        function="main.items",
        service=None,
        context="event-loop",
        callee="time.sleep",
        waits_for=None,
        root_cause="rc-1",
        routes=(),
        steps=(Step("main.py", 2, 12, "main.items", ""), Step("store.py", 3, 9, "store.Repository.load", "")),
        places=(),
        fix=None,
        fingerprint="f1",
    )


def apply(
    main: dict[str, str] | None = None,
    store: dict[str, str] | None = None,
    *,
    findings: Sequence[Finding] = (finding_through_the_store(),),
    needs_reason: bool = False,
    config: Config | None = None,
    head: str = "",
) -> tuple[list[Finding], list[str]]:
    """The findings after suppressions stand at the named places, and the messages about unused ones."""
    sources = {
        "main.py": MAIN.format_map({"definition": "", "end": "", "other": ""} | (main or {})) + head,
        "store.py": STORE.format_map({"class_": "", "definition": "", "leaf": ""} | (store or {})),
    }
    facts = {path: extract_module(text.encode()) for path, text in sources.items()}
    selection = choose_rules(config or Config(), RULES)
    result = apply_suppressions(findings, facts, selection, today=TODAY, needs_reason=needs_reason)
    return list(result[: len(findings)]), [unused.message for unused in result[len(findings) :]]


IGNORE = "  # fwaudit: ignore[blocking-call-on-loop] known, see the plan"


@pytest.mark.parametrize(
    "places",
    [
        {"main": {"definition": IGNORE}},
        {"main": {"end": IGNORE}},
        {"store": {"definition": IGNORE}},
        {"store": {"leaf": IGNORE}},
        {"head": IGNORE.strip().replace("ignore[", "ignore-file[")},
        {"store": {"leaf": "  # noqa: S1  # fwaudit: ignore[cpu-work-on-loop, blocking-call-on-loop] known, see the plan"}},
    ],
    ids=["def of the boundary", "last line of the call", "def of the leaf", "line of the leaf", "whole file", "several rules"],
)
def test_a_suppression_silences(places: dict[str, dict[str, str]]) -> None:
    """A comment on the call, its leaf, their `def` or for the whole file silences, and its reason is kept."""
    (finding,), _ = apply(**places)  # type: ignore[arg-type]

    assert (finding.silenced, finding.reason) == ("suppression", "known, see the plan")


def test_the_line_of_the_finding_counts() -> None:
    """A comment on the first line of the finding silences it."""
    facts = {
        "main.py": extract_module(b"async def items():\n    rows = load(  # fwaudit: ignore[blocking-call-on-loop]\n        1,\n    )\n")
    }

    (finding,) = apply_suppressions([finding_through_the_store()], facts, choose_rules(Config(), RULES), today=TODAY, needs_reason=False)

    assert finding.silenced == "suppression"


@pytest.mark.parametrize(
    "places",
    [
        {"main": {"other": IGNORE}},
        {"store": {"class_": IGNORE}},
        {"main": {"end": "  # fwaudit: ignore[cpu-work-on-loop]"}},
        {"main": {"end": "  # fwaudit: ignore"}},
        {"main": {"end": "; text = '# fwaudit: ignore[blocking-call-on-loop]'"}},
    ],
    ids=["another function", "the class", "another rule", "no rule", "a string"],
)
def test_elsewhere_it_does_not_silence(places: dict[str, dict[str, str]]) -> None:
    """A comment on another function, for another or for no rule, or text that only looks like one, silences nothing."""
    (finding,), _ = apply(**places)  # type: ignore[arg-type]

    assert finding.silenced is None


def test_an_unused_suppression_is_a_finding() -> None:
    """A suppression that covers no finding is reported at the comment, with low severity and high confidence."""
    facts = {"main.py": extract_module(b"x = 1  # fwaudit: ignore[blocking-call-on-loop] old\n")}

    (unused,) = apply_suppressions([], facts, choose_rules(Config(), RULES), today=TODAY, needs_reason=False)

    assert (unused.rule, unused.category, unused.severity, unused.confidence) == ("unused-suppression", "meta", "low", "high")
    assert (unused.path, unused.line, unused.column, unused.end_column) == ("main.py", 1, 8, 52)
    assert unused.message == "`ignore[blocking-call-on-loop]` silences nothing: nothing that it covers is found"


def test_a_used_suppression_is_none() -> None:
    """A suppression that silences is not reported; of two rules in a comment, only the unused one is."""
    _, unused = apply(main={"end": "  # fwaudit: ignore[blocking-call-on-loop, cpu-work-on-loop]"})

    assert unused == ["`ignore[cpu-work-on-loop]` silences nothing: nothing that it covers is found"]


def test_rules_that_did_not_run_are_not_judged() -> None:
    """A suppression for a rule that was not selected is neither used nor unused; nor is any if `unused-suppression` did not run."""
    place = {"end": "  # fwaudit: ignore[cpu-work-on-loop]"}

    assert apply(main=place, config=Config(ignore=("cpu-work-on-loop",)))[1] == []
    assert apply(main=place, config=Config(ignore=("unused-suppression",)))[1] == []
    assert len(apply(main=place)[1]) == 1


def test_an_unknown_rule_is_named() -> None:
    """A suppression for a rule that does not exist silences nothing, and the nearest rule is named."""
    (finding,), unused = apply(main={"end": "  # fwaudit: ignore[blocking-call-on-lop]"})

    assert finding.silenced is None
    assert unused == [
        "`ignore[blocking-call-on-lop]` silences nothing: no rule is called `blocking-call-on-lop`; did you mean `blocking-call-on-loop`?"
    ]


@pytest.mark.parametrize(("comment", "word"), [("ignore", "ignore"), ("ignore[] why", "ignore"), ("ignore-file it is old", "ignore-file")])
def test_a_suppression_without_a_rule_is_told_what_is_missing(comment: str, word: str) -> None:
    """A comment that names no rule silences nothing, and says how one is named."""
    (finding,), unused = apply(main={"end": f"  # fwaudit: {comment}"})

    assert finding.silenced is None
    assert unused == [f"`{word}` silences nothing: it names no rule, as in `ignore[blocking-call-on-loop]`"]


@pytest.mark.parametrize(
    ("until", "silenced", "message"),
    [
        ("2026-11-21", "suppression", []),
        ("2026-11-20", None, ["`ignore[blocking-call-on-loop]` silences nothing: it expired on 2026-11-20"]),
        ("soon", None, ["`ignore[blocking-call-on-loop]` silences nothing: `soon` is not a date such as 2027-01-31"]),
    ],
)
def test_a_suppression_expires(until: str, silenced: str | None, message: list[str]) -> None:
    """`until` holds up to and with its day; afterwards, or if it is no date, the suppression is itself a finding."""
    (finding,), unused = apply(main={"end": f"  # fwaudit: ignore[blocking-call-on-loop] known until={until}"})

    assert (finding.silenced, unused) == (silenced, message)


def test_a_reason_may_be_required() -> None:
    """With `require-suppression-reason`, a suppression without a reason silences nothing; one with a reason does."""
    (finding,), unused = apply(main={"end": "  # fwaudit: ignore[blocking-call-on-loop]"}, needs_reason=True)

    assert finding.silenced is None
    assert unused == ["`ignore[blocking-call-on-loop]` silences nothing: it gives no reason, and `require-suppression-reason` is set"]
    assert apply(main={"end": IGNORE}, needs_reason=True)[0][0].silenced == "suppression"


def test_unused_suppressions_can_be_silenced() -> None:
    """`ignore[unused-suppression]` silences the finding about its neighbour, and is never reported itself."""
    facts = {"main.py": extract_module(b"x = 1  # fwaudit: ignore[cpu-work-on-loop, unused-suppression] kept for later\n")}

    (unused,) = apply_suppressions([], facts, choose_rules(Config(), RULES), today=TODAY, needs_reason=False)

    assert (unused.rule, unused.silenced) == ("unused-suppression", "suppression")


def test_fingerprints_survive_moved_lines() -> None:
    """Two equal unused suppressions have different fingerprints, which do not change when lines move."""
    text = b"a = 1  # fwaudit: ignore[cpu-work-on-loop]\nb = 1  # fwaudit: ignore[cpu-work-on-loop]\n"

    def fingerprints(content: bytes) -> list[str]:
        facts = {"main.py": extract_module(content)}
        found = apply_suppressions([], facts, choose_rules(Config(), RULES), today=TODAY, needs_reason=False)
        return [finding.fingerprint for finding in found]

    assert len(set(fingerprints(text))) == 2
    assert fingerprints(text) == fingerprints(b"\n\n" + text)


def test_the_nearest_definition_counts() -> None:
    """Of two functions of one name, the comment on the one that holds the finding counts, and the other's does not."""
    text = b"""\
async def items():{first}
    pass
async def items():{second}
    load()
"""
    comment = b"  # fwaudit: ignore[blocking-call-on-loop]"
    here = apply_at_line_four(text.replace(b"{first}", b"").replace(b"{second}", comment))
    there = apply_at_line_four(text.replace(b"{first}", comment).replace(b"{second}", b""))

    assert (here, there) == ("suppression", None)


def apply_at_line_four(content: bytes) -> str | None:
    """What silences a finding at line 4 of main.py."""
    import msgspec

    finding = msgspec.structs.replace(finding_through_the_store(), line=4, end_line=4, steps=(Step("main.py", 4, 5, "main.items", ""),))
    facts = {"main.py": extract_module(content)}
    result = apply_suppressions([finding], facts, choose_rules(Config(), RULES), today=TODAY, needs_reason=False)
    return result[0].silenced


DOCKERFILE = """\
FROM python:3.12
{above}
CMD ["flask", "--app", "shop", "run"]{behind}
"""
DEPLOYMENT_RULES = {"dev-server-in-production": "deployment", "unused-suppression": "meta"}


@pytest.mark.parametrize(
    ("above", "behind"),
    [
        ("# fwaudit: ignore[dev-server-in-production] a demo", ""),
        ("# fwaudit: ignore[dev-server-in-production] a demo\n# of no weight\n", ""),
        ("# fwaudit: ignore-file[dev-server-in-production] a demo\nUSER app", ""),
        ("USER app", "  # fwaudit: ignore[dev-server-in-production] a demo"),
    ],
)
def test_a_comment_of_a_manifest_silences_its_line_or_the_next(above: str, behind: str) -> None:
    """Formats without comments at the end of a line take one that stands alone above it."""
    text = DOCKERFILE.format(above=above, behind=behind)
    line = next(number for number, each in enumerate(text.splitlines(), start=1) if each.startswith("CMD"))
    finding = msgspec.structs.replace(
        finding_through_the_store("dev-server-in-production"), path="Dockerfile", line=line, end_line=line, steps=()
    )
    selection = choose_rules(Config(), DEPLOYMENT_RULES)
    manifests = [Manifest("Dockerfile", "dockerfile", text.encode())]

    (result,) = apply_suppressions([finding], {}, selection, today=TODAY, needs_reason=True, manifests=manifests)

    assert (result.silenced, result.reason) == ("suppression", "a demo")


def test_a_comment_of_a_manifest_that_silences_nothing_is_reported() -> None:
    """At its own line, not at the one that it covers."""
    text = DOCKERFILE.format(above="# fwaudit: ignore[dev-server-in-production] a demo", behind="")
    selection = choose_rules(Config(), DEPLOYMENT_RULES)
    manifests = [Manifest("Dockerfile", "dockerfile", text.encode())]

    (unused,) = apply_suppressions([], {}, selection, today=TODAY, needs_reason=False, manifests=manifests)

    assert (unused.rule, unused.path, unused.line) == ("unused-suppression", "Dockerfile", 2)


@pytest.mark.parametrize(
    "text",
    ["# fwaudit:\n" * 60_000, "#fwaudit: ignore[" * 40_000, "# fwaudit: ignore[a-rule] x\n" * 8_000],
    ids=["comments that tell nothing", "brackets that nothing closes", "comments that stand alone"],
)
def test_a_manifest_of_comments_takes_no_time(text: str) -> None:
    """Manifests are read in the process that nothing ends."""
    selection = choose_rules(Config(), DEPLOYMENT_RULES)
    manifests = [Manifest("Dockerfile", "dockerfile", text.encode())]

    with quick():
        apply_suppressions([], {}, selection, today=TODAY, needs_reason=False, manifests=manifests)


def test_many_findings_in_one_file_with_a_comment_take_no_time() -> None:
    """A generated client has thousands of functions; each finding asks for the line of its own."""
    text = "".join(f"def f{number}():\n    pass\n" for number in range(4_000)) + IGNORE.strip() + "\n"
    one = msgspec.structs.replace(finding_through_the_store(), path="main.py", steps=())
    found = [
        msgspec.structs.replace(one, function=f"main.f{number}", line=2 * number + 2, end_line=2 * number + 2) for number in range(4_000)
    ]
    facts = {"main.py": extract_module(text.encode())}
    selection = choose_rules(Config(), RULES)

    with quick():
        result = apply_suppressions(found, facts, selection, today=TODAY, needs_reason=False)
    assert len(result) == 4_001
