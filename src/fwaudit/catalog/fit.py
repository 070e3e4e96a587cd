"""The form of `rules/advice/fit.toml`: the fit triangle, the selection matrix and the decision tree."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from fwaudit.catalog.advice import Family, Test


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One table row."""


class Candidate(_Row, frozen=True, kw_only=True):
    """A framework that is scored, and the frameworks that its scores stand for too."""

    name: str
    title: str
    stands_for: list[str] = []


class Criterion(_Row, frozen=True, kw_only=True):
    """A criterion of the matrix, with a score from 1 to 5 for each candidate."""

    name: str
    title: str
    scores: dict[str, int]


class Preset(_Row, frozen=True, kw_only=True):
    """Criteria that count twice where the tests hold."""

    name: str
    doubles: list[str]
    when: list[Test] = []
    any: list[Test] = []


class Situation(_Row, frozen=True, kw_only=True):
    """What an axis of the triangle may be like: which candidates it suits, and which can live with it. The others lose there."""

    name: str
    text: str
    when: list[Test] = []
    any: list[Test] = []
    suits: list[str]
    bears: list[str] = []


class Axis(_Row, frozen=True, kw_only=True):
    """An axis of the triangle; the first situation whose tests hold is the one."""

    name: str
    question: str
    situations: list[Situation]


class TreeAnswer(_Row, frozen=True, kw_only=True):
    """An answer to a question of the tree; the first one whose tests hold is given."""

    text: str
    families: list[Family] = []
    """Only for frameworks of these families; none named: all."""
    when: list[Test] = []
    any: list[Test] = []
    stops: bool = False


class TreeQuestion(_Row, frozen=True, kw_only=True):
    """A question of the tree."""

    text: str
    answers: list[TreeAnswer]
    otherwise: str = ""
    """The answer where none is shown, and the code tells it; "" where there is none."""


class FitTable(_Row, frozen=True, kw_only=True):
    """`rules/advice/fit.toml`."""

    source: str
    """Name of the publication."""
    matrix: str
    """Its sections."""
    triangle: str
    tree: str
    candidates: list[Candidate]
    criteria: list[Criterion]
    presets: list[Preset]
    axes: list[Axis]
    questions: list[TreeQuestion]

    def candidate_of(self, framework: str) -> Candidate | None:
        """The candidate whose scores stand for a framework."""
        return next((one for one in self.candidates if framework == one.name or framework in one.stands_for), None)

    def tests(self) -> Iterator[Test]:
        """All tests in the table."""
        for preset in self.presets:
            yield from (*preset.when, *preset.any)
        for situation in (one for axis in self.axes for one in axis.situations):
            yield from (*situation.when, *situation.any)
        for answer in (one for question in self.questions for one in question.answers):
            yield from (*answer.when, *answer.any)

    def mistakes(self, publications: Collection[str]) -> Iterator[str]:
        """A source that is not there, and scores, presets and situations that name what is not in the table."""
        if self.source not in publications:
            yield f"there is no source `{self.source}`"
        names = {one.name for one in self.candidates}
        for criterion in self.criteria:
            if criterion.scores.keys() != names or not all(1 <= score <= 5 for score in criterion.scores.values()):
                yield f"criterion `{criterion.name}`: it has a score from 1 to 5 for each candidate"
        for preset in self.presets:
            if not {*preset.doubles} <= {one.name for one in self.criteria}:
                yield f"preset `{preset.name}`: it doubles what is no criterion"
        for situation in (one for axis in self.axes for one in axis.situations):
            if not {*situation.suits, *situation.bears} <= names:
                yield f"situation `{situation.name}`: it names what is no candidate"
