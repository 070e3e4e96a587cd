"""Judges each row of the advice on one service: fired, countered, silent or unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fwaudit.catalog.advice import Advice, AdviceTables, Test
from fwaudit.judge.facts import Facts
from fwaudit.model.finding import Location
from fwaudit.model.service import Service
from fwaudit.model.verdict import Argument, Source, Trigger, TriggerState

_PLACES = 5
"""So many places are an argument's evidence."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A row, its state on the service, and what it says there."""

    row: Advice
    state: TriggerState
    text: str
    evidence: tuple[Location, ...]
    source: Source
    rests_on_code: bool
    """Whether signals alone, or rows that rest on them, show it: no answer, history or profile was needed."""

    @property
    def trigger(self) -> Trigger:
        """As the Audit holds it."""
        return Trigger(
            id=self.row.id, target=self.row.speaks_for, state=self.state, text=self.text, evidence=self.evidence, source=self.source
        )

    @property
    def argument(self) -> Argument:
        """As a verdict holds it."""
        return Argument(self.text, self.row.weight, self.row.id, self.evidence, self.source)


def judge_rows(advice: AdviceTables, service: Service, answers: Mapping[str, Any] | None = None) -> tuple[Judged, ...]:
    """The rows for the service's family, in the tables' order. `answers` stand in for the service's own."""
    facts = Facts(service, answers)
    family = advice.family_of(service.frameworks[0].name if service.frameworks else "")
    judged: dict[str, Judged] = {}
    for row in advice.rows:
        if family not in row.families:
            facts.rows[row.id] = False
            continue
        truths = (facts.all(row.when), facts.any(row.any))
        shown = False if False in truths else None if None in truths else True
        counters = [one for one in judged.values() if one.state == "fired" and _outweighs(one.row, row)] if shown else []
        facts.rows[row.id] = shown
        state: TriggerState = "silent" if shown is False else "unknown" if shown is None else "countered" if counters else "fired"
        text = facts.fill(row.text, advice.words)
        if counters:
            text += f" What outweighs it: {'; '.join(one.text.rstrip('.') for one in counters)}."
        evidence = _evidence(row, service) if shown else ()
        judged[row.id] = Judged(row, state, text, evidence, advice.source_of(row), _rests_on_code(row, judged))
    return tuple(judged.values())


def _outweighs(earlier: Advice, row: Advice) -> bool:
    return earlier.id in row.countered_by or row.speaks_for in earlier.rules_out


def _evidence(row: Advice, service: Service) -> tuple[Location, ...]:
    places = [place for name in row.evidence for place in service.signal_places.get(name, ())]
    return tuple(dict.fromkeys(places))[:_PLACES]


def _rests_on_code(row: Advice, judged: Mapping[str, Judged]) -> bool:
    return all(_is_of_code(test, judged) for test in (*row.when, *row.any))


def _is_of_code(test: Test, judged: Mapping[str, Judged]) -> bool:
    kind, _, name = test.fact.partition(".")
    # A row that is not judged is one for other families, which the framework tells.
    return kind == "signals" or (kind == "rows" and (name not in judged or judged[name].rests_on_code))
