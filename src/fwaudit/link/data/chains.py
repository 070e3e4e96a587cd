"""Where objects come from: the chain of calls that made the query, the model it asks for, and what it loads ahead."""

from __future__ import annotations

from dataclasses import dataclass

from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Class
from fwaudit.link.values import ClassObject, Frame, Object
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

_LONGEST = 60
_LOADING = frozenset({"Prefetch", "prefetch_related", "select_related"})
_PLAIN = frozenset({"add_columns", "columns", "mappings", "tuples", "values", "values_list", "with_entities"})
"""Calls after which a query gives no objects."""
_RUNNING = frozenset({"exec", "execute", "scalar_one", "scalar_one_or_none", "scalars", "stream_scalars"})
"""Calls of SQLAlchemy's sessions and results: with an argument, that is the statement."""
_CHOOSING = frozenset({"filter", "filter_by", "where"})
_OF_MANY = frozenset({"any_", "between", "in_", "is_not", "isnot", "not_in", "notin_"})
"""Comparisons that rows of several objects may pass."""


@dataclass(frozen=True, slots=True)
class Chain:
    """What is known of a query: `is_known` if every way to it leads to a model's own manager, or to `query` or `select` of one model."""

    is_known: bool
    model: Class | None
    """The project's class whose objects it gives."""
    is_awaited: bool
    """It runs on an asynchronous session, whose objects load nothing later."""
    loaded: frozenset[str]
    """The names of the relations that it loads ahead, of each level."""
    loads_all: bool
    fixed: frozenset[str] = frozenset()
    """Columns and relations by which SQLAlchemy is asked for the rows of one object: that one is loaded once, and then known."""

    def loads(self, relation: str) -> bool:
        """Whether the relation is, or may be, loaded with the query, or leads to the same object from all rows."""
        return self.loads_all or relation in self.loaded or not self.fixed.isdisjoint((relation, f"{relation}_id"))


class Chains:
    """Follows expressions within one function."""

    def __init__(self, types: Types) -> None:
        self._types = types

    def of(self, frame: Frame, index: int) -> Chain:
        """The chain that gives the expression's value."""
        while (argument := _of_generator(frame, index)) is not None:
            frame, index = argument
        walk = _Walk(self._types, frame)
        walk.follow(index)
        is_known = walk.is_known and walk.roots > 0 and (walk.runs or not walk.is_statement)
        model = next(iter(walk.models)) if is_known and len(walk.models) == 1 else None
        return Chain(is_known, model, walk.is_awaited, frozenset(walk.loaded), walk.loads_all, frozenset(walk.fixed))

    def may_be_long(self, frame: Frame, name: facts.Name) -> bool:
        """Whether a name stands for more than a literal list: of the function, or of the module."""
        body, bindings = frame.function.body, name.bindings
        if not bindings:
            scope = frame.function.module.facts.scopes[0]
            body, bindings = frame.function.module.body_function.body, scope.final.get(name.name, ())
        values = [
            body.expressions[one.value] for i in bindings if isinstance(one := body.bindings[i], facts.Assigned) and one.value != NOWHERE
        ]
        return not values or not all(isinstance(value, facts.Display | facts.Constant) for value in values)


def _of_generator(frame: Frame, index: int) -> tuple[Frame, int] | None:
    """Where the outermost iterable of a generator expression stands, in the function around it."""
    expression = frame.function.body.expressions[index] if index != NOWHERE else None
    is_first = isinstance(expression, facts.Name) and expression.name == ".0" and frame.closure is not None
    return (frame.closure, frame.function.scope.parameters[0].default) if is_first and frame.closure is not None else None


class _Walk:
    """One way back from an expression, over at most `_LONGEST` steps."""

    def __init__(self, types: Types, frame: Frame) -> None:
        self._types = types
        self._frame = frame
        self._steps = 0
        self._seen: set[int] = set()
        self.is_known = True
        self.loads_all = False
        self.loaded: set[str] = set()
        self.fixed: set[str] = set()
        self.roots = 0
        self.models: set[Class] = set()
        self.is_awaited = False
        self.is_statement = False
        self.runs = False
        """The objects of the statement are asked for, not its rows."""

    def follow(self, index: int) -> None:
        """Take in an expression and what it is made of."""
        self._steps += 1
        if index in self._seen:
            return
        self._seen.add(index)
        body = self._frame.function.body
        expression = body.expressions[index] if index != NOWHERE else None
        if self._steps > _LONGEST or expression is None:
            self.is_known = False
        elif isinstance(expression, facts.Name):
            self._follow_name(expression)
        elif isinstance(expression, facts.Call):
            self._follow_call(expression)
        elif isinstance(expression, facts.Await):
            self.is_awaited = True
            self.follow(expression.value)
        elif isinstance(expression, facts.Attribute) and self._is_manager(expression, index):
            self.roots += 1
        elif isinstance(expression, facts.Subscript):
            self.follow(expression.value)
        else:
            self.is_known = False

    def _follow_name(self, name: facts.Name) -> None:
        body = self._frame.function.body
        if not name.bindings:
            self.is_known = False
        for one in name.bindings:
            binding = body.bindings[one]
            if isinstance(binding, facts.Assigned) and binding.value != NOWHERE and not binding.path:
                self.follow(binding.value)
            else:
                self.is_known = False

    def _follow_call(self, call: facts.Call) -> None:
        body = self._frame.function.body
        callee = body.expressions[call.function]
        name = facts.last_name(callee)
        if name in _PLAIN:
            self.is_known = False
        elif name in ("query", "select") and call.arguments:
            self.is_statement = self.is_statement or name == "select"
            self._take_model(call)
        elif not isinstance(callee, facts.Attribute):
            self.is_known = False
        elif name in _RUNNING and call.arguments:
            self.runs = self.runs or name != "execute"
            self.follow(call.arguments[0])
        else:
            self.runs = self.runs or name in _RUNNING
            if name in _LOADING:
                self._take_loaded(call)
            elif name == "options":
                self._take_options(call)
            elif name in _CHOOSING:
                self._take_fixed(call, name)
            self.follow(callee.value)

    def _take_model(self, call: facts.Call) -> None:
        """The one class that `query` or `select` is given; of columns and several things no object comes."""
        given = [value for value, _ in self._types.value(self._frame, call.arguments[0])] if len(call.arguments) == 1 else []
        models = {value.class_ for value in given if isinstance(value, ClassObject) and isinstance(value.class_, Class)}
        self.is_known = self.is_known and len(models) == 1 and len(given) == 1
        self.models |= models
        self.roots += 1

    def _take_fixed(self, call: facts.Call, name: str) -> None:
        """`filter_by(author_id=1)`, `where(Book.author_id == author.id)`; the operands of a comparison stand before it."""
        if name == "filter_by":
            self.fixed.update(keyword for keyword, _ in call.keywords)
        elif call.arguments:
            inside = self._frame.function.body.expressions[call.function + 1 : call.arguments[-1] + 1]
            names = {one.name for one in inside if isinstance(one, facts.Attribute)}
            if names.isdisjoint(_OF_MANY):
                self.fixed |= names

    def _take_options(self, call: facts.Call) -> None:
        """`options(selectinload(Book.author).joinedload(Author.town))`: every attribute that is named is taken for loaded."""
        body = self._frame.function.body
        waiting = [*call.arguments, *(value for _, value in call.keywords)]
        while waiting:
            given = body.expressions[waiting.pop()]
            if isinstance(given, facts.Call):
                waiting += [
                    *given.arguments,
                    *((callee.value,) if isinstance(callee := body.expressions[given.function], facts.Attribute) else ()),
                ]
            elif isinstance(given, facts.Attribute):
                self.loaded.add(given.name)
            elif not (isinstance(given, facts.Name) and given.name[:1].isupper()):  # `Load(Book)`
                self.loads_all = True

    def _take_loaded(self, call: facts.Call) -> None:
        body = self._frame.function.body
        self.loads_all = self.loads_all or not call.arguments
        for index in call.arguments:
            given = body.expressions[index]
            if isinstance(given, facts.Call) and given.arguments:
                given = body.expressions[given.arguments[0]]
            if isinstance(given, facts.Constant) and given.kind == "str":
                self.loaded.update(given.text.split("__"))
            else:
                self.loads_all = True

    def _is_manager(self, read: facts.Attribute, index: int) -> bool:
        """Whether it is the plain manager of a model: one of the project's own may load relations ahead."""
        owners = self._types.value(self._frame, read.value)
        if not owners or not all(isinstance(owner, ClassObject) for owner, _ in owners):
            return False
        self.models |= {one.class_ for one, _ in owners if isinstance(one, ClassObject) and isinstance(one.class_, Class)}
        if read.name == "query" and len(self.models) == 1:  # of Flask-SQLAlchemy
            return True
        managers = self._types.value(self._frame, index)
        return bool(managers) and all(isinstance(one, Object) and isinstance(one.class_, str) for one, _ in managers)
