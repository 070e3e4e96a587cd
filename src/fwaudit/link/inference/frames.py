"""Which frame a call runs: the function's generic one, or one of its own where the arguments tell more than the declaration."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import TYPE_CHECKING

from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.attributes import SAYING_NOTHING
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import (
    MEDIUM,
    NOTHING,
    UNKNOWN,
    ClassObject,
    Frame,
    FunctionObject,
    LibraryName,
    Object,
    Value,
    Values,
    surely,
    weaken,
)
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

if TYPE_CHECKING:
    from fwaudit.link.inference.types import Types

MOST_SUBCLASSES_FOR_RECEIVERS = 8
"""A method of a class with more subclasses than this is evaluated once, not once for each receiver."""


_HOPS_OF_CONSTRUCTION = 3
"""Methods that call each other from a constructor, followed by name."""
_ALWAYS_TRUE = frozenset({"datetime.date", "datetime.datetime", "pathlib.Path", "pathlib.PurePath", "uuid.UUID"})
_MEMOS = frozenset({"functools.lru_cache", "functools.cache"})


class Frames:
    """Binds arguments to parameters, and constructors to instances."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._open_parameters: dict[Function, tuple[int, ...]] = {}
        self._blocking_classes: dict[Class, bool] = {}
        self._kept: dict[Function, bool] = {}
        self._once: dict[Function, bool] = {}
        self._read_on_construction: dict[Class, frozenset[str]] = {}
        self._guarded: dict[Function, tuple[int, ...]] = {}
        self._narrowed_parameters: dict[Function, tuple[int, ...]] = {}

    def bind(self, value: FunctionObject, call: Arguments) -> Frame:
        """The frame that calling `value` with `call` runs: the generic one unless an argument tells more than the declaration."""
        function = value.function
        closure = value.closure if value.closure is not None else self._types.generic(function).closure
        arguments: list[tuple[int, Values]] = []
        receiver = value.receiver
        if receiver is not None and self._tells_more(function, receiver):
            arguments.append((0, surely(receiver)))
        offset = 1 if receiver is not None else 0
        if not call.is_empty:
            for index in self._open(function):
                if index < offset:
                    continue
                given = self._telling(call.for_parameter(function.scope.parameters, index, offset))
                if given:
                    arguments.append((index, given))
            for index in self._narrowed(function):
                if index >= offset and all(index != known for known, _ in arguments):
                    given = call.for_parameter(function.scope.parameters, index, offset)
                    if given and all(isinstance(value, Object) for value, _ in given):
                        arguments.append((index, weaken(given, MEDIUM)))
            arguments.sort(key=itemgetter(0))
        return self._types.frame(function, tuple(arguments), closure, self._states(function, call, offset))

    def _states(self, function: Function, call: Arguments, offset: int) -> tuple[tuple[int, str], ...]:
        """Of the parameters on which calls in the function depend: what this call surely makes them (see `Frame.states`)."""
        guarded = self._guarded.get(function)
        if guarded is None:
            asked = {guard.parameter for guard in function.body.guards}
            guarded = self._guarded[function] = tuple(sorted(asked.union(self._handed_on_or_none(function))))
        if not guarded or not call.is_written:
            return ()
        told = ((index, self._state(function, call, index, offset)) for index in guarded if index >= offset)
        return tuple((index, state) for index, state in told if state)

    def _state(self, function: Function, call: Arguments, index: int, offset: int) -> str:
        declaration = function.scope.parameters[index]
        position = -1 if declaration.kind == "keyword-only" else index - offset
        given = call.index(position, declaration.name)
        if given is not None and call.frame is not None:
            return _state_of_literal(call.frame.function.body.expressions[given]) or self._declared_state(call.frame, given)
        parent = self._types.generic(function).closure
        if declaration.default == NOWHERE or parent is None:
            return ""
        return _state_of_literal(parent.function.body.expressions[declaration.default])

    def _declared_state(self, frame: Frame, index: int) -> str:
        """What is known of an argument: a parameter's state; else "not-none", or "true" if its class says nothing of its truth."""
        expression = frame.function.body.expressions[index]
        if isinstance(expression, facts.Name) and len(expression.bindings) == 1:
            binding = frame.function.body.bindings[expression.bindings[0]]
            if isinstance(binding, facts.Parameter) and binding.index in frame.states:
                return frame.states[binding.index]
        if not self._types.nones.excludes_none(frame, index):
            return ""
        return "true" if self._is_always_true(self._types.value(frame, index)) else "not-none"

    def _is_always_true(self, values: Values) -> bool:
        """Whether all these are instances of classes that say nothing of their truth, and so are true."""
        return bool(values) and all(isinstance(value, Object) and self._has_no_truth(value) for value, _ in values)

    def _has_no_truth(self, value: Object) -> bool:
        if isinstance(value.class_, str):
            return value.class_ in _ALWAYS_TRUE
        classes = (value.class_, *(() if value.exact else self._types.classes.subclasses(value.class_)))
        return all(
            (isinstance(base, Class) and not base.members.keys() & {"__bool__", "__len__"}) or base in SAYING_NOTHING
            for class_ in classes
            for base in self._types.classes.order(class_)
        )

    def _telling(self, values: Values) -> Values:
        """What of an argument is worth a frame of its own; objects less surely, since another call may pass others."""
        kept: list[tuple[Value, int]] = []
        is_telling = False
        for value, grade in values:
            if isinstance(value, Object):
                if self._can_lead_to_blocking(value):
                    kept.append((value, min(grade, MEDIUM)))
                    is_telling = True
            else:
                kept.append((value, grade))
                is_telling = is_telling or value is not UNKNOWN
        return tuple(kept) if is_telling else NOTHING

    def _can_lead_to_blocking(self, value: Object) -> bool:
        """Whether something that blocks can be reached from the object: by its class's methods, or by what it holds."""
        if isinstance(value.class_, str):
            if self._types.catalog.can_block(value.class_):
                return True
        elif self._class_can_block(value.class_):
            return True
        return any(bool(self._telling(inner)) for inner in value.arguments)

    def _class_can_block(self, class_: Class) -> bool:
        found = self._blocking_classes.get(class_)
        if found is None:
            order = self._types.classes.order(class_)
            own = any(isinstance(base, Class) and (base.stores or _has_methods(base)) for base in order)
            found = own or any(isinstance(base, str) and self._types.catalog.can_block(base) for base in order)
            self._blocking_classes[class_] = found
        return found

    def _tells_more(self, function: Function, receiver: Value) -> bool:
        if function.owner is None:
            return True
        if isinstance(receiver, Object):
            if receiver.made_with is not None or receiver.arguments:
                return True
            return receiver.class_ is not function.owner and (
                len(self._types.classes.subclasses(function.owner)) <= MOST_SUBCLASSES_FOR_RECEIVERS
            )
        return isinstance(receiver, ClassObject) and receiver.class_ is not function.owner

    def _open(self, function: Function) -> tuple[int, ...]:
        """The parameters whose declaration tells nothing, so that arguments may."""
        found = self._open_parameters.get(function)
        if found is None:
            frame = self._types.generic(function)
            found = self._open_parameters[function] = tuple(
                index
                for index, declaration in enumerate(function.scope.parameters)
                if declaration.kind != "keywords"
                and (
                    declaration.annotation == NOWHERE
                    or (frame.closure is not None and self._types.annotations.is_open(frame.closure, declaration.annotation))
                )
            )
        return found

    def _handed_on_or_none(self, function: Function) -> Iterator[int]:
        """The parameters that may be None, as they are declared, or are flags, and are handed on: what is called then may ask."""
        body, parent = function.body, self._types.generic(function).closure
        given: set[int] = set()
        for index in body.calls:
            call = body.call(index)
            given.update(call.arguments, (value for _, value in call.keywords))
        for index in set(_parameters_among(body, given)):
            declaration = function.scope.parameters[index]
            if parent is not None and _names_none_or_truth(parent.function.body, declaration.default, declaration.annotation):
                yield index

    def _narrowed(self, function: Function) -> tuple[int, ...]:
        """The parameters of which it counts what kind of thing is passed: a test asks for it, or they are one of several and handed on."""
        found = self._narrowed_parameters.get(function)
        if found is None:
            body, frame = function.body, self._types.generic(function)
            tested = {one.test for one in body.decided}
            asked, handed = set[int](), set[int]()
            for index in body.calls:
                call = body.call(index)
                given = {*call.arguments, *(value for _, value in call.keywords)}
                (asked if index in tested else handed).update(_parameters_among(body, given))
            found = self._narrowed_parameters[function] = tuple(
                index
                for index, declaration in enumerate(function.scope.parameters)
                if declaration.kind not in ("keywords", "variadic")
                and (index in asked or (index in handed and self._is_one_of_several(frame, declaration)))
            )
        return found

    def _is_one_of_several(self, frame: Frame, declaration: facts.ParameterDeclaration) -> bool:
        """Whether the parameter is declared to be an instance of one of several classes."""
        if declaration.annotation == NOWHERE or frame.closure is None:
            return False
        declared = self._types.annotations.instance(frame.closure, declaration.annotation)
        return len(declared) > 1 and all(isinstance(value, Object) for value, _ in declared)

    def keeps_results(self, function: Function) -> bool:
        """Whether a function does its work once for whatever it is given: `@lru_cache def language(name)`."""
        found = self._kept.get(function)
        if found is None:
            self._kept[function] = False
            parent = self._types.generic(function).closure
            found = self._kept[function] = parent is not None and any(
                self._is_memo(parent, decorator) for decorator in function.scope.decorators
            )
        return found

    def keys(self, function: Function) -> tuple[int, ...]:
        """The parameters under which the function keeps what it gives in a table: `if key not in table: table[key] = load(key)`."""
        return tuple(sorted(set(_parameters_among(function.body, {key for _, key in function.body.first_of_key}))))

    def keeps_result(self, function: Function) -> bool:
        """Whether a function that is always given the same keeps its result: `@lru_cache def get_settings()`."""
        found = self._once.get(function)
        if found is None:
            self._once[function] = False
            found = self._once[function] = self.keeps_results(function) and self._is_always_given_the_same(function)
        return found

    def _is_always_given_the_same(self, function: Function) -> bool:
        owner = function.owner
        receiver = self._types.bindings.receiver(function, owner) if owner is not None else None
        if isinstance(receiver, Object):
            return False
        own = range(0 if receiver is None else 1, len(function.scope.parameters))
        return all(self._types.callers.constant(function, index) is not None for index in own)

    def _is_memo(self, parent: Frame, decorator: int) -> bool:
        expression = parent.function.body.expressions[decorator]
        callee = expression.function if isinstance(expression, facts.Call) else decorator
        return any(isinstance(value, LibraryName) and value.dotted in _MEMOS for value, _ in self._types.value(parent, callee))

    def is_read_on_construction(self, class_: Class, name: str) -> bool:
        """Whether a constructor of the class reads the attribute, itself or through a method that it calls, as far as names tell."""
        found = self._read_on_construction.get(class_)
        if found is None:
            methods: dict[str, set[str]] = {}
            for base in self._types.classes.order(class_):
                if isinstance(base, Class):
                    for scope in base.module.facts.scopes:
                        if scope.kind == "function" and scope.parent == base.declaration.scope:
                            methods.setdefault(scope.name, set()).update(scope.mentions)
            names = set(methods.get("__init__", ()))
            for _ in range(_HOPS_OF_CONSTRUCTION):
                names.update(*(methods[one] for one in names & methods.keys() if one != "__init__"))
            found = self._read_on_construction[class_] = frozenset(names)
        return name in found

    def is_kept(self, class_: Class) -> bool:
        """Whether a metaclass of the project decides what calling the class gives: as a rule the one instance that it keeps."""
        for base in self._types.classes.order(class_):
            if isinstance(base, Class):
                parent = self._types.generic(base.module.functions[base.declaration.parent])
                for keyword, index in base.declaration.keywords:
                    for value, _ in self._types.value(parent, index) if keyword == "metaclass" else ():
                        if isinstance(value, ClassObject) and isinstance(value.class_, Class) and "__call__" in value.class_.members:
                            return True
        return False

    def made_with(self, class_: Class, call: Arguments) -> Frame | None:
        """The constructor's frame, where its arguments tell more than its declaration: what they are, or that they are None."""
        made = Object(class_, (), True)
        for constructor in self.constructors(class_):
            frame = self.bind(FunctionObject(constructor, made, self._types.generic(constructor).closure), call)
            missing = self._missing(constructor, call)
            if missing:
                arguments = {**frame.arguments, **dict.fromkeys(missing, NOTHING)}
                frame = self._types.frame(constructor, tuple(sorted(arguments.items())), frame.closure, tuple(frame.states.items()))
            if any(index > 0 for index in frame.arguments):
                return frame
        return None

    def _missing(self, constructor: Function, call: Arguments) -> list[int]:
        """The parameters that stay None and whose type could lead to something that blocks: `redis: Redis | None = None`."""
        parent = self._types.generic(constructor).closure
        if parent is None or not call.is_written:
            return []
        found = []
        for index, declaration in enumerate(constructor.scope.parameters):
            if index and NOWHERE not in (declaration.default, declaration.annotation):
                is_none = _state_of_literal(parent.function.body.expressions[declaration.default]) == "none"
                position = -1 if declaration.kind == "keyword-only" else index - 1
                is_missing = is_none and call.index(position, declaration.name) is None
                if is_missing and self._telling(self._types.annotations.instance(parent, declaration.annotation)):
                    found.append(index)
        return found

    def constructors(self, class_: Class) -> tuple[Function, ...]:
        """The project's `__init__` (or `__new__`) that making an instance runs; at most one."""
        for base in self._types.classes.order(class_):
            if isinstance(base, Class):
                for name in ("__init__", "__new__"):
                    for binding in base.members.get(name, ()):
                        defined = self._types.classes.frame_of(base).function.body.bindings[binding]
                        if isinstance(defined, facts.DefinedFunction):
                            return (base.module.functions[defined.scope],)
        return ()

    def constructor_frame(self, made_with: Frame, function: Function) -> Frame:
        """The frame in which `function`, a method that sets attributes, saw the constructor's arguments."""
        if made_with.function is function:
            return made_with
        generic = self._types.generic(function)
        if function.name == "__init__":
            for index in made_with.function.body.calls:
                call = made_with.function.body.expressions[index]
                if isinstance(call, facts.Call) and _calls_initialiser(made_with.function, call):
                    for value, _ in self._types.value(made_with, call.function):
                        if isinstance(value, FunctionObject):
                            inner = self.bind(value, Arguments.of_expression(self._types, made_with, call))
                            found = generic if inner is made_with else self.constructor_frame(inner, function)
                            if found is not generic:
                                return found
        return generic

    def base_constructor_frame(self, class_: Class, function: Function) -> Frame:
        """The frame of a base's method that sets attributes: what `class_` itself hands its base's constructor is known without a call."""
        for constructor in self.constructors(class_) if function.name == "__init__" else ():
            return self.constructor_frame(self._types.generic(constructor), function)
        return self._types.generic(function)


def _state_of_literal(expression: facts.Expression) -> str:
    """none, true, false or not-none, where an expression is a literal; "" for any other. A display may be filled before it is tested."""
    if isinstance(expression, facts.Constant):
        if expression.kind == "None":
            return "none"
        if expression.kind == "bool":
            return "true" if expression.text == "True" else "false"
        if expression.kind == "str":
            return "true" if expression.text else "false"
        if expression.kind == "int":
            return "false" if expression.text == "0" else "true"
        return "not-none"
    if isinstance(expression, facts.Display | facts.Comprehension | facts.FunctionValue | facts.Formatted):
        return "not-none"
    return "not-none" if isinstance(expression, facts.Other) and expression.kind else ""


def _names_none_or_truth(body: facts.Body, default: int, annotation: int) -> bool:
    """Whether a parameter's default is None or a truth value, or its annotation `X | None` or `Optional[X]`."""
    written = body.expressions[default] if default != NOWHERE else None
    if isinstance(written, facts.Constant) and written.kind in ("None", "bool"):
        return True
    expression = body.expressions[annotation] if annotation != NOWHERE else None
    if isinstance(expression, facts.Operation):
        return any(_state_of_literal(body.expressions[one]) == "none" for one in (expression.left, expression.right))
    if isinstance(expression, facts.Subscript):
        special = body.expressions[expression.value]
        return facts.last_name(special) == "Optional"
    return False


def _parameters_among(body: facts.Body, given: set[int]) -> Iterator[int]:
    """The parameters that the expressions are the names of, in whatever way a test narrowed them."""
    for index in given:
        expression = body.expressions[index]
        while isinstance(expression, facts.Name) and len(expression.bindings) == 1:
            binding = body.bindings[expression.bindings[0]]
            if isinstance(binding, facts.Parameter):
                yield binding.index
            if not isinstance(binding, facts.Narrowed):
                break
            expression = facts.Name(binding.name, binding.bindings)


def _has_methods(class_: Class) -> bool:
    bindings = class_.module.functions[class_.declaration.scope].body.bindings
    return any(isinstance(bindings[index], facts.DefinedFunction) for indices in class_.members.values() for index in indices)


def _calls_initialiser(function: Function, call: facts.Call) -> bool:
    callee = function.body.expressions[call.function]
    return isinstance(callee, facts.Attribute) and callee.name == "__init__"
