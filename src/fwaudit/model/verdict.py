"""What the judge says of a service: triggers, verdict, what would change it, and the plan."""

from __future__ import annotations

from typing import Literal

import msgspec

from fwaudit.model.context import Grade
from fwaudit.model.finding import Location

Action = Literal["stay", "migrate", "sidecar"]
TriggerState = Literal["fired", "countered", "silent", "unknown"]


class Source(msgspec.Struct, frozen=True, order=True):
    """Where a piece of advice comes from."""

    publisher: str
    title: str
    section: str


class Argument(msgspec.Struct, frozen=True):
    """One argument for or against the verdict. `trigger` is the id of the row of `rules/advice/` that it stems from."""

    text: str
    weight: float
    trigger: str
    evidence: tuple[Location, ...]
    source: Source


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """A reason to act, and whether it holds here.

    fired: the code shows it; countered: shown, and outweighed by what `text` names; silent: looked for and not found;
    unknown: only an answer or a profile can tell. `target` is what it speaks for: `migrate:fastapi`, `stay`.
    """

    id: str
    target: str = msgspec.field(name="for")
    state: TriggerState
    text: str
    evidence: tuple[Location, ...]
    source: Source


class TreeStep(msgspec.Struct, frozen=True, kw_only=True):
    """A question of the decision tree, its answer, and what gave it: code, answer, profile, history or unknown."""

    question: str
    answer: str
    told_by: str = msgspec.field(name="from")


AND = " and "
"""Between two answers that change a verdict only together."""


class Change(msgspec.Struct, frozen=True):
    """A question that nobody has answered, and the verdict under one answer to it, where that is another one; or two of them.

    `answer` is as `[tool.fwaudit.answers]` has it, two with `AND` between them.
    """

    question: str
    answer: str
    action: Action
    target: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of the answers."""
        return tuple(one.partition(" = ")[0] for one in self.answer.split(AND))


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The advice for one service. `scope` names the routes that it is about, where that is not all of them."""

    action: Action
    target: str | None
    fix_first: bool
    adopt: tuple[str, ...]
    scope: tuple[str, ...]
    confidence: Grade
    arguments_for: tuple[Argument, ...] = msgspec.field(name="for")
    arguments_against: tuple[Argument, ...] = msgspec.field(name="against")
    would_change: tuple[Change, ...]


class PlanStep(msgspec.Struct, frozen=True):
    """A step of the plan: which routes, how hard (points from 0 to 7 a route, as sums), and why now."""

    step: int
    routes: tuple[str, ...]
    effort: int
    why: str
