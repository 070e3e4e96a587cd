"""What an expression stands for: nominal inference on demand, across modules, without importing the project.

`Types` evaluates expressions and keeps each answer, once per frame. `Lookup` says what names stand for, `Bindings` what gives them
their values, `Attributes` looks members up in the order of `Classes`, `Results` says what calls give, `Protocols` what `for` and `with`
give, `Narrowing` what `isinstance` leaves, `Annotations` reads types as written.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from fwaudit.catalog.names import Catalog
from fwaudit.catalog.schema import Condition
from fwaudit.link.inference.annotations import Annotations
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.attributes import Attributes
from fwaudit.link.inference.bindings import Bindings
from fwaudit.link.inference.branches import Branches
from fwaudit.link.inference.callers import Callers
from fwaudit.link.inference.classes import Classes
from fwaudit.link.inference.decorators import Decorators
from fwaudit.link.inference.dependence import Dependence
from fwaudit.link.inference.fillings import Fillings
from fwaudit.link.inference.frames import Frames
from fwaudit.link.inference.language import Language
from fwaudit.link.inference.lookup import Lookup
from fwaudit.link.inference.narrowing import Narrowing
from fwaudit.link.inference.nones import Nones
from fwaudit.link.inference.protocols import Protocols
from fwaudit.link.inference.results import Results
from fwaudit.link.symbols import Class, Function, Symbols
from fwaudit.link.values import (
    HIGH,
    LOW,
    MEDIUM,
    NOTHING,
    UNKNOWN,
    UNKNOWN_VALUES,
    Awaitable,
    ClassObject,
    Frame,
    FunctionObject,
    Generator,
    LibraryName,
    Object,
    PartialObject,
    TypeAlias,
    Value,
    Values,
    join,
    known,
    surely,
    weaken,
)
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE
from fwaudit.model.numbers import whole_number

MOST_STEPS = 50
"""Bindings, attributes and returns followed for one expression; beyond that it is unknown."""
MOST_FRAMES = 8
"""Frames of one function that differ by their arguments; further calls share the generic one."""
MOST_FRAMES_OF_CALLABLES = 200
"""The same for functions that are handed functions: a decorator stands on many."""
MOST_RECOMPUTATIONS = 3
"""Answers that hang on an open cycle are not kept; after this many attempts they are."""
_NEVER = sys.maxsize
_Key = TypeVar("_Key", bound=Hashable)


class Types:
    """The type stage: every question goes through one instance for the whole project."""

    def __init__(self, symbols: Symbols, catalog: Catalog) -> None:
        self.symbols = symbols
        self.catalog = catalog
        self.lookup = Lookup(self)
        self.classes = Classes(self)
        self.protocols = Protocols(self)
        self.narrowing = Narrowing(self)
        self.bindings = Bindings(self)
        self.attributes = Attributes(self)
        self.fillings = Fillings(self)
        self.binder = Frames(self)
        self.branches = Branches(self)
        self.nones = Nones(self)
        self.callers = Callers(self)
        self.results = Results(self)
        self.language = Language(self)
        self.decorators = Decorators(self)
        self.annotations = Annotations(self)
        self.frames: list[Frame] = []
        self.step_limit_hits = 0
        self._interned: dict[Hashable, Frame] = {}
        self._dependence: dict[Function, Dependence] = {}
        self._active: dict[tuple[int, Hashable], int] = {}
        self._provisional: dict[tuple[int, Hashable], tuple[Values, int]] = {}
        self._attempts: dict[tuple[int, Hashable], int] = {}
        self._cut = _NEVER
        for module in symbols.modules:
            own = catalog.single_files.get(module.name.rpartition(".")[2], frozenset())
            if any(class_.name in own for class_ in module.classes.values()):
                module.copy_of = module.name.rpartition(".")[2]
        self._expressions: dict[type, Callable[[Frame, Any], Values]] = {
            facts.Name: self.lookup.of_expression,
            facts.Attribute: self._attribute,
            facts.Call: self.results.of_call,
            facts.Await: self._await,
            facts.Subscript: self._subscript,
            facts.Constant: self._constant,
            facts.Display: self._display,
            facts.Comprehension: self._comprehension,
            facts.FunctionValue: self._function_value,
            facts.Operation: self._operation,
            facts.Choice: self._choice,
            facts.Yield: self._unknown,
            facts.Starred: self._unknown,
            facts.Other: self._other,
            facts.Formatted: self._formatted,
        }

    # --- frames -------------------------------------------------------------------------------

    def frame(
        self,
        function: Function,
        arguments: tuple[tuple[int, Values], ...],
        closure: Frame | None,
        states: tuple[tuple[int, str], ...] = (),
    ) -> Frame:
        """The one frame of `function` with these arguments; the generic one when it has too many already."""
        if arguments and function.frames >= MOST_FRAMES and (function, arguments, closure, states) not in self._interned:
            has_callable = any(isinstance(value, FunctionObject | PartialObject) for _, values in arguments for value, _ in values)
            if not has_callable or function.frames >= MOST_FRAMES_OF_CALLABLES:
                arguments = ()
        key = (function, arguments, closure, states)
        found = self._interned.get(key)
        if found is None:
            found = self._interned[key] = Frame(function, arguments, closure, states, len(self.frames))
            self.frames.append(found)
            function.frames += 1
            base = self.generic(function) if arguments or states else None
            if base is not None and base.closure is closure:
                dependence = self._dependence.get(function) or self._dependence.setdefault(function, Dependence(function))
                found.base = base
                found.own, found.own_bindings = dependence.on(found.arguments, found.states)
        return found

    def generic(self, function: Function) -> Frame:
        """The frame of `function` that knows nothing but declarations."""
        if function.generic is None:
            parent = function.scope.parent
            function.generic = self.frame(function, (), None if parent == NOWHERE else self.generic(function.module.functions[parent]))
        return function.generic

    # --- evaluation ------------------------------------------------------------------------------

    def value(self, frame: Frame, index: int) -> Values:
        """What expression `index` of the frame's body stands for."""
        found = frame.values.get(index)
        if found is None:
            if frame.base is not None and index not in frame.own:
                return self.value(frame.base, index)
            function = frame.function
            expression = (function.read or function.body).expressions[index]
            found = self._expressions[type(expression)](frame, expression)
            if self._cut == _NEVER:
                frame.values[index] = found
        return found

    def binding(self, frame: Frame, index: int) -> Values:
        """What binding `index` of the frame's body gives its name."""
        if frame.base is not None and index not in frame.own_bindings:
            frame = frame.base
        found = frame.bindings.get(index)
        return found if found is not None else self.once(frame.bindings, index, self._bind, frame, index)

    def _bind(self, frame: Frame, index: int) -> Values:
        body = frame.function.body
        binding = body.bindings[index]
        if body.decided and type(binding) is facts.DefinedFunction and index in self.branches.excluded_definitions(frame):
            return NOTHING
        return self.bindings.by_form[type(binding)](frame, binding)

    def once(self, memo: dict[_Key, Values], key: _Key, compute: Callable[..., Values], *arguments: object) -> Values:
        """`compute(*arguments)`, kept in `memo` unless it hangs on a question that is still open.

        A question that is asked while it is being answered adds nothing to its own answer.
        """
        found = memo.get(key)
        if found is not None:
            return found
        mark = (id(memo), key)
        depth = self._active.get(mark)
        if depth is not None:
            self._cut = min(self._cut, depth)
            return NOTHING
        provisional = self._provisional.get(mark)
        if provisional is not None:
            self._cut = min(self._cut, provisional[1])
            return provisional[0]
        depth = len(self._active)
        if depth >= MOST_STEPS:
            self.step_limit_hits += 1
            return UNKNOWN_VALUES
        self._active[mark] = depth
        outer, self._cut = self._cut, _NEVER
        try:
            found = compute(*arguments)
        finally:
            del self._active[mark]
        if self._cut >= depth:
            if self._cut != _NEVER:
                self._provisional.clear()
            memo[key] = found
            self._cut = outer
            return found
        self._attempts[mark] = attempts = self._attempts.get(mark, 0) + 1
        if attempts >= MOST_RECOMPUTATIONS:
            memo[key] = found
        else:
            self._provisional[mark] = (found, self._cut)
        self._cut = min(self._cut, outer)
        return found

    # --- expressions -----------------------------------------------------------------------------------

    def _attribute(self, frame: Frame, expression: facts.Attribute) -> Values:
        name = expression.name
        bases = self.value(frame, expression.value)
        if len(bases) == 1:
            value, grade = bases[0]
            return weaken(self.attributes.of(value, name), grade)
        return join(weaken(self.attributes.of(value, name), grade) for value, grade in bases)

    def _await(self, frame: Frame, expression: facts.Await) -> Values:
        return join(weaken(self.awaited(value), grade) for value, grade in self.value(frame, expression.value))

    def awaited(self, value: Value) -> Values:
        """What `await value` gives."""
        if isinstance(value, Awaitable):
            if value.frame is not None:
                return self.results.of_frame(value.frame)
            return value.values if value.values is not None else UNKNOWN_VALUES
        if isinstance(value, Object):
            declared = self.catalog.awaits(value.class_) if isinstance(value.class_, str) else None
            return self.results.typed(declared, value, None) if declared is not None else UNKNOWN_VALUES
        return UNKNOWN_VALUES

    def _subscript(self, frame: Frame, expression: facts.Subscript) -> Values:
        parts = []
        for value, grade in self.value(frame, expression.value):
            if isinstance(value, ClassObject | LibraryName | TypeAlias):
                parts.append(weaken(self.annotations.subscripted(frame, value, expression.index), grade))
            else:
                parts.append(weaken(self._item(frame, value, expression.index), grade))
        return join(parts)

    def _item(self, frame: Frame, value: Value, index: int) -> Values:
        if isinstance(value, Object):
            key = frame.function.body.expressions[index]
            position = whole_number(key.text) if isinstance(key, facts.Constant) and key.kind == "int" else None
            if value.class_ == "builtins.tuple" and position is not None:
                return self.bindings.element_at(value, HIGH, position)
            if isinstance(value.class_, str) and value.arguments:
                return value.arguments[-1]
            return self.results.of_method(value, "__getitem__", Arguments.nothing())
        return UNKNOWN_VALUES

    def _constant(self, _: Frame, expression: facts.Constant) -> Values:
        return NOTHING if expression.kind in ("None", "ellipsis") else surely(Object(f"builtins.{expression.kind}", exact=True))

    def _display(self, frame: Frame, expression: facts.Display) -> Values:
        items = [self.value(frame, item) for item in expression.items]
        if expression.kind == "tuple":
            return surely(Object("builtins.tuple", shallow(items), exact=True))
        elements = weaken(join(items), LOW if expression.kind == "dict" else MEDIUM)
        arguments = (UNKNOWN_VALUES, elements) if expression.kind == "dict" else (elements,)
        return surely(Object(f"builtins.{expression.kind}", shallow(arguments), exact=True))

    def _comprehension(self, frame: Frame, expression: facts.Comprehension) -> Values:
        element = self.value(frame, expression.element)
        arguments = (UNKNOWN_VALUES, element) if expression.kind == "dict" else (element,)
        return surely(Object(f"builtins.{expression.kind}", shallow(arguments), exact=True))

    def _function_value(self, frame: Frame, expression: facts.FunctionValue) -> Values:
        function = frame.function.module.functions[expression.scope]
        if function.scope.kind == "generator":
            return surely(Generator(self.frame(function, (), frame), function.scope.is_async))
        return surely(FunctionObject(function, closure=frame))

    def _operation(self, frame: Frame, expression: facts.Operation) -> Values:
        left = self.value(frame, expression.left)
        if expression.operator == "|":
            right = self.value(frame, expression.right)
            if any(isinstance(value, ClassObject | TypeAlias | LibraryName) for value, _ in (*left, *right)):
                return surely(TypeAlias(join((self.annotations.instances(left), self.annotations.instances(right)))))
        result = self.operated(left, expression.operator)
        if known(result):
            return result
        return self.operated(self.value(frame, expression.right), expression.operator, reflected=True)

    def operated(self, values: Values, operator: str, reflected: bool = False) -> Values:
        """What an operator gives for `values` on its left, or (`reflected`) on its right."""
        method = DUNDERS.get(operator)
        if method is None:
            return UNKNOWN_VALUES
        name = f"__{'r' if reflected else ''}{method}__"
        parts = [weaken(self.results.of_method(value, name, Arguments.nothing()), grade) for value, grade in values if value is not UNKNOWN]
        return join(parts) or UNKNOWN_VALUES

    def _choice(self, frame: Frame, expression: facts.Choice) -> Values:
        return join(self.value(frame, option) for option in expression.options)

    def _other(self, _: Frame, expression: facts.Other) -> Values:
        return surely(Object(f"builtins.{expression.kind}", exact=True)) if expression.kind else UNKNOWN_VALUES

    def _formatted(self, _: Frame, __: facts.Formatted) -> Values:
        return surely(Object("builtins.str", exact=True))

    def _unknown(self, _: Frame, __: object) -> Values:
        return UNKNOWN_VALUES

    # --- other questions --------------------------------------------------------------------------------

    def holds(self, condition: Condition, call: Arguments) -> bool:
        """Whether a table's condition on an argument is known to hold."""
        index = call.index(condition.position, condition.keyword)
        if condition.type:
            return any(
                isinstance(value, Object)
                and isinstance(value.class_, str)
                and condition.type in (value.class_, *self.catalog.bases(value.class_))
                for value, _ in call.argument(condition.position, condition.keyword)
            )
        if condition.value == "default" or condition.value is None:
            return (index is None) == (condition.value == "default")
        if index is None or call.frame is None:
            return False
        expression = call.frame.function.body.expressions[index]
        if isinstance(expression, facts.Constant):
            return expression.text == condition.value
        return any(isinstance(value, LibraryName) and value.dotted == condition.value for value, _ in self.value(call.frame, index))

    def class_of_scope(self, frame: Frame) -> Class | None:
        """The class whose body `frame` is, or in whose body it stands."""
        scope: Frame | None = frame
        while scope is not None:
            if scope.function.scope.kind == "class":
                index = scope.function.index
                return next(class_ for class_ in scope.function.module.classes.values() if class_.declaration.scope == index)
            scope = scope.closure
        return None


def shallow(arguments: list[Values] | tuple[Values, ...]) -> tuple[Values, ...]:
    """Element types without their own elements below the second level, so that recursion cannot nest them for ever."""
    return tuple(tuple((_flat(value, 2), grade) for value, grade in values) for values in arguments)


def _flat(value: Value, levels: int) -> Value:
    if not isinstance(value, Object) or not value.arguments:
        return value
    if levels == 0:
        return Object(value.class_, (), value.exact, None, value.offloaded)
    inner = tuple(tuple((_flat(member, levels - 1), grade) for member, grade in values) for values in value.arguments)
    return Object(value.class_, inner, value.exact, value.made_with, value.offloaded)


DUNDERS = {
    "/": "truediv",
    "+": "add",
    "-": "sub",
    "*": "mul",
    "|": "or",
    "&": "and",
    "%": "mod",
    "//": "floordiv",
    "@": "matmul",
    ">>": "rshift",
    "<<": "lshift",
}
"""Operators whose result or side effect may matter, with the name of their method."""
