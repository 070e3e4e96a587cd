"""Judges each row of the advice on one service: fired, countered, silent or unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fwaudit.catalog.advice import Advice, AdviceTables, Test
from fwaudit.judge.facts import Facts
from fwaudit.model.finding import Location
from fwaudit.model.service import Service
from fwaudit.model.verdict import Argument, Source, Trigger, TriggerState

_PLACES = 5
"""So many places are an argument's evidence."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A row and its state on the service: all that a direction is decided on."""

    row: Advice
    state: TriggerState
    outweighed_by: tuple[str, ...] = ()
    """The names of the rows that counter it."""


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


def standings(advice: AdviceTables, service: Service, facts: Facts) -> tuple[Standing, ...]:
    """The states of the rows for the service's family, in the tables' order."""
    family = advice.family_of(service.frameworks[0].name if service.frameworks else "")
    found: list[Standing] = []
    fired: list[Advice] = []
    for row in advice.rows:
        if family not in row.families:
            facts.rows[row.id] = False
            continue
        truths = (facts.all(row.when), facts.any(row.any))
        shown = False if False in truths else None if None in truths else True
        facts.rows[row.id] = shown
        if not shown:
            found.append(Standing(row, "silent" if shown is False else "unknown"))
            continue
        counters = tuple(earlier.id for earlier in fired if _outweighs(earlier, row))
        found.append(Standing(row, "countered" if counters else "fired", counters))
        if not counters:
            fired.append(row)
    return tuple(found)


def judge_rows(advice: AdviceTables, service: Service) -> tuple[Judged, ...]:
    """The rows for the service's family, in the tables' order, each with what it says of this service."""
    facts = Facts(service)
    judged: dict[str, Judged] = {}
    for one in standings(advice, service, facts):
        row = one.row
        text = facts.fill(row.text, advice.words)
        if one.outweighed_by:
            text += f" What outweighs it: {'; '.join(judged[name].text.rstrip('.') for name in one.outweighed_by)}."
        evidence = _evidence(row, service) if one.state in ("fired", "countered") else ()
        judged[row.id] = Judged(row, one.state, text, evidence, advice.source_of(row), _rests_on_code(row, judged))
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
