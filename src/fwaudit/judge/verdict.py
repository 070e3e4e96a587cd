"""The decision procedure: from the rows that hold to stay, migrate or sidecar, how sure that is, and what would change it.

In this order: where much of what runs on a loop blocks it, that is mended before a move is thought of; one row that decides, or two
that do not, that nothing outweighs, speak for moving; a part beside the service is the answer where its core has reasons to stay;
without any of this the service stays.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from fwaudit.catalog.advice import Advice, AdviceTables, Answer, Question
from fwaudit.judge.facts import Facts
from fwaudit.judge.fit import add_fit
from fwaudit.judge.plan import add_plan
from fwaudit.judge.triggers import Judged, judge_rows, standings
from fwaudit.model.audit import Audit
from fwaudit.model.context import Grade
from fwaudit.model.service import Service
from fwaudit.model.verdict import AND, Action, Argument, Change, Verdict

_ENOUGH = 2
"""So many reasons that do not decide alone are enough to move, or to be sure."""


def judge(audit: Audit, advice: AdviceTables) -> Audit:
    """The Audit with a verdict on each service."""
    judged = (add_fit(judge_service(service, advice), advice) for service in audit.services)
    return msgspec.structs.replace(audit, services=tuple(add_plan(service, audit.findings) for service in judged))


def judge_service(service: Service, advice: AdviceTables) -> Service:
    """The service with its triggers and its verdict."""
    rows = judge_rows(advice, service)
    verdict = _decide(rows, service)
    changes = tuple(_changes(verdict, rows, advice, service))
    return msgspec.structs.replace(
        service, triggers=tuple(one.trigger for one in rows), verdict=msgspec.structs.replace(verdict, would_change=changes)
    )


def _decide(rows: Sequence[Judged], service: Service) -> Verdict:
    fired = [one for one in rows if one.state == "fired"]
    action, target, fix_first = _direction([one.row for one in fired])
    own = "stay" if target is None else f"{action}:{target}"
    speaking = [one for one in fired if _supports(one.row, action, own)]
    against = [one for one in rows if one.state in ("fired", "countered") and one not in speaking and _opposes(one.row.speaks_for, own)]
    return Verdict(
        action=action,
        target=target,
        fix_first=fix_first,
        adopt=_adopt(fired) if action == "stay" else (),
        scope=_scope(service) if action == "sidecar" else (),
        confidence=_confidence(speaking, against) if service.signals.get("routes_known", True) else Grade.LOW,
        arguments_for=_arguments(speaking),
        arguments_against=_arguments(against),
        would_change=(),
    )


def _direction(fired: Sequence[Advice]) -> tuple[Action, str | None, bool]:
    """Where the rows that hold say to go, to what, and whether something is mended first."""
    mending = [row for row in fired if row.speaks_for == "fix"]
    action, target = ("stay", None) if any(row.decides for row in mending) else _move(fired)
    return action, target, bool(mending)


def _move(fired: Sequence[Advice]) -> tuple[Action, str | None]:
    """Of several places to go the one with the most weight, then the first by name."""
    groups: dict[str, list[Advice]] = defaultdict(list)
    for row in fired:
        if row.speaks_for.startswith(("migrate:", "sidecar:")):
            groups[row.speaks_for].append(row)
    enough = [name for name, group in groups.items() if any(row.decides for row in group) or _reasons(group) >= _ENOUGH]
    moves: tuple[Action, ...] = ("migrate", "sidecar")
    for action in moves:
        names = sorted((-sum(row.weight for row in groups[name]), name) for name in enough if name.startswith(action))
        if names:
            return action, names[0][1].partition(":")[2]
    return "stay", None


def _reasons(group: Iterable[Advice]) -> int:
    """How many different reasons there are."""
    return len({row.reason or row.id for row in group})


def _supports(row: Advice, action: Action, own: str) -> bool:
    """Whether a row speaks for the verdict: for itself, to mend what stays, or for the core that keeps its place beside a new part."""
    return row.speaks_for == own or (action == "stay" and row.speaks_for == "fix") or (action == "sidecar" and row.keeps_core)


def _opposes(speaks_for: str, own: str) -> bool:
    """Whether a row speaks for another verdict; mending and adopting go with each."""
    return speaks_for != own and speaks_for.startswith(("stay", "migrate:", "sidecar:"))


def _adopt(fired: Sequence[Judged]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.row.speaks_for.partition(":")[2] for one in fired if one.row.speaks_for.startswith("adopt:")))


def _scope(service: Service) -> tuple[str, ...]:
    """The routes that a sidecar would take over: those that wait for a language model."""
    return tuple(service.signals.get("llm_route_names", ()))


def _confidence(speaking: Sequence[Judged], against: Sequence[Judged]) -> Grade:
    """high: two reasons that rest on the code agree, and no row opposes, outweighed or not; medium: one row speaks; low: none does.

    Where the routes are not known, nothing more than low.
    """
    from_code = [one.row for one in speaking if one.rests_on_code and one.row.weight >= 1]
    if _reasons(from_code) >= _ENOUGH and not against:
        return Grade.HIGH
    return Grade.MEDIUM if any(one.row.weight >= 1 for one in speaking) else Grade.LOW


def _arguments(rows: Sequence[Judged]) -> tuple[Argument, ...]:
    return tuple(one.argument for one in sorted(rows, key=lambda one: (-one.row.weight, one.row.id)))


def _changes(verdict: Verdict, rows: Sequence[Judged], advice: AdviceTables, service: Service) -> Iterator[Change]:
    """Each open question for which an answer gives another verdict, with that verdict; then pairs of answers that do so only together."""
    asked = {test.fact.partition(".")[2] for one in rows for test in (*one.row.when, *one.row.any) if test.fact.startswith("answers.")}
    questions = [one for one in advice.questions if one.answer in asked and one.answer not in service.answers]
    idle: list[tuple[Question, Answer]] = []
    for question in questions:
        for answer in question.answers:
            change = _change(verdict, advice, service, ((question, answer),))
            if change is None:
                idle.append((question, answer))
            else:
                yield change
    for first, second in itertools.combinations(idle, 2):
        if first[0] is not second[0] and not _contradict(advice, service, (first, second)):
            change = _change(verdict, advice, service, (first, second))
            if change is not None:
                yield change


def _change(verdict: Verdict, advice: AdviceTables, service: Service, given: Sequence[tuple[Question, Answer]]) -> Change | None:
    """The verdict with these answers; None where it is the same."""
    told = standings(advice, service, Facts(service, _answers(service, given)))
    action, target, fix_first = _direction([one.row for one in told if one.state == "fired"])
    if (action, target, fix_first) == (verdict.action, verdict.target, verdict.fix_first):
        return None
    said = AND.join(f"{question.answer} = {str(answer).lower() if isinstance(answer, bool) else answer}" for question, answer in given)
    return Change(" ".join(question.text for question, _ in given), said, action, target)


def _answers(service: Service, given: Sequence[tuple[Question, Answer]]) -> dict[str, Answer]:
    return {**service.answers, **{question.answer: answer for question, answer in given}}


def _contradict(advice: AdviceTables, service: Service, given: Sequence[tuple[Question, Answer]]) -> bool:
    """Whether the tables say that the answers do not go together."""
    facts = Facts(service, _answers(service, given))
    return any(facts.all(row.when) is True for row in advice.contradictions)
