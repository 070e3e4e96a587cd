"""Pyramid: views, by decorator or `add_view`, and the routes whose names they say; a view without a route is found by traversal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from fwaudit.link.entry_points.entries import AppFact, RouteFact, location_of
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.entry_points.paths import UNKNOWN_PATH
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.definitions import handlers_named
from fwaudit.link.routes.cornice import read_cornice
from fwaudit.link.routes.lists import Item
from fwaudit.link.routes.pyramid_configuration import ConfigCall, Configuration, NamedRoute, join_pattern
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import ClassObject, Frame, FunctionObject, LibraryName, Object, Value
from fwaudit.model import facts
from fwaudit.model.context import Context
from fwaudit.model.facts import NOWHERE

_FRAMEWORK = "pyramid"
_VIEW = "pyramid.view.view_config"
_DEFAULTS = "pyramid.view.view_defaults"
_MAKING_VIEWS = frozenset({"view_config", "add_view"})
"""One of these is used by a decorator of the project that makes what it decorates a view."""
TRAVERSAL = "<traversal>"
"""In place of the path of a view that answers for objects wherever they are found."""


def read_pyramid(entries: EntryPoints) -> None:
    """Adds the applications, by where they are made, and a route for each view and each route that it says it is for."""
    if _FRAMEWORK in entries.frameworks:
        configuration = Configuration(entries.types)
        _Views(entries, configuration).read()
        read_cornice(entries, configuration)


@dataclass(frozen=True, slots=True)
class _Settings:
    """What a view configuration says; None: not said here."""

    route_name: str | None = None
    methods: tuple[str, ...] | None = None
    name: str | None = None
    attr: str | None = None
    context: tuple[Frame, int] | None = None

    def over(self, defaults: _Settings) -> _Settings:
        """These, with those of `defaults` that are not said."""
        return _Settings(
            defaults.route_name if self.route_name is None else self.route_name,
            defaults.methods if self.methods is None else self.methods,
            defaults.name if self.name is None else self.name,
            defaults.attr if self.attr is None else self.attr,
            defaults.context if self.context is None else self.context,
        )


class _Views:
    def __init__(self, entries: EntryPoints, configuration: Configuration) -> None:
        self._entries = entries
        self._types = entries.types
        self._configuration = configuration
        self._routes: dict[str, list[NamedRoute]] = defaultdict(list)
        for route in self._configuration.routes:
            self._routes[route.name].append(route)
        self._making: dict[Function, bool] = {}
        self._added: set[tuple[tuple[str, ...], str, Frame]] = set()

    def read(self) -> None:
        for call in self._configuration.calls:
            if call.method == "make_wsgi_app":
                self._read_app(call)
            elif call.method == "add_view":
                self._read_call(call)
        for module in self._types.symbols.modules:
            for function in module.functions.values():
                if function.scope.kind == "function" and function.scope.decorators:
                    self._read_function(function)
            for class_ in module.classes.values():
                if class_.declaration.decorators:
                    self._read_class(class_)

    def _read_app(self, call: ConfigCall) -> None:
        frame = call.frame
        expression = frame.function.body.expressions[call.index]
        assert isinstance(expression, facts.Call)
        scope = frame.function.scope
        bound = [name for name, bindings in scope.names.items() if any(_is_assigned(frame, binding, call.index) for binding in bindings)]
        name = (bound or [_FRAMEWORK])[0] if scope.kind == "module" else f"{scope.qualified_name}()"
        self._entries.apps.append(AppFact(_FRAMEWORK, frame.function.module, name, location_of(frame, expression.span)))

    # --- views --------------------------------------------------------------------------------------------

    def _read_function(self, function: Function) -> None:
        target = self._types.generic(function)
        if target.closure is None:
            return
        for settings in self._settings(target.closure, function.scope.decorators):
            defaults = self._defaults(function.owner) if function.owner is not None else _Settings()
            self._add(settings.over(defaults), target)

    def _read_class(self, class_: Class) -> None:
        parent = self._types.classes.frame_of(class_).closure
        if parent is None:
            return
        for settings in self._settings(parent, class_.declaration.decorators):
            full = settings.over(self._defaults(class_))
            for handler in handlers_named(self._types, Object(class_), full.attr or "__call__"):
                self._add(full, handler)

    def _read_call(self, call: ConfigCall) -> None:
        settings = self._settings_of(call.frame, call.arguments, positions=(5, 6, 1))
        for value, _ in call.arguments.argument(0, "view"):
            for handler in self._handlers(value, settings):
                self._add(settings, handler)
        text = self._configuration.text(call, 0, "view")
        for function in self._configuration.functions_named(text) if text and UNKNOWN_PATH not in text else ():
            self._add(settings, self._types.generic(function))

    def _handlers(self, value: Value, settings: _Settings) -> Iterator[Frame]:
        if isinstance(value, FunctionObject):
            yield self._types.generic(value.function)
        elif isinstance(value, ClassObject | Object) and isinstance(value.class_, Class):
            yield from handlers_named(self._types, Object(value.class_), settings.attr or "__call__")

    # --- settings -------------------------------------------------------------------------------------------

    def _settings(self, parent: Frame, decorators: tuple[int, ...]) -> Iterator[_Settings]:
        """Those of each decorator that makes a view."""
        for decorator in decorators:
            call = parent.function.body.expressions[decorator]
            if isinstance(call, facts.Call) and any(self._makes_view(value) for value, _ in self._types.value(parent, call.function)):
                yield self._settings_of(parent, Arguments.of_expression(self._types, parent, call))

    def _makes_view(self, value: Value) -> bool:
        """Whether it is `view_config`, or a function of the project that hands on to it or to `add_view`."""
        if isinstance(value, LibraryName):
            return value.dotted == _VIEW
        if not isinstance(value, FunctionObject) or not any(one.kind == "keywords" for one in value.function.scope.parameters):
            return False
        found = self._making.get(value.function)
        if found is None:
            self._making[value.function] = False
            found = self._making[value.function] = self._hands_on(value.function, 0)
        return found

    def _hands_on(self, function: Function, depth: int) -> bool:
        """Whether the function, one within it, or one of the project's that they call uses what makes views."""
        inner = [one for one in function.module.functions.values() if _is_within(one, function)]
        if any(one.uses(_MAKING_VIEWS) for one in inner):
            return True
        called = [callee for one in inner for callee in self._called(one)] if depth == 0 else []
        return any(self._hands_on(callee, depth + 1) for callee in called)

    def _called(self, function: Function) -> Iterator[Function]:
        frame = self._types.generic(function)
        for index in function.body.calls:
            call = function.body.call(index)
            if any(not name for name, _ in call.keywords):
                for value, _ in self._types.value(frame, call.function):
                    if isinstance(value, FunctionObject):
                        yield value.function

    def _defaults(self, class_: Class) -> _Settings:
        """Those of the nearest `@view_defaults` of a class and its bases."""
        for base in self._types.classes.order(class_):
            parent = self._types.classes.frame_of(base).closure if isinstance(base, Class) else None
            if not isinstance(base, Class) or parent is None:
                continue
            for decorator in base.declaration.decorators:
                call = parent.function.body.expressions[decorator]
                if isinstance(call, facts.Call) and any(
                    (value.dotted if isinstance(value, LibraryName) else value.class_ if isinstance(value, ClassObject) else "")
                    == _DEFAULTS
                    for value, _ in self._types.value(parent, call.function)
                ):
                    return self._settings_of(parent, Arguments.of_expression(self._types, parent, call))
        return _Settings()

    def _settings_of(self, frame: Frame, arguments: Arguments, positions: tuple[int, int, int] = (NOWHERE, NOWHERE, NOWHERE)) -> _Settings:
        """Those written in a call; `positions` of the route's name, the methods and the view's name."""
        route, methods, name = positions
        written = arguments.index(methods, "request_method")
        said = _Settings(
            route_name=self._text(frame, arguments.index(route, "route_name")),
            methods=tuple(one.upper() for one in arguments.constants(methods, "request_method")) if written is not None else None,
            name=self._text(frame, arguments.index(name, "name")),
            attr=arguments.keyword_constant("attr"),
            context=next(((frame, index) for key in ("context", "for_") if (index := arguments.index(-1, key)) is not None), None),
        )
        keywords = arguments.expression.keywords if arguments.expression is not None else ()
        for index in (index for keyword, index in keywords if not keyword):
            said = said.over(self._spread_settings(frame, index))
        return said

    def _spread_settings(self, frame: Frame, index: int) -> _Settings:
        """Those of `**SETTINGS`, a dict that is written somewhere; of any other, that the route is not known."""
        [*found] = self._configuration.written.behind(frame, index)
        if len(found) != 1 or not isinstance(found[0], Item) or not isinstance(found[0].expression, facts.Display):
            return _Settings(route_name=UNKNOWN_PATH)
        place, display = found[0].frame, found[0].expression
        expressions = place.function.body.expressions
        items = {
            key.text: item
            for number, item in (display.pairs if display.kind == "dict" else ())
            if isinstance(key := expressions[number], facts.Constant)
        }
        methods = items.get("request_method")
        listed = expressions[methods] if methods is not None else None
        texts = [expressions[one] for one in listed.items] if isinstance(listed, facts.Display) else [listed]
        return _Settings(
            route_name=self._text(place, items.get("route_name")),
            methods=tuple(one.text.upper() for one in texts if isinstance(one, facts.Constant)) if methods is not None else None,
            name=self._text(place, items.get("name")),
            attr=self._text(place, items.get("attr")),
            context=(place, items["context"]) if "context" in items else None,
        )

    def _text(self, frame: Frame, index: int | None) -> str | None:
        if index is None:
            return None
        text = self._configuration.written.text(frame, index)
        return UNKNOWN_PATH if text is None else text

    # --- routes ---------------------------------------------------------------------------------------------

    def _add(self, settings: _Settings, handler: Frame) -> None:
        if handler.function.scope.is_async:
            return
        for methods, path in self._paths(settings):
            mark = (methods, path, handler)
            if mark not in self._added:
                self._added.add(mark)
                self._entries.add_route(RouteFact.of(_FRAMEWORK, "http", methods, path, handler, Context.WSGI_WORKER))

    def _paths(self, settings: _Settings) -> Iterator[tuple[tuple[str, ...], str]]:
        methods = settings.methods or ()
        if settings.route_name is None:
            if settings.context is None or self._is_resource(*settings.context):
                yield methods, f"{TRAVERSAL}/{settings.name}" if settings.name else TRAVERSAL
            return
        routes = self._routes.get(settings.route_name, ())
        if not routes and settings.route_name not in self._configuration.unreachable:
            yield methods, f"/{UNKNOWN_PATH}"
        for route in routes:
            for prefix in self._configuration.prefixes(route.function):
                yield methods or route.methods, join_pattern(prefix, route.pattern)

    def _is_resource(self, frame: Frame, context: int) -> bool:
        """Whether a view's context is a class of the project that is no exception: views of exceptions are no routes."""
        for value, _ in self._types.value(frame, context):
            if not isinstance(value, ClassObject) or not isinstance(value.class_, Class):
                return False
            library = [base for base in self._types.classes.order(value.class_) if isinstance(base, str)]
            if any(base != "builtins.object" for base in library):
                return False
        return True


def _is_assigned(frame: Frame, binding: int, value: int) -> bool:
    one = frame.function.body.bindings[binding]
    return isinstance(one, facts.Assigned) and one.value == value


def _is_within(inner: Function, outer: Function) -> bool:
    """Whether `inner` is `outer`, or is defined in it at any depth."""
    scopes = outer.module.facts.scopes
    index = inner.index
    while index not in {NOWHERE, outer.index}:
        index = scopes[index].parent
    return index == outer.index
