"""Literate tests: Markdown sections with Python sources, whose comments say what an audit of them must show.

A heading starts a section. A section with Python blocks is one test, named by its headings.
A line that is only a name in backticks and a colon names the file of the next block; a Python block without a name is `app.py`.
A `toml` block without a name holds settings. Comments at the end of a line are marks, several separated by `;`:

In other files a comment at the end of a line is a mark for it, and one that stands alone for the line below.

- `# finds: rule, rule`: these findings, and no others of their category, start on this line. `rule (low)` asks for that confidence,
  `rule (severity low)` for that severity; without, any severity and any confidence but low will do.
- `# misses: rule`: a known miss; it fails on the day the rule is found here.
- `# calls: target, target`: what the last, outermost call on this line resolves to; `unknown` where it does not.
- `# runs-on: context, context`: on a `def` line, where its body runs; `nowhere` if nothing is known to call it.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import tomli

from fwaudit.model.context import Grade
from fwaudit.model.finding import Finding

NOWHERE = "nowhere"
EXEMPT = frozenset({"outbound-call-without-timeout"})
"""Rules whose findings need a mark only on their own pages: `requests.get(url)` is the shortest blocking call, and 150 examples make it."""
_KINDS = ("finds", "misses", "calls", "runs-on")
_MARK = re.compile(r"(finds?|miss(?:es)?|calls?|runs?[- ]on):\s*(.*)")
_ITEM = re.compile(r"(?P<value>[^\s()]+)(?: \((?P<condition>[^()]+)\))?")
_FENCE = re.compile(r"(`{3,})(\w*)\s*")
_HEADING = re.compile(r"(#{1,6}) (.+)")
_FILE_NAME = re.compile(r"`([^`]+)`:\s*")


class MarkError(ValueError):
    """A mark or a Markdown test that cannot be read."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One expectation: `kind` is a word of `_KINDS`; `condition` is what stood in parentheses."""

    line: int
    kind: str
    value: str
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of a Markdown file with the blocks below it. `name` joins the headings above it, without the title."""

    name: str
    line: int
    files: Mapping[str, str]
    settings: Mapping[str, Any]

    @property
    def is_test(self) -> bool:
        """Whether there is a Python source to audit."""
        return any(path.endswith(".py") for path in self.files)


class Linked(Protocol):
    """What the marks `calls` and `runs-on` ask of a project."""

    def targets_at(self, path: str, line: int) -> tuple[str, ...]: ...

    def contexts_at(self, path: str, line: int) -> tuple[str, ...]: ...


def read_marks(source: str) -> tuple[Mark, ...]:
    """All marks of a Python source, in order; raises MarkError for a misspelt one."""
    return tuple(mark for line, comment in _comments(source) for part in comment.split("#") for mark in _marks_of(line, part.strip()))


def read_manifest_marks(source: str) -> tuple[Mark, ...]:
    """All marks of a file that is no Python source, each with the line that it speaks of."""
    found: list[Mark] = []
    for number, line in enumerate(source.splitlines(), start=1):
        before, separator, comment = line.rpartition("# ")
        if separator:
            found += _marks_of(number if before.strip() else number + 1, comment.strip())
    return tuple(found)


def _comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _marks_of(line: int, comment: str) -> Iterator[Mark]:
    if not _MARK.match(comment):
        return
    for clause in comment.split(";"):
        match = _MARK.fullmatch(clause.strip())
        if match is None or match[1] not in _KINDS:
            raise MarkError(f"line {line}: not a mark: {clause.strip()!r}")
        for text in match[2].split(","):
            item = _ITEM.fullmatch(text.strip())
            if item is None:
                raise MarkError(f"line {line}: not a value of `{match[1]}`: {text.strip()!r}")
            yield Mark(line, match[1], item["value"], item["condition"] or "")


def read_sections(markdown: str) -> tuple[Section, ...]:
    """Every section of a Markdown text, also those without blocks.

    Raises MarkError for two tests of one name, a block that is never closed, and one above the first heading.
    """
    sections: list[Section] = []
    headings: list[str] = []
    name, start, files, settings = "", 1, dict[str, str](), dict[str, Any]()
    lines = iter(enumerate(markdown.splitlines(), start=1))
    file_name = ""
    for number, line in lines:
        if heading := _HEADING.fullmatch(line):
            sections.append(Section(name, start, files, settings))
            headings = [*headings[: len(heading[1]) - 1], heading[2].strip()]
            name, start, files, settings, file_name = " / ".join(headings[1:]), number, {}, {}, ""
        elif named := _FILE_NAME.fullmatch(line):
            file_name = named[1]
        elif fence := _FENCE.fullmatch(line):
            text = _block(lines, fence[1], number)
            if not file_name and fence[2] == "toml":
                settings = tomli.loads(text)
            elif file_name or fence[2] == "py":
                _add_file(files, file_name or "app.py", text, number)
            file_name = ""
    sections.append(Section(name, start, files, settings))
    _refuse_twins(sections)
    if sections[0].files:
        raise MarkError("a block above the first heading")
    return tuple(sections[1:])


def _block(lines: Iterator[tuple[int, str]], fence: str, start: int) -> str:
    text: list[str] = []
    for _, line in lines:
        if line.rstrip() == fence:
            return "".join(f"{each}\n" for each in text)
        text.append(line)
    raise MarkError(f"line {start}: a block that is never closed")


def _add_file(files: dict[str, str], path: str, text: str, line: int) -> None:
    if path in files:
        raise MarkError(f"line {line}: a second `{path}` in one section")
    files[path] = text


def _refuse_twins(sections: Iterable[Section]) -> None:
    names: set[str] = set()
    for section in sections:
        if section.is_test and section.name in names:
            raise MarkError(f"line {section.line}: a second section {section.name!r}")
        names.add(section.name)


def differences(
    files: Mapping[str, str], project: Linked, findings: Iterable[Finding], exempt: Collection[str] = EXEMPT
) -> tuple[str, ...]:
    """One sentence for every mark that the audit does not keep, and for every finding without a mark; sorted by place.

    A finding of an exempt rule needs a mark only where one names it.
    """
    named = {mark.value for path, source in files.items() if path.endswith(".py") for mark in read_marks(source)}
    kept = [one for one in findings if one.silenced is None and (one.rule not in exempt or one.rule in named)]
    found: list[tuple[str, int, str]] = []
    for path, source in sorted(files.items()):
        marks = read_marks(source) if path.endswith(".py") else read_manifest_marks(source)
        here = [finding for finding in kept if finding.path == path]
        found += [(path, line, text) for line, text in _wrong_findings(marks, here)]
        found += [(path, line, text) for line, text in _wrong_facts(marks, path, project)]
    return tuple(f"{path}:{line}: {text}" for path, line, text in sorted(found))


def _wrong_findings(marks: tuple[Mark, ...], findings: list[Finding]) -> Iterator[tuple[int, str]]:
    expected = [mark for mark in marks if mark.kind == "finds"]
    missed = {(mark.line, mark.value) for mark in marks if mark.kind == "misses"}
    for mark in expected:
        if not any(_keeps(finding, mark) for finding in findings):
            yield mark.line, f"not found: {mark.value} {mark.condition}".rstrip() + _nearby(mark, findings)
    for finding in findings:
        if (finding.line, finding.rule) in missed:
            yield finding.line, f"no longer missed, make the mark `finds`: {finding.rule}"
        elif finding.confidence is not Grade.LOW and not any(_keeps(finding, mark) for mark in expected):
            grades = f"{finding.confidence}, severity {finding.severity}"
            yield finding.line, f"found without a mark: {finding.rule} ({grades}): {finding.message}"


def _keeps(finding: Finding, mark: Mark) -> bool:
    if (finding.line, finding.rule) != (mark.line, mark.value):
        return False
    if mark.condition.startswith("severity "):
        return finding.severity == mark.condition.removeprefix("severity ") and finding.confidence is not Grade.LOW
    return finding.confidence == mark.condition if mark.condition else finding.confidence is not Grade.LOW


def _nearby(mark: Mark, findings: list[Finding]) -> str:
    near = [f"{each.confidence}, severity {each.severity}" for each in findings if (each.line, each.rule) == (mark.line, mark.value)]
    return f" (found, but {'; '.join(near)})" if near else ""


def _wrong_facts(marks: tuple[Mark, ...], path: str, project: Linked) -> Iterator[tuple[int, str]]:
    for kind, ask in (("calls", project.targets_at), ("runs-on", project.contexts_at)):
        for line in sorted({mark.line for mark in marks if mark.kind == kind}):
            expected = {mark.value for mark in marks if mark.kind == kind and mark.line == line} - {NOWHERE}
            actual = {str(each) for each in ask(path, line)}
            if expected != actual:
                yield line, f"{kind}: expected {', '.join(sorted(expected)) or NOWHERE}, is {', '.join(sorted(actual)) or NOWHERE}"
