"""What people answered: put beside what was measured, checked against it and against each other, and asked for where it is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from fwaudit.catalog.advice import AdviceTables, Answer, Question
from fwaudit.judge.facts import Facts
from fwaudit.judge.verdict import judge
from fwaudit.model.audit import Audit
from fwaudit.model.service import Service
from fwaudit.model.source import Problem


def add_answers(services: Sequence[Service], answers: Mapping[str, Answer]) -> tuple[Service, ...]:
    """The services with the answers, which hold for all of them."""
    known = dict(sorted(answers.items()))
    return tuple(msgspec.structs.replace(service, answers={**service.answers, **known}) for service in services)


def find_contradictions(services: Sequence[Service], advice: AdviceTables, file: str) -> tuple[Problem, ...]:
    """Answers that cannot both be right, or that what was found speaks against; `file` is where they were given."""
    found = {row.text for service in services for row in advice.contradictions if service.answers and Facts(service).all(row.when) is True}
    return tuple(Problem(file or "answers", 1, f"answers contradict: {text}", "skipped") for text in sorted(found))


def open_questions(audit: Audit, advice: AdviceTables) -> tuple[Question, ...]:
    """The questions whose answer would change the verdict of a service, in the order of the table."""
    verdicts = [service.verdict for service in audit.services if service.verdict is not None]
    names = {name for verdict in verdicts for change in verdict.would_change for name in change.names}
    return tuple(question for question in advice.questions if question.answer in names)


def ask(audit: Audit, advice: AdviceTables, tell: Callable[[Question], Answer | None]) -> tuple[Audit, dict[str, Answer]]:
    """The Audit judged with what `tell` answers (None: not now), and these answers.

    After each answer it is judged again: a question that has become idle is not asked.
    """
    given: dict[str, Answer] = {}
    left_out: set[str] = set()
    while asked := next((one for one in open_questions(audit, advice) if one.answer not in left_out), None):
        left_out.add(asked.answer)
        answer = tell(asked)
        if answer is not None:
            given[asked.answer] = answer
            audit = judge(msgspec.structs.replace(audit, services=add_answers(audit.services, given)), advice)
    return audit, given
