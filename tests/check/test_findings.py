"""From what a check says to a finding: grades, fields, order, root causes and fingerprints."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fwaudit.model.audit import Audit
from fwaudit.model.context import Context, Grade, WaitsFor
from fwaudit.model.finding import Finding
from fwaudit.model.project import PathStep
from tests.check.sample import blocked, findings, lost, place, service
from tests.support import audit_sources


@pytest.mark.parametrize("waits_for", [WaitsFor.NETWORK, WaitsFor.DATABASE, WaitsFor.SLEEP, WaitsFor.PROCESS, WaitsFor.LOCK, None])
def test_what_can_wait_long_is_of_high_severity(waits_for: WaitsFor | None) -> None:
    """On a loop that others share; a nested loop waits for nothing that a table names."""
    assert [finding.severity for finding in findings(blocked(waits_for=waits_for))] == [Grade.HIGH]


@pytest.mark.parametrize(("cost", "severity"), [("content", Grade.MEDIUM), ("metadata", Grade.LOW), ("", Grade.MEDIUM)])
def test_a_local_file_is_of_medium_severity_and_its_metadata_of_low(cost: str, severity: Grade) -> None:
    """Content is the case where a table does not say."""
    assert [finding.severity for finding in findings(blocked(waits_for=WaitsFor.FILE, cost=cost))] == [severity]


def test_work_for_the_processor_is_of_medium_severity() -> None:
    """How long it takes depends on its input."""
    assert [finding.severity for finding in findings(blocked(kind="cpu", waits_for=WaitsFor.CPU))] == [Grade.MEDIUM]


@pytest.mark.parametrize("context", [Context.LOOP_STARTUP, Context.PRIVATE_LOOP, Context.TEST])
@pytest.mark.parametrize("waits_for", [WaitsFor.NETWORK, WaitsFor.CPU, WaitsFor.FILE])
def test_a_loop_that_nothing_else_shares_makes_everything_low(context: Context, waits_for: WaitsFor) -> None:
    """Startup, a job's own loop, a test: nobody waits beside them."""
    found = findings(blocked(context=context, waits_for=waits_for, cost="content"))

    assert [(finding.severity, finding.context) for finding in found] == [(Grade.LOW, context.value)]


@pytest.mark.parametrize(
    ("context", "severity"),
    [
        (Context.EVENT_LOOP, Grade.HIGH),
        (None, Grade.HIGH),
        (Context.LOOP_STARTUP, Grade.LOW),
        (Context.PRIVATE_LOOP, Grade.LOW),
        (Context.TEST, Grade.LOW),
    ],
)
def test_a_lost_coroutine_is_grave_wherever_it_may_be_meant_for_a_shared_loop(context: Context | None, severity: Grade) -> None:
    """Where nothing is known of the context, too."""
    found = findings(lost=[lost(3, context)])

    assert [(finding.severity, finding.confidence, finding.waits_for) for finding in found] == [(severity, Grade.HIGH, None)]


@pytest.mark.parametrize("confidence", list(Grade))
def test_the_confidence_is_that_of_the_evidence(confidence: Grade) -> None:
    """A check does not change it."""
    assert [finding.confidence for finding in findings(blocked(confidence=confidence))] == [confidence]


@pytest.mark.parametrize("waits_for", list(WaitsFor))
def test_a_finding_says_what_its_leaf_waits_for(waits_for: WaitsFor) -> None:
    """In the contract's word."""
    assert [finding.waits_for for finding in findings(blocked(waits_for=waits_for))] == [waits_for]


def test_a_finding_stands_at_its_boundary_and_ends_at_its_leaf() -> None:
    """Every field of the place and the steps, and the routes, come from the evidence; the last note names the async twin."""
    loop = blocked("app.main", "app.load", twin="httpx.AsyncClient.get", routes=("GET /", "GET /items"))
    [finding] = findings(loop)

    assert (finding.path, finding.line, finding.column, finding.end_line, finding.end_column) == ("app.py", 10, 5, 10, 15)
    assert (finding.function, finding.callee, finding.category, finding.fails) == ("app.main", "requests.get", "event-loop", False)
    assert finding.routes == ("GET /", "GET /items")
    assert [(step.line, step.function, step.note) for step in finding.steps] == [
        (10, "app.main", "step 1"),
        (20, "app.load", "step 2; async code has `httpx.AsyncClient.get`"),
    ]


def test_without_an_async_twin_the_notes_stay_as_they_are() -> None:
    """Nothing is promised that there is not."""
    assert [step.note for step in findings(blocked("app.main", "app.load"))[0].steps] == ["step 1", "step 2"]


@pytest.mark.parametrize(
    ("roots", "expected"),
    [
        ({"all": "."}, "all"),
        ({"all": ".", "inner": "app"}, "inner"),
        ({"inner": "app", "deeper": "app/api"}, "inner"),
        ({"other": "ap"}, None),
        ({}, None),
    ],
)
def test_a_finding_belongs_to_the_deepest_service_around_it(roots: dict[str, str], expected: str | None) -> None:
    """A folder whose name only begins alike does not hold the file."""
    there = (PathStep(place(10, path="app/main.py"), ""),)
    found = findings(replace(blocked(), steps=there), services=[service(*one) for one in roots.items()])

    assert [finding.service for finding in found] == [expected]


def test_findings_are_sorted_by_place() -> None:
    """In whatever order link or the checks gave them."""
    found = findings(blocked("app.b"), lost=[lost(30, None), lost(2, None)], not_callable=[lost(7, Context.EVENT_LOOP)])

    assert [finding.line for finding in found] == [2, 7, 10, 30]


# --- identity: what stays the same when the source moves ---------------------------------------------------

SOURCE = """\
import time
import requests


def load():
    time.sleep(1)
    requests.get("u", timeout=5)


async def first():
    load()


async def second():
    time.sleep(2)
    time.sleep(3)


async def third():
    second()
"""


def audited(source: str, path: str = "app.py") -> Audit:
    """The audit of one file."""
    return audit_sources({path: source})[1]


def marks(found: tuple[Finding, ...]) -> list[str]:
    """The fingerprints, in the order of the findings."""
    return [finding.fingerprint for finding in found]


def test_every_finding_has_a_fingerprint_of_its_own() -> None:
    """Two equal calls in one function, too."""
    found = audited(SOURCE).findings

    assert [(finding.rule, finding.function, finding.callee) for finding in found] == [
        ("blocking-call-on-loop", "app.first", "time.sleep"),
        ("blocking-call-on-loop", "app.second", "time.sleep"),
        ("blocking-call-on-loop", "app.second", "time.sleep"),
        ("unawaited-coroutine", "app.third", "app.second"),
    ]
    assert len(set(marks(found))) == 4


@pytest.mark.parametrize(
    "changed",
    [
        f'"""A docstring."""\n\n# and a comment\n{SOURCE}',
        SOURCE.replace("def load()", "def fetch()").replace("    load()", "    fetch()"),
        SOURCE.replace("async def third", "def helper():\n    time.sleep(9)\n\n\nasync def third"),
        SOURCE.replace("async def first():\n", "async def first():\n    if True:\n        pass\n"),
        SOURCE.replace("    time.sleep(2)\n", "    value = 2\n    time.sleep(value)\n"),
        SOURCE.replace("import time\n", "import time as time\nimport os\n"),
    ],
    ids=["lines above", "another function renamed", "a function added", "lines in the function", "other arguments", "imports"],
)
def test_a_fingerprint_survives_what_does_not_concern_the_finding(changed: str) -> None:
    """Moved lines, other functions' names, arguments: the same findings."""
    assert changed != SOURCE
    assert marks(audited(changed).findings) == marks(audited(SOURCE).findings)


@pytest.mark.parametrize(
    "changed",
    [
        SOURCE.replace("async def first", "async def begin"),
        SOURCE.replace("    time.sleep(1)\n", ""),
    ],
    ids=["its function renamed", "another leaf"],
)
def test_a_fingerprint_changes_with_the_finding(changed: str) -> None:
    """Another function or another call is another finding; the others keep theirs."""
    before, after = marks(audited(SOURCE).findings), marks(audited(changed).findings)

    assert before[0] != after[0]
    assert before[1:] == after[1:]


def test_findings_with_the_same_leaf_share_their_root_cause() -> None:
    """However far they are from it; its place is the leaf's, and it counts them and their routes."""
    source = """\
import time

from fastapi import FastAPI

app = FastAPI()


def pause():
    time.sleep(1)


def twice():
    pause()
    pause()


@app.get("/near")
async def near():
    pause()


@app.get("/far")
async def far():
    twice()


@app.get("/own")
async def own():
    time.sleep(1)
"""
    audit = audited(source)
    causes = {finding.function: finding.root_cause for finding in audit.findings}

    assert causes["app.near"] == causes["app.far"] != causes["app.own"]
    assert [(cause.function, cause.line, cause.findings, cause.routes) for cause in audit.root_causes] == [
        ("app.pause", 9, 2, 2),
        ("app.own", 29, 1, 1),
    ]


def test_equal_calls_in_one_function_are_root_causes_of_their_own() -> None:
    """Mending one does not mend the other; lines above move neither."""
    source = "import time\n\n\nasync def main():\n    time.sleep(1)\n    time.sleep(1)\n"
    causes = [finding.root_cause for finding in audited(source).findings]

    assert len(set(causes)) == 2
    assert [finding.root_cause for finding in audited("# above\n\n" + source).findings] == causes


def test_equal_calls_in_lambdas_of_one_function_are_root_causes_of_their_own() -> None:
    """Code of a lambda belongs to the function around it, and is counted with the rest of it."""
    source = """\
import time


def run(work):
    work()


async def main():
    run(lambda: time.sleep(1))
    run(lambda: time.sleep(2))
"""
    found = audited(source).findings

    assert [finding.line for finding in found] == [9, 10]
    assert len({finding.root_cause for finding in found}) == 2


def test_calls_that_block_for_some_callers_only_are_root_causes_of_their_own() -> None:
    """A call's place among its like does not hang on which caller was looked at."""
    source = """\
import requests


def run(one, other):
    one.get("u")
    other.get("u")


async def first():
    run(requests.Session(), {})


async def second():
    run({}, requests.Session())
"""
    audit = audited(source)

    assert [cause.line for cause in audit.root_causes] == [5, 6]


def test_a_lost_coroutine_has_no_root_cause() -> None:
    """Nothing is shared: the call is the finding."""
    assert [finding.root_cause for finding in findings(lost=[lost(3, None)])] == [None]
