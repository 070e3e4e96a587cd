"""Tornado: the rules of applications, `(pattern, handler class)` in lists, and the methods of the classes that they name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fwaudit.link.entry_points.entries import EntryPoint, RouteFact
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.entry_points.paths import UNKNOWN_PATH, join_path
from fwaudit.link.routes.lists import Item, WrittenLists
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import ClassObject, Frame, LibraryName, Object, Value
from fwaudit.model import facts
from fwaudit.model.context import Context
from fwaudit.model.facts import NOWHERE
from fwaudit.model.source import Role

_FRAMEWORK = "tornado"
_APPLICATION = "tornado.web.Application"
_ROUTERS = frozenset({_APPLICATION, "tornado.routing.RuleRouter", "tornado.routing.ReversibleRuleRouter"})
_SPECS = frozenset({"tornado.web.URLSpec", "tornado.web.url", "tornado.routing.URLSpec", "tornado.routing.Rule"})
_PATH_MATCHERS = frozenset({"tornado.routing.PathMatches"})
_ADD_HANDLERS = frozenset({f"{_APPLICATION}.add_handlers"})
_ADD_RULES = frozenset({f"{_APPLICATION}.add_rules", "tornado.routing.RuleRouter.add_rules"})
_MOST_REWRITINGS = 4
"""Lists of rules that are made from each other, and steps from a rule to the one that it is made from."""
_SOCKET_ORDER = ("on_message", "open")
"""Of a websocket's methods the route is the first of these that the class has; the others run for it."""


def read_tornado(entries: EntryPoints) -> None:
    """Adds a route for each method of each handler class that some application's rules name."""
    if _FRAMEWORK in entries.frameworks:
        _Rules(entries).read()


class _Rules:
    def __init__(self, entries: EntryPoints) -> None:
        self._entries = entries
        self._types = entries.types
        self._lists = WrittenLists(entries.types)
        self._seen: set[tuple[str, Class]] = set()
        self._read: set[tuple[Function, int]] = set()
        """The rules that some application's list led to."""
        self._is_below_unknown = False
        """Whether some application's rules are put below a prefix that cannot be told."""

    def read(self) -> None:
        names = self._names_of_routers()
        for function in self._types.symbols.users(names):
            frame = self._types.generic(function)
            for given, index in self._rule_lists(frame):
                self._read_rules(given, index)
        if self._lists.has_untold_items:
            self._read_gathered()

    def _read_gathered(self) -> None:
        """Where an application gathers rules by names that only running tells (`load(name).rules`): all that nothing else led to."""
        for module in self._types.symbols.modules:
            for function in module.functions.values() if module.role is Role.CODE else ():
                for index, expression in enumerate(function.body.expressions):
                    if isinstance(expression, facts.Display) and (function, index) not in self._read:
                        self._read_stray(Item(self._types.generic(function), index, self._is_below_unknown), expression)

    def _names_of_routers(self) -> frozenset[str]:
        """The last names of what takes rules: of the library, and of the project's own subclasses."""
        library = {name.rpartition(".")[2] for name in (*_ROUTERS, *_ADD_HANDLERS, *_ADD_RULES)}
        return frozenset({*library, "__init__", *self._imported_as()})

    def _imported_as(self) -> Iterator[str]:
        for module in self._types.symbols.modules:
            for class_ in module.classes.values():
                if class_.declaration.bases and self._is_router(ClassObject(class_)):
                    yield class_.name
            for name, bindings in module.facts.scopes[0].names.items():
                for binding in bindings:
                    one = module.body_function.body.bindings[binding]
                    if isinstance(one, facts.Imported) and one.name == "Application" and one.module == "tornado.web":
                        yield name

    def _is_router(self, value: Value) -> bool:
        if not isinstance(value, ClassObject):
            return False
        names = self._types.classes.order(value.class_) if isinstance(value.class_, Class) else (value.class_,)
        return any(name in _ROUTERS for name in names)

    # --- lists of rules -------------------------------------------------------------------------------

    def _rule_lists(self, frame: Frame) -> Iterator[tuple[Frame, int]]:
        """The expressions that are given as rules in the calls of a function."""
        body = frame.function.body
        for index in body.calls:
            call = body.call(index)
            callee = body.expressions[call.function]
            if isinstance(callee, facts.Attribute) and callee.name == "__init__":
                place = self._place_in_constructor(frame, callee)
            else:
                place = self._place_of_rules(frame, call)
            if place is not None:
                found = _argument(call, place, "rules" if place < 0 else "handlers", frame)
                if found is not None:
                    yield frame, found

    def _place_of_rules(self, frame: Frame, call: facts.Call) -> int | None:
        for value, _ in self._types.value(frame, call.function):
            if isinstance(value, LibraryName) and value.dotted in _ADD_HANDLERS:
                return 1
            if isinstance(value, LibraryName) and value.dotted in _ADD_RULES:
                return 0
            if self._is_router(value) and not self._has_own_constructor(value):
                return 0
        return None

    def _has_own_constructor(self, value: Value) -> bool:
        if not isinstance(value, ClassObject) or not isinstance(value.class_, Class):
            return False
        return any(isinstance(base, Class) and "__init__" in base.members for base in self._types.classes.order(value.class_))

    def _place_in_constructor(self, frame: Frame, callee: facts.Attribute) -> int | None:
        """`super().__init__(rules)` takes them first, `Application.__init__(self, rules)` second."""
        owner = frame.function.owner
        if owner is None or not self._is_router(ClassObject(owner)):
            return None
        base = frame.function.body.expressions[callee.value]
        if isinstance(base, facts.Call):
            return 0
        return 1 if any(self._is_router(value) for value, _ in self._types.value(frame, callee.value)) else None

    # --- rules ------------------------------------------------------------------------------------------

    def _read_rules(self, frame: Frame, index: int) -> None:
        for item in self._lists.items(frame, index):
            if isinstance(item, Item):
                self._read_rule(item)

    def _read_rule(self, item: Item, depth: int = 0) -> None:
        expression = item.expression
        self._read.add((item.frame.function, item.index))
        if isinstance(expression, facts.Display) and expression.kind in ("tuple", "list") and len(expression.items) > 1:
            pattern, target = expression.items[:2]
        elif isinstance(expression, facts.Call) and self._is_one_of(item.frame, expression.function, _SPECS):
            arguments = dict(expression.keywords)
            given = [*expression.arguments, None, None]
            first = given[0] if given[0] is not None else arguments.get("pattern", arguments.get("matcher"))
            second = given[1] if given[1] is not None else arguments.get("handler", arguments.get("target"))
            if first is None or second is None:
                return
            pattern, target = first, second
        else:
            return
        if isinstance(item.frame.function.body.expressions[target], facts.Display):
            self._read_rules(item.frame, target)  # rules of one host
            return
        other = _iterated_for(item.frame, target)
        made_from = list(self._lists.items(item.frame, other)) if other is not None and depth < _MOST_REWRITINGS else []
        if any(isinstance(one, Item) for one in made_from):
            for one in made_from:
                if isinstance(one, Item):
                    self._read_rule(replace(one, is_rewritten=True), depth + 1)
            return
        path = self._path(item.frame, pattern)
        if item.is_rewritten:
            self._is_below_unknown = True
            path = path if path.startswith(UNKNOWN_PATH) else join_path(UNKNOWN_PATH, path)
        for class_ in self._classes(item.frame, target):
            self._add(path, class_)

    def _read_stray(self, item: Item, expression: facts.Display) -> None:
        """A tuple of a path and a handler class."""
        if expression.kind == "tuple" and len(expression.items) > 1:
            pattern, target = expression.items[:2]
            text = self._lists.text(item.frame, pattern)
            classes = self._classes(item.frame, target) if text is not None and "/" in text else ()
            if any(next(self._entries.views_of(ClassObject(class_)), None) is not None for class_ in classes):
                self._read_rule(item)

    def _path(self, frame: Frame, pattern: int) -> str:
        expression = frame.function.body.expressions[pattern]
        if isinstance(expression, facts.Call) and expression.arguments and self._is_one_of(frame, expression.function, _PATH_MATCHERS):
            return self._path(frame, expression.arguments[0])
        text = self._lists.text(frame, pattern)
        return UNKNOWN_PATH if text is None else text.removeprefix("^").removesuffix("$") or "/"

    def _is_one_of(self, frame: Frame, callee: int, names: frozenset[str]) -> bool:
        for value, _ in self._types.value(frame, callee):
            name = value.class_ if isinstance(value, ClassObject) else value.dotted if isinstance(value, LibraryName) else None
            if isinstance(name, str) and name in names:
                return True
        return False

    def _classes(self, frame: Frame, target: int) -> Iterator[Class]:
        """The handler classes that a rule names: the class itself, or its dotted name in a string."""
        for value, _ in self._types.value(frame, target):
            if isinstance(value, ClassObject) and isinstance(value.class_, Class):
                yield value.class_
            elif isinstance(value, Object) and value.class_ == "builtins.str":
                yield from self._named_in_text(frame, self._lists.text(frame, target))

    def _named_in_text(self, frame: Frame, dotted: str | None) -> Iterator[Class]:
        owner, _, name = (dotted or "").rpartition(".")
        module = self._types.symbols.find(owner, frame.function.module) if owner else None
        for value, _ in (self._types.lookup.exported(module, name) or ()) if module is not None else ():
            if isinstance(value, ClassObject) and isinstance(value.class_, Class):
                yield value.class_

    # --- routes -----------------------------------------------------------------------------------------

    def _add(self, path: str, class_: Class) -> None:
        """The same class under the same path is one route, however often its list is read."""
        if (path, class_) in self._seen:
            return
        self._seen.add((path, class_))
        views = {row.name.rpartition(".")[2]: (row, frame) for row, frame in self._entries.views_of(ClassObject(class_))}
        sockets = {name: frame for name, (row, frame) in views.items() if row.row.kind == "websocket"}
        if sockets:
            first = next(name for name in (*_SOCKET_ORDER, *sockets) if name in sockets)
            route = RouteFact.of(_FRAMEWORK, "websocket", (), path, sockets[first], Context.EVENT_LOOP)
            place = self._entries.add_route(route)
            for name, frame in sockets.items():
                if name != first:
                    self._entries.add_point(EntryPoint(frame, Context.EVENT_LOOP, "websocket", _FRAMEWORK, place))
            return
        for row, frame in views.values():
            self._entries.add_route(RouteFact.of(_FRAMEWORK, "http", row.http_methods, path, frame, Context.EVENT_LOOP))


def _iterated_for(frame: Frame, index: int, depth: int = 0) -> int | None:
    """What is iterated to get (a part of) the value of an expression: the list of rules that this one is made anew from."""
    body = frame.function.body
    expression = body.expressions[index]
    inner: tuple[int, ...] = ()
    if isinstance(expression, facts.Name):
        for binding in (body.bindings[one] for one in expression.bindings):
            if isinstance(binding, facts.Iterated):
                return binding.value
            if isinstance(binding, facts.Assigned) and binding.value != NOWHERE:
                inner = (*inner, binding.value)
    elif isinstance(expression, facts.Starred | facts.Subscript):
        inner = (expression.value,)
    elif isinstance(expression, facts.Call):
        inner = expression.arguments
    found = (_iterated_for(frame, one, depth + 1) for one in inner) if depth < _MOST_REWRITINGS else ()
    return next((one for one in found if one is not None), None)


def _argument(call: facts.Call, place: int, keyword: str, frame: Frame) -> int | None:
    """The expression of an argument, by place or keyword; also where the keyword is put into what `**` spreads."""
    for name, index in call.keywords:
        if name == keyword:
            return index
    if 0 <= place < len(call.arguments):
        return call.arguments[place]
    body = frame.function.body
    spread = {one.name for name, index in call.keywords if not name and isinstance(one := body.expressions[index], facts.Name)}
    for index in body.calls:
        update = body.expressions[index]
        callee = body.expressions[update.function] if isinstance(update, facts.Call) else None
        if isinstance(update, facts.Call) and isinstance(callee, facts.Attribute) and callee.name == "update":
            owner = body.expressions[callee.value]
            if isinstance(owner, facts.Name) and owner.name in spread and keyword in dict(update.keywords):
                return dict(update.keywords)[keyword]
    return None
