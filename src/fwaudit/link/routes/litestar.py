"""Litestar: the handlers, controllers and routers that applications and routers list, each below the paths of those around it."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.catalog.index import HandlerRow
from fwaudit.link.entry_points.entries import EntryPoint, RouteFact
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.entry_points.paths import UNKNOWN_PATH
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.routes.lists import Defined, Item, WrittenLists
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import ClassObject, Frame, LibraryName, Object, Value
from fwaudit.model import facts
from fwaudit.model.context import Context
from fwaudit.model.facts import NOWHERE

_FRAMEWORK = "litestar"
_APP = "litestar.Litestar"
_ROUTER = "litestar.Router"
_CONTROLLER = "litestar.Controller"
_LISTENER = "litestar.handlers.WebsocketListener"
_CONFIG = "litestar.config.app.AppConfig"
_HOOK = "on_app_init"
_GROWING = ("append", "extend")
_MOST_ROUTERS = 10
"""Routers in routers that are followed."""


def read_litestar(entries: EntryPoints) -> None:
    """Adds a route for each handler that an application lists, and for those of routers of which no list is known."""
    if _FRAMEWORK in entries.frameworks:
        _Tree(entries).read()


class _Tree:
    def __init__(self, entries: EntryPoints) -> None:
        self._entries = entries
        self._types = entries.types
        self._lists = WrittenLists(entries.types)
        self._visited: set[tuple[int, int]] = set()

    def read(self) -> None:
        apps: list[tuple[Frame, int, bool]] = []
        routers: list[tuple[Frame, int]] = []
        names = frozenset({"Litestar", "Starlite", "register", "route_handlers"}) | self._entries.own_apps
        for module in self._types.symbols.modules:
            for function in module.functions.values():
                frame = self._types.generic(function)
                if function.uses(names):
                    apps += self._lists_of_apps(frame)
                if function.uses(frozenset({"Router"})):
                    routers += [(frame, index) for index in function.body.calls if self._makes(frame, index, _ROUTER)]
        for frame, index, is_item in apps:
            for item in self._lists.behind(frame, index) if is_item else self._lists.items(frame, index):
                self._add(item, "", 0)
        inner = {place for frame, index in routers for place in self._routers_in(frame, index)}
        for frame, index in routers:
            if (frame.number, index) not in self._visited | inner:
                self._add_router(Item(frame, index), UNKNOWN_PATH, 0)

    def _routers_in(self, frame: Frame, index: int) -> Iterator[tuple[int, int]]:
        call = frame.function.body.call(index)
        listed = Arguments.of_expression(self._types, frame, call).index(-1, "route_handlers")
        for item in self._lists.items(frame, listed) if listed is not None else ():
            if isinstance(item, Item) and self._makes(item.frame, item.index, _ROUTER):
                yield item.frame.number, item.index

    def _lists_of_apps(self, frame: Frame) -> Iterator[tuple[Frame, int, bool]]:
        """The expressions that applications are given as handlers, with whether they are one handler and no list."""
        body = frame.function.body
        for index in body.calls:
            call = body.call(index)
            callee = body.expressions[call.function]
            if self._makes(frame, index, _APP):
                listed = Arguments.of_expression(self._types, frame, call).index(0, "route_handlers")
                if listed is not None:
                    yield frame, listed, False
            elif isinstance(callee, facts.Attribute) and callee.name == "register" and call.arguments:
                if any(self._is_a(value, _APP) for value, _ in self._types.value(frame, callee.value)):
                    yield frame, call.arguments[0], True
            elif isinstance(callee, facts.Attribute) and callee.name in _GROWING and self._is_handlers_of_config(frame, callee.value):
                yield from ((frame, argument, callee.name == "append") for argument in call.arguments)

    def _is_handlers_of_config(self, frame: Frame, index: int) -> bool:
        """`app_config.route_handlers` in a plugin or an `on_app_init` hook."""
        owner = frame.function.body.expressions[index]
        if not isinstance(owner, facts.Attribute) or owner.name != "route_handlers":
            return False
        return self._is_config_of_hook(frame, owner.value) or any(
            self._is_a(value, _CONFIG) for value, _ in self._types.value(frame, owner.value)
        )

    def _is_config_of_hook(self, frame: Frame, index: int) -> bool:
        """The first parameter of an `on_app_init` that does not say what it takes."""
        body, scope = frame.function.body, frame.function.scope
        name = body.expressions[index]
        bindings = [body.bindings[one] for one in name.bindings] if isinstance(name, facts.Name) and frame.function.name == _HOOK else []
        given = [one.index for one in bindings if isinstance(one, facts.Parameter)]
        is_first = given == [1 if frame.function.owner is not None else 0]
        return is_first and scope.parameters[given[0]].annotation == NOWHERE

    def _makes(self, frame: Frame, index: int, class_: str) -> bool:
        call = frame.function.body.expressions[index]
        return isinstance(call, facts.Call) and any(
            isinstance(value, ClassObject) and self._is_a(value, class_) for value, _ in self._types.value(frame, call.function)
        )

    def _is_a(self, value: Value, class_: str) -> bool:
        if not isinstance(value, ClassObject | Object):
            return False
        names = self._types.classes.order(value.class_) if isinstance(value.class_, Class) else (value.class_,)
        return class_ in names

    # --- what is listed ---------------------------------------------------------------------------------

    def _add(self, item: Item | Defined, prefix: str, depth: int) -> None:
        if isinstance(item, Item):
            if self._makes(item.frame, item.index, _ROUTER):
                self._add_router(item, prefix, depth)
            else:
                self._add_wrapped(item, prefix)
        elif isinstance(item.what, Function):
            self._add_function(item.what, prefix)
        elif self._is_a(ClassObject(item.what), _CONTROLLER):
            self._add_controller(item.what, prefix)
        elif self._is_a(ClassObject(item.what), _LISTENER):
            self._add_listener(item.what, prefix)

    def _add_router(self, item: Item, prefix: str, depth: int) -> None:
        call = item.expression
        assert isinstance(call, facts.Call)
        self._visited.add((item.frame.number, item.index))
        arguments = Arguments.of_expression(self._types, item.frame, call)
        path, listed = arguments.index(0, "path"), arguments.index(-1, "route_handlers")
        if listed is None or depth >= _MOST_ROUTERS:
            return
        below = _joined(prefix, UNKNOWN_PATH if path is None else self._lists.text(item.frame, path) or _unless_empty(item.frame, path))
        for one in self._lists.items(item.frame, listed):
            self._add(one, below, depth + 1)

    def _add_wrapped(self, item: Item, prefix: str) -> None:
        """`get("/x")(function)`: a handler that is made without decorating."""
        call = item.expression
        if not isinstance(call, facts.Call) or len(call.arguments) != 1:
            return
        for one in self._lists.behind(item.frame, call.arguments[0]):
            if isinstance(one, Defined) and isinstance(one.what, Function):
                self._add_decorated(item.frame, call.function, one.what, prefix)

    def _add_function(self, function: Function, prefix: str) -> None:
        closure = self._types.generic(function).closure
        if closure is not None:
            for decorator in function.scope.decorators:
                self._add_decorated(closure, decorator, function, prefix)

    def _add_controller(self, class_: Class, prefix: str) -> None:
        below = _joined(prefix, self._path_of_class(class_))
        seen: set[str] = set()
        for base in self._types.classes.order(class_):
            if not isinstance(base, Class):
                continue
            frame = self._types.classes.frame_of(base)
            for name in sorted(base.members.keys() - seen):
                for index in base.members[name]:
                    binding = frame.function.body.bindings[index]
                    if isinstance(binding, facts.DefinedFunction):
                        self._add_function(base.module.functions[binding.scope], below)
            seen |= base.members.keys()

    def _add_listener(self, class_: Class, prefix: str) -> None:
        """One route: what takes the messages; the other methods run for it."""
        methods = {row.name.rpartition(".")[2]: (row, frame) for row, frame in self._entries.views_of(ClassObject(class_))}
        if "on_receive" not in methods:
            return
        path = _joined(prefix, self._path_of_class(class_))
        place = -1
        for name in sorted(methods, key=lambda one: one != "on_receive"):
            row, frame = methods[name]
            context = _context(row, frame)
            if context is not None and place < 0:
                place = self._entries.add_route(RouteFact.of(_FRAMEWORK, "websocket", (), path, frame, context))
            elif context is not None:
                self._entries.add_point(EntryPoint(frame, context, "websocket", _FRAMEWORK, place))

    def _path_of_class(self, class_: Class) -> str:
        for base in self._types.classes.order(class_):
            if isinstance(base, Class) and "path" in base.members:
                frame = self._types.classes.frame_of(base)
                bindings = (frame.function.body.bindings[index] for index in base.members["path"])
                given = [one.value for one in bindings if isinstance(one, facts.Assigned) and one.value >= 0]
                return self._lists.text(frame, given[-1]) or _unless_empty(frame, given[-1]) if given else UNKNOWN_PATH
        return ""

    # --- handlers ----------------------------------------------------------------------------------------

    def _add_decorated(self, frame: Frame, decorator: int, function: Function, prefix: str) -> None:
        """The routes of a function under one decorator: one for each of its paths."""
        call = frame.function.body.expressions[decorator]
        callee = call.function if isinstance(call, facts.Call) else decorator
        arguments = Arguments.of_expression(self._types, frame, call) if isinstance(call, facts.Call) else Arguments.nothing()
        rows = [
            row for value, _ in self._types.value(frame, callee) for row in self._types.catalog.registering.read_elsewhere(_name(value))
        ]
        target = self._types.generic(function)
        for row in self._entries.applying(rows, frame.function.module.path, arguments):
            context = _context(row, target)
            methods = self._methods(row, arguments)
            if context is None or methods is None:
                continue
            for path in self._paths(frame, arguments):
                self._entries.add_route(RouteFact.of(_FRAMEWORK, row.row.kind, methods, _joined(prefix, path), target, context))

    def _paths(self, frame: Frame, arguments: Arguments) -> Iterator[str]:
        index = arguments.index(0, "path")
        if index is None:
            yield ""
            return
        listed = list(self._lists.behind(frame, index))
        if len(listed) == 1 and isinstance(listed[0], Item) and isinstance(listed[0].expression, facts.Display):
            for item in listed[0].expression.items:
                yield self._lists.text(listed[0].frame, item) or _unless_empty(listed[0].frame, item)
        else:
            yield self._lists.text(frame, index) or _unless_empty(frame, index)

    def _methods(self, row: HandlerRow, arguments: Arguments) -> tuple[str, ...] | None:
        """The methods that `route(http_method=...)` lists, as texts or members of `HttpMethod`; None if they cannot be told."""
        if not row.name.endswith(".route"):
            return row.http_methods
        index = arguments.index(-1, row.row.methods_keyword)
        if index is None or arguments.frame is None:
            return None
        expressions = arguments.frame.function.body.expressions
        written = expressions[index]
        items = written.items if isinstance(written, facts.Display) else (index,)
        names = []
        for item in items:
            one = expressions[item]
            names.append(one.name if isinstance(one, facts.Attribute) else one.text if isinstance(one, facts.Constant) else "")
        return tuple(name.upper() for name in names) if all(names) else None


def _context(row: HandlerRow, frame: Frame) -> Context | None:
    """Where the handler runs; None where the row claims nothing: the framework takes no such function."""
    said = row.row.asynchronous if frame.function.scope.is_async else row.row.synchronous
    return Context(said) if said != "unknown" else None


def _name(value: Value) -> str:
    """The name of the decorator, which is a class in some versions and a function in others."""
    name = value.dotted if isinstance(value, LibraryName) else value.class_ if isinstance(value, ClassObject) else ""
    return name if isinstance(name, str) else ""


def _unless_empty(frame: Frame, index: int) -> str:
    """The path of an expression that gives no text: an empty literal is one too, anything else is `<unknown>`."""
    expression = frame.function.body.expressions[index]
    return "" if isinstance(expression, facts.Constant) and not expression.text else UNKNOWN_PATH


def _joined(prefix: str, path: str) -> str:
    """As Litestar joins paths: one slash between them, none at the end."""
    return "/" + "/".join(part for part in f"{prefix}/{path}".split("/") if part)
