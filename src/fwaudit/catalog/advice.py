"""The form of the tables in `rules/advice/`: what signals are measured by, what questions there are, and what speaks for which verdict.

`rules/README.md` explains every key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import msgspec

from fwaudit.catalog.timing import TimeRow
from fwaudit.model.verdict import Source

if TYPE_CHECKING:
    from fwaudit.catalog.fit import FitTable

Answer = bool | int | float | str
HOLE = re.compile(r"\{(\w+)(?:\|([^{}|]+))?(?:\|([^{}|]+))?\}")
"""A signal in the text of a row, and what follows its number: for one, and for several where that is not the first with an s."""

Family = Literal["typed-async", "async", "django", "flask", "micro", "legacy", "unknown"]


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table row."""


class Use(_Row, frozen=True, kw_only=True):
    """Names that show that a service uses something. `calls` and `bases` may end in `.*`; an import counts with all below it."""

    signal: str
    calls: list[str] = []
    imports: list[str] = []
    """Modules, or names in modules."""
    bases: list[str] = []
    fields: list[str] = []
    """Calls in the body of a class that give it an attribute."""
    keyword: str = ""
    """With `calls`: counts only where this argument is a literal that begins with `value`."""
    position: int = -1
    """The same of an argument by its place."""
    value: str = ""
    at_least: float | None = None
    """In place of `value`: the argument is a literal number that is not less."""
    options: list[str] = []
    """Names that the `Meta` of a class binds, where that class has one of the bases `of`."""
    of: list[str] = []
    reads: list[str] = []
    """Names that are read without being called: `flask.session`."""
    source: str
    """Documentation of the names."""


class Families(_Row, frozen=True, kw_only=True):
    """Frameworks that the advice treats alike. typed-async: validates and describes itself; async: runs on a loop and does neither;
    micro: small or open-minded, on workers; legacy: seldom developed further.
    """

    name: Family
    frameworks: list[str]


class Contracts(_Row, frozen=True, kw_only=True):
    """Where the OpenAPI document of a service comes from, by its frameworks; imports that show it are uses of `openapi_<gives>`.

    generated: from the code; enforced: a document that requests are checked against; docstrings: written beside the handlers.
    """

    gives: Literal["generated", "enforced", "docstrings"]
    frameworks: list[str]


class Words(_Row, frozen=True, kw_only=True):
    """How a value of a signal reads within a sentence."""

    signal: str
    value: str
    says: str


class SignalTable(_Row, frozen=True, kw_only=True):
    """`rules/advice/signals.toml`."""

    uses: list[Use]
    families: list[Families]
    contracts: list[Contracts]
    words: list[Words] = []


class Publication(_Row, frozen=True, kw_only=True):
    """Where advice comes from."""

    name: str
    """By which rows name it."""
    publisher: str
    title: str
    address: str = ""


class SourceTable(_Row, frozen=True, kw_only=True):
    """`rules/advice/sources.toml`."""

    sources: list[Publication]


class Test(_Row, frozen=True, kw_only=True):
    """A comparison with one fact: `signals.routes`, `answers.hiring`, `history.commits_in_year`, `profile.<name>`, or `rows.<id>`:
    whether an earlier row was shown, countered or not. All comparisons that are given must hold.
    """

    fact: str
    at_least: float | None = None
    at_most: float | None = None
    equals: Answer | None = msgspec.field(name="is", default=None)
    any_of: list[Answer] | None = None
    contains: str | None = None


class Advice(_Row, frozen=True, kw_only=True):
    """A row of `rules/advice/triggers.toml`: something that speaks for a verdict where its tests hold."""

    id: str
    speaks_for: str = msgspec.field(name="for")
    """stay, fix, note, `adopt:<name>`, `migrate:<framework>` or `sidecar:<framework>`."""
    families: list[Family]
    when: list[Test] = []
    """All must hold."""
    any: list[Test] = []
    """At least one must hold."""
    countered_by: list[str] = []
    """Earlier rows: while one of them holds, this one is shown but does not count."""
    rules_out: list[str] = []
    """Verdicts that a hard constraint forbids: while this row holds, later rows for them are shown but do not count."""
    keeps_core: bool = False
    """A row for `stay` whose reasons hold for what is left where it is: it speaks for a part beside it, too."""
    decides: bool = False
    """One such row is enough to move; of the others it takes two reasons. One for `fix` goes before any move."""
    reason: str = ""
    """Rows with the same reason count once, for a move and for being sure; without one a row is a reason of its own."""
    weight: float
    evidence: list[str] = []
    """Signals whose places are the evidence."""
    text: str
    """Our own sentence. `{routes}` stands for a signal, `{routes|route}` for it and a noun, `{routes|route waits|routes wait}` for more."""
    source: str
    """Name of a publication."""
    section: str


class AdviceTable(_Row, frozen=True, kw_only=True):
    """`rules/advice/triggers.toml`: rows in the order in which they are judged."""

    triggers: list[Advice]


class Question(_Row, frozen=True, kw_only=True):
    """What code cannot say: a key of `[tool.fwaudit.answers]`, and the answers to try."""

    answer: str
    text: str
    answers: list[Answer]


class Contradiction(_Row, frozen=True, kw_only=True):
    """Answers that do not go together, or that what was found speaks against. All tests must hold."""

    when: list[Test]
    text: str


class QuestionTable(_Row, frozen=True, kw_only=True):
    """`rules/advice/questions.toml`."""

    questions: list[Question]
    contradictions: list[Contradiction] = []


@dataclass(frozen=True)
class AdviceTables:
    """All of `rules/advice/`."""

    signals: SignalTable
    rows: tuple[Advice, ...]
    questions: tuple[Question, ...]
    publications: tuple[Publication, ...]
    times: tuple[TimeRow, ...] = ()
    fit: FitTable | None = None
    contradictions: tuple[Contradiction, ...] = ()

    def source_of(self, row: Advice) -> Source:
        """Where a row's advice comes from."""
        found = next(one for one in self.publications if one.name == row.source)
        return Source(found.publisher, found.title, row.section)

    @cached_property
    def words(self) -> Mapping[tuple[str, str], str]:
        """(signal, value) to how it reads."""
        return {(one.signal, one.value): one.says for one in self.signals.words}

    def family_of(self, framework: str) -> Family:
        """The family of a primary framework; `unknown` for one that no row names."""
        return next((family.name for family in self.signals.families if framework in family.frameworks), "unknown")

    @property
    def documenting(self) -> frozenset[str]:
        """The frameworks and modules that make an OpenAPI document, or hold the code to one."""
        modules = {name for use in self.signals.uses if use.signal.startswith("openapi_") for name in use.imports}
        return frozenset(modules).union(*(row.frameworks for row in self.signals.contracts))

    def mistakes(self) -> Iterator[tuple[str, str]]:
        """What is wrong with the tables as a whole, each with the name of its file.

        That the signals exist is not looked at here: the stage that measures them knows, and a test holds the tables to it.
        """
        yield from (("triggers", one) for one in self._mistakes_of_rows())
        yield from self._mistakes_of_tests()
        if self.fit is not None:
            yield from (("fit", one) for one in self.fit.mistakes({one.name for one in self.publications}))

    def _mistakes_of_rows(self) -> Iterator[str]:
        """Rows of one name or without a source, and what they say of others that are not there."""
        seen: set[str] = set()
        publications = {one.name for one in self.publications}
        for number, row in enumerate(self.rows):
            if row.id in seen:
                yield f"there are two rows `{row.id}`"
            if row.source not in publications:
                yield f"`{row.id}`: there is no source `{row.source}`"
            yield from (f"`{row.id}`: no earlier row is `{name}`" for name in row.countered_by if name not in seen)
            later = {one.speaks_for for one in self.rows[number + 1 :]}
            yield from (f"`{row.id}`: no later row is for `{name}`" for name in row.rules_out if name not in later)
            yield from (f"`{row.id}`: no earlier row is `{name}`" for name in _rows_asked((*row.when, *row.any)) if name not in seen)
            seen.add(row.id)

    def _mistakes_of_tests(self) -> Iterator[tuple[str, str]]:
        """Tests for facts of which nobody knows; only rows of triggers.toml can ask for rows."""
        asked = {question.answer for question in self.questions}
        tests = [("triggers", f"`{row.id}`", test) for row in self.rows for test in (*row.when, *row.any)]
        tests += [("questions", "contradictions", test) for row in self.contradictions for test in row.when]
        tests += [("fit", "tests", test) for test in (self.fit.tests() if self.fit is not None else ())]
        for file, place, test in tests:
            kind, _, name = test.fact.partition(".")
            kinds = ("signals", "answers", "history", "profile", *(("rows",) if file == "triggers" else ()))
            if kind not in kinds or not name:
                yield file, f"{place}: a fact is {', '.join(f'`{one}.x`' for one in kinds)}, not `{test.fact}`"
            if kind == "answers" and name not in asked:
                yield file, f"{place}: there is no question `{name}`"


def _rows_asked(tests: Iterable[Test]) -> Iterator[str]:
    asked = (test.fact.partition(".") for test in tests)
    return (name for kind, _, name in asked if kind == "rows")
