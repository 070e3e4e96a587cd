"""What people answer: checked, put against what was found, and asked for only where it changes a verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from fwaudit.catalog.advice import Question
from fwaudit.catalog.load import load_advice
from fwaudit.config import Config, check_answers
from fwaudit.errors import ConfigError
from fwaudit.judge.answers import add_answers, ask, find_contradictions, open_questions
from fwaudit.judge.verdict import judge
from fwaudit.model.service import Service
from fwaudit.pipeline import audit as run
from tests.judge.test_fit import fitted
from tests.support import audit_sources

ADVICE = load_advice()
CRITERIA = [one.name for one in ADVICE.fit.criteria] if ADVICE.fit else []


def check(**answers: Any) -> None:
    """Checks answers, whose dashes are underscores here."""
    config = Config(answers={key.replace("_", "-"): value for key, value in answers.items()}, file="pyproject.toml")
    check_answers(config, {one.answer: one.answers for one in ADVICE.questions}, CRITERIA)


def test_answers_have_the_form_of_their_questions() -> None:
    """Words of the table, true or false, and weights of the matrix."""
    check(team="django", regulated=False, weight_hiring=2, weight_async=0.5)
    for question in ADVICE.questions:
        for answer in question.answers:
            check(**{question.answer: answer})


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"team": "djanog"}, "`answers.team`: not one of django, async, generalist, small-senior; did you mean `django`?"),
        ({"regulated": "yes"}, "`answers.regulated`: not one of true, false"),
        ({"regulated": 1}, "`answers.regulated`: not one of true, false"),
        ({"teams": "django"}, "`answers.teams`: there is no such question; did you mean `team`?"),
        ({"weight_hiring": "much"}, "`answers.weight-hiring`: a weight is a number from 0 to 10"),
        ({"weight_hiring": True}, "a weight is a number"),
        ({"weight_hiring": 11}, "a weight is a number from 0 to 10"),
        ({"weight_hirign": 1}, "did you mean `weight-hiring`?"),
    ],
)
def test_a_wrong_answer_names_the_nearest_right_one(answers: dict[str, Any], message: str) -> None:
    """With the file that it stands in."""
    with pytest.raises(ConfigError) as caught:
        check(**answers)
    assert str(caught.value).startswith("pyproject.toml: setting `answers.")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("answers", "facts", "word"),
    [
        ({"horizon": "stable", "plans-streaming": True}, {}, "plans-streaming"),
        ({"team": "small-senior", "hiring": "at-scale"}, {}, "hiring"),
        ({"profiled-bottleneck": "threads"}, {"profile": {"bottleneck": "database"}}, "shows the database"),
        ({"profiled-bottleneck": "cpu"}, {"profile": {"bottleneck": "serialization"}}, "shows serialization"),
        ({"admin-used": True}, {"services": 1}, "admin"),
        ({"consumers-of-openapi": True}, {"openapi": "none"}, "OpenAPI"),
    ],
)
def test_answers_that_contradict_are_named(answers: dict[str, Any], facts: dict[str, Any], word: str) -> None:
    """Each other, or what was found; one of them alone does not."""
    service = fitted(answers=answers, **facts)
    (problem,) = find_contradictions([service, service], ADVICE, "fwaudit.toml")
    assert (problem.path, problem.kind) == ("fwaudit.toml", "skipped")
    assert problem.message.startswith("answers contradict: ")
    assert word in problem.message
    first = dict([next(iter(answers.items()))])
    agreeing: dict[str, Any] = {"profile": {"bottleneck": "database"}, "openapi": "generated", "admin_models": 3}
    if "profiled-bottleneck" not in first:
        assert find_contradictions([fitted(answers=first, **agreeing)], ADVICE, "") == ()


def _flask(**more: Any) -> Service:
    return fitted("flask", openapi="file", routes=30, route_files=9, raw_input_routes=0, raw_input_share=0.0, template_share=0.0, **more)


def _judged(service: Service) -> Any:
    _, audit = audit_sources({})

    return judge(msgspec.structs.replace(audit, services=(service,)), ADVICE)


def test_only_what_changes_a_verdict_is_asked_and_no_more_once_it_does_not() -> None:
    """Whoever says which framework is to be shared has decided; what is then idle is not asked."""
    audit = _judged(_flask())
    asked: list[str] = []
    names = [question.answer for question in open_questions(audit, ADVICE)]
    assert "standard-framework" in names
    assert set(names) <= {question.answer for question in ADVICE.questions}

    def tell(question: Question) -> str | None:
        asked.append(question.answer)
        return "fastapi" if question.answer == "standard-framework" else None

    after, given = ask(audit, ADVICE, tell)
    assert given == {"standard-framework": "fastapi"}
    assert len(asked) == len(set(asked))
    (service,) = after.services
    assert service.verdict is not None
    assert (service.verdict.action, service.verdict.target) == ("migrate", "fastapi")
    assert service.answers == given


def test_answers_of_the_settings_reach_every_service(tmp_path: Path) -> None:
    """And a wrong one stops the run."""
    (tmp_path / "app.py").write_text("from flask import Flask\napp = Flask(__name__)\n\n\n@app.get('/')\ndef f(): return ''\n")
    found = run([tmp_path], Config(answers={"team": "django", "horizon": "stable", "plans-streaming": True}, file="x/fwaudit.toml"), jobs=1)
    assert [service.answers for service in found.services] == [{"horizon": "stable", "plans-streaming": True, "team": "django"}]
    assert [problem.path for problem in found.problems] == ["fwaudit.toml"]
    with pytest.raises(ConfigError, match="no such question"):
        run([tmp_path], Config(answers={"tema": "django"}), jobs=1)
    assert add_answers((), {"team": "django"}) == ()
