"""The plan and the views on how a framework fits, as text that fits every terminal."""

from __future__ import annotations

import pytest

from fwaudit.assemble import make_audit
from fwaudit.model.verdict import PlanStep
from fwaudit.report.plan import fit_lines, plan_lines
from fwaudit.report.terminal import Terminal
from fwaudit.report.verdict import render_plan
from tests.judge.test_fit import fitted
from tests.judge.test_plan import service, verdict

WIDE = Terminal(200, color=False, ascii_only=False)


def test_steps_have_points_and_name_some_routes() -> None:
    """The first six, and how many more; a name from the repository writes no control characters."""
    labels = tuple(f"GET /r{number}" for number in range(8))
    shop = service(plan=(PlanStep(1, labels, 12, "chat.py\x1b[31m: the pilot"), PlanStep(2, (), 0, "3 routes stay")))
    lines = plan_lines(shop, WIDE)
    assert lines[2:] == [
        "    1. chat.py\\x1b[31m: the pilot (12 points)",
        "       GET /r0, GET /r1, GET /r2, GET /r3, GET /r4, GET /r5, and 2 more",
        "    2. 3 routes stay",
    ]
    assert plan_lines(service(), WIDE) == []


def test_the_views_say_what_told_them() -> None:
    """The situation of each axis, the averages from the best on, and every question that was reached."""
    text = "\n".join(fit_lines(fitted(answers={"hiring": "at-scale"}, llm_routes=3), WIDE))
    assert "workload: concurrent-io (by the code), which the framework does not suit" in text
    assert "team: hiring-at-scale (by the answer), which the framework can bear" in text
    assert "horizon: unknown (not told)\n" in text
    assert "weighted for hiring-constrained\n    djangorestframework 4.25, fastapi 4.17, flask 3.67, litestar 3.42" in text
    assert "4. Are the size of the ecosystem and of the hiring pool hard constraints? yes, hiring at scale: " in text
    assert fit_lines(service(), WIDE) == []


@pytest.mark.parametrize("width", [40, 60, 100])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """At any width."""
    shop = service(plan=(PlanStep(1, tuple(f"GET /items/{{item_{number}}}" for number in range(9)), 3, "a long reason " * 9),))
    lines = [
        *plan_lines(shop, Terminal(width, color=False, ascii_only=False)),
        *fit_lines(fitted(), Terminal(width, color=False, ascii_only=False)),
    ]
    assert max(map(len, lines)) <= width


def test_a_plan_tells_what_else_was_measured_and_no_zeros() -> None:
    """What acts on no verdict by itself stands below the size, one thing in the singular; nothing where there is nothing of it."""
    measured = {"relation_depth": 1, "constraints": 2, "long_waits": 0, "glue_lines": 1200}
    told = _plan(measured)

    assert "1 relation from a model to the farthest one, 2 constraints of models, 1,200 lines of it\n" in told
    assert "wait" not in told
    assert "constraint" not in _plan({"constraints": 0})


def _plan(signals: dict[str, int]) -> str:
    shop = service(signals=signals, verdict=verdict("stay", None))
    return render_plan(make_audit((), {}, (shop,), {}, ()), width=200, color=False)
