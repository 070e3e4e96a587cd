"""Entry points: the functions that frameworks and servers call, where they run them, and the routes that they serve."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

from fwaudit.catalog.framework_schema import Handlers
from fwaudit.catalog.index import HandlerRow
from fwaudit.link.entry_points.applications import Applications
from fwaudit.link.entry_points.entries import ROUTE_KINDS, AppFact, EntryPoint, RouteFact
from fwaudit.link.entry_points.families import Families, with_those_below
from fwaudit.link.entry_points.handed import Handed
from fwaudit.link.entry_points.handler_rows import HandlerRows
from fwaudit.link.entry_points.loops import unrolled
from fwaudit.link.entry_points.not_awaited import is_surely_not_awaited
from fwaudit.link.entry_points.paths import join_path, paths_written, version_written, with_version
from fwaudit.link.entry_points.prefixes import Prefixes
from fwaudit.link.entry_points.registrars import Registrars
from fwaudit.link.entry_points.versions import Versions, folders_above
from fwaudit.link.entry_points.views import Views
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.definitions import definition_of
from fwaudit.link.inference.replaced import Replaced
from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Class, Function, Module
from fwaudit.link.values import (
    ClassObject,
    Frame,
    FunctionObject,
    Values,
    known,
)
from fwaudit.model import facts
from fwaudit.model.context import Context
from fwaudit.model.facts import NOWHERE
from fwaudit.model.manifest import Manifests
from fwaudit.model.source import Problem, Role

_NAMED_KINDS = ("rpc", "event")
"""Kinds of routes whose path is a name, without slashes."""
_GENERIC_NAMES = frozenset({*dir(list), *dir(dict), *dir(set)})
"""Methods that every module calls: they are looked into only where the module imports a framework itself."""
_UNKNOWN_CONTEXT = "unknown"
_NAME_IN_METHODS = "{NAME}"
_ANY_METHOD = "*"


@dataclass(frozen=True, slots=True)
class _Registration:
    """Where a handler is registered: the arguments given there, and the expression of the router that it is registered with."""

    frame: Frame
    call: Arguments
    router: int | None
    made: int | None = None
    """The call, which can make a route that is mounted as one (`Route("/x", handler)`)."""


class EntryPoints:
    """All entry points of the project: first what the tables say, in the order of files and positions, then what `routes/` reads.

    `frameworks` holds the names of the frameworks that the workspace imports, and of those that they build on.
    """

    def __init__(self, types: Types, manifests: Manifests, told_servers: Mapping[str, str] = MappingProxyType({})) -> None:
        self.types = self._types = types
        self._prefixes = Prefixes(types)
        self.manifests = manifests
        self._told_servers = told_servers
        self.versions = Versions(manifests)
        self._views = Views(types, self.versions)
        self._rows = HandlerRows(types)
        self.points: list[EntryPoint] = []
        self.routes: list[RouteFact] = []
        self._places: dict[tuple[tuple[str, ...], str, str, str, Function], list[int]] = {}
        self._families = Families(types.catalog)
        self.problems: set[Problem] = set()
        """What registers routes and could not be read."""
        self.apps: list[AppFact] = []
        self.not_awaited: dict[Function, str] = {}
        """Async handlers that nothing awaits, each with the framework that calls it."""
        catalog = types.catalog
        modules = types.symbols.modules
        copies = frozenset(module.copy_of for module in modules if module.copy_of)
        self._has_copies = bool(copies)
        imported = copies | {one.module.partition(".")[0] for module in modules for one in module.facts.imports if not one.level}
        self.frameworks = with_those_below(catalog, (one for one in catalog.frameworks if not imported.isdisjoint(one.imports)))
        used = self.frameworks
        self._imports = frozenset(name for framework in catalog.frameworks if framework.name in used for name in framework.imports)
        self._decorator_names = catalog.registering.decorator_names(used)
        self._applications = Applications(types, used, self.apps)
        self.own_apps = self._applications.own
        self._call_names = catalog.registering.call_names(used) | self.own_apps | self._applications.kept
        self._handed = Handed(types, catalog.registering.classes(used))
        self._registrars = Registrars(types)
        self._replaced = Replaced(types)
        for module in modules:
            if not module.copy_of:
                self._read_module(module)

    def _read_module(self, module: Module) -> None:
        imports_one = self._has_copies or any(one.module.partition(".")[0] in self._imports for one in module.facts.imports)
        names = self._call_names if imports_one else self._call_names - _GENERIC_NAMES
        names |= _other_names(module, names)
        for function in module.functions.values():
            if function.uses(names):
                for frame in (self._types.generic(function), *self._handed.frames(function)):
                    self._read_calls(frame, names)
        for function in module.functions.values():
            if function.scope.decorators and function.scope.kind != "class":
                for frame in (self._types.generic(function), *self._handed.frames(function)):
                    self._read_decorators(frame)
        for class_ in module.classes.values():
            if class_.declaration.decorators:
                self._read_class_decorators(class_)
        for class_ in module.classes.values():
            if class_.declaration.bases:
                self._read_class(class_)

    # --- decorators ---------------------------------------------------------------------------------

    def _read_decorators(self, target: Frame) -> None:
        parent = target.closure
        if parent is None:
            return
        for row, call, router, made in self._registering(parent, target.function.scope.decorators):
            written = parent.function.body.expressions[made]
            ways = self._registrars.ways(parent, written) if isinstance(written, facts.Call) else []
            own = [way for way in ways if way.frame is not parent]
            for way in own:  # a decorator of the project's registers its wrapper for each function that it stands on
                given = Arguments.of_expression(self._types, way.frame, parent.function.body.call(made), way.bound)
                self._add(row, row, self._types.frame(target.function, (), way.frame), _Registration(way.frame, given, router))
            if not own:
                self._add(row, row, target, _Registration(parent, call, router))

    def _read_class_decorators(self, class_: Class) -> None:
        parent = self._types.classes.frame_of(class_).closure
        if parent is None:
            return
        for row, call, router, _ in self._registering(parent, class_.declaration.decorators):
            for view, target in self._views.of(row, ClassObject(class_)):
                self._add(row, view, target, _Registration(parent, call, router))

    def _registering(self, parent: Frame, decorators: tuple[int, ...]) -> Iterator[tuple[HandlerRow, Arguments, int | None, int]]:
        """The rows of those decorators that register what they decorate, with their arguments, the expressions of router and decorator."""
        expressions = parent.function.body.expressions
        for decorator in decorators:
            expression = expressions[decorator]
            callee = expression.function if isinstance(expression, facts.Call) else decorator
            named = expressions[callee]
            if facts.last_name(named) not in self._decorator_names:
                continue
            if not self._is_told_here(parent, callee):
                continue
            call = Arguments.of_expression(self._types, parent, expression) if isinstance(expression, facts.Call) else Arguments.nothing()
            for value, _ in self._types.value(parent, callee):
                for row in self.applying(self._rows.of(value, by_decorator=True), parent.function.module.path, call):
                    yield row, call, named.value if isinstance(named, facts.Attribute) else None, decorator

    def _is_told_here(self, frame: Frame, callee: int) -> bool:
        """Whether it takes this frame to know what is called: what the generic one tells is read there."""
        return frame.generic or not known(self._types.value(self._types.generic(frame.function), callee))

    # --- calls -----------------------------------------------------------------------------------------

    def _read_calls(self, frame: Frame, names: frozenset[str]) -> None:
        body = frame.function.body
        for index in body.calls:
            call = body.call(index)
            callee = body.expressions[call.function]
            if facts.last_name(callee) not in names:
                continue
            if not self._is_told_here(frame, call.function):
                continue
            router = callee.value if isinstance(callee, facts.Attribute) else None
            values = self._types.value(frame, call.function)
            for value, _ in values:
                self._applications.read(frame, value, index)
                rows = self._rows.of(value, by_decorator=False)
                if not rows or _hands_on_its_own(frame, callee):
                    continue
                for way in self._registrars.ways(frame, call):
                    for arguments in unrolled(self._types, way.frame, call, way.bound):
                        self._register(rows, _Registration(way.frame, arguments, router, index), by_own=isinstance(value, FunctionObject))
            if router is not None and not known(values):
                where = _Registration(frame, Arguments.of_expression(self._types, frame, call), router, index)
                self._register(self._rows.told_by_name(facts.last_name(callee), where.call), where)

    def _register(self, rows: Iterable[HandlerRow], where: _Registration, *, by_own: bool = False) -> None:
        arguments = where.call
        for row in self.applying(rows, where.frame.function.module.path, arguments):
            for view, target in self._registered(row, arguments, by_own=by_own):
                self._add(row, view, target, where)

    def _registered(self, row: HandlerRow, arguments: Arguments, *, by_own: bool) -> Iterator[tuple[HandlerRow, Frame]]:
        """What runs for a registration; a decorated function itself, unless its decorators change its kind."""
        given = arguments.argument(row.row.position, row.row.keyword)
        index = arguments.index(row.row.position, row.row.keyword) if not row.row.methods else None
        defined = definition_of(self._types, *arguments.place_of(index)) if index is not None else None
        if defined is not None and defined.scope.decorators:
            kinds = {value.function.scope.is_async for value, _ in given if isinstance(value, FunctionObject)}
            if kinds <= {defined.scope.is_async}:
                yield row, self._frame_of(defined, arguments.frame)
                return
        wrapped = [*self._registrars.wrapped(arguments, index)] if index is not None else []
        classes = [one for values in (*wrapped, *((given,) if by_own else ())) for one in self._plain_classes(values)]
        for class_ in classes:  # by which of its methods it answers, the project's own function decides
            yield row, self._types.classes.frame_of(class_)
        found = [] if classes else [*self._views.handlers(row, given, _suffix(row, arguments))]
        yield from found
        for values in wrapped if not found and not classes else ():
            yield from self._views.handlers(row, values)

    def _frame_of(self, defined: Function, frame: Frame | None) -> Frame:
        """The function's frame: of one that is made in `frame`, with what that was given."""
        is_made_here = frame is not None and defined.module is frame.function.module and defined.scope.parent == frame.function.index
        return self._types.frame(defined, (), frame) if is_made_here else self._types.generic(defined)

    def _plain_classes(self, values: Values) -> Iterator[Class]:
        """The classes of the project of which no table says which methods handle requests."""
        for value, _ in values:
            if isinstance(value, ClassObject) and isinstance(value.class_, Class) and not self._views.rows_of(value):
                yield value.class_

    # --- classes ------------------------------------------------------------------------------------------

    def _read_class(self, class_: Class) -> None:
        bases = (base for base in self._types.classes.order(class_) if isinstance(base, str))
        for row in self.versions.holding(self._types.catalog.registering.of_bases(bases), class_.module.path):
            for pattern in row.row.methods:
                for binding in _members(class_, pattern):
                    frame = self._types.classes.frame_of(class_)
                    for value, _ in self._types.binding(frame, binding):
                        if isinstance(value, FunctionObject):
                            target = self._types.generic(value.function)
                            self._add(row, row, target, _Registration(frame, Arguments.nothing(), None))

    # --- entries -------------------------------------------------------------------------------------------

    def _add(self, row: HandlerRow, handler: HandlerRow, target: Frame, where: _Registration) -> None:
        """Adds what `row` registers; `handler` tells its methods and context: another row than `row` for the methods of a view."""
        context = handler.row.asynchronous if target.function.scope.is_async else handler.row.synchronous
        if not _is_deployed_so(where.frame, target) or not self._is_beside(handler.row):
            return
        if context == _UNKNOWN_CONTEXT:
            if target.function.scope.is_async and handler.row.kind == "http":
                self.note_not_awaited(row.framework.name, target)
            return
        paths = paths_written(row, where.call) if handler.row.kind in ROUTE_KINDS else ()
        if not paths:
            within = where.frame if handler.row.kind == "stream" else None
            self.add_point(EntryPoint(target, Context(context), handler.row.kind, row.framework.name, within=within))
            return
        methods = self._methods(row, handler, where.call)
        if methods is None:
            return
        version = version_written(row.row.version_keyword, where.call)
        for prefix in self._prefixes.of(where.frame, where.router, where.made):
            for path in paths:
                below = join_path(version, path) if version else path
                full = path if handler.row.kind in _NAMED_KINDS else with_version(join_path(prefix, below)) or "/"
                full = full.rstrip("/") or "/" if row.framework.drops_last_slash else full
                self.add_route(RouteFact.of(row.framework.name, handler.row.kind, methods, full, target, Context(context)))

    def add_route(self, route: RouteFact) -> int:
        """Adds a route with its full path, its handler's entry point and those of the handler's dependencies, once; gives its place."""
        if route.context is Context.EVENT_LOOP and self._replaced.is_wrapped_later(route.frame.function):
            route = replace(route, context=Context.THREADPOOL)
        key = (route.methods, route.path, route.kind, route.name, route.written or route.frame.function)
        known = self._places.setdefault(key, [])
        for place in known:  # once for frameworks that build on each other
            if not self._families.are_apart(self.routes[place].framework, route.framework):
                return place
        place = len(self.routes)
        known.append(place)
        self.routes.append(route)
        if route.name:
            return place
        self.points.append(EntryPoint(route.frame, route.context, route.kind, route.framework, place))
        self._add_dependencies(route.frame, route.framework, place, {route.frame.number})
        return place

    def told_interface(self, folder: str) -> str:
        """What the server serves that the settings tell for the service around a folder; "" where that is not told."""
        told = next((self._told_servers[one] for one in folders_above(f"{folder}/x".removeprefix("./")) if one in self._told_servers), "")
        return self._types.catalog.servers.only_interface(told)

    def note_not_awaited(self, framework: str, target: Frame) -> None:
        """An async handler of a framework that awaits none, unless something around it may do so."""
        if is_surely_not_awaited(self._types, target.function):
            self.not_awaited[target.function] = framework

    def add_point(self, point: EntryPoint) -> None:
        """Adds a function that a framework runs for no route of its own: middleware, a job."""
        if point.context is Context.EVENT_LOOP and point.kind in ROUTE_KINDS and self._replaced.is_wrapped_later(point.frame.function):
            point = replace(point, context=Context.THREADPOOL)
        self.points.append(point)

    def applying(self, rows: Iterable[HandlerRow], path: str, call: Arguments) -> Iterator[HandlerRow]:
        """The rows that hold for the file's version and the call's arguments; one with conditions goes before those of its kind."""
        holding = self.versions.holding(rows, path)
        decided = {row.row.kind for row in holding if row.row.when and self._all_hold(row, call)}
        return (row for row in holding if (self._all_hold(row, call) if row.row.when else row.row.kind not in decided))

    def _all_hold(self, row: HandlerRow, call: Arguments) -> bool:
        return all(self._types.holds(condition, call) for condition in row.row.when)

    def views_of(self, view: ClassObject) -> Iterator[tuple[HandlerRow, Frame]]:
        """The handler methods of a view: for each its row, named `Base.method`, and its frame."""
        for row in self._views.rows_of(view):
            yield from self._views.of(row, view)

    def frames_of(self, values: Values) -> Iterator[Frame]:
        """The frames that calling, iterating or entering `values` runs."""
        return self._views.frames(values)

    def _add_dependencies(self, handler: Frame, framework: str, route: int, seen: set[int]) -> None:
        """The functions that are called to make the handler's parameters belong to its route, and theirs in turn."""
        parent = handler.closure
        if parent is None:
            return
        for declaration in handler.function.scope.parameters:
            for target in self._views.frames(self._providers(parent, declaration)):
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

    def _is_beside(self, row: Handlers) -> bool:
        """Whether the workspace imports what the row asks for, and nothing that speaks against it."""
        if not row.only_beside and not row.not_beside:
            return True
        asked = not row.only_beside or not self._imported_names.isdisjoint(row.only_beside)
        return asked and self._imported_names.isdisjoint(row.not_beside)

    @cached_property
    def _imported_names(self) -> frozenset[str]:
        """All modules that are imported, and all names from them, with their modules."""
        imports = [one for module in self._types.symbols.modules for one in module.facts.imports if not one.level]
        return frozenset(name for one in imports for name in (one.module, f"{one.module}.{one.name}"))

    def _methods(self, row: HandlerRow, handler: HandlerRow, call: Arguments) -> tuple[str, ...] | None:
        """The methods of a route; None for the method of a view that the registration leaves out."""
        written = tuple(method.upper() for method in call.constants(row.row.methods_position, row.row.methods_keyword))
        own = handler.http_methods
        if handler is not row and written and _NAME_IN_METHODS in handler.row.http_methods:
            return own if own[0] in written or _ANY_METHOD in written else None
        return written or own or row.http_methods


def _other_names(module: Module, names: frozenset[str]) -> frozenset[str]:
    """The names that the module gives what it imports under one of `names`: `from flask import Flask as Application`."""
    bindings = [(name, index) for name, found in module.facts.scopes[0].names.items() for index in found if name not in names]
    body = module.body_function.body
    return frozenset(name for name, index in bindings if isinstance(one := body.bindings[index], facts.Imported) and one.name in names)


def _members(class_: Class, pattern: str) -> Iterator[int]:
    """The bindings of the class's members that a name means, or the beginning of one (`on_*`)."""
    if not pattern.endswith("*"):
        yield from class_.members.get(pattern, ())
        return
    for name, bindings in class_.members.items():
        if name.startswith(pattern[:-1]):
            yield from bindings


def _is_deployed_so(registering: Frame, handler: Frame) -> bool:
    """Whether a registration counts: what only tests register in their own app is no handler of the code's."""
    return registering.function.module.role is not Role.TEST or handler.function.module.role is Role.TEST


def _hands_on_its_own(frame: Frame, callee: facts.Expression) -> bool:
    """Whether it is `super().add(...)` in a method `add` of the project's: its calls are what registers."""
    if not isinstance(callee, facts.Attribute) or callee.name != frame.function.name:
        return False
    expressions = frame.function.body.expressions
    made = expressions[callee.value]
    named = expressions[made.function] if isinstance(made, facts.Call) else None
    return isinstance(named, facts.Name) and named.name == "super"


def _suffix(row: HandlerRow, call: Arguments) -> str | None:
    """What ends the names of the row's methods; None where it is given and cannot be told."""
    if not row.row.suffix_keyword or call.index(-1, row.row.suffix_keyword) is None:
        return ""
    text = call.keyword_constant(row.row.suffix_keyword)
    return f"_{text}" if text is not None else None
