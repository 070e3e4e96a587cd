"""The end of the text report: what the findings come to, and what was not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fwaudit.config import Config
from fwaudit.model.audit import Audit
from fwaudit.model.context import Context, Grade
from fwaudit.model.finding import Finding
from fwaudit.model.source import Problem
from fwaudit.report.groups import Group
from fwaudit.report.terminal import Terminal, columns, pad
from fwaudit.report.words import count

_PROBLEMS = 10
"""So many problems are named; the JSON has them all."""

_REASONS = 3
"""In one line so many reasons are named for files that were not analysed."""

_STARTS = 3
"""So many root causes are named to start with, where the list above is long."""

_LONG_LIST = 10
"""From so many groups on the worst have scrolled away by the time the summary is read."""


_MEANS = {"suppression": "comments in the source", "baseline": "the baseline"}


@dataclass(frozen=True, slots=True)
class Request:
    """What the reader asked for: `folder` is the workspace where it is not the current folder; `names_files`: only these are reported;
    `since`: only what is new since then.
    """

    config: Config = field(default_factory=Config)
    folder: str = ""
    names_files: bool = False
    since: str = ""


def closing(audit: Audit, groups: Sequence[Group], request: Request, terminal: Terminal, *, with_table: bool) -> list[str]:
    """The summary."""
    findings = [finding for group in groups for finding in group.findings]
    lines = [terminal.dim(terminal.rule)] if findings else []
    lines += _answer(audit, findings, request, terminal)
    lines += rule_table(findings, terminal, indent="  ") if with_table else []
    lines += _where_to_start(groups, terminal)
    lines += _verdict(findings, terminal)
    lines += _silenced(audit, terminal)
    lines += _mended(audit, terminal)
    lines += _not_seen(audit, terminal)
    lines += _files(audit, request, terminal)
    if groups:
        lines += terminal.wrap(terminal.clean(f"`fwaudit explain {groups[0].worst.rule}` says why it matters and what to write instead."))
    return lines


def count_files(audit: Audit, request: Request) -> str:
    """`12 files analysed in `shop`, 1 not: app/a.py:3: syntax error`, for where nothing else says it."""
    missing = [problem for problem in audit.problems if problem.kind == "not-analysed"]
    reasons = Counter(problem.message for problem in missing)
    first = {problem.message: problem for problem in reversed(missing)}
    told = [
        f"{number:,} {reason}" if number > 1 else f"{first[reason].path}:{first[reason].line}: {reason}"
        for reason, number in reasons.most_common(_REASONS)
    ]
    told += [f"and {count(len(reasons) - _REASONS, 'more reason')}"] if len(reasons) > _REASONS else []
    why = f": {'; '.join(told)}" if told else ""
    return f"{count(audit.summary.analysed, 'file')} analysed{_place(request)}, {audit.summary.files - audit.summary.analysed:,} not{why}"


def _place(request: Request) -> str:
    return f" in `{request.folder}`" if request.folder else ""


def rule_table(findings: Iterable[Finding], terminal: Terminal, *, indent: str) -> list[str]:
    """A line for each rule: its name, how many findings, and how grave; the most frequent first."""
    by_rule: dict[str, Counter[Grade]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, Counter())[finding.severity] += 1
    rows = sorted(by_rule.items(), key=lambda row: (-row[1].total(), row[0]))
    numbers = max((len(f"{grades.total():,}") for _, grades in rows), default=0)
    names = max((columns(terminal.clean(rule)) for rule, _ in rows), default=0)
    lines = []
    for rule, grades in rows:
        severities = ", ".join(f"{grades[grade]:,} {grade}" for grade in reversed(Grade) if grades[grade])
        line = f"{indent}{grades.total():>{numbers},}  {pad(terminal.clean(rule), names)}"
        fits = columns(line) + 2 + columns(severities) <= terminal.width
        lines += [f"{line}  {terminal.dim(severities)}"] if fits else [line, indent + " " * (numbers + 2) + terminal.dim(severities)]
    return [*lines, ""] if lines else []


def answer(audit: Audit, findings: Sequence[Finding], request: Request) -> tuple[str, ...]:
    """How much of the async is an illusion: a sentence, and one for what that means."""
    reaching = [finding for finding in findings if finding.root_cause is not None]
    if not reaching:
        silenced = sum(finding.silenced is not None and finding.root_cause is not None for finding in audit.findings)
        return (_all_clear(request, silenced, is_empty=not findings) if audit.summary.analysed else "Nothing was analysed.",)
    causes = len({finding.root_cause for finding in reaching})
    verb = "reaches" if len(reaching) == 1 else "reach"
    sentence = f"{count(len(reaching), 'blocking call')} {verb} an event loop, from {count(causes, 'root cause')}"
    startup = sum(finding.context == Context.LOOP_STARTUP for finding in reaching)
    if startup:
        sentence += f"; {startup:,} of them only at startup" if startup < len(reaching) else ", only at startup"
    routes = {(finding.service, route) for finding in reaching for route in finding.routes}
    if not routes:
        return (f"{sentence}.",)
    listed = sum(len(service.routes) for service in audit.services)
    # What belongs to no service, such as examples, has routes that no list counts.
    share = f"{len(routes):,} of {count(listed, 'route')}" if listed >= len(routes) else count(len(routes), "route")
    return (
        f"{sentence}.",
        f"While one of them waits, every other request waits too: {share} can cause it.",
    )


def _answer(audit: Audit, findings: Sequence[Finding], request: Request, terminal: Terminal) -> list[str]:
    sentence, *others = (terminal.wrap(terminal.clean(told)) for told in answer(audit, findings, request))
    return [*map(terminal.bold, sentence), *(line for lines in others for line in lines), ""]


def _all_clear(request: Request, silenced: int, *, is_empty: bool) -> str:
    """What was not found, and what was not looked for."""
    config = request.config
    limits = ["touches a named file"] if request.names_files else []
    limits += [f"is new since `{request.since}`"] if request.since else []
    where = f" that {' and '.join(limits)}" if limits else ""
    if config.select:
        sentences = [f"Nothing{where} was found." if is_empty else "", f"{_were(config.select, 'Only ')} looked for."]
    else:
        but = f" but {silenced:,} that {'is' if silenced == 1 else 'are'} silenced" if silenced else ""
        sentences = [f"No blocking call{where} was found on an event loop{but}."]
    sentences += [f"{_were(config.ignore)} not looked for."] if config.ignore else []
    hidden = [f"{config.min_severity} severity"] if config.min_severity is not Grade.LOW else []
    hidden += [f"{config.min_confidence} confidence"] if config.min_confidence is Grade.HIGH else []
    sentences += [f"Findings below {' or '.join(hidden)} are not shown."] if hidden else []
    return " ".join(filter(None, sentences))


def _were(names: Sequence[str], start: str = "") -> str:
    """`a` was, `a` and `b` were."""
    quoted = [f"`{name}`" for name in dict.fromkeys(names)]
    return start + (f"{', '.join(quoted[:-1])} and {quoted[-1]} were" if len(quoted) > 1 else f"{quoted[0]} was")


def _where_to_start(groups: Sequence[Group], terminal: Terminal) -> list[str]:
    if len(groups) < _LONG_LIST:
        return []
    lines = ["Start with these: they are the gravest and the most often reached."]
    for group in groups[:_STARTS]:
        leaf = group.leaf
        name = f"`{group.worst.callee}` in " if group.worst.callee else f"{group.worst.rule} in "
        many = f" ({count(len(group.findings), 'finding')})" if len(group.findings) > 1 else ""
        sentence = f"{name}{leaf.path}:{leaf.line}{many}"
        lines += terminal.wrap(terminal.clean(sentence), "  ", "    ")
    return [*lines, ""]


def verdict(findings: Sequence[Finding]) -> str:
    """Whether the run fails, and why; "" where there is no finding."""
    failing = sum(finding.fails for finding in findings)
    if failing:
        rest = len(findings) - failing
        who = f"{count(failing, 'finding')} {'fails' if failing == 1 else 'fail'} the run"
        others_do = f"; the other {rest:,} {'does' if rest == 1 else 'do'} not" if rest else ""
        return f"{who}: grave enough for `--fail-on`, sure enough for `--fail-confidence`{others_do}."
    if findings:
        enough = "grave enough for `--fail-on` and sure enough for `--fail-confidence`"
        return f"Nothing fails the run: no finding of the setting `fail-categories` is {enough}."
    return ""


def _verdict(findings: Sequence[Finding], terminal: Terminal) -> list[str]:
    sentence = verdict(findings)
    lines = terminal.wrap(sentence) if sentence else []
    return [terminal.severity(line, Grade.HIGH) for line in lines] if any(finding.fails for finding in findings) else lines


def _silenced(audit: Audit, terminal: Terminal) -> list[str]:
    by_means = Counter(finding.silenced for finding in audit.findings if finding.silenced is not None)
    if not by_means:
        return []
    total = count(by_means.total(), "finding")
    if len(by_means) == 1:
        (name,) = by_means
        return terminal.wrap(f"{total} silenced by {_MEANS.get(str(name), name)}.")
    means = [f"{number:,} by {_MEANS.get(str(name), name)}" for name, number in sorted(by_means.items(), key=lambda item: str(item[0]))]
    return terminal.wrap(f"{total} silenced: {', '.join(means)}.")


def _mended(audit: Audit, terminal: Terminal) -> list[str]:
    """What the baseline holds for nothing; a file that is not analysed may hide it."""
    if not audit.mended or audit.misses_files:
        return []
    number = len(audit.mended)
    them, they = ("it", "it") if number == 1 else ("them", "they")
    return terminal.wrap(
        f"{count(number, 'finding')} of the baseline {'is' if number == 1 else 'are'} mended: "
        f"`fwaudit baseline` takes {them} out, so that {they} cannot come back."
    )


def _not_seen(audit: Audit, terminal: Terminal) -> list[str]:
    """The calls that nothing is said of."""
    unresolved = audit.summary.unresolved_calls
    total = sum(unresolved.values())
    if not total:
        return []
    reasons = ", ".join(
        f"{reason} ({number:,})" for reason, number in sorted(unresolved.items(), key=lambda item: (-item[1], item[0])) if number
    )
    return terminal.wrap(
        terminal.clean(
            f"{count(total, 'call')} on the loop could not be resolved and {'is' if total == 1 else 'are'} not judged: {reasons}."
        )
    )


def _files(audit: Audit, request: Request, terminal: Terminal) -> list[str]:
    """How many files were analysed, how many not, and why."""
    summary = audit.summary
    missing = [problem for problem in audit.problems if problem.kind == "not-analysed"]
    skipped = [problem for problem in audit.problems if problem.kind == "skipped"]
    incomplete = [problem for problem in audit.problems if problem.kind == "incomplete"]
    sentence = f"{count(summary.analysed, 'file')} analysed{_place(request)} ({count(summary.lines, 'line')}), {len(missing):,} not"
    sentence += f"; {len(skipped):,} skipped" if skipped else ""
    lines = terminal.wrap(terminal.clean(f"{sentence}{':' if missing or skipped else '.'}"))
    lines += name_problems([*missing, *skipped], terminal)
    for problem in incomplete:
        lines += terminal.wrap(
            terminal.clean(f"The audit is incomplete: {problem.path and problem.path + ': '}{problem.message}"), "", "  "
        )
    return lines


def name_problems(problems: Sequence[Problem], terminal: Terminal) -> list[str]:
    """The first problems, a line each, and how many more there are."""
    lines: list[str] = []
    for problem in problems[:_PROBLEMS]:
        lines += terminal.wrap(terminal.clean(f"{problem.path}:{problem.line}: {problem.message}"), "  ", "    ")
    if len(problems) > _PROBLEMS:
        lines.append(f"  and {len(problems) - _PROBLEMS:,} more (`--format json` lists all)")
    return lines
