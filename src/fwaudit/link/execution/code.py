"""Answers about the code for checks: what is asked for is resolved then, and once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from fwaudit.link.execution.evidence import place_of
from fwaudit.link.execution.labels import RouteLabels
from fwaudit.link.execution.naming import Naming
from fwaudit.link.execution.reach import Reach
from fwaudit.link.inference.types import Types
from fwaudit.link.spellings import Spellings
from fwaudit.link.symbols import Class, Function, Module
from fwaudit.link.values import Frame
from fwaudit.model import facts
from fwaudit.model.code import CallUse, ClassUse, FieldUse, ImportUse, ParameterUse, Place
from fwaudit.model.context import Context
from fwaudit.model.facts import NOWHERE
from fwaudit.model.source import Role

_LONGEST_TEXT = 60
_DOING = (facts.Attribute, facts.Call)
_NUMBERS = ("int", "float")
_LITERALS = ("str", "int", "float", "bool", "None")


class LinkedCode:
    """`model.code.Code` over the linked project."""

    def __init__(self, types: Types, names: Naming, reach: Reach, labels: RouteLabels) -> None:
        self._types = types
        self._names = names
        self._labels = labels
        self._modules = [module for module in types.symbols.modules if module.role is Role.CODE]
        self._contexts: dict[Function, set[Context]] = defaultdict(set)
        self._routes: dict[Function, int] = defaultdict(int)
        self._last_lines: dict[str, dict[int, int]] = {}
        for number, frame in reach.frames.items():
            self._contexts[frame.function] |= reach.contexts.get(number, set())
            self._routes[frame.function] |= reach.routes.get(number, 0)

    # --- calls -----------------------------------------------------------------------------------------

    def calls(self, names: Collection[str]) -> tuple[CallUse, ...]:
        """The calls that resolve to one of `names`, sorted by place.

        Only calls are resolved that are written with the last part of a name, or with another name that an import gives it;
        those below a name (`requests.*`) only where the module imports it, or where a table knows the method.
        """
        exact = frozenset(name for name in names if not name.endswith(".*"))
        below = tuple(name.removesuffix("*") for name in names if name.endswith(".*"))
        known = (name for name in self._types.catalog.dotted_names if below and name.startswith(below))
        lasts = frozenset(name.rpartition(".")[2] for name in (*exact, *known))
        spellings = Spellings(lasts)
        found = (use for function in self._candidates(spellings, below) for use in self._calls_in(function, exact, below, spellings))
        return tuple(sorted(found, key=lambda use: (use.place, use.callee)))

    def _candidates(self, spellings: Spellings, below: tuple[str, ...]) -> Iterator[Function]:
        """The functions in which such a call may stand."""
        seen = set[Function]()
        tops = {name.partition(".")[0] for name in below}
        importing = [
            function
            for module in self._modules
            if tops and any(one.module.partition(".")[0] in tops for one in module.facts.imports)
            for function in module.functions.values()
        ]
        for function in (*importing, *spellings.users(self._types.symbols)):
            if function.module.role is Role.CODE and function not in seen:
                seen.add(function)
                yield function

    def _calls_in(self, function: Function, exact: frozenset[str], below: tuple[str, ...], spellings: Spellings) -> Iterator[CallUse]:
        frame = self._types.generic(function)
        for index in function.body.calls:
            call = function.body.call(index)
            if not below and not spellings.may_be(function, call):
                continue
            for name in dict.fromkeys(self._names.of_values(self._types.value(frame, call.function))):
                if name in exact or (below and name.startswith(below)):
                    yield self._call_use(frame, call, name)

    def _call_use(self, frame: Frame, call: facts.Call, name: str) -> CallUse:
        around = _function_around(frame)
        expressions = frame.function.body.expressions
        return CallUse(
            place_of(frame, call.span),
            name,
            self.contexts_of(around),
            self.routes_of(around),
            tuple(_literal(expressions[index]) for index in call.arguments),
            tuple((keyword, _literal(expressions[index])) for keyword, index in call.keywords),
        )

    # --- imports ------------------------------------------------------------------------------------------

    @cached_property
    def imports(self) -> tuple[ImportUse, ...]:
        """All imports that are no relative ones, sorted by place."""
        found = [
            ImportUse(module.path, *module.facts.span(one.span), f"{one.module}.{one.name}".rstrip("."))
            for module in self._modules
            for one in module.facts.imports
            if one.is_runtime and not one.level
        ]
        return tuple(sorted(found))

    # --- functions ----------------------------------------------------------------------------------------

    @cached_property
    def functions(self) -> tuple[LinkedBody, ...]:
        """All functions and methods, sorted by path and place in the file."""
        return tuple(body for body in self.bodies if body.kind == "function")

    def parameter(self, parent: Frame, declaration: facts.ParameterDeclaration) -> ParameterUse:
        """A parameter of a function that is defined in `parent`."""
        types = self.annotated(parent, declaration.annotation)
        has_default, is_annotated = declaration.default != NOWHERE, declaration.annotation != NOWHERE
        call = parent.function.body.expressions[declaration.default] if has_default else None
        made_by = self._names.of_callee(parent, call) if isinstance(call, facts.Call) else ""
        is_injected = (has_default and self._types.results.is_injection(parent, declaration.default)) or (
            is_annotated and bool(self._types.annotations.providers(parent, declaration.annotation))
        )
        return ParameterUse(declaration.name, types, has_default, is_annotated, made_by, is_injected)

    def annotated(self, frame: Frame, annotation: int) -> tuple[str, ...]:
        """The dotted names of the classes that an annotation allows."""
        if annotation == NOWHERE:
            return ()
        names = self._names.of_values(self._types.annotations.instance(frame, annotation))
        return tuple(name for name in dict.fromkeys(names) if name != "unknown")

    def decorator(self, parent: Frame, index: int) -> str:
        """The dotted name of a decorator, `unknown` if it cannot be told."""
        expression = parent.function.body.expressions[index]
        callee = expression.function if isinstance(expression, facts.Call) else index
        names = self._names.of_values(self._types.value(parent, callee))
        return names[0] if names else "unknown"

    # --- bodies -------------------------------------------------------------------------------------------

    @cached_property
    def bodies(self) -> tuple[LinkedBody, ...]:
        """All bodies, sorted by path and place in the file."""
        return tuple(LinkedBody(self, function) for module in self._modules for _, function in sorted(module.functions.items()))

    # --- classes --------------------------------------------------------------------------------------------

    @cached_property
    def classes(self) -> tuple[ClassUse, ...]:
        """All classes, sorted by place."""
        found = (self._class_use(class_) for module in self._modules for class_ in module.classes.values())
        return tuple(sorted(found, key=lambda use: use.place))

    def _class_use(self, class_: Class) -> ClassUse:
        body = self._types.classes.frame_of(class_)
        bindings = body.function.body.bindings
        order = self._types.classes.order(class_)[1:]
        methods = [name for name, bound in class_.members.items() if any(isinstance(bindings[one], facts.DefinedFunction) for one in bound)]
        fields = [self._field_use(body, name, bound) for name, bound in class_.members.items() if name not in methods]
        return ClassUse(
            class_.qualified_name,
            place_of(body.closure if body.closure is not None else body, class_.declaration.span),
            tuple(base if isinstance(base, str) else base.qualified_name for base in order),
            tuple(field for field in fields if field is not None),
            tuple(methods),
        )

    def _field_use(self, body: Frame, name: str, bound: tuple[int, ...]) -> FieldUse | None:
        assigned = [one for index in bound if isinstance(one := body.function.body.bindings[index], facts.Assigned)]
        if not assigned:
            return None
        value = assigned[-1].value
        call = body.function.body.expressions[value] if value != NOWHERE else None
        made_by = self._names.of_callee(body, call) if isinstance(call, facts.Call) else ""
        return FieldUse(name, self.annotated(body, assigned[-1].annotation), made_by)

    # --- what bodies ask for --------------------------------------------------------------------------------

    def frame_of(self, function: Function) -> Frame:
        """The frame that knows nothing but declarations."""
        return self._types.generic(function)

    def names_of(self, frame: Frame, index: int) -> tuple[str, ...]:
        """The dotted names of an expression's values, each once."""
        return tuple(dict.fromkeys(self._names.of_values(self._types.value(frame, index))))

    def lines_of(self, function: Function) -> int:
        """From the `def` to the last line on which it does something; 0 for a module."""
        if function.scope.span == NOWHERE:
            return 0
        module = function.module
        if module.path not in self._last_lines:
            self._last_lines[module.path] = _last_lines(module)
        return self._last_lines[module.path][function.index] - module.facts.span(function.scope.span)[0] + 1

    # --- what reach knows -----------------------------------------------------------------------------------

    def contexts_of(self, function: Function) -> tuple[Context, ...]:
        """Where it is known to run, sorted."""
        return tuple(sorted(self._contexts.get(function, ())))

    def routes_of(self, function: Function) -> tuple[str, ...]:
        """The labels of the routes from which it is reached, sorted."""
        return self._labels.of(self._routes.get(function, 0))


class LinkedBody:
    """`model.code.CodeBody`: a function of the project, whose expressions are resolved when they are asked for."""

    def __init__(self, code: LinkedCode, function: Function) -> None:
        self._code = code
        self._function = function
        self.kind = function.scope.kind
        self.name = function.qualified_name
        self.scope = function.scope
        self.is_async = function.scope.is_async
        self.tells_returns = function.scope.returns != NOWHERE
        self.owner = function.owner.qualified_name if function.owner is not None else ""

    @property
    def body(self) -> facts.Body:
        """What it evaluates."""
        return self._function.body

    @cached_property
    def texts(self) -> frozenset[str]:
        """Its text literals, short and in lower case."""
        found = [one.text for _, one in self._constants if one.kind == "str"]
        found += [text for one in self.body.expressions if type(one) is facts.Formatted for text in one.texts]
        return frozenset([text[:_LONGEST_TEXT].lower() for text in found])

    @cached_property
    def _encoded(self) -> bytes:
        return bytes(self.scope.body).lower()

    def may_say(self, text: str) -> bool:
        """Whether the text stands in the encoded body, which need not be decoded then."""
        return text.encode() in self._encoded

    @cached_property
    def numbers(self) -> Mapping[int, str]:
        """The source of each number in it, by its index."""
        return {index: one.text for index, one in self._constants if one.kind in _NUMBERS}

    @cached_property
    def _constants(self) -> tuple[tuple[int, facts.Constant], ...]:
        # `type(...) is`: these passes over all expressions of a workspace were a tenth of all checks with isinstance.
        return tuple([(index, one) for index, one in enumerate(self.body.expressions) if type(one) is facts.Constant])

    @cached_property
    def mentions(self) -> frozenset[str]:
        """Every attribute name and free name that it reads."""
        return frozenset(self.scope.mentions)

    @cached_property
    def _calls(self) -> Mapping[str, list[int]]:
        """Last name to the calls of what is written with it, "" for what has no name."""
        found: dict[str, list[int]] = {}
        expressions = self.body.expressions
        for index in self.body.calls:
            found.setdefault(facts.last_name(expressions[self.body.call(index).function]), []).append(index)
        return found

    def calls_written(self, *names: str) -> tuple[int, ...]:
        """The indices of its calls of what is written with one of these last names, in order."""
        if not any(name in self.mentions or name in self.scope.names for name in names):
            return ()  # decided without the body, which most checks then need not decode
        return tuple(sorted(index for name in names for index in self._calls.get(name, ())))

    @cached_property
    def _frame(self) -> Frame:
        return self._code.frame_of(self._function)

    @cached_property
    def place(self) -> Place:
        """The signature."""
        return replace(place_of(self._frame.closure or self._frame, self.scope.span), function=self.name)

    @cached_property
    def lines(self) -> int:
        """To the last line on which it calls something."""
        return self._code.lines_of(self._function)

    @cached_property
    def contexts(self) -> tuple[Context, ...]:
        """Where it is known to run."""
        return self._code.contexts_of(_function_around(self._frame))

    @cached_property
    def routes(self) -> tuple[str, ...]:
        """The routes from which it is reached."""
        return self._code.routes_of(_function_around(self._frame))

    @cached_property
    def decorators(self) -> tuple[str, ...]:
        """Their dotted names."""
        parent = self._frame.closure
        return () if parent is None else tuple(self._code.decorator(parent, index) for index in self.scope.decorators)

    @cached_property
    def parameters(self) -> tuple[ParameterUse, ...]:
        """In the order of the signature."""
        parent = self._frame.closure
        return () if parent is None else tuple(self._code.parameter(parent, one) for one in self.scope.parameters)

    @cached_property
    def returns(self) -> tuple[str, ...]:
        """The dotted names of the types that its annotation allows."""
        parent = self._frame.closure
        return () if parent is None else self._code.annotated(parent, self.scope.returns)

    def place_of(self, index: int) -> Place:
        """Where the expression stands."""
        span = getattr(self.body.expressions[index], "span", NOWHERE)
        return self.place if span == NOWHERE else place_of(self._frame, span)

    def names(self, index: int) -> tuple[str, ...]:
        """What the expression may be."""
        return self._code.names_of(self._frame, index)


def _function_around(frame: Frame) -> Function:
    while frame.function.scope.kind in ("lambda", "generator", "class") and frame.closure is not None:
        frame = frame.closure
    return frame.function


def _last_lines(module: Module) -> dict[int, int]:
    """Scope to the last line on which it, or a scope inside it, calls something or reads an attribute."""
    lines: dict[int, int] = {}
    for index, function in sorted(module.functions.items(), reverse=True):
        spans = {one.span for one in function.body.expressions if isinstance(one, _DOING)}
        own = max((module.facts.span(span)[2] for span in spans | {function.scope.span} if span != NOWHERE), default=1)
        lines[index] = max(own, lines.get(index, 1))
        lines[function.scope.parent] = max(lines[index], lines.get(function.scope.parent, 1))
    return lines


def _literal(expression: facts.Expression) -> str:
    return expression.text if isinstance(expression, facts.Constant) and expression.kind in _LITERALS else ""
