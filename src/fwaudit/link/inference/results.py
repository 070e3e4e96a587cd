"""What calls give, and which frame a call runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fwaudit.catalog.knowledge import Knowledge
from fwaudit.catalog.types import TypeExpression, parse_type
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.symbols import Function
from fwaudit.link.values import (
    NOTHING,
    UNKNOWN,
    UNKNOWN_VALUES,
    Awaitable,
    ClassObject,
    ContextManager,
    Frame,
    FunctionObject,
    Generator,
    LazyCalls,
    LibraryName,
    LoopRunning,
    Object,
    Offloaded,
    PartialObject,
    Value,
    Values,
    join,
    known,
    surely,
    weaken,
)
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

if TYPE_CHECKING:
    from fwaudit.link.inference.types import Types

_CONTAINERS = frozenset({"builtins.list", "builtins.set", "builtins.dict", "collections.deque"})
_HOLDING = _CONTAINERS | {"builtins.frozenset", "builtins.tuple"}


class Results:
    """The result of a call, by what is called."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._frame_results: dict[int, Values] = {}
        self._frame_yields: dict[int, Values] = {}

    # --- results ---------------------------------------------------------------------------------------

    def of_call(self, frame: Frame, expression: facts.Call) -> Values:
        """What the call gives, over everything that it may call."""
        call = Arguments.of_expression(self._types, frame, expression)
        callees = self._types.value(frame, expression.function)
        if len(callees) == 1:
            value, grade = callees[0]
            return weaken(self.of(value, call), grade)
        return join(weaken(self.of(value, call), grade) for value, grade in callees)

    def of(self, value: Value, call: Arguments) -> Values:
        """What calling `value` gives."""
        if isinstance(value, FunctionObject):
            return self._of_function(value, call)
        if isinstance(value, ClassObject):
            return self._of_class(value, call)
        if isinstance(value, LibraryName):
            return self._of_library(value, call)
        if isinstance(value, PartialObject):
            inner = call.after(value)
            return join(weaken(self.of(member, inner), grade) for member, grade in value.callable)
        if isinstance(value, Offloaded):
            given = join(weaken(self.of(member, call), grade) for member, grade in value.callable)
            return surely(Awaitable(made_in_thread(given)))
        if isinstance(value, LoopRunning):
            results = join(weaken(self.of(member, call), grade) for member, grade in value.callable)
            return join(self._types.awaited(member) for member, _ in results)
        if isinstance(value, Object):
            if isinstance(value.class_, str):
                declared = self._types.catalog.calling(value.class_)
                return self.typed(declared, value, call) if declared is not None else UNKNOWN_VALUES
            return self.of_method(value, "__call__", call)
        return UNKNOWN_VALUES

    def _of_function(self, value: FunctionObject, call: Arguments) -> Values:
        function = value.function
        own = self.own_knowledge(function)
        if own is not None and own.offloader is not None:
            return self._offloaded(own, value, call)
        frame = self._types.binder.bind(value, call)
        if value.wrapping in ("context", "async_context"):
            return surely(ContextManager(frame, value.wrapping == "async_context"))
        if function.scope.is_generator:
            return surely(Generator(frame, function.scope.is_async))
        return surely(Awaitable(None, frame)) if function.scope.is_async else self.of_frame(frame)

    def own_knowledge(self, function: Function) -> Knowledge | None:
        """What the settings or the user's own tables say of a function of the project."""
        if self._types.catalog.knows_module(function.qualified_name.partition(".")[0]):
            return None
        return self._types.catalog.callable(function.qualified_name)

    def of_frame(self, frame: Frame) -> Values:
        """What the function returns: by its annotation, else by its `return` statements."""
        return self._types.once(self._frame_results, frame.number, self._returned, frame)

    def _returned(self, frame: Frame) -> Values:
        function = frame.function
        if function.scope.returns != NOWHERE and frame.closure is not None:
            declared = self._types.annotations.instance(frame.closure, function.scope.returns, frame)
            is_open = self._types.annotations.is_open(frame.closure, function.scope.returns) or _holds_anything(declared)
            if declared == NOTHING or (known(declared) and not is_open):
                return declared
            inferred = self._inferred(frame)
            return inferred if known(inferred) else declared
        return self._inferred(frame)

    def _inferred(self, frame: Frame) -> Values:
        returns = frame.function.body.returns
        if returns and self._types.branches.is_decided(frame):
            excluded = self._types.branches.excluded(frame)
            returns = tuple(index for index in returns if index not in excluded)
        return join(self._types.value(frame, index) for index in returns)

    def yielded(self, frame: Frame) -> Values:
        """What a generator yields: by its annotation, else by its `yield` expressions."""
        return self._types.once(self._frame_yields, frame.number, self._yielded, frame)

    def _yielded(self, frame: Frame) -> Values:
        function = frame.function
        if function.scope.returns != NOWHERE and frame.closure is not None:
            for declared, _ in self._types.annotations.instance(frame.closure, function.scope.returns):
                if isinstance(declared, Object) and declared.arguments and known(declared.arguments[0]):
                    return declared.arguments[0]
        body = function.body
        parts: list[Values] = []
        for index in body.yields:
            expression = body.expressions[index]
            if isinstance(expression, facts.Yield) and expression.value != NOWHERE:
                given = self._types.value(frame, expression.value)
                parts.append(self._types.language.elements_of(given) if expression.is_from else given)
        return join(parts)

    def _of_class(self, value: ClassObject, call: Arguments) -> Values:
        if isinstance(value.class_, str):
            if value.class_ in self._types.catalog.injection:
                return self._injected(call)
            language = self._types.language.result(value.class_, call)
            if language is not None:
                return language
            knowledge = self._types.catalog.callable(value.class_)
            if knowledge is not None and knowledge.returns:
                return self._with_arguments(self.returned_type(knowledge, value, call), value.arguments)
            return surely(Object(value.class_, value.arguments, exact=True))
        return surely(Object(value.class_, value.arguments, True, self._types.binder.made_with(value.class_, call)))

    def _with_arguments(self, values: Values, arguments: tuple[Values, ...]) -> Values:
        """`values`, where `Class[X]()` says what an instance holds."""
        if not arguments:
            return values
        return tuple(
            (Object(value.class_, arguments, value.exact), grade)
            if isinstance(value, Object) and not any(value.arguments)
            else (value, grade)
            for value, grade in values
        )

    def of_method(self, value: Value, name: str, call: Arguments | None) -> Values:
        """What `value.name(...)` gives; unknown if there is no such method."""
        if isinstance(value, Object) and isinstance(value.class_, str) and self._types.catalog.method(value.class_, name) is None:
            return UNKNOWN_VALUES
        arguments = call if call is not None else Arguments.nothing()
        return join(weaken(self.of(member, arguments), grade) for member, grade in self._types.attributes.of(value, name))

    def of_property(self, value: FunctionObject) -> Values:
        """What reading the property gives."""
        return self._of_function(FunctionObject(value.function, value.receiver, value.closure), Arguments.nothing())

    def of_callable(self, callables: Values, call: Arguments | None = None) -> Values:
        """What calling each of `callables`, with the arguments of `call` as far as they are known, gives."""
        arguments = call if call is not None else Arguments.nothing()
        return join(weaken(self.of(member, arguments), grade) for member, grade in callables)

    # --- library names ------------------------------------------------------------------------------------

    def knowledge(self, value: LibraryName) -> Knowledge | None:
        """What the tables say of the name."""
        if isinstance(value.receiver, Object) and isinstance(value.receiver.class_, str):
            found = self._types.catalog.method(value.receiver.class_, value.dotted.rpartition(".")[2])
            if found is not None:
                return found
        class_, _, name = value.dotted.rpartition(".")
        return self._types.catalog.method(class_, name) if value.receiver is not None else self._types.catalog.callable(value.dotted)

    def _of_library(self, value: LibraryName, call: Arguments) -> Values:
        language = self._types.language.result(value.dotted, call)
        if language is not None:
            return language
        if value.dotted in self._types.catalog.injection:
            return self._injected(call)
        if isinstance(value.receiver, Object) and value.receiver.class_ in _CONTAINERS:
            found = self._of_container(value.dotted.rpartition(".")[2], value.receiver)
            if found is not None:
                return found
        knowledge = self.knowledge(value)
        if knowledge is None:
            return self._of_unknown_library(value)
        if knowledge.decorator is not None and known(call.position(0)):
            return self._types.decorators.wrapped(knowledge.decorator.gives, call.position(0))
        if knowledge.offloader is not None:
            return self._offloaded(knowledge, value, call)
        if knowledge.loop_runner is not None:
            return self._run_on_loop(knowledge, value, call)
        if knowledge.coroutine is not None:
            return surely(Awaitable(self.typed(parse_type(knowledge.coroutine.type), value.receiver, call)))
        return self.returned_type(knowledge, value, call)

    def _of_container(self, method: str, receiver: Object) -> Values | None:
        """What a method of a list, set or dict gives, by what it holds; None for the other methods."""
        if method == "copy":
            return surely(receiver)
        if not receiver.arguments:
            return None
        if receiver.class_ != "builtins.dict":
            return receiver.arguments[0] if method == "pop" else None
        keys, values = receiver.arguments[0], receiver.arguments[-1]
        if method == "items":
            return surely(Object("typing.Iterable", (surely(Object("builtins.tuple", (keys, values))),)))
        if method in ("keys", "values"):
            return surely(Object("typing.Iterable", (keys if method == "keys" else values,)))
        return values if method in ("get", "pop", "setdefault") else None

    def _of_unknown_library(self, value: LibraryName) -> Values:
        name = value.dotted.rpartition(".")[2]
        if value.receiver is None and name[:1].isupper() and not name.isupper():
            return surely(Object(value.dotted, exact=True))
        return UNKNOWN_VALUES

    def _offloaded(self, knowledge: Knowledge, value: LibraryName | FunctionObject, call: Arguments) -> Values:
        row = knowledge.offloader
        assert row is not None
        callables = call.argument(row.position, row.keyword)
        if row.gives == "wrapper":
            return surely(Offloaded(callables, row.context)) if known(callables) else surely(value)
        if knowledge.returns and isinstance(value, LibraryName):
            return _holding_what_a_thread_made(self.returned_type(knowledge, value, call))
        results = self.of_callable(callables, call.rest(row.position + 1))
        return surely(Awaitable(made_in_thread(results), coroutine=row.gives == "awaitable"))

    def _run_on_loop(self, knowledge: Knowledge, value: LibraryName, call: Arguments) -> Values:
        row = knowledge.loop_runner
        assert row is not None
        given = call.argument(row.position, "")
        if row.gives == "wrapper":
            return surely(LoopRunning(given, knowledge.raises_on_a_loop))
        if knowledge.returns:
            return self.returned_type(knowledge, value, call)
        coroutines = given if row.takes == "coroutine" else self.of_callable(given)
        return join(weaken(self._types.awaited(coroutine), grade) for coroutine, grade in coroutines)

    def _injected(self, call: Arguments) -> Values:
        """What a dependency marker stands for: what its function returns or yields."""
        parts: list[Values] = []
        for value, grade in self.of_callable(call.argument(0, "dependency")):
            parts.append(weaken(self.provided(value), grade))
        return join(parts) or UNKNOWN_VALUES

    def provided(self, value: Value) -> Values:
        """What an injected parameter gets when calling its dependency gives `value`."""
        if isinstance(value, Generator):
            return self.yielded(value.frame)
        if isinstance(value, ContextManager):
            return self._types.protocols.entered(value, value.is_async)
        if isinstance(value, Awaitable):
            return self._types.awaited(value)
        return surely(value)

    def injected_callable(self, frame: Frame, index: int) -> Values:
        """The function that a call of a dependency marker names; nothing for `Depends()`."""
        expression = frame.function.body.expressions[index]
        if not isinstance(expression, facts.Call):
            return NOTHING
        return Arguments.of_expression(self._types, frame, expression).argument(0, "dependency")

    def is_injection(self, frame: Frame, index: int) -> bool:
        """Whether the expression is a call of a dependency marker (`Depends(...)`)."""
        expression = frame.function.body.expressions[index]
        if not isinstance(expression, facts.Call):
            return False
        markers = self._types.catalog.injection
        for value, _ in self._types.value(frame, expression.function):
            name = value.dotted if isinstance(value, LibraryName) else value.class_ if isinstance(value, ClassObject) else None
            if name in markers:
                return True
        return False

    # --- type expressions of tables ---------------------------------------------------------------------------

    def typed(self, expression: TypeExpression, receiver: Value | None, call: Arguments | None) -> Values:
        """What a table's type expression stands for, given the receiver and the call."""
        name, inner = expression.name, expression.arguments
        if expression.position >= 0 or expression.keyword:
            return self._by_argument(expression, call) if call is not None else UNKNOWN_VALUES
        if name == "|":
            return join(self.typed(member, receiver, call) for member in inner)
        if name == "None":
            return NOTHING
        if name == "unknown":
            return UNKNOWN_VALUES
        if name == "self":
            return surely(receiver) if receiver is not None else UNKNOWN_VALUES
        if name == "own":
            return self._types.annotations.instances(surely(receiver)) if isinstance(receiver, ClassObject) else surely(receiver or UNKNOWN)
        if name == "element":
            return self._own_element(receiver)
        if name == "class":
            return surely(ClassObject(self._types.catalog.canonical(inner[0].name)))
        arguments = tuple(self.typed(member, receiver, call) for member in inner)
        if name == "awaitable":
            return surely(Awaitable(arguments[0]))
        if name in ("iterator", "async_iterator"):
            return surely(Object("typing.Iterator", arguments))
        if name in ("context", "async_context"):
            return surely(ContextManager(None, name == "async_context", arguments[0]))
        return surely(Object(self._types.catalog.canonical(name), arguments, exact=True))

    def _by_argument(self, expression: TypeExpression, call: Arguments) -> Values:
        word = expression.name
        argument = call.argument(expression.position, expression.keyword)
        if word == "argument":
            return argument
        if word == "instance":
            return self._types.annotations.instances(argument)
        if word == "result":
            return self.of_callable(argument, call.rest(expression.position + 1))
        if word == "awaited":
            return join(weaken(self._types.awaited(value), grade) for value, grade in argument)
        if word == "entered":
            return join(weaken(self._entered_either_way(value), grade) for value, grade in argument)
        return self._types.language.elements_of(argument)

    def _entered_either_way(self, value: Value) -> Values:
        is_async = isinstance(value, ContextManager) and value.is_async
        return self._types.protocols.entered(value, is_async)

    def returned_type(self, knowledge: Knowledge, value: LibraryName | ClassObject, call: Arguments) -> Values:
        """What a known call gives by its tables: the first row whose conditions hold; unknown if there is none."""
        receiver = value.receiver if isinstance(value, LibraryName) else value
        for row in knowledge.returns:
            if all(self._types.holds(condition, call) for condition in row.when):
                return self.typed(row.type, receiver, call)
        if isinstance(value, ClassObject):
            return surely(Object(value.class_, value.arguments, exact=True))
        return UNKNOWN_VALUES

    def _own_element(self, receiver: Value | None) -> Values:
        """What the receiver holds: by its own type arguments, else by its class's row."""
        if not isinstance(receiver, Object):
            return UNKNOWN_VALUES
        if receiver.arguments:
            return receiver.arguments[0]
        declared = self._types.catalog.elements(receiver.class_) if isinstance(receiver.class_, str) else None
        return self.typed(declared, None, None) if declared is not None else UNKNOWN_VALUES


def made_in_thread(values: Values) -> Values:
    """`values`, marked as made in a thread: consuming a lazy one on the loop does its work there."""
    return tuple((_made_in_thread(value), grade) for value, grade in values)


def _holding_what_a_thread_made(values: Values) -> Values:
    """`values`, with what they hold or give when awaited marked as made in a thread."""
    return tuple((_holding(value), grade) for value, grade in values)


def _holding(value: Value) -> Value:
    if isinstance(value, Object):
        return Object(
            value.class_, tuple(made_in_thread(inner) for inner in value.arguments), value.exact, value.made_with, value.offloaded
        )
    if isinstance(value, Awaitable) and value.values is not None:
        return Awaitable(made_in_thread(value.values), None, value.coroutine)
    return value


def _made_in_thread(value: Value) -> Value:
    if isinstance(value, Object):
        return Object(value.class_, tuple(made_in_thread(inner) for inner in value.arguments), value.exact, value.made_with, True)
    if isinstance(value, LazyCalls):
        return LazyCalls(value.callables, value.source, value.elements, True)
    return Generator(value.frame, value.is_async, True) if isinstance(value, Generator) else value


def _holds_anything(declared: Values) -> bool:
    """Whether an annotation names containers and not what is in them: `-> tuple | None`."""
    return bool(declared) and all(isinstance(value, Object) and value.class_ in _HOLDING and not value.arguments for value, _ in declared)
