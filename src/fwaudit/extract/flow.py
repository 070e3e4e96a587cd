"""Which bindings of a name reach which place in one scope.

The state is one dict from names to reaching bindings.
A branch does not copy it: it keeps a journal of what it overwrote, from which its changes are read and undone.
So a branch costs what it changes, not what is in scope.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from fwaudit.extract.circumstances import ANYTHING, Circumstances, Missing, Passed, Tested, either, learned
from fwaudit.model.facts import NOWHERE, Assigned, Binding, Expression, Name, Narrowed, Opaque, Parameter, Updated

Reaching = tuple[int, ...]
"""Bindings that reach a place, by index, ascending; empty: none of this scope."""

Changes = dict[str, Reaching]
"""What a branch left different from the state before it."""

_MOST_REACHING = 64
_DEEPEST_NARROWING = 256
_NO_NONE: tuple[str, Reaching] = ("", ())


@dataclass(slots=True)
class OpenLoop:
    """A loop whose body is being read: how deep it started, and the changes at each `break` and `continue`."""

    depth: int
    breaks: list[Changes] = field(default_factory=list)
    continues: list[Changes] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Condition:
    """`isinstance(name, type)` holds, or does not; or `name` is None, of which `type` is an expression."""

    name: str
    type: int
    is_instance: bool = True
    is_none: bool = False


Known = Condition | Passed | Missing | Tested
"""What holds where a test holds, or where it fails."""


class Flow:
    """The reaching bindings of one scope while it is read in execution order."""

    __slots__ = (
        "bindings",
        "circumstances",
        "dead",
        "declared",
        "given_before",
        "journal",
        "left_by_with",
        "loops",
        "names",
        "nones",
        "outer",
        "outer_stores",
        "reaching",
        "rebound",
        "stack",
        "targets",
    )

    def __init__(self) -> None:
        self.bindings: list[Binding] = []
        self.targets: list[str] = []
        """The name of each binding; "" for one that is not the scope's own: narrowed, or local to a comprehension."""
        self.names: dict[str, list[int]] = {}
        self.declared: dict[str, int] = {}
        """Annotations of names that were declared: they hold for later assignments too."""
        self.nones: dict[int, tuple[str, Reaching]] = {}
        """For each binding that a test made of None: the name, and what reached it before."""
        self.given_before: dict[int, tuple[int, int]] = {}
        """For each binding that a parameter's name got where something was known of it: the parameter, and what it may have been."""
        self.outer: set[str] = set()
        """Names declared `global` or `nonlocal`."""
        self.outer_stores: list[tuple[str, int]] = []
        self.rebound: set[str] = set()
        """Names that inner functions declare `nonlocal` or `global` and bind."""
        self.reaching: dict[str, Reaching] = {}
        self.circumstances = Circumstances()
        self.journal: Changes = {}
        self.stack: list[tuple[Changes, bool]] = [(self.journal, False)]
        self.loops: list[OpenLoop] = []
        self.dead = False
        self.left_by_with = False

    # --- binding ---------------------------------------------------------------------------

    def define(self, name: str, binding: Binding) -> int:
        """The index of `binding`, which from here on is what `name` means in this scope."""
        index = len(self.bindings)
        self.bindings.append(binding)
        self.targets.append(name)
        if name in self.outer:
            self.outer_stores.append((name, index))
            self.reach(name, ())
            self.circumstances.replace(name)
            self.fill(name)
            return index
        if self.circumstances.subjects:
            self._note_rebound(name, index)
        known = self.names.get(name)
        if known is None:
            self.names[name] = [index]
        else:
            known.append(index)
        self.reach(name, (index,))
        return index

    def define_locally(self, name: str, binding: Binding) -> int:
        """The index of `binding`, which holds until the branch is closed and is none of the scope's names."""
        index = self.add_unnamed(binding)
        self.reach(name, (index,))
        return index

    def add_unnamed(self, binding: Binding) -> int:
        """The index of a binding that no name leads to."""
        self.bindings.append(binding)
        self.targets.append("")
        return len(self.bindings) - 1

    def reach(self, name: str, value: Reaching) -> None:
        """From here on `value` reaches."""
        journal = self.journal
        if name not in journal:
            journal[name] = self.reaching.get(name, ())
        self.reaching[name] = value

    def apply(self, changes: Changes) -> None:
        """Make the changes of a branch the state."""
        for name, value in changes.items():
            self.reach(name, value)

    def narrow(self, conditions: Iterable[Known]) -> None:
        """From here on the conditions hold."""
        for condition in conditions:
            if not isinstance(condition, Condition):
                self._learn(condition)
                continue
            name = condition.name
            before = self.reaching.get(name, ())
            if not condition.is_none:
                self.define_locally(name, Narrowed(name, before, condition.type, condition.is_instance))
            # Names of outer scopes are left alone, since any call may rebind them.
            elif before and not (len(before) == 1 and before[0] in self.nones):
                self.nones[self.define_locally(name, Assigned(condition.type))] = (name, before)

    def _learn(self, known: Passed | Missing | Tested) -> None:
        if type(known) is Tested:
            key = self.circumstances.add_test(known.test)
            if key:
                self.reach(key, (known.possible,))
            return
        if type(known) is Passed:
            # Asked again here, since a loop may have rebound it after the test.
            parameter, elsewhere = self.parameter_given(known.name)
            possible = known.possible | elsewhere
            if parameter != NOWHERE and possible != ANYTHING and self.circumstances.add_subject(f"?{known.name}", parameter):
                self.reach(f"?{known.name}", learned(self.reaching.get(f"?{known.name}", ()), possible))
        elif type(known) is Missing and self.circumstances.add_subject(f"!{known.place}", NOWHERE):
            key = f"!{known.place}"
            self.reach(key, self.circumstances.begin_filling(self.reaching.get(key, ()), known))

    def fill(self, place: str) -> None:
        """From here on a value that outlives the call is in `place`, a name, `name.attribute` or item of one."""
        key = f"!{place}"
        if self.circumstances.add_subject(key, NOWHERE):
            self.reach(key, self.circumstances.stored(self.reaching.get(key, ())))

    def parameter_called(self, name: str) -> int:
        """The parameter that `name` still is here, -1 if it is none or was rebound."""
        return self._parameter_behind(self.reaching.get(name, ()))

    def parameter_given(self, name: str) -> tuple[int, int]:
        """The parameter that `name` is here, or was where it was rebound: -1 if that may be another; and what it was there, if it was."""
        found, possible = NOWHERE, 0
        for index in self.reaching.get(name, ()):
            parameter, was = self._parameter_behind((index,)), 0
            if parameter == NOWHERE:
                parameter, was = self.given_before.get(index, (NOWHERE, 0))
            if parameter == NOWHERE or found not in (NOWHERE, parameter):
                return NOWHERE, 0
            found, possible = parameter, possible | was
        return found, possible

    def _note_rebound(self, name: str, index: int) -> None:
        state = self.reaching.get(f"?{name}")
        parameter = self.parameter_given(name)[0] if state else NOWHERE
        if state and parameter != NOWHERE:
            self.given_before[index] = (parameter, state[0])

    def _parameter_behind(self, value: Reaching) -> int:
        for _ in range(_DEEPEST_NARROWING):
            if len(value) != 1:
                break
            binding = self.bindings[value[0]]
            if type(binding) is Parameter:
                return binding.index
            value = binding.bindings if type(binding) is Narrowed else self.nones.get(value[0], _NO_NONE)[1]
        return NOWHERE

    # --- branches --------------------------------------------------------------------------

    def open(self) -> None:
        """Start a branch."""
        self.journal = {}
        self.stack.append((self.journal, self.dead))

    def close(self) -> Changes | None:
        """What the branch changed, and None if its end is never reached; the state is as before the branch."""
        journal, was_dead = self.stack.pop()
        self.journal = self.stack[-1][0]
        self.left_by_with = False
        reaching = self.reaching
        changes = {name: reaching[name] for name in journal}
        reaching.update(journal)
        is_dead, self.dead = self.dead, was_dead
        return None if is_dead else changes

    def merge(self, outcomes: Iterable[Changes | None]) -> None:
        """Go on where the branches meet; those with None do not get here."""
        live = [changes for changes in outcomes if changes is not None]
        if not live:
            self.dead = True
        elif len(live) == 1:
            self.apply(live[0])
        else:
            collected: dict[str, list[Reaching]] = {}
            subjects = self.circumstances.subjects
            for changes in live:
                for name, value in changes.items():
                    collected.setdefault(name, []).append(value)
            for name, values in collected.items():
                if len(values) < len(live):
                    values.append(self.reaching.get(name, ()))
                if name not in subjects:
                    self.reach(name, self._union(values))
                elif len(set(values)) == 1:
                    self.reach(name, values[0])
                elif subjects[name] != NOWHERE:
                    self.reach(name, either(self.reaching.get(name, ()), values))
        if self.circumstances.fillings:
            for key in self.circumstances.subjects:
                self.circumstances.settle(self.reaching.get(key, ()))

    def touched(self, start: int) -> Changes:
        """The state at any point since binding `start` was the next: what reached before, and every binding since."""
        touched: dict[str, set[int]] = {}
        for index in range(start, len(self.bindings)):
            name = self.targets[index]
            if name and name not in self.outer:
                if name not in touched:
                    touched[name] = set(self.reaching.get(name, ()))
                touched[name].add(index)
        return {name: self._limited(indices) for name, indices in touched.items()}

    def _union(self, values: list[Reaching]) -> Reaching:
        distinct = set(values)
        if len(distinct) == 1:
            return values[0]
        narrowed = self._common_origin(distinct)
        if narrowed is not None:
            return narrowed
        return self._limited(set().union(*distinct))

    def _limited(self, indices: set[int]) -> Reaching:
        # A bound, so that 20,000 `if`s in a row do not cost their square.
        if len(indices) > _MOST_REACHING:
            return (self.add_unnamed(Opaque()),)
        return tuple(sorted(indices))

    def _common_origin(self, values: set[Reaching]) -> Reaching | None:
        """The nearest value of which all of `values` are narrowings, if they are."""
        lines = [self._origins(value) for value in values]
        if all(len(line) == 1 for line in lines):
            return None
        shared = Counter(value for line in lines for value in line)
        return next((value for value in lines[0] if shared[value] == len(lines)), None)

    def _origins(self, value: Reaching) -> list[Reaching]:
        line = [value]
        while len(line) < _DEEPEST_NARROWING and len(value) == 1:
            binding = self.bindings[value[0]]
            if type(binding) is Narrowed:
                value = binding.bindings
            elif value[0] in self.nones:
                value = self.nones[value[0]][1]
            else:
                break
            line.append(value)
        return line

    # --- loops -----------------------------------------------------------------------------

    def enter_loop(self) -> OpenLoop:
        """The loop whose body starts here, in a branch of its own."""
        self.open()
        loop = OpenLoop(len(self.stack) - 1)
        self.loops.append(loop)
        return loop

    def leave_loop(self) -> list[Changes]:
        """The changes with which the loop's body can start again."""
        loop = self.loops.pop()
        end = self.close()
        return loop.continues if end is None else [end, *loop.continues]

    def jump(self, *, is_break: bool) -> None:
        """`break` or `continue`."""
        if self.loops and not self.dead:
            loop = self.loops[-1]
            reaching = self.reaching
            changes = {name: reaching[name] for journal, _ in self.stack[loop.depth :] for name in journal}
            (loop.breaks if is_break else loop.continues).append(changes)
        self.dead = True

    def carry(self, back: list[Changes], expressions: list[Expression], first_expression: int, first_binding: int) -> Carried:
        """What the end of a loop's body hands to its start; the body's loads are mended accordingly."""
        carried = Carried(self._carried(back))
        if carried.added:
            self._keep_guards(carried, first_expression)
            for index in range(first_expression, len(expressions)):
                expression = expressions[index]
                if type(expression) is Name and expression.name in carried.added:
                    expressions[index] = Name(expression.name, carried.widen(expression.name, expression.bindings))
            for index in range(first_binding, len(self.bindings)):
                binding = self.bindings[index]
                if type(binding) is Narrowed and binding.name in carried.added:
                    wide = carried.widen(binding.name, binding.bindings)
                    self.bindings[index] = Narrowed(binding.name, wide, binding.type, binding.is_instance)
                elif index in self.nones:
                    name, before = self.nones[index]
                    self.nones[index] = (name, carried.widen(name, before))
                elif type(binding) is Updated and self.targets[index] in carried.added:
                    wide = carried.widen(self.targets[index], binding.bindings)
                    self.bindings[index] = Updated(wide, binding.operator, binding.value)
        return carried

    def _keep_guards(self, carried: Carried, first_expression: int) -> None:
        """Later turns of a loop may test what a parameter was rebound to: of those tests nothing is known."""
        for name, (before, later) in carried.added.items():
            parameter = self._parameter_behind(before)
            if parameter != NOWHERE and any(self._parameter_behind((index,)) != parameter for index in later):
                self.circumstances.keep_guards(first_expression, parameter, self.reaching.get(f"?{name}", ()))

    def _carried(self, back: list[Changes]) -> dict[str, tuple[Reaching, set[int]]]:
        added: dict[str, tuple[Reaching, set[int]]] = {}
        for changes in back:
            for name, value in changes.items():
                before = self.reaching.get(name, ())
                later = set(value).difference(before)
                if before and later:
                    added.setdefault(name, (before, set()))[1].update(later)
        return added


@dataclass(frozen=True, slots=True)
class Carried:
    """For each name: the bindings at the loop's start before the first turn, and those that later turns add."""

    added: dict[str, tuple[Reaching, set[int]]]

    def widen(self, name: str, value: Reaching) -> Reaching:
        """`value`, with what later turns add if it comes from the loop's start."""
        entry = self.added.get(name)
        if entry is None or not any(index in entry[0] for index in value):
            return value
        return tuple(sorted(entry[1].union(value)))

    def widen_all(self, changes: Changes) -> Changes:
        """`changes`, each widened; and what later turns add to names that this way out leaves alone."""
        wide = {name: self.widen(name, value) for name, value in changes.items()}
        for name, (before, later) in self.added.items():
            if name not in wide:
                wide[name] = tuple(sorted(later.union(before)))
        return wide
