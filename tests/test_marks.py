"""The reader of marks and of Markdown tests."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from fwaudit.model.context import Grade
from fwaudit.model.finding import Finding
from tests.marks import Mark, MarkError, differences, read_marks, read_sections


class Answers:
    """A linked project that answers from two tables keyed by line."""

    def __init__(self, targets: Mapping[int, tuple[str, ...]] | None = None, contexts: Mapping[int, tuple[str, ...]] | None = None) -> None:
        self.targets = targets or {}
        self.contexts = contexts or {}

    def targets_at(self, path: str, line: int) -> tuple[str, ...]:
        return self.targets.get(line, ())

    def contexts_at(self, path: str, line: int) -> tuple[str, ...]:
        return self.contexts.get(line, ())


def found(
    rule: str, line: int, *, confidence: Grade = Grade.HIGH, severity: Grade = Grade.HIGH, path: str = "app.py", silenced: str | None = None
) -> Finding:
    """A finding of `rule` at `line`."""
    return Finding(
        rule=rule, category="event-loop", severity=severity, confidence=confidence, fails=False, message="it blocks", path=path,
        line=line, column=1, end_line=line, end_column=2, function="app.f", service=None, context=None, callee=None, waits_for=None,
        root_cause=None, routes=(), steps=(), places=(), fix=None, fingerprint="", silenced=silenced,
    )  # fmt: skip


def test_marks_are_read_from_comments_with_their_lines() -> None:
    """Each clause of a comment gives a mark for each of its values."""
    source = "x = 1\nawait f()  # finds: a-b, c (low); calls: m.f\ndef g(): ...  # runs-on: nowhere\n"
    assert read_marks(source) == (
        Mark(2, "finds", "a-b"),
        Mark(2, "finds", "c", "low"),
        Mark(2, "calls", "m.f"),
        Mark(3, "runs-on", "nowhere"),
    )


def test_other_comments_and_strings_are_not_marks() -> None:
    """A mark in a string or behind other words says nothing."""
    assert read_marks('x = "# finds: a"\ny = 2  # it finds: nothing\nz = 3  # noqa: E501\n') == ()


def test_a_mark_stands_beside_another_comment() -> None:
    """A suppression and a mark share a line."""
    assert read_marks("f()  # finds: a  # fwaudit: ignore[b] reason\n") == (Mark(1, "finds", "a"),)


@pytest.mark.parametrize(
    "comment",
    ["find: a", "misses: a; b", "run-on: event-loop", "finds: a b", "finds:"],
    ids=["singular", "no second kind", "misspelt", "two words", "nothing"],
)
def test_a_misspelt_mark_is_an_error(comment: str) -> None:
    """A mark that would be ignored silently would make a test that cannot fail."""
    with pytest.raises(MarkError):
        read_marks(f"f()  # {comment}\n")


MARKDOWN = """\
# Title
```toml
summary = "data of a page"
```
Words.

## Example
```py
f()
```
### In two files
```toml
parity = true
```
`app/db.py`:
```py
def load(): ...
```
`pyproject.toml`:
```toml
[project]
```
## Use instead
Only words.
"""


def test_sections_are_named_by_their_headings() -> None:
    """The title is left out of the names; sections without a Python block are no tests."""
    sections = read_sections(MARKDOWN)
    assert [(section.name, section.is_test) for section in sections] == [
        ("", False),
        ("Example", True),
        ("Example / In two files", True),
        ("Use instead", False),
    ]


def test_blocks_are_files_or_settings() -> None:
    """A named block is a file whatever its language; a nameless `toml` block holds settings, a nameless `py` block is app.py."""
    title, example, two_files, _ = read_sections(MARKDOWN)
    assert title.settings == {"summary": "data of a page"}
    assert example.files == {"app.py": "f()\n"}
    assert two_files.files == {"app/db.py": "def load(): ...\n", "pyproject.toml": "[project]\n"}
    assert two_files.settings == {"parity": True}


@pytest.mark.parametrize(
    "markdown",
    ["## A\n```py\nx\n", "## A\n```py\n```\n## A\n```py\n```\n", "## A\n```py\n```\n```py\n```\n", "```py\n```\n## A\n"],
    ids=["open block", "two sections of one name", "two files of one name", "no heading"],
)
def test_an_unclear_text_is_an_error(markdown: str) -> None:
    """No test is lost silently."""
    with pytest.raises(MarkError):
        read_sections(markdown)


def test_kept_marks_give_no_difference() -> None:
    """Findings, targets and contexts as marked."""
    files = {"app.py": "def f():  # runs-on: event-loop\n    g()  # finds: a; calls: m.g\n"}
    project = Answers(targets={2: ("m.g",)}, contexts={1: ("event-loop",)})
    assert differences(files, project, [found("a", 2)]) == ()


def test_a_mark_without_finding_is_told() -> None:
    """A missed alarm fails a test."""
    assert differences({"app.py": "g()  # finds: a\n"}, Answers(), [found("a", 2, confidence=Grade.LOW)]) == ("app.py:1: not found: a",)


def test_a_finding_without_mark_is_told() -> None:
    """A false alarm fails a test, also beside a right finding on the same line."""
    told = differences({"app.py": "g()  # finds: a\n"}, Answers(), [found("a", 1), found("b", 1)])
    assert told == ("app.py:1: found without a mark: b (high, severity high): it blocks",)


def test_a_finding_of_low_confidence_needs_no_mark_and_keeps_none() -> None:
    """What is not shown by default is not asked for, unless its confidence is named."""
    low = found("a", 1, confidence=Grade.LOW)
    assert differences({"app.py": "g()\n"}, Answers(), [low]) == ()
    assert differences({"app.py": "g()  # finds: a (low)\n"}, Answers(), [low]) == ()
    assert differences({"app.py": "g()  # finds: a\n"}, Answers(), [low]) != ()


def test_a_mark_may_ask_for_confidence_or_severity() -> None:
    """The words in parentheses must hold."""
    medium = found("a", 1, confidence=Grade.MEDIUM, severity=Grade.LOW)
    for right in ("a (medium)", "a (severity low)", "a"):
        assert differences({"app.py": f"g()  # finds: {right}\n"}, Answers(), [medium]) == ()
    for wrong in ("a (high)", "a (severity high)"):
        assert differences({"app.py": f"g()  # finds: {wrong}\n"}, Answers(), [medium]) != ()


def test_a_known_miss_fails_once_it_is_found() -> None:
    """The page gets corrected on that day."""
    files = {"app.py": "g()  # misses: a\n"}
    assert differences(files, Answers(), []) == ()
    assert differences(files, Answers(), [found("a", 1)]) == ("app.py:1: no longer missed, make the mark `finds`: a",)


def test_silenced_findings_are_as_if_not_there() -> None:
    """A suppressed finding needs no mark."""
    assert differences({"app.py": "g()\n"}, Answers(), [found("a", 1, silenced="suppression")]) == ()


def test_wrong_targets_and_contexts_are_told() -> None:
    """Sets are compared exactly; `nowhere` is the empty set of contexts."""
    files = {"app.py": "def f():  # runs-on: nowhere\n    g()  # calls: m.g, m.h\n"}
    project = Answers(targets={2: ("m.g",)}, contexts={1: ("threadpool",)})
    assert differences(files, project, []) == (
        "app.py:1: runs-on: expected nowhere, is threadpool",
        "app.py:2: calls: expected m.g, m.h, is m.g",
    )


def test_findings_in_other_files_are_compared_with_their_marks() -> None:
    """A finding counts for the file it stands in."""
    files = {"a.py": "g()  # finds: x\n", "b.py": "g()\n"}
    assert differences(files, Answers(), [found("x", 1, path="b.py")]) == (
        "a.py:1: not found: x",
        "b.py:1: found without a mark: x (high, severity high): it blocks",
    )
