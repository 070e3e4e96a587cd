"""A comment for a pull request, and the summary of a CI job: short, what matters first, the paths folded away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from fwaudit.model.audit import Audit
from fwaudit.model.finding import Finding
from fwaudit.report.escape import brief
from fwaudit.report.evidence import LONGEST_NAME, live_findings
from fwaudit.report.groups import Group, group_by_root_cause, headline
from fwaudit.report.summary import Request, answer, verdict
from fwaudit.report.verdict import sentence as decision
from fwaudit.report.words import count, located, remedy, short_name

MARK = "<!-- fwaudit -->"
"""The first line, by which a later run finds its comment."""

_MOST = 65_000
"""Characters; GitHub takes comments of 65,536. The findings have what the rest leaves, and one line for what is hidden."""

_GROUPS = 25
_SERVICES = 12
_ARGUMENTS = 2
_PLACES = 10
_ROUTES = 5
_PROBLEMS = 10
_STEPS = 30
_LONGEST_LINE = 160
_LONGEST_HEADLINE = 500
_NO_LINK = r"(?!.*(?:://|www\.))"
_HTML_SAFE = re.compile(_NO_LINK + r"[\w\s.,:;'()/-]*")
"""What is no link, no mention and no number of an issue, which are found in HTML too."""

_SAFE = re.compile(_NO_LINK + r"(?:[^\W_]|[\s.,:;'()/-])*")
"""What is no Markdown either."""


def render(audit: Audit, request: Request = Request(), folder: str = "") -> str:  # noqa: B008  frozen
    """The comment, with a final line feed. `folder`: the workspace, seen from the repository."""
    findings = live_findings(audit)
    groups = group_by_root_cause(findings)
    lines = [MARK, f"### fwaudit: {_title(findings, audit.summary.silenced)}", ""]
    lines += [_sentence(sentence) for sentence in answer(audit, findings, request)]
    below = list(_below(audit, findings, folder))
    room = _MOST - sum(len(line) + 1 for line in (*lines, *below))
    shown = 0
    for group in groups[:_GROUPS]:
        block = [*_block(group, folder), ""]
        room -= sum(len(line) + 1 for line in block)
        if room < 0:
            break
        lines += ["", *block] if not shown else block
        shown += 1
    if shown < len(groups):
        hidden = sum(len(group.findings) for group in groups[shown:])
        lines += [f"And {count(hidden, 'more finding')}: `--format json` lists all.", ""]
    lines += [""] if lines[-1] else []
    lines += below
    return "".join(f"{line}\n" for line in lines)


def _title(findings: Sequence[Finding], silenced: int) -> str:
    failing = sum(finding.fails for finding in findings)
    if failing:
        return f"{count(failing, 'finding')} {'fails' if failing == 1 else 'fail'} the run"
    if findings:
        return f"{count(len(findings), 'finding')}, none fails the run"
    return f"nothing found but {count(silenced, 'silenced finding')}" if silenced else "nothing found"


def _block(group: Group, folder: str) -> Iterator[str]:
    """One root cause, its path folded away."""
    worst = group.worst
    fails = ", fails the run" if group.fails else ""
    yield f"<details><summary><b>{worst.severity}</b> {_html(headline(group, folder))}</summary>"
    yield ""
    rule = _code(worst.rule)
    yield f"{rule}, {worst.confidence} confidence{fails}"
    yield ""
    text = [*_path(worst, folder), *_other_places(group, folder)]
    fence = "`" * max(3, *(len(run[0]) + 1 for line in text for run in re.finditer("`+", line)), 3)
    yield f"{fence}text"
    yield from text
    yield fence
    yield ""
    yield "</details>"


def _path(finding: Finding, folder: str) -> Iterator[str]:
    """The routes, then each step deeper than the one before, with its place; last what to use instead."""
    if finding.routes:
        yield _routes(finding)
    steps = finding.steps[-_STEPS:]
    for depth, step in enumerate(steps):
        lead = "   " * (depth - 1 + bool(finding.routes)) + "└─ " if depth or finding.routes else ""
        yield _line(f"{lead}{short_name(step.function, step.path)}  {located(folder, step.path)}:{step.line}")
    instead = remedy(steps[-1]) if steps else ""
    if instead:
        yield _line("   " * (len(steps) - 1 + bool(finding.routes)) + instead)
    if not steps:
        yield _line(f"{short_name(finding.function, finding.path)}  {located(folder, finding.path)}:{finding.line}")


def _other_places(group: Group, folder: str) -> Iterator[str]:
    others = group.findings[1:]
    if others:
        yield ""
        yield "also from"
    for finding in others[:_PLACES]:
        routes = f"  {_routes(finding)}" if finding.routes else ""
        yield _line(f"   {short_name(finding.function, finding.path)}  {located(folder, finding.path)}:{finding.line}{routes}")
    if len(others) > _PLACES:
        yield f"   and {len(others) - _PLACES:,} more"


def _routes(finding: Finding) -> str:
    hidden = len(finding.routes) - _ROUTES
    named = ", ".join(finding.routes[:_ROUTES])
    return _line(f"{named}, {hidden:,} more" if hidden > 0 else named)


def _below(audit: Audit, findings: Sequence[Finding], folder: str) -> Iterator[str]:
    """What fails the run, the verdict on each service, what is silenced, what was not seen."""
    sentence = verdict(findings)
    if sentence:
        yield f"- {sentence}"
    for service in audit.services[:_SERVICES]:
        if service.verdict is not None:
            yield f"- {_code(service.name)}: {_sentence(decision(service.verdict))}"
            yield from (f"  - for: {_sentence(argument.text)}" for argument in service.verdict.arguments_for[:_ARGUMENTS])
            yield from (f"  - against: {_sentence(argument.text)}" for argument in service.verdict.arguments_against[:_ARGUMENTS])
    if audit.summary.silenced:
        yield f"- {count(audit.summary.silenced, 'finding')} silenced."
    missing = [problem for problem in audit.problems if problem.kind != "skipped"]
    missing.sort(key=lambda problem: problem.kind != "incomplete")
    where = f" in {_code(folder)}" if folder else ""
    yield f"- {count(audit.summary.analysed, 'file')} analysed{where}, {audit.summary.files - audit.summary.analysed:,} not."
    for problem in missing[:_PROBLEMS]:
        place = f"{_code(f'{located(folder, problem.path)}:{problem.line}')}: " if problem.path else ""
        start = "The audit is incomplete: " if problem.kind == "incomplete" else ""
        yield f"- {start}{place}{_sentence(problem.message)}"
    if len(missing) > _PROBLEMS:
        yield f"- And {len(missing) - _PROBLEMS:,} more: `--format json` lists all."


def _line(text: str) -> str:
    """A line of a code block; spaces at its start stay."""
    margin = len(text) - len(text.lstrip(" "))
    return text[:margin] + brief(text[margin:], _LONGEST_LINE)


def _html(text: str) -> str:
    """A sentence with names in backticks, as HTML, in which nothing is a mention, a link or a tag."""
    text = brief(text, _LONGEST_HEADLINE)
    pieces = text.split("`")
    if len(pieces) % 2 == 0 or not all(_HTML_SAFE.fullmatch(piece) for piece in pieces[::2]):
        return f"<code>{escape(text)}</code>"
    return "".join(f"<code>{escape(piece)}</code>" if index % 2 else escape(piece) for index, piece in enumerate(pieces))


def _sentence(text: str) -> str:
    """A sentence with names in backticks, as Markdown; one that holds anything else is a name as a whole."""
    text = brief(text, _LONGEST_HEADLINE)
    pieces = text.split("`")
    is_safe = "``" not in text and len(pieces) % 2 == 1 and all(_SAFE.fullmatch(piece) for piece in pieces[::2])
    return text if is_safe else _code(text)


def _code(text: str) -> str:
    """A code span, however many backticks the text holds."""
    text = brief(text, LONGEST_NAME)
    fence = "`" * (max((len(run[0]) for run in re.finditer("`+", text)), default=0) + 1)
    space = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{space}{text}{space}{fence}"
