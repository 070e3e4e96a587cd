"""Triangle, matrix and tree: the shipped scores, and what gave each answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from fwaudit.catalog.fit import FitTable
from fwaudit.catalog.load import load_advice
from fwaudit.judge.fit import add_fit, averages
from fwaudit.model.service import FrameworkUse, Service

ADVICE = load_advice()
QUIET: dict[str, Any] = {
    "admin_models": 0, "auth_uses": 0, "crud_share": 0.0, "fan_out_routes": 0, "llm_routes": 0, "llm_streaming_routes": 0, "models": 0,
    "outbound_share": 0.0, "relations": 0, "routes": 30, "websocket_routes": 0,
}  # fmt: skip
"""Signals of a service that shows nothing."""


def fit() -> FitTable:
    """The shipped table."""
    assert ADVICE.fit is not None
    return ADVICE.fit


def fitted(framework: str = "flask", answers: dict[str, Any] | None = None, **facts: Any) -> Service:
    """A service with some signals; `history` and `profile` may be given too."""
    service = Service(
        name="s", root=".", frameworks=(FrameworkUse(framework, "", "primary", ()),), interface="wsgi", servers=(), apps=(), routes=(),
        answers=answers or {}, history=facts.pop("history", {}), profile=facts.pop("profile", {}), signals={**QUIET, **facts},
    )  # fmt: skip
    return add_fit(service, ADVICE)


def axes(service: Service) -> dict[str, tuple[str, str, str]]:
    """Axis to its situation, what gave it, and how the framework stands."""
    return {axis["name"]: (axis["situation"], axis["from"], axis["current"]) for axis in service.triangle["axes"]}


def answers_of(service: Service) -> list[tuple[str, str]]:
    """The start of each answer of the tree, and what gave it."""
    return [(step.answer.partition(":")[0], step.told_by) for step in service.tree]


def test_the_neutral_averages_are_those_of_the_publication() -> None:
    """All weights equal, to one decimal."""
    found = fitted().matrix
    assert found["neutral"] == {"djangorestframework": 4.1, "fastapi": 4.2, "flask": 3.4, "litestar": 3.7}
    assert found["weighted"] == found["neutral"]
    assert (found["presets"], found["current"]) == ([], "flask")


@pytest.mark.parametrize(
    ("preset", "answers", "expected", "up"),
    [
        ("hiring-constrained", {"hiring": "at-scale"}, (4.17, 4.25, 3.67, 3.42), {"djangorestframework", "flask"}),
        ("performance-sensitive", {"profiled-bottleneck": "serialization"}, (4.25, 3.83, 3.25, 3.92), {"fastapi", "litestar"}),
        ("regulated", {"regulated": True}, (4.17, 4.25, 3.50, 3.50), {"djangorestframework"}),
        ("small-senior-team", {"team": "small-senior"}, (4.33, 3.92, 3.17, 3.92), {"fastapi", "litestar"}),
    ],
)
def test_each_preset_moves_up_what_it_is_for(preset: str, answers: dict[str, Any], expected: tuple[float, ...], up: set[str]) -> None:
    """An answer chooses it; Litestar is first in none."""
    found = fitted(answers=answers).matrix
    assert found["presets"] == [preset]
    assert tuple(found["weighted"][name] for name in ("fastapi", "djangorestframework", "flask", "litestar")) == expected
    assert all(found["weighted"][name] > found["neutral"][name] for name in up)
    assert max(found["weighted"], key=lambda name: found["weighted"][name]) != "litestar"


def test_presets_add_up_and_own_weights_go_first() -> None:
    """Two answers double the criteria of both; a weight that is given counts as it is; no weight at all is no average."""
    both = fitted(answers={"hiring": "at-scale", "team": "small-senior"}).matrix
    assert [row["name"] for row in both["criteria"] if row["weight"] == 2.0] == ["async", "validation", "ecosystem", "hiring"]
    own = fitted(answers={"hiring": "at-scale", "weight-hiring": 5, "weight-batteries": 0}).matrix
    assert {row["name"]: row["weight"] for row in own["criteria"]}["hiring"] == 5.0
    total = sum(row["weight"] for row in own["criteria"])
    assert own["weighted"]["flask"] == round(sum(row["weight"] * row["scores"]["flask"] for row in own["criteria"]) / total, 2)
    assert set(averages(fit(), {row.name: 0.0 for row in fit().criteria}).values()) == {0.0}


def test_the_code_tells_the_workload_and_people_the_rest() -> None:
    """Nothing is known of team and horizon until somebody answers, or git shows that hardly anything changes."""
    service = fitted(llm_streaming_routes=2)
    assert axes(service) == {
        "workload": ("concurrent-io", "code", "loses"),
        "team": ("unknown", "unknown", "unknown"),
        "horizon": ("unknown", "unknown", "unknown"),
    }
    assert service.triangle["says"] == "workload speaks against the framework: can that be lived with?"
    answered = fitted(answers={"team": "generalist"}, llm_streaming_routes=2, history={"is_rarely_changed": True})
    assert axes(answered)["team"] == ("generalist", "answer", "wins")
    assert axes(answered)["horizon"] == ("stable", "history", "wins")


def test_three_lost_axes_speak_for_another_framework_and_two_do_not() -> None:
    """The strongest word of the triangle needs all three."""
    lost = {"team": "async", "horizon": "fast-iteration"}
    assert fitted(answers=lost, llm_routes=2).triangle["says"].startswith("every axis speaks against")
    assert fitted(answers=lost).triangle["says"] == "team and horizon speak against the framework: can that be lived with?"
    assert fitted("fastapi", answers=lost, llm_routes=2).triangle["lost"] == []


def test_what_was_measured_outranks_the_code() -> None:
    """A database that was measured to be the bottleneck is no workload for an async framework, whatever waits."""
    assert axes(fitted(llm_routes=2, profile={"bottleneck": "database"}))["workload"] == ("database", "profile", "wins")
    assert axes(fitted(llm_routes=2, answers={"profiled-bottleneck": "cpu"}))["workload"] == ("cpu", "answer", "wins")


def test_a_framework_without_scores_has_no_standing() -> None:
    """The publication scores four."""
    service = fitted("tornado", llm_routes=2)
    assert axes(service)["workload"] == ("concurrent-io", "code", "unknown")
    assert service.matrix["current"] is None


def test_django_with_all_three_ends_the_tree() -> None:
    """The first question is the last one then; with one of them it goes on."""
    all_three = fitted("django", admin_models=5, auth_uses=9, relations=20, models=30)
    assert answers_of(all_three) == [("yes, all three", "code")]
    one = fitted("django", relations=20, models=30, llm_routes=1)
    assert answers_of(one)[:3] == [
        ("yes, one or two", "code"),
        ("no", "code"),
        ("yes, and the new work waits much", "code"),
    ]


def test_the_tree_says_what_nobody_told() -> None:
    """Questions for people stay open; Django's question is not asked of Flask's models."""
    assert answers_of(fitted(models=30)) == [("no", "code"), ("no", "code"), ("no", "code"), ("unknown", "unknown"), ("unknown", "unknown")]
    answered = fitted(answers={"hiring": "at-scale", "horizon": "fast-iteration", "plans-streaming": True}, routes=4)
    assert answers_of(answered) == [
        ("no", "code"),
        ("yes", "answer"),
        ("no", "code"),
        ("yes, hiring at scale", "answer"),
        ("fast iteration", "answer"),
    ]


def test_without_signals_nothing_is_answered() -> None:
    """An Audit of an older version, say."""
    bare = Service(name="s", root=".", frameworks=(), interface=None, servers=(), apps=(), routes=())
    assert {answer for answer, _ in answers_of(add_fit(bare, ADVICE))} == {"unknown"}


SITUATIONS: dict[tuple[str, str], dict[str, Any]] = {
    ("workload", "database"): {"answers": {"profiled-bottleneck": "database"}},
    ("workload", "cpu"): {"answers": {"profiled-bottleneck": "cpu"}},
    ("workload", "concurrent-io"): {"llm_routes": 2},
    ("workload", "relational"): {"relations": 5},
    ("workload", "small"): {"routes": 3},
    ("team", "hiring-at-scale"): {"answers": {"hiring": "at-scale", "team": "django"}},
    ("team", "django"): {"answers": {"team": "django"}},
    ("team", "async"): {"answers": {"team": "async"}},
    ("team", "small-senior"): {"answers": {"team": "small-senior"}},
    ("team", "generalist"): {"answers": {"team": "generalist"}},
    ("horizon", "long-term"): {"answers": {"regulated": True}},
    ("horizon", "fast-iteration"): {"answers": {"horizon": "fast-iteration"}},
    ("horizon", "stable"): {"history": {"is_rarely_changed": True}},
}
"""What each situation of the triangle takes; its axis is unknown without that."""


@pytest.mark.parametrize(("axis", "situation"), SITUATIONS)
def test_each_situation_is_seen_where_it_is(axis: str, situation: str) -> None:
    """And not on a service that shows nothing; so a row that is taken away is missed."""
    assert axes(fitted(**SITUATIONS[axis, situation]))[axis][0] == situation
    assert axes(fitted())[axis][0] == "unknown"


def test_every_situation_of_the_table_has_a_case() -> None:
    """In the order of the table."""
    assert list(SITUATIONS) == [(axis.name, one.name) for axis in fit().axes for one in axis.situations]


ANSWERS: list[tuple[int, str, str, dict[str, Any]]] = [
    (0, "yes, all three", "django", {"admin_models": 3, "auth_uses": 3, "relations": 5}),
    (0, "yes, one or two", "django", {"admin_models": 3}),
    (1, "the CPU is the bottleneck", "flask", {"answers": {"profiled-bottleneck": "cpu"}}),
    (1, "yes: a framework on ASGI", "flask", {"outbound_share": 0.6}),
    (1, "no, mostly quick queries", "flask", {"crud_share": 0.6}),
    (2, "yes, and the new work waits much", "django", {"models": 9, "fan_out_routes": 3}),
    (2, "yes, and the product fits it", "django", {"models": 9}),
    (3, "yes, hiring at scale", "flask", {"answers": {"hiring": "at-scale"}}),
    (3, "no, a small senior team", "flask", {"answers": {"team": "small-senior"}}),
    (3, "no: minimal scope", "flask", {"routes": 5}),
    (3, "no", "flask", {"answers": {"hiring": "as-needed"}}),
    (4, "regulated, or many years", "flask", {"answers": {"horizon": "long-term"}}),
    (4, "fast iteration", "flask", {"answers": {"horizon": "fast-iteration"}}),
    (4, "narrow and stable", "flask", {"answers": {"horizon": "stable"}}),
]
"""What each answer of the tree takes, by its question."""


@pytest.mark.parametrize(("question", "answer", "framework", "facts"), ANSWERS)
def test_each_answer_of_the_tree_is_given_where_it_holds(question: int, answer: str, framework: str, facts: dict[str, Any]) -> None:
    """And not on a service that shows nothing."""
    assert fitted(framework, **facts).tree[question].answer.startswith(answer)
    assert fitted().tree[question].answer.partition(":")[0] != answer or answer == "no"


def test_every_answer_of_the_tree_has_a_case() -> None:
    """In the order of the table."""
    table = [(number, one.text) for number, question in enumerate(fit().questions) for one in question.answers]
    assert [(number, text.startswith(start)) for (number, text), (_, start, _, _) in zip(table, ANSWERS, strict=True)] == [
        (number, True) for number, _, _, _ in ANSWERS
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": "nobody"}, "no source `nobody`"),
        ({"criteria": []}, "it doubles what is no criterion"),
        ({"candidates": []}, "a score from 1 to 5 for each candidate"),
    ],
)
def test_a_wrong_table_is_named(change: dict[str, Any], message: str) -> None:
    """As all tables are."""
    wrong = msgspec.structs.replace(fit(), **change)
    assert any(file == "fit" and message in one for file, one in replace(ADVICE, fit=wrong).mistakes())
