"""Entry points: the functions that frameworks and servers call, where they run them, and the routes that they serve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fwaudit.catalog.index import HandlerRow
from fwaudit.link.arguments import Arguments
from fwaudit.link.prefixes import Prefixes
from fwaudit.link.sites import span_of
from fwaudit.link.symbols import Class, Function, Module
from fwaudit.link.types import Types
from fwaudit.link.values import (
    Awaitable,
    ClassObject,
    ContextManager,
    Frame,
    FunctionObject,
    Generator,
    LibraryName,
    Object,
    PartialObject,
    Value,
    Values,
)
from fwaudit.model import facts
from fwaudit.model.context import Context
from fwaudit.model.facts import NOWHERE
from fwaudit.model.finding import Location

_ROUTE_KINDS = ("http", "websocket", "graphql", "rpc", "event")
_UNKNOWN_PATH = "<unknown>"
_GENERIC_NAMES = frozenset({*dir(list), *dir(dict), *dir(set)})
"""Methods that every module calls: they are looked into only where the module imports a framework itself."""
_UNKNOWN_CONTEXT = "unknown"


@dataclass(frozen=True, slots=True)
class RouteFact:
    """One route as registered: everything of it but what its handler waits for."""

    framework: str
    methods: tuple[str, ...]
    path: str
    kind: str
    frame: Frame
    context: Context
    location: Location


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A frame that a framework runs, where, and its place in the routes (-1: no route)."""

    frame: Frame
    context: Context
    kind: str
    framework: str
    route: int


@dataclass(frozen=True, slots=True)
class AppFact:
    """An application object: the name that it is bound to, and where."""

    framework: str
    module: Module
    name: str
    location: Location


class EntryPoints:
    """All entry points of the project, in the order of files and positions."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._prefixes = Prefixes(types)
        self.points: list[EntryPoint] = []
        self.routes: list[RouteFact] = []
        self.apps: list[AppFact] = []
        catalog = types.catalog
        imported = frozenset(
            one.module.partition(".")[0] for module in types.symbols.modules for one in module.facts.imports if not one.level
        )
        interfaces = {framework.interface for framework in catalog.frameworks if not imported.isdisjoint(framework.imports)}
        used = frozenset(framework.name for framework in catalog.frameworks if framework.interface in interfaces)
        self._imports = frozenset(name for framework in catalog.frameworks if framework.name in used for name in framework.imports)
        self._decorator_names = catalog.handler_decorator_names(used)
        self._call_names = catalog.handler_call_names(used)
        self._handler_bases = catalog.handler_bases()
        for module in types.symbols.modules:
            self._read_module(module)

    def _read_module(self, module: Module) -> None:
        imports_one = any(one.module.partition(".")[0] in self._imports for one in module.facts.imports)
        names = self._call_names if imports_one else self._call_names - _GENERIC_NAMES
        for function in module.functions.values():
            if function.uses(names):
                self._read_calls(function, names)
        for function in module.functions.values():
            if function.scope.decorators:
                self._read_decorators(function)
        if self._handler_bases:
            for class_ in module.classes.values():
                if class_.declaration.bases:
                    self._read_class(class_)

    # --- decorators ---------------------------------------------------------------------------------

    def _read_decorators(self, function: Function) -> None:
        parent = self._types.generic(function).closure
        if parent is None:
            return
        expressions = parent.function.body.expressions
        for decorator in function.scope.decorators:
            expression = expressions[decorator]
            callee = expression.function if isinstance(expression, facts.Call) else decorator
            named = expressions[callee]
            if not isinstance(named, facts.Name | facts.Attribute) or named.name not in self._decorator_names:
                continue
            call = Arguments.of_expression(self._types, parent, expression) if isinstance(expression, facts.Call) else Arguments.nothing()
            for value, _ in self._types.value(parent, callee):
                for row in self._rows(value, by_decorator=True):
                    router = named.value if isinstance(named, facts.Attribute) else None
                    self._add(row, self._types.generic(function), parent, call, router)

    def _rows(self, value: Value, *, by_decorator: bool) -> tuple[HandlerRow, ...]:
        name = value.dotted if isinstance(value, LibraryName) else value.class_ if isinstance(value, ClassObject) else None
        if not isinstance(name, str):
            return ()
        catalog = self._types.catalog
        return catalog.handler_of_decorator(name) if by_decorator else catalog.handler_of_call(name)

    # --- calls -----------------------------------------------------------------------------------------

    def _read_calls(self, function: Function, names: frozenset[str]) -> None:
        frame = self._types.generic(function)
        body = function.body
        for index in body.calls:
            call = body.expressions[index]
            assert isinstance(call, facts.Call)
            callee = body.expressions[call.function]
            if not isinstance(callee, facts.Name | facts.Attribute) or callee.name not in names:
                continue
            arguments = Arguments.of_expression(self._types, frame, call)
            for value, _ in self._types.value(frame, call.function):
                self._read_app(frame, value, index)
                for row in self._rows(value, by_decorator=False):
                    given = arguments.argument(row.row.position, row.row.keyword)
                    router = callee.value if isinstance(callee, facts.Attribute) else None
                    for target in self._frames(given):
                        self._add(row, target, frame, arguments, router)

    def _read_app(self, frame: Frame, value: Value, index: int) -> None:
        if not isinstance(value, ClassObject):
            return
        names = self._types.attributes.order(value.class_) if isinstance(value.class_, Class) else (value.class_,)
        framework = next(
            (self._types.catalog.apps[name] for name in names if isinstance(name, str) and name in self._types.catalog.apps), None
        )
        if framework is None:
            return
        bound = next(
            (
                name
                for name, bindings in frame.function.scope.names.items()
                for binding in bindings
                if isinstance(one := frame.function.body.bindings[binding], facts.Assigned) and one.value == index
            ),
            "",
        )
        call = frame.function.body.expressions[index]
        assert isinstance(call, facts.Call)
        name = bound if frame.function.scope.kind == "module" else f"{frame.function.scope.qualified_name}()"
        if name:
            self.apps.append(AppFact(framework.name, frame.function.module, name, location_of(frame, call.span)))

    def _frames(self, values: Values) -> Iterator[Frame]:
        """The frames that calling, iterating or entering `values` runs."""
        for value, _ in values:
            if isinstance(value, FunctionObject):
                yield self._types.binder.bind(value, Arguments.nothing())
            elif isinstance(value, Generator):
                yield value.frame
            elif isinstance(value, Awaitable | ContextManager):
                if value.frame is not None:
                    yield value.frame
            elif isinstance(value, PartialObject):
                yield from self._frames(value.callable)
            elif isinstance(value, ClassObject) and isinstance(value.class_, Class):
                yield from (self._types.generic(constructor) for constructor in self._types.binder.constructors(value.class_))
            elif isinstance(value, Object):
                yield from self._frames_of_object(value)

    def _frames_of_object(self, value: Object) -> Iterator[Frame]:
        if isinstance(value.class_, Class):
            yield from self._frames(self._types.attributes.of(value, "__call__"))
        elif value.class_ in ("builtins.list", "builtins.tuple"):
            for elements in value.arguments:
                yield from self._frames(elements)

    # --- classes ------------------------------------------------------------------------------------------

    def _read_class(self, class_: Class) -> None:
        order = self._types.attributes.order(class_)
        for base in order:
            if not isinstance(base, str):
                continue
            for row in self._handler_bases.get(base, ()):
                for name in row.row.methods:
                    for binding in class_.members.get(name, ()):
                        frame = self._types.attributes.frame_of_class(class_)
                        for value, _ in self._types.binding(frame, binding):
                            if isinstance(value, FunctionObject):
                                self._add(row, self._types.generic(value.function), frame, Arguments.nothing(), None)

    # --- entries -------------------------------------------------------------------------------------------

    def _add(self, row: HandlerRow, target: Frame, where: Frame, call: Arguments, router: int | None) -> None:
        context = row.row.asynchronous if target.function.scope.is_async else row.row.synchronous
        if context == _UNKNOWN_CONTEXT:
            return
        route = -1
        path = call.constant(row.row.path_position) if row.row.path_position >= 0 else None
        path = path if path is not None else call.keyword_constant(row.row.path_keyword)
        if row.row.kind in _ROUTE_KINDS and (path is not None or row.row.path_position >= 0):
            for prefix in self._prefixes.of(where, router):
                route = len(self.routes)
                self.routes.append(
                    RouteFact(
                        row.framework.name,
                        self._methods(row, call),
                        join_path(prefix, path if path is not None else _UNKNOWN_PATH),
                        row.row.kind,
                        target,
                        Context(context),
                        location_of(target, target.function.scope.span),
                    )
                )
                self.points.append(EntryPoint(target, Context(context), row.row.kind, row.framework.name, route))
                self._add_dependencies(target, row.framework.name, route, {target.number})
            return
        self.points.append(EntryPoint(target, Context(context), row.row.kind, row.framework.name, route))

    def _add_dependencies(self, handler: Frame, framework: str, route: int, seen: set[int]) -> None:
        """The functions that are called to make the handler's parameters belong to its route, and theirs in turn."""
        parent = handler.closure
        if parent is None:
            return
        for declaration in handler.function.scope.parameters:
            for target in self._frames(self._providers(parent, declaration)):
                if target.number in seen:
                    continue
                seen.add(target.number)
                context = Context.EVENT_LOOP if target.function.scope.is_async else Context.THREADPOOL
                self.points.append(EntryPoint(target, context, "dependency", framework, route))
                self._add_dependencies(target, framework, route, seen)

    def _providers(self, parent: Frame, declaration: facts.ParameterDeclaration) -> Values:
        """The functions that dependency markers name for a parameter, in its default or its annotation."""
        if declaration.default != NOWHERE and self._types.results.is_injection(parent, declaration.default):
            return self._types.results.injected_callable(parent, declaration.default)
        return self._types.annotations.providers(parent, declaration.annotation) if declaration.annotation != NOWHERE else ()

    def _methods(self, row: HandlerRow, call: Arguments) -> tuple[str, ...]:
        written = call.constants(row.row.methods_position, row.row.methods_keyword)
        methods = tuple(method.upper() for method in written) or row.http_methods
        return tuple("*" if method == "*" else method for method in methods)


def location_of(frame: Frame, span: int) -> Location:
    """A span of the frame's file as a Location."""
    return Location(frame.function.module.path, *span_of(frame, span))


def join_path(prefix: str, path: str) -> str:
    """A route's full path."""
    whole = prefix.rstrip("/") + ("/" + path.lstrip("/") if path else "")
    return whole or "/"
