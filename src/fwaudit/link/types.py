"""What an expression stands for: nominal inference on demand, across modules, without importing the project.

`Types` evaluates names, bindings and expressions; `Attributes` looks members up, `Results` says what calls give,
`Annotations` reads types as written. Each answer is computed once per frame.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from fwaudit.catalog.names import Catalog
from fwaudit.catalog.schema import Condition
from fwaudit.link.annotations import Annotations
from fwaudit.link.arguments import Arguments
from fwaudit.link.attributes import Attributes
from fwaudit.link.branches import Branches
from fwaudit.link.callers import Callers
from fwaudit.link.decorators import Decorators
from fwaudit.link.frames import Frames
from fwaudit.link.language import Language
from fwaudit.link.nones import Nones
from fwaudit.link.results import Results
from fwaudit.link.symbols import Class, Function, Module, Symbols, absolute_name
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
    ModuleObject,
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
        self.attributes = Attributes(self)
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
        self._module_names: dict[tuple[str, str], Values] = {}
        self._active: dict[tuple[int, Hashable], int] = {}
        self._provisional: dict[tuple[int, Hashable], tuple[Values, int]] = {}
        self._attempts: dict[tuple[int, Hashable], int] = {}
        self._cut = _NEVER
        for module in symbols.modules:
            own = catalog.single_files.get(module.name.rpartition(".")[2], frozenset())
            if any(class_.name in own for class_ in module.classes.values()):
                module.copy_of = module.name.rpartition(".")[2]
        self._expressions: dict[type, Callable[[Frame, Any], Values]] = {
            facts.Name: self._name,
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
        self._bindings: dict[type, Callable[[Frame, Any], Values]] = {
            facts.Parameter: self._parameter,
            facts.Assigned: self._assigned,
            facts.Iterated: self._iterated,
            facts.Entered: self._entered,
            facts.Imported: self._imported,
            facts.DefinedFunction: self._defined_function,
            facts.DefinedClass: self._defined_class,
            facts.Narrowed: self._narrowed,
            facts.Caught: self._caught,
            facts.Updated: self._updated,
            facts.Opaque: self._unknown,
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
            function = frame.function
            expression = (function.read or function.body).expressions[index]
            found = self._expressions[type(expression)](frame, expression)
            if self._cut == _NEVER:
                frame.values[index] = found
        return found

    def binding(self, frame: Frame, index: int) -> Values:
        """What binding `index` of the frame's body gives its name."""
        found = frame.bindings.get(index)
        return found if found is not None else self.once(frame.bindings, index, self._bind, frame, index)

    def _bind(self, frame: Frame, index: int) -> Values:
        body = frame.function.body
        binding = body.bindings[index]
        if body.decided and type(binding) is facts.DefinedFunction and index in self.branches.excluded_definitions(frame):
            return NOTHING
        return self._bindings[type(binding)](frame, binding)

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

    # --- names ------------------------------------------------------------------------------------

    def _name(self, frame: Frame, expression: facts.Name) -> Values:
        bindings = expression.bindings
        if not bindings:
            return self.free_name(frame, expression.name)
        rebound = frame.function.module.nonlocal_stores
        if rebound and (frame.function.index, expression.name) in rebound:
            return self._closed_over(frame, expression.name, bindings)
        if len(bindings) == 1:
            return self.binding(frame, bindings[0])
        return join(self.binding(frame, binding) for binding in bindings)

    def _closed_over(self, frame: Frame, name: str, bindings: tuple[int, ...]) -> Values:
        """The bindings of a local name, and those that functions inside give it under `nonlocal`."""
        parts = [self.binding(frame, binding) for binding in bindings]
        for index, binding in frame.function.module.nonlocal_stores.get((frame.function.index, name), ()):
            inner = frame.function.module.functions[index]
            if inner.scope.parent == frame.function.index:
                parts.append(self.binding(self.frame(inner, (), frame), binding))
        return join(parts)

    def free_name(self, frame: Frame, name: str) -> Values:
        """What `name` stands for in code of `frame` that does not bind it before."""
        scope: Frame | None = frame
        while scope is not None:
            own = scope.function.scope
            if own.kind == "module":
                return self.module_name(scope.function.module, name)
            if own.kind != "class" or scope is frame:
                bindings = own.names.get(name)
                if bindings:
                    return self._closed_over(scope, name, bindings)
            scope = scope.closure
        return UNKNOWN_VALUES

    def module_name(self, module: Module, name: str) -> Values:
        """What `name` stands for in `module`, seen from its functions or from an importer; builtins included."""
        found = self._module_names.get((module.path, name))
        if found is not None:
            return found
        return self.once(self._module_names, (module.path, name), self._module_name, module, name)

    def _module_name(self, module: Module, name: str) -> Values:
        found = self.exported(module, name)
        if found is not None:
            return found
        builtin = f"builtins.{name}"
        if self.catalog.is_class(builtin):
            return surely(ClassObject(builtin))
        return surely(LibraryName(builtin)) if name in BUILTIN_NAMES else UNKNOWN_VALUES

    def exported(self, module: Module, name: str) -> Values | None:
        """What `module.name` is; None if the module does not bind it."""
        scope = module.facts.scopes[0]
        bindings = scope.final.get(name) or scope.names.get(name) or ()
        if module.copy_of and bindings:
            return self.library(f"{module.copy_of}.{name}")
        frame = self.generic(module.body_function)
        parts = [self.binding(frame, binding) for binding in bindings]
        for index, binding in module.global_stores.get(name, ()):
            parts.append(self.binding(self.generic(module.functions[index]), binding))
        if parts:
            return join(parts)
        for source, level in reversed(module.facts.star_imports):
            found = self._through_star(module, source, level, name)
            if found is not None:
                return found
        return None

    def _through_star(self, module: Module, source: str, level: int, name: str) -> Values | None:
        dotted = absolute_name(source, level, module)
        if dotted is None:
            return None
        target = self.symbols.find(dotted, module)
        if target is None:
            whole = self.catalog.canonical(f"{dotted}.{name}")
            if self.catalog.is_class(whole) or self.catalog.callable(whole) is not None:
                return self.library(whole)
            return None
        if target is module:
            return None
        exported = target.facts.exported
        if name not in exported if exported is not None else name.startswith("_"):
            return None
        key = (target.path, f"*{name}")
        found = self._module_names.get(key)
        if found is None:
            found = self.once(self._module_names, key, lambda: self.exported(target, name) or NOTHING)
        return found or None

    def library(self, dotted: str) -> Values:
        """The library's class, function or module of that name."""
        canonical = self.catalog.canonical(dotted)
        return surely(ClassObject(canonical) if self.catalog.is_class(canonical) else LibraryName(canonical))

    def _imported(self, frame: Frame, binding: facts.Imported) -> Values:
        module = frame.function.module
        dotted = absolute_name(binding.module, binding.level, module)
        if dotted is None:
            return UNKNOWN_VALUES
        if not binding.name:
            return self.imported_module(dotted, module)
        target = self.symbols.find(dotted, module)
        if target is not None:
            return self.module_attribute(target, binding.name, module)
        if not dotted:
            beside = self.symbols.find(binding.name, module)
            return surely(ModuleObject(beside, binding.name, module)) if beside is not None else UNKNOWN_VALUES
        if self.symbols.is_package(dotted):
            return self.imported_module(f"{dotted}.{binding.name}", module)
        return self.library(f"{dotted}.{binding.name}")

    def imported_from(self, frame: Frame, binding: facts.Imported) -> Module | None:
        """The project's module that a `from` import names."""
        module = frame.function.module
        dotted = absolute_name(binding.module, binding.level, module)
        return self.symbols.find(dotted, module) if dotted is not None else None

    def imported_module(self, dotted: str, importer: Module) -> Values:
        """The module `dotted`, of the project or of a library."""
        target = self.symbols.find(dotted, importer)
        if target is not None:
            return surely(ModuleObject(target, dotted, importer))
        if self.symbols.is_package(dotted) and not self.catalog.knows_module(dotted.partition(".")[0]):
            return surely(ModuleObject(None, dotted, importer))
        return self.library(dotted)

    def module_attribute(self, module: Module, name: str, importer: Module) -> Values:
        """`module.name`, where the name may also be a submodule."""
        submodule = self.symbols.find(module.submodule(name), importer) if module.is_package else None
        # `from . import images` in a package's own `__init__`: the name cannot be there before the submodule is.
        found = None if submodule is not None and importer is module else self.exported(module, name)
        if found is not None:
            return found
        return surely(ModuleObject(submodule, submodule.name, importer)) if submodule is not None else UNKNOWN_VALUES

    # --- bindings ------------------------------------------------------------------------------------

    def _parameter(self, frame: Frame, binding: facts.Parameter) -> Values:
        given = frame.arguments.get(binding.index)
        return given if given is not None else self.declared_parameter(frame, binding.index)

    def declared_parameter(self, frame: Frame, index: int) -> Values:
        """What a parameter is by its declaration: receiver, annotation, injected dependency, or (less surely) default."""
        function, declaration = frame.function, frame.function.scope.parameters[index]
        parent = frame.closure
        if parent is None:
            return UNKNOWN_VALUES
        if function.scope.kind == "generator":
            return self.value(parent, declaration.default)
        if index == 0 and function.owner is not None and declaration.kind in ("positional-only", "plain"):
            receiver = self.attributes.receiver(function, function.owner)
            if receiver is not None:
                return surely(receiver)
        if declaration.annotation != NOWHERE:
            declared = self.annotations.instance(parent, declaration.annotation)
            if known(declared):
                return _collected(declaration.kind, declared)
        if declaration.default != NOWHERE:
            default = self.value(parent, declaration.default)
            if known(default):
                if self.results.is_injection(parent, declaration.default):
                    return default
                return join((weaken(default, MEDIUM), UNKNOWN_VALUES))
        return UNKNOWN_VALUES

    def _assigned(self, frame: Frame, binding: facts.Assigned) -> Values:
        if binding.annotation != NOWHERE:
            declared = self.annotations.instance(frame, binding.annotation)
            if known(declared) or binding.value == NOWHERE:
                return declared
        if binding.value == NOWHERE:
            return UNKNOWN_VALUES
        return self.unpacked(self.value(frame, binding.value), binding.path)

    def unpacked(self, values: Values, path: tuple[int, ...]) -> Values:
        """The part of `values` that an unpacking target at `path` gets."""
        for position in path:
            values = join(self._element_at(value, grade, position) for value, grade in values)
        return values

    def _element_at(self, value: Value, grade: int, position: int) -> Values:
        if isinstance(value, Object) and value.class_ == "builtins.tuple" and position != -1:
            if position < len(value.arguments):
                return weaken(value.arguments[position], grade)
            return UNKNOWN_VALUES
        if position == -1:
            return UNKNOWN_VALUES
        return weaken(self.attributes.elements(value, is_async=False), grade)

    def _iterated(self, frame: Frame, binding: facts.Iterated) -> Values:
        iterated = self.value(frame, binding.value)
        elements = join(weaken(self.attributes.elements(value, binding.is_async), grade) for value, grade in iterated)
        return self.unpacked(elements, binding.path)

    def _entered(self, frame: Frame, binding: facts.Entered) -> Values:
        managers = self.value(frame, binding.value)
        entered = join(weaken(self.attributes.entered(value, binding.is_async), grade) for value, grade in managers)
        return self.unpacked(entered, binding.path)

    def _defined_function(self, frame: Frame, binding: facts.DefinedFunction) -> Values:
        function = frame.function.module.functions[binding.scope]
        values = surely(FunctionObject(function, closure=frame))
        for decorator in reversed(function.scope.decorators):
            values = self.decorators.decorated(frame, decorator, values)
        return values

    def _defined_class(self, frame: Frame, binding: facts.DefinedClass) -> Values:
        return surely(ClassObject(frame.function.module.classes[binding.index]))

    def _narrowed(self, frame: Frame, binding: facts.Narrowed) -> Values:
        values = join(self.binding(frame, index) for index in binding.bindings) if binding.bindings else self.free_name(frame, binding.name)
        return self.attributes.narrowed(values, self.value(frame, binding.type), binding.is_instance)

    def _caught(self, frame: Frame, binding: facts.Caught) -> Values:
        return self.annotations.instance(frame, binding.type)

    def _updated(self, frame: Frame, binding: facts.Updated) -> Values:
        before = join(self.binding(frame, index) for index in binding.bindings)
        return self._operated(before, binding.operator.removesuffix("="))

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
            if value.class_ == "builtins.tuple" and isinstance(key, facts.Constant) and key.kind == "int" and key.text.isdecimal():
                return self._element_at(value, HIGH, int(key.text))
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
        result = self._operated(left, expression.operator)
        if known(result):
            return result
        return self._operated(self.value(frame, expression.right), expression.operator, reflected=True)

    def _operated(self, values: Values, operator: str, reflected: bool = False) -> Values:
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


def _collected(kind: str, declared: Values) -> Values:
    if kind == "variadic":
        return surely(Object("builtins.list", (declared,)))
    if kind == "keywords":
        return surely(Object("builtins.dict", (UNKNOWN_VALUES, declared)))
    return declared


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

BUILTIN_NAMES = frozenset(dir(builtins))
