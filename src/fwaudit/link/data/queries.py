"""Queries that are asked again in each turn of a loop: called there, through functions of the project, or by touching a relation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fwaudit.link.data.chains import Chains
from fwaudit.link.data.requests import may_keep_result
from fwaudit.link.data.touched import TouchedRelations, is_target
from fwaudit.link.execution.evidence import place_of
from fwaudit.link.execution.naming import Naming
from fwaudit.link.execution.reach import Reach
from fwaudit.link.inference.types import Types
from fwaudit.link.spellings import Spellings
from fwaudit.link.values import ClassObject, Frame
from fwaudit.model import facts
from fwaudit.model.code import Place
from fwaudit.model.context import EdgeKind
from fwaudit.model.facts import NOWHERE
from fwaudit.model.source import Role

_DEEPEST = 4
"""Calls between a loop and the query, beyond which nothing is said."""
_FEW_TURNS = frozenset({"range", "retry", "count"})
_RELATED = frozenset({"django.db.models.Manager.all"})
"""Gives what a relation leads to, which is asked for when it is gone through."""
_BUNDLES = ("batch", "chunk", "page", "partition", "slice")
"""Parts of the names of what cuts a long list into parts: a query for each part is the remedy, not the fault."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query in a loop: where in the loop, what it asks with, and the calls between."""

    frame: Frame
    place: Place
    callee: str
    through: tuple[Place, ...]
    is_relation: bool


class RepeatedQueries:
    """Reads the loops of all functions that requests run."""

    def __init__(self, types: Types, names: Naming, reach: Reach) -> None:
        self._types = types
        self._names = names
        self._reach = reach
        self._chains = Chains(types)
        self._touched = TouchedRelations(types, names, reach, self._chains)
        self._spellings = Spellings(types.catalog.data.query_names)
        self._asks: dict[tuple[int, int], tuple[str, tuple[Place, ...]] | None] = {}
        """By frame and remaining depth: what is too deep below one loop may be near enough to another."""

    def found(self) -> Iterator[Asked]:
        """Every query in a loop, once for each place and frame."""
        for number, frame in self._reach.frames.items():
            if self._reach.routes.get(number) and frame.function.module.role is Role.CODE:
                for loop in frame.function.body.loops:
                    if loop.iterated != NOWHERE and self._has_many_turns(frame, loop.iterated):
                        yield from self._in_loop(frame, loop)

    def _in_loop(self, frame: Frame, loop: facts.Loop) -> Iterator[Asked]:
        body = frame.function.body

        def is_repeated(index: int) -> bool:
            return loop.first <= index < loop.end and not any(first <= index < end for first, end in loop.leaving)

        spans: set[int] = set()
        once = frozenset((*body.first_time, *body.unlikely))
        for index in body.calls:
            call = body.call(index)
            if is_repeated(index) and index not in once:
                spans.add(call.span)
                callee = self._asked_by(frame, call)
                if callee and not self._is_loaded_ahead(frame, loop, call):
                    yield Asked(frame, place_of(frame, call.span), callee, (), is_relation=False)
        for inner in body.loops:
            yield from self._gone_through(frame, loop, inner) if inner is not loop and is_repeated(inner.first) else ()
        for site in self._reach.sites(frame):
            if site.span in spans and len(site.choices) == 1 and len(site.choices[0]) == 1:
                member = site.choices[0][0]
                if member.target is not None and member.kind in (EdgeKind.PLAIN, EdgeKind.AWAITED) and not member.once:
                    asked = self._asks_within(member.target, _DEEPEST)
                    if asked is not None:
                        yield Asked(frame, place_of(frame, site.span), asked[0], asked[1], is_relation=False)
        for place, relation, through, chain in self._touched.in_loop(frame, loop, [i for i in body.attributes if is_repeated(i)], spans):
            if not chain.is_awaited:
                yield Asked(frame, place, relation, through, is_relation=True)

    def _gone_through(self, frame: Frame, loop: facts.Loop, inner: facts.Loop) -> Iterator[Asked]:
        """`for book in author.books.all()` within a loop over authors: a query that nothing calls, but that going through it asks."""
        body = frame.function.body
        call = body.expressions[inner.iterated] if inner.iterated != NOWHERE else None
        callee = body.expressions[call.function] if isinstance(call, facts.Call) else None
        if not isinstance(call, facts.Call) or not isinstance(callee, facts.Attribute) or callee.name != "all":
            return
        related = body.expressions[callee.value]
        if not isinstance(related, facts.Attribute) or not is_target(frame, related.value, loop.iterated):
            return
        names = self._names.of_values(self._types.value(frame, call.function))
        chain = self._chains.of(frame, loop.iterated)
        if names and all(name in _RELATED for name in names) and chain.is_known and not chain.loads(related.name):
            yield Asked(frame, place_of(frame, call.span), names[0], (), is_relation=False)

    # --- queries that are called ------------------------------------------------------------------------

    def _asked_by(self, frame: Frame, call: facts.Call) -> str:
        """The dotted name of the query that a call asks; "" for none, or where it may be something else."""
        if not self._spellings.may_be(frame.function, call):
            return ""
        names = list(dict.fromkeys(self._names.of_values(self._types.value(frame, call.function))))
        return names[0] if names and all(self._types.catalog.data.is_query(name) for name in names) else ""

    def _asks_within(self, frame: Frame, depth: int) -> tuple[str, tuple[Place, ...]] | None:
        """The query that a frame asks whenever it runs, itself or through what it calls, and the calls that lead to it."""
        if depth == 0 or may_keep_result(frame):
            return None
        key = (frame.number, depth)
        if key not in self._asks:
            self._asks[key] = self._first_query(frame, depth)
        return self._asks[key]

    def _first_query(self, frame: Frame, depth: int) -> tuple[str, tuple[Place, ...]] | None:
        body = frame.function.body
        sometimes = frozenset((*body.conditional, *body.first_time, *body.unlikely))
        for index in body.calls:
            call = body.call(index)
            if index not in sometimes and (callee := self._asked_by(frame, call)):
                return callee, (place_of(frame, call.span),)
        for site in self._reach.sites(frame):
            if site.doubt or len(site.choices) != 1 or len(site.choices[0]) != 1:
                continue
            member = site.choices[0][0]
            if member.target is not None and member.kind in (EdgeKind.PLAIN, EdgeKind.AWAITED) and not member.once:
                below = self._asks_within(member.target, depth - 1)
                if below is not None:
                    return below[0], (place_of(frame, site.span), *below[1])
        return None

    # --- what is no fault -----------------------------------------------------------------------------------

    def _has_many_turns(self, frame: Frame, iterated: int) -> bool:
        """Whether the loop may take many turns, as far as its expression tells: no literal, no range, no enumeration, no parts."""
        expression = frame.function.body.expressions[iterated]
        if isinstance(expression, facts.Name) and expression.name == ".0" and frame.closure is not None:
            return self._has_many_turns(frame.closure, frame.function.scope.parameters[0].default)
        if isinstance(expression, facts.Display | facts.Constant):
            return False
        if isinstance(expression, facts.Call):
            callee = frame.function.body.expressions[expression.function]
            name = facts.last_name(callee)
            if name in _FEW_TURNS or any(part in name.lower() for part in _BUNDLES):
                return False
            if name in ("enumerate", "sorted", "list", "reversed", "zip", "set", "items", "values", "keys") and expression.arguments:
                return all(self._has_many_turns(frame, one) for one in expression.arguments)
            if isinstance(callee, facts.Attribute) and name in ("items", "values", "keys"):
                return self._has_many_turns(frame, callee.value)
        if any(part in facts.last_name(expression).lower() for part in _BUNDLES):
            return False
        if isinstance(expression, facts.Name) and not self._chains.may_be_long(frame, expression):
            return False
        return not any(isinstance(value, ClassObject) for value, _ in self._types.value(frame, iterated))

    def _is_loaded_ahead(self, frame: Frame, loop: facts.Loop, call: facts.Call) -> bool:
        """Whether the query goes through a relation of the loop's objects that the loop's own query has loaded, or may have."""
        body = frame.function.body
        index, filtered = call.function, False
        while True:
            expression = body.expressions[index]
            if isinstance(expression, facts.Call):
                index = expression.function
            elif isinstance(expression, facts.Attribute):
                base = expression.value
                if is_target(frame, base, loop.iterated) and not filtered:
                    chain = self._chains.of(frame, loop.iterated)
                    return not chain.is_known or chain.loads(expression.name)
                filtered = filtered or expression.name in ("filter", "exclude", "order_by", "annotate", "values", "values_list", "distinct")
                index = base
            else:
                return False
