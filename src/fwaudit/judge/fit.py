"""Three views on how the service's framework fits: the triangle, the matrix and the tree. They explain a verdict and do not make it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from fwaudit.catalog.advice import AdviceTables, Test
from fwaudit.catalog.fit import Axis, Candidate, FitTable, Situation, TreeQuestion
from fwaudit.judge.facts import Facts, Truth
from fwaudit.model.service import Service
from fwaudit.model.verdict import Source, TreeStep

_TELLERS = ("answers", "profile", "history", "signals")
"""Kinds of facts; of several that hold, the first told it."""
_WORDS = {"answers": "answer", "profile": "profile", "history": "history", "signals": "code"}
_WEIGHT = "weight-"
"""`weight-hiring = 3` among the answers weighs a criterion of the matrix."""


def add_fit(service: Service, advice: AdviceTables) -> Service:
    """The service with triangle, matrix and tree."""
    fit = advice.fit
    if fit is None:
        return service
    facts = Facts(service)
    family = advice.family_of(service.frameworks[0].name if service.frameworks else "")
    current = fit.candidate_of(service.frameworks[0].name) if service.frameworks else None
    return msgspec.structs.replace(
        service,
        triangle=triangle(fit, facts, current, _source(advice, fit, fit.triangle)),
        matrix=matrix(fit, facts, current, service.answers, _source(advice, fit, fit.matrix)),
        tree=tree(fit.questions, facts, family),
    )


def triangle(fit: FitTable, facts: Facts, current: Candidate | None, source: Source) -> dict[str, Any]:
    """Each axis with its situation, what that suits, and how the service's framework stands there; then what the three say together."""
    axes = [_axis(axis, facts, current) for axis in fit.axes]
    lost = [axis["name"] for axis in axes if axis["current"] == "loses"]
    unknown = [axis["name"] for axis in axes if axis["current"] == "unknown"]
    return {"axes": axes, "lost": lost, "unknown": unknown, "says": _says(lost, unknown, len(axes)), "source": msgspec.to_builtins(source)}


def _says(lost: Sequence[str], unknown: Sequence[str], axes: int) -> str:
    if len(lost) == axes:
        return "every axis speaks against the framework: another one is the answer, whatever benchmarks show"
    if lost:
        return f"{' and '.join(lost)} speak{'s' if len(lost) == 1 else ''} against the framework: can that be lived with?"
    if len(unknown) == axes:
        return "nothing is known of any axis"
    return "nothing that is known speaks against the framework"


def _axis(axis: Axis, facts: Facts, current: Candidate | None) -> dict[str, Any]:
    found: Situation | None = None
    told_by = "unknown"
    for situation in axis.situations:
        truth, told_by = _ask(situation.when, situation.any, facts)
        if truth:
            found = situation
            break
    if found is None:
        return {
            "name": axis.name,
            "question": axis.question,
            "situation": "unknown",
            "text": "",
            "from": "unknown",
            "suits": [],
            "current": "unknown",
        }
    standing = (
        "unknown" if current is None else "wins" if current.name in found.suits else "draws" if current.name in found.bears else "loses"
    )
    return {
        "name": axis.name,
        "question": axis.question,
        "situation": found.name,
        "text": found.text,
        "from": told_by,
        "suits": sorted(found.suits),
        "current": standing,
    }


def matrix(fit: FitTable, facts: Facts, current: Candidate | None, answers: dict[str, Any], source: Source) -> dict[str, Any]:
    """The scores, the weights by answers and presets, and the averages with all weights equal and with these."""
    presets = [preset for preset in fit.presets if (preset.when or preset.any) and _ask(preset.when, preset.any, facts)[0]]
    weights = {}
    for criterion in fit.criteria:
        own = answers.get(f"{_WEIGHT}{criterion.name}")
        is_doubled = any(criterion.name in preset.doubles for preset in presets)
        weights[criterion.name] = float(own) if isinstance(own, int | float) and not isinstance(own, bool) else 2.0 if is_doubled else 1.0
    return {
        "criteria": [
            {"name": one.name, "title": one.title, "weight": weights[one.name], "scores": dict(sorted(one.scores.items()))}
            for one in fit.criteria
        ],
        "presets": [preset.name for preset in presets],
        "neutral": averages(fit, dict.fromkeys(weights, 1.0)),
        "weighted": averages(fit, weights),
        "current": current.name if current else None,
        "source": msgspec.to_builtins(source),
    }


def averages(fit: FitTable, weights: dict[str, float]) -> dict[str, float]:
    """Candidate to the average of its scores."""
    total = sum(weights.values())
    return {
        candidate.name: round(sum(one.scores[candidate.name] * weights[one.name] for one in fit.criteria) / total, 2) if total else 0.0
        for candidate in sorted(fit.candidates, key=lambda one: one.name)
    }


def tree(questions: Iterable[TreeQuestion], facts: Facts, family: str) -> tuple[TreeStep, ...]:
    """The questions that are reached, each with the answer that can be given, and what gave it."""
    steps: list[TreeStep] = []
    for question in questions:
        step, stops = _step(question, facts, family)
        steps.append(step)
        if stops:
            break
    return tuple(steps)


def _step(question: TreeQuestion, facts: Facts, family: str) -> tuple[TreeStep, bool]:
    """The step at a question, and whether the tree ends there."""
    for answer in question.answers:
        if answer.families and family not in answer.families:
            continue
        truth, told_by = _ask(answer.when, answer.any, facts)
        if truth:
            return TreeStep(question=question.text, answer=answer.text, told_by=told_by), answer.stops
    # The code answers what is not shown; what an answer or a profile could still tell is shown once there is one.
    from_code = [test for answer in question.answers for test in (*answer.when, *answer.any) if test.fact.startswith("signals.")]
    if question.otherwise and all(facts.test(test) is not None for test in from_code):
        return TreeStep(question=question.text, answer=question.otherwise, told_by="code"), False
    return TreeStep(question=question.text, answer="unknown", told_by="unknown"), False


def _ask(when: list[Test], some: list[Test], facts: Facts) -> tuple[Truth, str]:
    """Whether the tests hold, and what told it."""
    truths = (facts.all(when), facts.any(some))
    if False in truths or None in truths:
        return False if False in truths else None, "unknown"
    held = {test.fact.partition(".")[0] for test in (*when, *some) if facts.test(test)}
    return True, next((_WORDS[kind] for kind in _TELLERS if kind in held), "code")


def _source(advice: AdviceTables, fit: FitTable, section: str) -> Source:
    found = next(one for one in advice.publications if one.name == fit.source)
    return Source(found.publisher, found.title, section)
