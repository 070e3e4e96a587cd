"""From the expression of a view to its handlers: functions, methods of class-based views, actions of view sets, views of libraries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fwaudit.catalog.index import HandlerRow
from fwaudit.link.entry_points.entries import RouteFact, location_of
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.written import Behind, Written
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import ClassObject, Frame, FunctionObject, LibraryName, Object, PartialObject, Value
from fwaudit.model import facts
from fwaudit.model.context import Context
from fwaudit.model.finding import Location

HTTP_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_UNKNOWN = "unknown"
_METHOD_DECORATORS = {
    "django.views.decorators.http.require_GET": ("GET",),
    "django.views.decorators.http.require_POST": ("POST",),
    "django.views.decorators.http.require_safe": ("GET", "HEAD"),
}
_METHODS_LISTED = "django.views.decorators.http.require_http_methods"
_API_VIEWS = ("adrf.decorators.api_view", "rest_framework.decorators.api_view")
_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Handler:
    """What serves some methods: a frame of the project, or the name of something in a library and the frame that routes to it."""

    methods: tuple[str, ...]
    frame: Frame
    row: HandlerRow
    name: str = ""
    """Where the frame is not the handler itself."""
    location: Location | None = None


class Views:
    """Reads views for services that are served through `interface`."""

    def __init__(self, entries: EntryPoints, interface: str) -> None:
        self._entries = entries
        self._types = entries.types
        self._behind = Behind(entries.types)
        self.interface = interface

    # --- routes -------------------------------------------------------------------------------------------------

    def add(self, path: str, handlers: Iterator[Handler], framework: str = "") -> None:
        """Adds the routes of one path."""
        for handler in handlers:
            is_async = handler.frame.function.scope.is_async and not handler.name
            said = handler.row.row.asynchronous if is_async else handler.row.row.synchronous
            # A coroutine that nobody awaits is made where the sync handlers run.
            context = Context(handler.row.row.synchronous if said == _UNKNOWN else said)
            if is_async and said == _UNKNOWN:
                self._entries.note_not_awaited(handler.row.framework.name, handler.frame)
            location = handler.location or location_of(handler.frame, handler.frame.function.scope.span)
            route = RouteFact(
                framework or handler.row.framework.name,
                handler.methods,
                "/" + path,
                handler.row.row.kind,
                handler.frame,
                context,
                location,
                handler.name,
            )
            self._entries.add_route(route)

    def row(self, *names: str) -> HandlerRow | None:
        """The first row for one of `names` that holds for the interface."""
        for name in names:
            for row in self._types.catalog.registering.read_elsewhere(name):
                if row.row.interface in ("", self.interface):
                    return row
        return None

    # --- views --------------------------------------------------------------------------------------------------

    def handlers(self, view: Written, call: Written) -> Iterator[Handler]:
        """The handlers of a view; `call` is the call of `path`, the place of a view that is not the project's."""
        found = list(self._of_place(view, call, (), 0))
        if not found:
            name = self._written(view)
            row = self.row("django.urls.path")
            if row is not None and name:
                found = [Handler((), call.frame, row, name, _location(call))]
        yield from found

    def of_operation(self, function: Function, methods: tuple[str, ...]) -> Iterator[Handler]:
        """The handler of an operation of Ninja."""
        row = self.row("ninja.Router.get")
        if row is not None:
            yield Handler(methods, self._types.generic(function), row)

    def of_library(self, name: str, call: Written) -> Iterator[Handler]:
        """The one entry for a whole urlconf of a library."""
        row = self.row("django.urls.path")
        if row is not None:
            yield Handler((), call.frame, row, name, _location(call))

    def _of_place(self, view: Written, call: Written, methods: tuple[str, ...], depth: int) -> Iterator[Handler]:
        """`methods`: those that a decorator in the urlconf leaves of the view's."""
        if depth > _DEPTH:
            return
        defined = [one for one in self._behind.definitions(view) if isinstance(one, Function)]
        if defined:
            for function in defined:
                yield from self._of_function(self._types.generic(function), methods)
            return
        for one in self._behind.places(view):
            expression = one.expression
            if isinstance(expression, facts.Call):
                yield from self._of_call(one, expression, call, methods, depth)
            elif isinstance(expression, facts.Constant):
                yield from self._of_text(one, expression.text, methods)
            else:
                yield from self._of_values(one, call, methods)

    def _of_values(self, view: Written, call: Written, methods: tuple[str, ...]) -> Iterator[Handler]:
        for value, _ in self._types.value(view.frame, view.index):
            yield from self._of_value(value, call, methods)

    def _of_value(self, value: Value, call: Written, methods: tuple[str, ...]) -> Iterator[Handler]:
        row = self.row("django.urls.path")
        if isinstance(value, FunctionObject):
            yield from self._of_function(self._types.binder.bind(value, Arguments.nothing()), methods)
        elif isinstance(value, PartialObject):
            for inner, _ in value.callable:
                yield from self._of_value(inner, call, methods)
        elif isinstance(value, Object) and isinstance(value.class_, Class) and row is not None:
            calls = [one for one, _ in self._types.attributes.of(value, "__call__") if isinstance(one, FunctionObject)]
            for one in calls:
                yield from self._of_function(self._types.binder.bind(one, Arguments.nothing()), methods)
            if not calls:
                yield Handler(methods, self._frame_of(value.class_), row, value.class_.qualified_name, self._place_of(value.class_))
        elif isinstance(value, LibraryName) and row is not None:
            yield Handler(methods, call.frame, row, value.dotted, _location(call))

    def _of_text(self, place: Written, text: str, methods: tuple[str, ...]) -> Iterator[Handler]:
        """A view by its dotted name, as before Django 1.10."""
        module, _, name = text.rpartition(".")
        found = self._behind.module(module, place.frame.function.module) if module else None
        for value, _ in (self._types.lookup.exported(found, name) or ()) if found is not None else ():
            if isinstance(value, FunctionObject):
                yield from self._of_function(self._types.binder.bind(value, Arguments.nothing()), methods)

    def _of_call(self, place: Written, view: facts.Call, call: Written, methods: tuple[str, ...], depth: int) -> Iterator[Handler]:
        callee = place.at(view.function).expression
        if isinstance(callee, facts.Attribute) and callee.name in ("as_view", "as_asgi"):
            actions = self._actions(place, view)
            for value, _ in self._types.value(place.frame, callee.value):
                if isinstance(value, ClassObject) and isinstance(value.class_, Class):
                    yield from self.of_actions(value.class_, actions) if actions else self.of_class(value.class_, methods)
                elif isinstance(value, ClassObject | LibraryName):
                    yield from self._of_library_class(value, call, methods)
            return
        own = methods or self._methods_of_decorator(place, view.function)
        for argument in view.arguments:
            if self._may_be_view(place.at(argument)):
                found = list(self._of_place(place.at(argument), call, own, depth + 1))
                if found:
                    yield from found
                    return
        yield from self._of_values(place, call, methods)

    def _may_be_view(self, place: Written) -> bool:
        """Whether an argument of a decorator is what it decorates: a function, or something that is called to make a view."""
        for one in self._behind.places(place):
            if isinstance(one.expression, facts.Call):
                return True
        values = self._types.value(place.frame, place.index)
        is_function = any(isinstance(one, Function) for one in self._behind.definitions(place))
        return is_function or any(isinstance(value, FunctionObject | PartialObject) for value, _ in values)

    def _actions(self, place: Written, call: facts.Call) -> Mapping[str, str]:
        """The methods and actions of `as_view({"get": "list"})`."""
        given = call.arguments[0] if call.arguments else dict(call.keywords).get("actions")
        if given is None:
            return {}
        found: dict[str, str] = {}
        for one in self._behind.places(place.at(given)):
            display = one.expression
            if isinstance(display, facts.Display) and display.kind == "dict" and len(display.keys) == len(display.items):
                for key, item in zip(display.keys, display.items, strict=True):
                    method, action = one.at(key).expression, one.at(item).expression
                    if isinstance(method, facts.Constant) and isinstance(action, facts.Constant):
                        found[method.text.lower()] = action.text
        return found

    # --- functions ----------------------------------------------------------------------------------------------

    def _of_function(self, frame: Frame, methods: tuple[str, ...]) -> Iterator[Handler]:
        row = self.row("django.urls.path")
        parent = frame.closure
        listed: tuple[str, ...] = ()
        for decorator in frame.function.scope.decorators if parent is not None else ():
            assert parent is not None
            place = Written(parent, decorator)
            listed = listed or self._methods_of_decorator(place, decorator)
            name, call = self._decorator(place)
            if name in _API_VIEWS:
                row = self.row(name) or row
                listed = tuple(one.upper() for one in call.constants(0, "http_method_names")) or ("GET",)
        if row is not None:
            yield Handler(methods or listed, frame, row)

    def _decorator(self, place: Written) -> tuple[str, Arguments]:
        expression = place.expression
        function = expression.function if isinstance(expression, facts.Call) else place.index
        call = Arguments.of_expression(self._types, place.frame, expression) if isinstance(expression, facts.Call) else Arguments.nothing()
        for value, _ in self._types.value(place.frame, function):
            if isinstance(value, LibraryName):
                return value.dotted, call
        return "", call

    def _methods_of_decorator(self, place: Written, decorator: int) -> tuple[str, ...]:
        """The methods that `require_POST` and the like leave."""
        name, call = self._decorator(place.at(decorator))
        if name == _METHODS_LISTED:
            return tuple(one.upper() for one in call.constants(0, "request_method_list"))
        return _METHOD_DECORATORS.get(name, ())

    # --- classes ------------------------------------------------------------------------------------------------

    def of_class(self, class_: Class, methods: tuple[str, ...] = ()) -> Iterator[Handler]:
        """The handlers of a class-based view: its methods, own or inherited; the class itself where none is known."""
        row = self._row_of_class(class_)
        if row is None:
            return
        if row.row.kind == "websocket":
            yield Handler((), self._frame_of(class_), row, class_.qualified_name, self._place_of(class_))
            return
        allowed = self._allowed(class_)
        names = [name for name in HTTP_METHODS if name in allowed and (not methods or name.upper() in methods)]
        found = [handler for name in names for handler in self._of_method(class_, name, (name.upper(),), row)]
        yield from found or [Handler(methods, self._frame_of(class_), row, class_.qualified_name, self._place_of(class_))]

    def of_actions(self, class_: Class, actions: Mapping[str, str]) -> Iterator[Handler]:
        """The handlers of a view set: `actions` gives for each method the name of the action."""
        row = self._row_of_class(class_)
        by_action: dict[str, list[str]] = {}
        allowed = self._allowed(class_)
        for method, action in actions.items():
            if method in allowed:
                by_action.setdefault(action, []).append(method.upper())
        for action, methods in by_action.items():
            if row is not None:
                yield from self._of_method(class_, action, tuple(sorted(methods)), row)

    def _of_method(self, class_: Class, name: str, methods: tuple[str, ...], row: HandlerRow) -> Iterator[Handler]:
        owner = self.owner(class_, name)
        if isinstance(owner, Class):
            functions = [
                one.function
                for one, _ in self._types.attributes.of(Object(class_, exact=True), name)
                if isinstance(one, FunctionObject) and one.function.owner is not None
            ]
            yield from (
                Handler(methods, self._types.generic(function), row) for function in functions[:1] or methods_named(owner, name)[-1:]
            )
        elif owner is not None:
            yield Handler(methods, self._frame_of(class_), row, f"{class_.qualified_name}.{name}", self._place_of(class_))

    def owner(self, class_: Class, name: str) -> Class | str | None:
        """The first class that has the method, of the project or of a library; None if none is known to."""
        for base in self._types.classes.order(class_):
            if name in base.members if isinstance(base, Class) else self._types.catalog.method(base, name) is not None:
                return base
        return None

    def _allowed(self, class_: Class) -> tuple[str, ...]:
        """The class's `http_method_names` if they are literal, else all methods."""
        owner = self.owner(class_, "http_method_names")
        if isinstance(owner, Class):
            frame = self._frame_of(owner)
            for index in owner.members["http_method_names"]:
                binding = frame.function.body.bindings[index]
                value = frame.function.body.expressions[binding.value] if isinstance(binding, facts.Assigned) else None
                if isinstance(value, facts.Display):
                    items = [frame.function.body.expressions[item] for item in value.items]
                    return tuple(item.text.lower() for item in items if isinstance(item, facts.Constant))
        return HTTP_METHODS

    def _row_of_class(self, class_: Class) -> HandlerRow | None:
        bases = (base for base in self._types.classes.order(class_) if isinstance(base, str))
        return self.row(*bases, "django.views.generic.View")

    def _of_library_class(self, value: ClassObject | LibraryName, call: Written, methods: tuple[str, ...]) -> Iterator[Handler]:
        dotted = value.dotted if isinstance(value, LibraryName) else value.class_
        row = self.row("django.urls.path")
        if row is not None and isinstance(dotted, str):
            yield Handler(methods, call.frame, row, dotted, _location(call))

    def _frame_of(self, class_: Class) -> Frame:
        return self._types.classes.frame_of(class_)

    def _place_of(self, class_: Class) -> Location:
        return location_of(self._frame_of(class_), class_.declaration.span)

    def _written(self, view: Written) -> str:
        """The name of a view as it is written, for one of which nothing else is known; "" if it has none."""
        parts: list[str] = []
        expression = view.expression
        while isinstance(expression, facts.Attribute | facts.Call):
            if isinstance(expression, facts.Attribute):
                parts.append(expression.name)
                expression = view.at(expression.value).expression
            else:
                expression = view.at(expression.function).expression
        if isinstance(expression, facts.Name):
            parts.append(expression.name)
        return ".".join(reversed(parts))


def methods_named(class_: Class, name: str) -> list[Function]:
    """The functions that a class's own body defines under a name, whatever their decorators make of them."""
    body = class_.module.functions[class_.declaration.scope].body
    bindings = [body.bindings[index] for index in class_.members.get(name, ())]
    return [class_.module.functions[one.scope] for one in bindings if isinstance(one, facts.DefinedFunction)]


def _location(call: Written) -> Location:
    expression = call.expression
    assert isinstance(expression, facts.Call)
    return location_of(call.frame, expression.span)
