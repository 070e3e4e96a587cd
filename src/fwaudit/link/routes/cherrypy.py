"""CherryPy: trees of objects that are mounted, whose exposed methods answer below the names of the attributes that lead to them."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.link.entry_points.entries import AppFact, RouteFact, location_of
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.entry_points.paths import UNKNOWN_PATH, join_path
from fwaudit.link.entry_points.registrars import Registrars
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.definitions import handlers_named
from fwaudit.link.routes.cherrypy_exposure import Exposure
from fwaudit.link.routes.lists import Item, WrittenLists
from fwaudit.link.symbols import Class
from fwaudit.link.values import ClassObject, Frame, LibraryName, Object, Values
from fwaudit.model import facts
from fwaudit.model.context import Context
from fwaudit.model.facts import NOWHERE

_FRAMEWORK = "cherrypy"
_APPLICATION = "cherrypy.Application"
_MOUNTS = frozenset({"cherrypy.quickstart", "cherrypy.tree.mount", _APPLICATION})
_CONNECT = "cherrypy.dispatch.RoutesDispatcher.connect"
_CONSTRUCTOR = f"{_APPLICATION}.__init__"
_NAMES = frozenset({"quickstart", "mount", "Application", "connect", "__init__"})
_VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""What MethodDispatcher calls of an exposed object."""
_REST = "*"
"""`default` answers for everything below its object that nothing else does."""
_DEEPEST = 8


def read_cherrypy(entries: EntryPoints) -> None:
    """Adds the application of each mounted root, and a route for each exposed method that is reached from it."""
    if _FRAMEWORK in entries.frameworks:
        _Trees(entries).read()


class _Trees:
    def __init__(self, entries: EntryPoints) -> None:
        self._entries = entries
        self._types = entries.types
        self._written = WrittenLists(entries.types)
        self._exposure = Exposure(entries.types)
        self._registrars = Registrars(entries.types)

    def read(self) -> None:
        for function in self._types.symbols.users(_NAMES):
            self._read_calls(self._types.generic(function))

    def _read_calls(self, frame: Frame) -> None:
        body = frame.function.body
        for index in body.calls:
            call = body.call(index)
            callee = body.expressions[call.function]
            if facts.last_name(callee) not in _NAMES:
                continue
            if self._is_super(frame, callee):
                self._mount_each(frame, call, _CONSTRUCTOR)
                continue
            for value, _ in self._types.value(frame, call.function):
                name = value.dotted if isinstance(value, LibraryName) else value.class_ if isinstance(value, ClassObject) else ""
                if name in _MOUNTS or name == _CONSTRUCTOR:
                    self._mount_each(frame, call, name)
                elif name == _CONNECT:
                    self._connect(frame, Arguments.of_expression(self._types, frame, call))

    def _is_super(self, frame: Frame, callee: facts.Expression) -> bool:
        """Whether it is `super().__init__` in a class that is an application."""
        owner = frame.function.owner
        if owner is None or not isinstance(callee, facts.Attribute) or callee.name != "__init__":
            return False
        made = frame.function.body.expressions[callee.value]
        return isinstance(made, facts.Call) and _APPLICATION in self._types.classes.order(owner)

    def _mount_each(self, frame: Frame, call: facts.Call, name: str) -> None:
        """The roots that a call mounts: one for each call of the function around, where that is given them."""
        for way in self._registrars.ways(frame, call):
            arguments = Arguments.of_expression(self._types, way.frame, call, way.bound)
            place = 1 if name == _CONSTRUCTOR and _names_its_class(frame.function.body, call) else 0
            self._mount(way.frame, call, arguments, place, named=name != _APPLICATION)

    def _text(self, arguments: Arguments, index: int | None, default: str) -> str:
        """The text of an argument; `default` where it is not given or None."""
        if index is None:
            return default
        frame, index = arguments.place_of(index)
        [*written] = self._written.behind(frame, index)
        if len(written) == 1 and isinstance(written[0], Item) and _is_none(written[0].expression):
            return default
        text = self._written.text(frame, index)
        return UNKNOWN_PATH if text is None else text

    def _mount(self, frame: Frame, call: facts.Call, arguments: Arguments, place: int, *, named: bool) -> None:
        below = join_path("", self._text(arguments, arguments.index(place + 1, "script_name"), ""))
        root = arguments.index(place, "root")
        before = len(self._entries.routes)
        for value, _ in arguments.argument(place, "root"):
            if isinstance(value, Object | ClassObject) and isinstance(value.class_, Class):
                self._read_object(value, below, (value.class_,))
        if named and root is not None and len(self._entries.routes) > before:
            name = _name_of(frame, root) or frame.function.name
            if not any(app.module is frame.function.module and app.name == name for app in self._entries.apps):
                self._entries.apps.append(AppFact(_FRAMEWORK, frame.function.module, name, location_of(frame, call.span)))

    # --- objects ------------------------------------------------------------------------------------------

    def _read_object(self, value: Object | ClassObject, path: str, trail: tuple[Class, ...]) -> None:
        """The routes of an object at `path`, and of those that its attributes hold. `trail`: the classes on the way here."""
        class_ = trail[-1]
        path = f"{path}{''.join(f'/{{{one}}}' for one in self._exposure.path_arguments(class_))}"
        if self._exposure.is_exposed_class(class_):
            for verb in ("__call__", *_VERBS):
                self._add(value, verb, path or "/", () if verb == "__call__" else (verb,))
        for name, others in self._exposure.exposed(class_).items():
            for one in (name, *others):
                self._add(value, name, _path_of(path, one), ())
        if len(trail) <= _DEEPEST:
            for name, below in self._below(value, class_):
                if below.class_ not in trail:
                    assert isinstance(below.class_, Class)
                    self._read_object(below, join_path(path, name), (*trail, below.class_))

    def _below(self, value: Object | ClassObject, class_: Class) -> Iterator[tuple[str, Object]]:
        """The objects of the project's classes that public attributes hold, set in the class, in its methods or from outside."""
        order = [base for base in self._types.classes.order(class_) if isinstance(base, Class)]
        names = {name for base in order for name in (*base.members, *base.stores)} | self._exposure.attributes_set_outside
        for name in sorted(one for one in names if not one.startswith("_")):
            for held, _ in self._types.attributes.of(value, name):
                if isinstance(held, Object) and isinstance(held.class_, Class):
                    yield name, held

    def _add(self, value: Object | ClassObject, name: str, path: str, methods: tuple[str, ...]) -> None:
        owner = Object(value.class_) if isinstance(value, ClassObject) else value
        for handler in handlers_named(self._types, owner, name):
            if not handler.function.scope.is_async:
                self._entries.add_route(RouteFact.of(_FRAMEWORK, "http", methods, path, handler, Context.WSGI_WORKER))

    # --- dispatch by patterns -----------------------------------------------------------------------------

    def _connect(self, frame: Frame, arguments: Arguments) -> None:
        """`dispatcher.connect("name", "/path/{id}", controller=Pages(), action="show", conditions={"method": ["GET"]})`."""
        action = arguments.index(-1, "action")
        name = self._text(arguments, action, "index")
        path = join_path("", self._text(arguments, arguments.index(1, "route"), UNKNOWN_PATH)) or "/"
        controllers: Values = arguments.argument(2, "controller")
        for value, _ in controllers:
            if isinstance(value, Object | ClassObject) and isinstance(value.class_, Class):
                self._add(value, name, path, self._conditions(frame, arguments.index(-1, "conditions")))

    def _conditions(self, frame: Frame, index: int | None) -> tuple[str, ...]:
        """The methods in `{"method": ["GET"]}` or `dict(method=["GET"])`."""
        expressions = frame.function.body.expressions
        given = expressions[index] if index is not None else None
        listed = NOWHERE
        if isinstance(given, facts.Display) and given.kind == "dict":
            listed = next((item for key, item in given.pairs if _is_text(expressions[key], "method")), NOWHERE)
        elif isinstance(given, facts.Call):
            listed = next((value for keyword, value in given.keywords if keyword == "method"), NOWHERE)
        methods = expressions[listed] if listed != NOWHERE else None
        items = methods.items if isinstance(methods, facts.Display) else ()
        return tuple(one.text.upper() for item in items if isinstance(one := expressions[item], facts.Constant) and one.kind == "str")


def _names_its_class(body: facts.Body, call: facts.Call) -> bool:
    """Whether a constructor is called as `Application.__init__(self, ...)`, not by `super()`."""
    callee = body.expressions[call.function]
    return isinstance(callee, facts.Attribute) and not isinstance(body.expressions[callee.value], facts.Call)


def _is_text(expression: facts.Expression, text: str) -> bool:
    return isinstance(expression, facts.Constant) and expression.text == text


def _is_none(expression: facts.Expression) -> bool:
    return isinstance(expression, facts.Constant) and expression.kind == "None"


def _path_of(path: str, name: str) -> str:
    if name == "index":
        return f"{path.rstrip('/')}/"
    return join_path(path, _REST if name == "default" else name)


def _name_of(frame: Frame, root: int) -> str:
    """How the mounted object is named: by its variable or by its class."""
    expression = frame.function.body.expressions[root]
    if isinstance(expression, facts.Call):
        return _name_of(frame, expression.function)
    return facts.last_name(expression)
