"""`# fwaudit: ignore[rule] reason` in audited files: which findings it silences, and which comments silence nothing."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import msgspec

from fwaudit.config import Selection, nearest
from fwaudit.directives import MARK, read_directives
from fwaudit.model.context import Grade
from fwaudit.model.facts import ModuleFacts, SuppressionComment
from fwaudit.model.finding import Finding, Step
from fwaudit.model.source import Manifest

RULE = "unused-suppression"
"""What a suppression that silences nothing is reported as."""

_INNER = ("<lambda>", "<generator>")


@dataclass(slots=True)
class _Mute:
    """One rule of one comment, "" where it names none. `fault` says why it holds for nothing, "" if it holds."""

    path: str
    comment: SuppressionComment
    rule: str
    fault: str
    line: int
    """The line that it covers; 0 stands for the whole file."""
    used: bool = False


@dataclass(frozen=True, slots=True)
class _Mutes:
    """All mutes of a workspace, by the place that they cover; line 0 stands for the whole file."""

    facts: Mapping[str, ModuleFacts]
    at: dict[tuple[str, int, str], list[_Mute]] = field(default_factory=lambda: defaultdict(list))
    functions: dict[str, dict[str, list[tuple[str, int]]]] = field(default_factory=dict)
    """By path and last name: the qualified names of functions, and the lines of their `def`."""

    def covering(self, finding: Finding) -> Iterator[_Mute]:
        """The mutes that silence `finding`."""
        for path, line in self._places(finding):
            yield from self.at.get((path, line, finding.rule), ())

    def _places(self, finding: Finding) -> Iterator[tuple[str, int]]:
        """Where a comment may stand: the finding's lines, its leaf's line, the `def` of both, the head of their files."""
        yield finding.path, finding.line
        if finding.end_line != finding.line:
            yield finding.path, finding.end_line
        yield finding.path, 0
        yield from self._definitions(finding.path, finding.function, finding.line)
        if finding.steps:
            leaf = finding.steps[-1]
            if (leaf.path, leaf.line) != (finding.path, finding.line):
                yield leaf.path, leaf.line
            if leaf.path != finding.path:
                yield leaf.path, 0
            if (leaf.path, leaf.function) != (finding.path, finding.function):
                yield from self._definitions(leaf.path, leaf.function, leaf.line)

    def _definitions(self, path: str, function: str, line: int) -> Iterator[tuple[str, int]]:
        """The line of the `def` of `function` that is nearest above `line`, if `path` has any comment at all."""
        facts = self.facts.get(path)
        if facts is None or not facts.suppressions:
            return
        parts = function.split(".")
        while parts and parts[-1] in _INNER:
            parts.pop()
        if path not in self.functions:
            self.functions[path] = _by_last_name(facts)
        named = self.functions[path].get(parts[-1] if parts else "", ())
        lines = [(len(name), start) for name, start in named if _is_tail(name, ".".join(parts))]
        longest = max((length for length, _ in lines), default=0)
        above = [start for length, start in lines if length == longest and start <= line]
        if above:
            yield path, max(above)


def _by_last_name(facts: ModuleFacts) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for scope in facts.scopes:
        if scope.kind == "function":
            found[scope.name].append((scope.qualified_name, facts.span(scope.span)[0]))
    return found


def _is_tail(qualified_name: str, function: str) -> bool:
    return function == qualified_name or function.endswith(f".{qualified_name}")


def apply_suppressions(
    findings: Sequence[Finding],
    facts: Mapping[str, ModuleFacts],
    selection: Selection,
    *,
    today: date,
    needs_reason: bool,
    manifests: Iterable[Manifest] = (),
) -> tuple[Finding, ...]:
    """`findings`, the silenced ones marked, and then one finding for each suppression that silences nothing."""
    comments = {path: [(one, 0 if one.whole_file else one.line) for one in module.suppressions] for path, module in facts.items()}
    comments |= {manifest.path: list(_comments_of(manifest)) for manifest in manifests if manifest.path not in facts}
    mutes = _read_mutes(comments, selection, today=today, needs_reason=needs_reason)
    if not mutes:
        return tuple(findings)
    index = _Mutes(facts)
    for mute in mutes:
        index.at[mute.path, mute.line, mute.rule].append(mute)
    marked = [_mark(finding, index) for finding in findings]
    if RULE in selection.chosen:
        marked += [_mark(finding, index) for finding in _report_unused(mutes, selection)]
    return tuple(marked)


def _comments_of(manifest: Manifest) -> Iterator[tuple[SuppressionComment, int]]:
    """Each comment of a manifest with the line that it covers: its own or, where it stands alone, the next that is no comment."""
    if MARK.encode() not in manifest.content:
        return
    lines = manifest.content.decode("utf-8-sig", "replace").splitlines()
    covered = _next_that_says_something(lines)
    for number, line in enumerate(lines, start=1):
        column = line.find("#")
        if column < 0 or MARK not in line:
            continue
        stands_alone = not line[:column].strip()
        for comment in read_directives(line[column:], number, column):
            yield comment, 0 if comment.whole_file else covered[number - 1] if stands_alone else number


def _next_that_says_something(lines: Sequence[str]) -> list[int]:
    """For each line the number of the first one from it on that is neither empty nor a comment; the last line where there is none."""
    found, following = [], len(lines)
    for number in range(len(lines), 0, -1):
        if lines[number - 1].lstrip()[:1] not in ("", "#"):
            following = number
        found.append(following)
    return found[::-1]


def _read_mutes(
    comments: Mapping[str, Sequence[tuple[SuppressionComment, int]]], selection: Selection, *, today: date, needs_reason: bool
) -> list[_Mute]:
    """Every rule of every comment, in the order of the files."""
    return [
        _Mute(path, comment, rule, _find_fault(comment, rule, selection, today=today, needs_reason=needs_reason), line)
        for path in sorted(comments)
        for comment, line in comments[path]
        for rule in comment.rules or ("",)
    ]


def _find_fault(comment: SuppressionComment, rule: str, selection: Selection, *, today: date, needs_reason: bool) -> str:
    """Why the comment holds for nothing, "" if it holds."""
    if not rule:
        return "it names no rule, as in `ignore[blocking-call-on-loop]`"
    if rule not in selection.categories:
        return f"no rule is called `{rule}`{nearest(rule, selection.categories)}"
    if needs_reason and not comment.reason:
        return "it gives no reason, and `require-suppression-reason` is set"
    if comment.until:
        try:
            is_over = date.fromisoformat(comment.until) < today
        except ValueError:
            return f"`{comment.until}` is not a date such as 2027-01-31"
        if is_over:
            return f"it expired on {comment.until}"
    return ""


def _mark(finding: Finding, index: _Mutes) -> Finding:
    """`finding`, silenced if a comment covers it."""
    holding = [mute for mute in index.covering(finding) if not mute.fault]
    for mute in holding:
        mute.used = True
    if not holding:
        return finding
    return msgspec.structs.replace(finding, silenced="suppression", reason=holding[0].comment.reason)


def _report_unused(mutes: Iterable[_Mute], selection: Selection) -> Iterator[Finding]:
    """One finding for each mute that silences nothing, unless its rule did not run."""
    seen: Counter[tuple[str, str]] = Counter()
    for mute in mutes:
        did_not_run = mute.rule in selection.categories and mute.rule not in selection.chosen
        if mute.used or did_not_run or mute.rule == RULE:
            continue
        seen[mute.path, mute.rule] += 1
        yield _unused_finding(mute, seen[mute.path, mute.rule], selection.categories[RULE])


def _unused_finding(mute: _Mute, ordinal: int, category: str) -> Finding:
    comment = mute.comment
    word = "ignore-file" if comment.whole_file else "ignore"
    fault = mute.fault or "nothing that it covers is found"
    identity = "\0".join((RULE, mute.path, mute.rule, str(ordinal)))
    return Finding(
        rule=RULE,
        category=category,
        severity=Grade.LOW,
        confidence=Grade.HIGH,
        fails=False,
        message=f"`{word}{f'[{mute.rule}]' if mute.rule else ''}` silences nothing: {fault}",
        path=mute.path,
        line=comment.line,
        column=comment.column,
        end_line=comment.line,
        end_column=comment.end_column,
        function="",
        service=None,
        context=None,
        callee=None,
        waits_for=None,
        root_cause=None,
        routes=(),
        steps=(Step(mute.path, comment.line, comment.column, "", "the suppression"),),
        places=(),
        fix=None,
        fingerprint=hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:20],
    )
