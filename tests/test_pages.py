"""The rule pages: every example is a test, and every page has the same form."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from fwaudit.catalog.load import load_catalog
from fwaudit.catalog.schema import RuleData
from tests.marks import EXEMPT, Mark, Section, read_manifest_marks, read_marks, read_sections
from tests.support import REPOSITORY, assert_marks_hold, sections_in

PAGES = sorted((REPOSITORY / "rules" / "pages").glob("*.md"))
RULES = {
    "asgi-app-behind-wsgi-adapter",
    "async-view-without-async-framework",
    "blocking-call-on-loop",
    "blocking-client-with-async-twin",
    "called-instead-of-offloaded",
    "client-per-request",
    "cold-start-heavy-serverless",
    "cpu-work-on-loop",
    "dev-server-in-production",
    "duplicate-route",
    "duplicate-schema",
    "engine-per-request",
    "hand-written-validation",
    "lazy-result-consumed-on-loop",
    "missing-response-model",
    "mixed-sync-and-async-driver",
    "mixed-validation-styles",
    "nested-event-loop",
    "no-openapi-contract",
    "openapi-drift",
    "outbound-call-without-timeout",
    "outdated-framework-baseline",
    "pool-smaller-than-threads",
    "query-in-loop",
    "raw-body-into-query-or-model",
    "single-worker-blocking-service",
    "socketio-without-async-server",
    "sync-dependency-trivial",
    "sync-driver-in-asgi-app",
    "sync-handler-on-loop",
    "sync-health-route-in-threadpool",
    "sync-middleware-before-async-view",
    "sync-session-in-async-app",
    "sync-worker-with-streaming",
    "unawaited-coroutine",
    "unbounded-query",
    "unknown-framework",
    "untyped-body-parameter",
    "unused-suppression",
    "unvalidated-input-into-prompt",
    "unvalidated-query-or-form",
    "unvalidated-request-body",
    "wsgi-app-inside-asgi-app",
    "wsgi-server-for-asgi-app",
}
GLUE = {
    "hand-rolled-auth-check",
    "hand-rolled-cache",
    "hand-rolled-cors",
    "hand-rolled-dependency-container",
    "hand-rolled-error-envelope",
    "hand-rolled-jwt",
    "hand-rolled-migrations",
    "hand-rolled-pagination",
    "hand-rolled-password-hashing",
    "hand-rolled-rate-limit",
    "hand-rolled-request-id",
    "hand-rolled-retry",
    "hand-rolled-scheduler",
    "hand-rolled-serializer",
    "hand-written-openapi",
    "scattered-environment-config",
    "thread-as-task-queue",
}
HEADINGS = ["What it finds", "Why it matters", "Example", "Use instead", "When it is fine", "Known misses"]
LONGEST = 120

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


@pytest.mark.parametrize(
    ("section", "rule"),
    [pytest.param(*one.values, page.stem, id=one.id) for page in PAGES for one in sections_in(page)],
)
def test_an_example_of_a_page_is_true(section: Section, rule: str) -> None:
    """The audit of an example finds what its marks say, and nothing else; of an exempt rule its own page judges."""
    assert_marks_hold(section, EXEMPT - {rule})


def test_each_rule_has_a_page_and_each_page_a_rule() -> None:
    """The pages, the rules of the catalog and the names known here are one set."""
    assert {page.stem for page in PAGES} == RULES | GLUE == set(load_catalog().rules)


@every_page
def test_a_page_has_its_rule_as_title(page: Path) -> None:
    """The name is the same in every place."""
    assert page.read_text(encoding="utf-8").splitlines()[0] == f"# {page.stem}"


@every_page
def test_a_page_begins_with_the_data_of_its_rule(page: Path) -> None:
    """The block below the title has the keys of a rule, and no others."""
    msgspec.convert(dict(_sections(page)[0].settings), RuleData)


@every_page
def test_a_page_has_the_fixed_headings(page: Path) -> None:
    """All of them, in one order, so that a reader finds the same thing in the same place."""
    assert [section.name for section in _sections(page) if section.name and " / " not in section.name] == HEADINGS


@every_page
def test_a_page_shows_more_that_is_fine_than_that_is_not(page: Path) -> None:
    """Examples of both kinds, and more without a finding than with one: most code that looks bad is not."""
    examples = [section for section in _sections(page) if section.is_test and not section.name.startswith("Known misses")]
    bad = [section for section in examples if any(mark.value == page.stem for mark in _marks(section, "finds"))]
    assert 0 < len(bad) < len(examples) - len(bad)


@every_page
def test_examples_of_what_is_fine_have_no_finding(page: Path) -> None:
    """What a page advises or calls fine is free of every rule."""
    praised = [section for section in _sections(page) if section.name.startswith(("Use instead", "When it is fine"))]
    assert any(section.is_test for section in praised)
    assert [mark for section in praised for mark in _marks(section, "finds")] == []


@every_page
def test_a_page_is_short(page: Path) -> None:
    """A page is read in a terminal."""
    assert len(page.read_text(encoding="utf-8").splitlines()) < LONGEST


def _sections(page: Path) -> tuple[Section, ...]:
    return read_sections(page.read_text(encoding="utf-8"))


def _marks(section: Section, kind: str) -> list[Mark]:
    files = section.files.items()
    found = (mark for path, text in files for mark in (read_marks(text) if path.endswith(".py") else read_manifest_marks(text)))
    return [mark for mark in found if mark.kind == kind]
