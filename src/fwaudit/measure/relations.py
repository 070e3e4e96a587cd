"""Which model needs which: the fields of models that lead to one other model, and how far they lead."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fwaudit.catalog.advice import Use
from fwaudit.catalog.braces import expand_braces
from fwaudit.model import facts
from fwaudit.model.code import Code, CodeBody

_TO_MODELS, _TO_COLUMNS = "foreign_keys", "foreign_columns"
_TARGET = "to"


@dataclass(frozen=True)
class Relations:
    """Those of the workspace, by the dotted names of the classes whose bodies hold them."""

    targets: Mapping[str, frozenset[str]]
    """What fields lead to, where that is a name."""
    written: Mapping[str, tuple[frozenset[str], ...]]
    """What texts may mean: for each all classes, or classes of all tables, of that name."""
    bases: Mapping[str, tuple[str, ...]]

    def depth(self, models: Iterable[str]) -> int:
        """How many relations lie between one of `models` and the farthest that it leads to, each by its shortest way."""
        within = frozenset(models)
        ahead = {model: self._of(model, within) for model in within}
        deepest = 0
        for start in (model for model in within if ahead[model]):
            seen, level, steps = {start}, ahead[start], 0
            while level:
                steps += 1
                seen |= level
                level = frozenset(further for model in level for further in ahead[model]) - seen
            deepest = max(deepest, steps)
        return deepest

    def _of(self, model: str, within: frozenset[str]) -> frozenset[str]:
        """The other models that one needs, also through what its bases hold. A text of which several can be meant leads nowhere."""
        found: set[str] = set()
        for name in (model, *self.bases.get(model, ())):
            found |= self.targets.get(name, frozenset()) & within
            for meant in self.written.get(name, ()):
                found |= meant & within if len(meant & within) == 1 else frozenset()
        return frozenset(found - {model})


NO_RELATIONS = Relations({}, {}, {})


def find_relations(code: Code, rows: Iterable[Use]) -> Relations:
    """The relations of the workspace, by the rows of foreign keys."""
    by_name = {name: row for row in rows if row.signal in (_TO_MODELS, _TO_COLUMNS) for one in row.calls for name in expand_braces(one)}
    lasts = sorted({name.rpartition(".")[2] for name in by_name})
    targets: dict[str, set[str]] = defaultdict(set)
    texts: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for body in code.bodies:
        if body.kind == "class" and (calls := body.calls_written(*lasts)):
            for row, target in _targets(body, calls, by_name):
                if text := _text(body, target):
                    texts[body.name].append((row.signal, text))
                else:
                    targets[body.name].update(body.names(target))
    return Relations(
        {name: frozenset(found) for name, found in targets.items()},
        _read_texts(code, texts) if texts else {},
        {one.name: one.bases for one in code.classes} if targets or texts else {},
    )


def _targets(body: CodeBody, calls: Iterable[int], by_name: Mapping[str, Use]) -> Iterator[tuple[Use, int]]:
    """The rows that calls belong to, and the arguments that say what they lead to."""
    for index in calls:
        call = body.body.call(index)
        row = next((by_name[name] for name in body.names(call.function) if name in by_name), None)
        keywords = dict(call.keywords)
        if row is None:
            continue
        target = call.arguments[0] if call.arguments and not row.keyword else keywords.get(row.keyword or _TARGET)
        if target is not None:
            yield row, target


def _text(body: CodeBody, index: int) -> str:
    expression = body.body.expressions[index]
    return expression.text if isinstance(expression, facts.Constant) and expression.kind == "str" else ""


def _read_texts(code: Code, texts: Mapping[str, list[tuple[str, str]]]) -> dict[str, tuple[frozenset[str], ...]]:
    """What each text may mean: `"shop.Author"` names a class, `"authors.id"` a column of a table."""
    classes: dict[str, set[str]] = defaultdict(set)
    for one in code.classes:
        classes[one.name.rpartition(".")[2]].add(one.name)
    tables = _tables(code)

    def read(signal: str, text: str) -> frozenset[str]:
        before, _, last = text.rpartition(".")
        return frozenset(classes.get(last, ()) if signal == _TO_MODELS else tables.get(before.rpartition(".")[2], ()))

    return {name: tuple(read(*one) for one in written) for name, written in texts.items()}


def _tables(code: Code) -> dict[str, set[str]]:
    """The classes by the names of their tables: those they give, or else the two that libraries make of a class's own."""
    named = {body.name: table for body in code.bodies if body.kind == "class" and (table := _table(body))}
    tables: dict[str, set[str]] = defaultdict(set)
    for one in code.classes:
        last = one.name.rpartition(".")[2]
        for table in {named[one.name]} if one.name in named else {last.lower(), _in_snake_case(last)}:
            tables[table].add(one.name)
    return tables


def _table(body: CodeBody) -> str:
    """The text that a class body binds to `__tablename__`."""
    for index in body.scope.names.get("__tablename__", ()):
        bound = body.body.bindings[index]
        if isinstance(bound, facts.Assigned) and bound.value != facts.NOWHERE:
            return _text(body, bound.value)
    return ""


def _in_snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
