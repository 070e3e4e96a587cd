"""What holds of all verdicts: more of one kind of evidence moves them one way only, and less of it makes none surer."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from fwaudit.judge.verdict import judge, judge_service
from fwaudit.model.audit import Audit
from fwaudit.model.service import Service
from fwaudit.model.verdict import AND, Change
from fwaudit.report import json
from tests.judge.sample import ADVICE, judged, service, words
from tests.support import audit_sources

FRAMEWORKS = ("fastapi", "quart", "django", "flask")
TRAITS: tuple[dict[str, Any], ...] = (
    {"raw_input_routes": 12, "raw_input_share": 0.4},
    {"openapi": "none"},
    {"llm_imports": 3, "llm_routes": 2, "llm_streaming_routes": 1},
    {"models": 9, "relations": 12},
    {"template_share": 0.5, "template_routes": 15},
    {"blocking_findings": 8, "illusion_share": 0.3, "blocked_routes": 9},
    {"plugin_count": 4, "plugins": ["a", "b", "c", "d"]},
    {"routes": 4, "route_files": 1},
)
ADMIN = {"signals": {"admin_models": 12, "admin_customisations": 6}}
STREAMING = {"signals": {"llm_imports": 3, "llm_routes": 2, "llm_streaming_routes": 2}}


def services() -> Iterator[Service]:
    """Every framework with every set of up to two traits."""
    for framework in FRAMEWORKS:
        for number in range(3):
            for traits in itertools.combinations(TRAITS, number):
                yield service(framework, *({"signals": trait} for trait in traits))


def test_an_admin_never_moves_a_django_service_toward_fastapi() -> None:
    """With an admin, a service that stayed still stays, and one that got a service beside it is not moved."""
    nearness = {"stay": 0, "sidecar": 1, "migrate": 2}
    answered: tuple[dict[str, Any], ...] = (
        {},
        {"answers": {"team": "async", "horizon": "fast-iteration"}},
        {"answers": {"plans-streaming": True}},
    )
    for one, more in itertools.product(services(), answered):
        if one.frameworks[0].name.startswith("django"):
            facts = ({"signals": one.signals}, more)
            plain, administered = judged("django", *facts).verdict, judged("django", *facts, ADMIN).verdict
            assert plain is not None
            assert administered is not None
            assert nearness[administered.action] <= nearness[plain.action]


def test_streaming_from_a_model_never_moves_away_from_a_sidecar() -> None:
    """A service that is told to add one is told so with streaming routes, too."""
    for one in services():
        before = judge_service(one, ADVICE).verdict
        after = judged(one.frameworks[0].name, {"signals": one.signals}, STREAMING).verdict
        assert before is not None
        assert after is not None
        if before.action == "sidecar":
            assert (after.action, after.target) == (before.action, before.target)


def test_less_evidence_is_never_surer() -> None:
    """Where what an argument for the verdict rests on is not known any more, the same verdict is not held with more confidence."""
    rows = {row.id: row for row in ADVICE.rows}
    lessened = 0
    for one in (*services(), *answered_services()):
        verdict = judge_service(one, ADVICE).verdict
        assert verdict is not None
        for argument in verdict.arguments_for:
            asked = {test.fact for test in (*rows[argument.trigger].when, *rows[argument.trigger].any)}
            less = judge_service(_without(one, asked), ADVICE)
            assert argument.trigger not in {each.id for each in less.triggers if each.state == "fired"} or all(
                fact.startswith("rows.") for fact in asked
            )
            assert less.verdict is not None
            if (less.verdict.action, less.verdict.target) == (verdict.action, verdict.target):
                lessened += 1
                assert less.verdict.confidence.rank <= verdict.confidence.rank
    assert lessened > 20


def answered_services() -> Iterator[Service]:
    """Some that people told something of, or a profile, so that rows that need that hold as well."""
    told: tuple[dict[str, Any], ...] = (
        {"answers": {"profiled-bottleneck": "threads"}, "signals": {"outbound_routes": 6}},
        {"profile": {"worker_saturation": 0.95}, "signals": {"outbound_routes": 6}},
        {"answers": {"plans-streaming": True}},
        {"answers": {"consumers-of-openapi": True}, "signals": {"openapi": "none"}},
    )
    for framework, facts, traits in itertools.product(FRAMEWORKS, told, TRAITS):
        yield service(framework, {"signals": traits}, facts)


def _without(one: Service, facts: set[str]) -> Service:
    """The service, some facts of which are not known any more."""
    kinds = ("signals", "answers", "history", "profile")
    return msgspec.structs.replace(
        one, **{kind: {name: value for name, value in getattr(one, kind).items() if f"{kind}.{name}" not in facts} for kind in kinds}
    )


def test_one_reason_that_does_not_decide_moves_nothing() -> None:
    """Two do, and then to FastAPI."""
    unchecked, untold = {"signals": {"raw_input_routes": 12, "raw_input_share": 0.4}}, {"signals": {"openapi": "none"}}

    assert [words(judged("flask", *facts)).partition(",")[0] for facts in ((unchecked,), (untold,))] == ["stay", "stay"]
    assert words(judged("flask", unchecked, untold)) == "migrate:fastapi"


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_nothing_known_is_stay_with_low_confidence(framework: str) -> None:
    """No verdict comes out of thin air, and what is missing is said."""
    one = judge_service(msgspec.structs.replace(service(framework), signals={}), ADVICE)

    assert words(one) == "stay"
    assert one.verdict is not None
    assert one.verdict.confidence == "low"
    assert {trigger.state for trigger in one.triggers} <= {"unknown", "silent"}
    assert "unknown" in {trigger.state for trigger in one.triggers}


def test_a_framework_that_no_row_knows_stays() -> None:
    """A service of its own makes no trigger."""
    one = judged("twisted")

    assert (words(one), one.triggers) == ("stay", ())


def test_what_would_change_it_is_true() -> None:
    """With answers that are said to change the verdict, it is the one said; an answered question is not asked again."""
    for one in services():
        verdict = judge_service(one, ADVICE).verdict
        assert verdict is not None
        for change in verdict.would_change:
            answers = _answers_of(change)
            other = judge_service(msgspec.structs.replace(one, answers=answers), ADVICE).verdict
            assert other is not None
            assert (other.action, other.target) == (change.action, change.target)
            assert answers.keys() == {*change.names}
            assert answers.keys().isdisjoint(name for each in other.would_change for name in each.names)


def _answers_of(change: Change) -> dict[str, Any]:
    said = (one.partition(" = ") for one in change.answer.split(AND))
    return {name: {"true": True, "false": False}.get(text, text) for name, _, text in said}


def test_two_answers_that_change_it_only_together() -> None:
    """Neither does alone, and what the tables say to contradict each other is not tried."""
    facts = {"signals": {"crud_share": 0.7, "models": 8, "relations": 6}}
    one = judged("fastapi", facts).verdict

    assert one is not None
    pair = {"admin-needed": True, "team": "django"}
    assert [(_answers_of(change), change.target) for change in one.would_change] == [(pair, "django")]
    assert [words(judged("fastapi", facts, {"answers": {name: answer}})) for name, answer in pair.items()] == ["stay", "stay"]
    assert words(judged("fastapi", facts, {"answers": pair})) == "migrate:django"


def test_questions_that_change_nothing_are_not_asked() -> None:
    """Whether an admin is used matters to no service without one."""
    one = judged("flask").verdict

    assert one is not None
    assert not any(change.answer.startswith("admin-used") for change in one.would_change)


def test_what_outweighs_is_named() -> None:
    """A countered trigger says by what."""
    one = judged("flask", {"signals": {"template_share": 0.5, "template_routes": 15, "raw_input_routes": 12, "raw_input_share": 0.4}})

    trigger = next(each for each in one.triggers if each.id == "hand-made-validation")
    assert trigger.state == "countered"
    assert "What outweighs it: 15 of 30 routes draw pages on the server" in trigger.text


def test_a_sidecar_names_its_routes() -> None:
    """The scope is what waits for a language model."""
    one = judged("django", STREAMING, {"signals": {"llm_route_names": ["POST /ask", "POST /sum"]}}).verdict

    assert one is not None
    assert (one.action, one.scope) == ("sidecar", ("POST /ask", "POST /sum"))


DJANGO_APP = {
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
    "shop/settings.py": "ROOT_URLCONF = 'shop.urls'\n",
    "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\n\napplication = get_wsgi_application()\n",
    "shop/models.py": "from django.db import models\n\n\nclass Item(models.Model):\n    name = models.TextField()\n",
    "shop/views.py": """
from django.http import JsonResponse
from shop.models import Item


def items(request):
    return JsonResponse({"items": [one.name for one in Item.objects.all()]})
""",
    "shop/urls.py": "from django.urls import path\nfrom shop.views import items\n\nurlpatterns = [path('items', items)]\n",
}


ADMIN_FILE = "from django.contrib import admin\nfrom shop.models import Item\n\nadmin.site.register(Item)\n"
CHAT_FILE = """
import openai
from django.http import StreamingHttpResponse

client = openai.OpenAI()


def parts(question):
    yield from client.chat.completions.create(model="m", messages=question, stream=True)


def chat(request):
    return StreamingHttpResponse(parts(request.POST["question"]))
"""
CHAT_URLS = (
    "from django.urls import path\nfrom shop.chat import chat\nfrom shop.views import items\n\n"
    "urlpatterns = [path('items', items), path('chat', chat)]\n"
)


def _of_code(files: dict[str, str]) -> str:
    return words(audit_sources(files)[1].services[0])


def test_what_is_added_to_code_moves_its_verdict_one_way() -> None:
    """An admin keeps Django where it is; a stream of a language model puts a part beside it, with the admin and without."""
    administered = {**DJANGO_APP, "shop/admin.py": ADMIN_FILE}
    chatting = {"shop/chat.py": CHAT_FILE, "shop/urls.py": CHAT_URLS}

    assert _of_code(DJANGO_APP) == _of_code(administered) == "stay"
    assert _of_code({**DJANGO_APP, **chatting}) == _of_code({**administered, **chatting}) == "sidecar:fastapi"


def test_the_order_of_files_changes_nothing() -> None:
    """The audit is the same, byte for byte."""
    forwards = audit_sources(DJANGO_APP)[1]
    backwards = audit_sources(dict(reversed(DJANGO_APP.items())))[1]

    assert json.render(forwards) == json.render(backwards)
    assert forwards.services[0].verdict is not None


def test_the_saved_audit_gives_the_verdict_again() -> None:
    """From the JSON alone."""
    audit = audit_sources(DJANGO_APP)[1]
    saved = msgspec.json.decode(json.render(audit), type=Audit)
    bare = tuple(msgspec.structs.replace(one, verdict=None, triggers=()) for one in saved.services)

    assert judge(msgspec.structs.replace(saved, services=bare), ADVICE) == audit
