"""Routers of Django REST framework: the routes of the view sets that are registered with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.texts import UNKNOWN_TEXT
from fwaudit.link.inference.written import Behind, Binding, Written
from fwaudit.link.routes.django.patterns import Pattern, without_anchors
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import ClassObject, LibraryName, Object, Value
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

_BASE = "rest_framework.routers.BaseRouter"
_NESTED = "rest_framework_nested.routers.NestedSimpleRouter"
_ACTION = ("rest_framework.decorators.action", "rest_framework.decorators.detail_route", "rest_framework.decorators.list_route")
_OF_LIST = {"get": "list", "post": "create"}
_OF_ONE = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}
_NAMES = frozenset({"register", "registry"})
MOST_NESTED = 5
"""Routers within routers."""
_LOOKUP_VALUE = "[^/.]+"
_Key = tuple[str, int, int]
_Extra = tuple[list[tuple[str, str]], bool, str]


@dataclass(frozen=True, slots=True)
class ActionsPattern(Pattern):
    """An entry that a router makes: which action of a view set serves which method."""

    class_: Class | None = None
    actions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a router spells paths."""

    slash: str
    above: str
    """What a nested router puts before its prefixes."""
    is_regex: bool


class RestRouters:
    """All routers of the project, by the names that they are bound to."""

    def __init__(self, entries: EntryPoints) -> None:
        self._types = entries.types
        self._behind = Behind(entries.types)
        self._registered: dict[_Key, list[Written]] | None = None
        self._extended: dict[_Key, list[Written]] = defaultdict(list)
        self._slashes: dict[_Key, Written] = {}

    def urls(self, place: Written, prefix: str) -> Iterator[Pattern] | None:
        """The entries of `router.urls`; None for anything else."""
        expression = place.expression
        if not isinstance(expression, facts.Attribute) or expression.name != "urls":
            return None
        owner = place.at(expression.value)
        if not any(self._is_router(value) for value, _ in self._types.value(owner.frame, owner.index)):
            return None
        return self._of_router(owner, prefix, 0)

    def _is_router(self, value: Value) -> bool:
        if not isinstance(value, Object):
            return False
        bases = self._types.classes.order(value.class_) if isinstance(value.class_, Class) else (value.class_,)
        names = [name for base in bases if isinstance(base, str) for name in (base, *self._types.catalog.bases(base))]
        return _BASE in names

    # --- what is registered ---------------------------------------------------------------------------------------

    def _read(self) -> dict[_Key, list[Written]]:
        if self._registered is None:
            self._registered = defaultdict(list)
            for module in self._types.symbols.modules:
                for function in module.functions.values():
                    if (
                        function.uses(frozenset({"register", "registry", "trailing_slash"}))
                        or "trailing_slash" in function.scope.foreign_stores
                    ):
                        self._read_function(function)
        return self._registered

    def _read_function(self, function: Function) -> None:
        frame = self._types.generic(function)
        body = function.body
        assert self._registered is not None
        for index in body.calls:
            call = body.expressions[index]
            callee = body.expressions[call.function] if isinstance(call, facts.Call) else None
            if not isinstance(callee, facts.Attribute) or not isinstance(call, facts.Call):
                continue
            owner = body.expressions[callee.value]
            if callee.name == "register":
                for key in self._keys(Written(frame, callee.value)):
                    self._registered.setdefault(key, []).append(Written(frame, index))
            elif callee.name == "extend" and isinstance(owner, facts.Attribute) and owner.name == "registry" and call.arguments:
                other = body.expressions[call.arguments[0]]
                for key in self._keys(Written(frame, owner.value)) if isinstance(other, facts.Attribute) else ():
                    assert isinstance(other, facts.Attribute)
                    self._extended[key].append(Written(frame, other.value))
        for store in body.stores:
            if store.name == "trailing_slash" and store.value != NOWHERE:
                for key in self._keys(Written(frame, store.base)):
                    self._slashes[key] = Written(frame, store.value)

    def _keys(self, place: Written) -> list[_Key]:
        return [binding.key for binding in self._behind.bindings(place)]

    # --- entries ---------------------------------------------------------------------------------------------------

    def _of_router(self, router: Written, prefix: str, depth: int) -> Iterator[Pattern]:
        if depth > MOST_NESTED:
            return
        registered = self._read()
        for binding in self._behind.bindings(router):
            shape = self._shape(Written(binding.frame, binding.index), binding.key, depth)
            for place in registered.get(binding.key, ()):
                yield from self._of_registration(place, prefix, shape)
            for other in self._extended.get(binding.key, ()):
                yield from self._of_router(other, prefix, depth + 1)

    def _shape(self, made: Written, key: _Key, depth: int) -> _Shape:
        """`made`: the binding of the router, by its place among the bindings."""
        binding = made.frame.function.body.bindings[made.index]
        call = made.at(binding.value).expression if isinstance(binding, facts.Assigned) and binding.value != NOWHERE else None
        if not isinstance(call, facts.Call):
            return _Shape("/", "", True)
        arguments = Arguments.of_expression(self._types, made.frame, call)
        parent = self._parent(made, call, arguments) if depth <= MOST_NESTED else None
        inherited = self._shape(Written(parent.frame, parent.index), parent.key, depth + 1) if parent is not None else _Shape("/", "", True)
        slash = self._slash_set(key, depth) or self._slash_of_class(made, call) or inherited.slash
        given = arguments.index(-1, "trailing_slash")
        if given is not None:
            value = made.at(given).expression
            slash = ("/" if value.text == "True" else "") if isinstance(value, facts.Constant) and value.kind == "bool" else UNKNOWN_TEXT
        regex = arguments.index(-1, "use_regex_path")
        is_regex = not (regex is not None and isinstance(one := made.at(regex).expression, facts.Constant) and one.text == "False")
        above = inherited.above + self._above(made, arguments, parent) if self._is_nested_call(made, call) else ""
        return _Shape(slash, above, is_regex)

    def _slash_set(self, key: _Key, depth: int) -> str:
        """What code sets on one router: a text, or what another router has."""
        place = self._slashes.get(key)
        if place is None or depth > MOST_NESTED:
            return ""
        expression = place.expression
        if isinstance(expression, facts.Attribute) and expression.name == "trailing_slash":
            for other in self._behind.bindings(place.at(expression.value)):
                return self._shape(Written(other.frame, other.index), other.key, depth + 1).slash
        return self._behind.text(place)

    def _slash_of_class(self, made: Written, call: facts.Call) -> str:
        """What an own router class sets for all its instances."""
        for value, _ in self._types.value(made.frame, call.function):
            bases = self._types.classes.order(value.class_) if isinstance(value, ClassObject) and isinstance(value.class_, Class) else ()
            for base in bases:
                for scope, index in base.stores.get("trailing_slash", ()) if isinstance(base, Class) else ():
                    assert isinstance(base, Class)
                    body = base.module.functions[scope].body
                    stored = body.expressions[body.stores[index].value]
                    return stored.text if isinstance(stored, facts.Constant) and stored.kind == "str" else UNKNOWN_TEXT
        return ""

    def _is_nested_call(self, made: Written, call: facts.Call) -> bool:
        return any(self._is_nested(value) for value, _ in self._types.value(made.frame, call.function))

    def _parent(self, made: Written, call: facts.Call, arguments: Arguments) -> Binding | None:
        """The router that a nested one is made with."""
        parent = arguments.index(0, "parent_router") if self._is_nested_call(made, call) else None
        return next(self._behind.bindings(made.at(parent)), None) if parent is not None else None

    def _above(self, made: Written, arguments: Arguments, parent: Binding | None) -> str:
        """The path of one instance of what a nested router stands below."""
        prefix = arguments.index(1, "parent_prefix")
        text = self._behind.text(made.at(prefix)) if prefix is not None else UNKNOWN_TEXT
        lookup = arguments.keyword_constant("lookup")
        for place in self._read().get(parent.key, ()) if parent is not None and lookup else ():
            registered = Arguments.of_expression(self._types, place.frame, _call_of(place))
            at = registered.index(0, "prefix")
            if at is not None and self._behind.text(place.at(at)) == text:
                for class_ in self._classes(registered):
                    return _joined(text, self._lookup(class_, f"{lookup}_", is_regex=True)) + "/"
        return f"{_joined(text, UNKNOWN_TEXT)}/"

    def _is_nested(self, value: Value) -> bool:
        if isinstance(value, ClassObject) and isinstance(value.class_, Class):
            return any(isinstance(base, str) and self._is_nested_name(base) for base in self._types.classes.order(value.class_))
        name = value.dotted if isinstance(value, LibraryName) else value.class_ if isinstance(value, ClassObject) else ""
        return isinstance(name, str) and self._is_nested_name(name)

    def _is_nested_name(self, name: str) -> bool:
        return _NESTED in (name, *self._types.catalog.bases(name))

    def _classes(self, registered: Arguments) -> list[Class]:
        given = registered.argument(1, "viewset")
        return [value.class_ for value, _ in given if isinstance(value, ClassObject) and isinstance(value.class_, Class)]

    def _of_registration(self, place: Written, prefix: str, shape: _Shape) -> Iterator[Pattern]:
        call = Arguments.of_expression(self._types, place.frame, _call_of(place))
        at, given = call.index(0, "prefix"), call.index(1, "viewset")
        if given is None:
            return
        own = without_anchors(self._behind.text(place.at(at))) if at is not None else UNKNOWN_TEXT
        base = f"{prefix}{shape.above}{own}"
        # Without a prefix, the slash behind it is left out: https://www.django-rest-framework.org/api-guide/routers/#simplerouter
        whole = f"{base}{shape.slash}" if shape.above or own else base
        classes = self._classes(call)
        for class_ in classes:
            yield from self._of_class(class_, (base, whole), place, shape)
        if not classes:
            yield Pattern(whole, place.at(given), place)

    def _of_class(self, class_: Class, bases: tuple[str, str], place: Written, shape: _Shape) -> Iterator[Pattern]:
        """`bases`: the path that others are put below, and that of the list."""
        base, whole = bases
        one = _joined(base, self._lookup(class_, "", shape.is_regex))
        for path, actions in ((whole, _OF_LIST), (f"{one}{shape.slash}", _OF_ONE)):
            known = tuple((method, action) for method, action in actions.items() if self._has(class_, action))
            if known:
                yield ActionsPattern(path, place, place, "", class_, known)
        for pairs, is_detail, url_path in self._extra_actions(class_):
            path = _joined(one if is_detail else base, url_path)
            yield ActionsPattern(f"{path}{shape.slash}", place, place, "", class_, tuple(pairs))

    def _has(self, class_: Class, name: str) -> bool:
        for base in self._types.classes.order(class_):
            if name in base.members if isinstance(base, Class) else self._types.catalog.method(base, name) is not None:
                return True
        return False

    def _lookup(self, class_: Class, before: str, is_regex: bool) -> str:
        """The part of a path that names one object."""
        field = self._class_text(class_, "lookup_field") or "pk"
        name = before + (self._class_text(class_, "lookup_url_kwarg") or field)
        if not is_regex:
            return f"<{self._class_text(class_, 'lookup_value_converter') or 'str'}:{name}>"
        return f"(?P<{name}>{self._class_text(class_, 'lookup_value_regex') or _LOOKUP_VALUE})"

    def _class_text(self, class_: Class, name: str) -> str:
        """A literal text in a class's body, or in that of the first base that has it."""
        for base in self._types.classes.order(class_):
            for index in base.members.get(name, ()) if isinstance(base, Class) else ():
                assert isinstance(base, Class)
                frame = self._types.classes.frame_of(base)
                binding = frame.function.body.bindings[index]
                if isinstance(binding, facts.Assigned) and binding.value != NOWHERE:
                    value = frame.function.body.expressions[binding.value]
                    if isinstance(value, facts.Constant) and value.kind == "None":
                        return ""
                    return self._behind.text(Written(frame, binding.value))
        return ""

    # --- extra actions ----------------------------------------------------------------------------------------------

    def _extra_actions(self, class_: Class) -> Iterator[_Extra]:
        """((method, action) pairs, whether it is about one object, its part of the path) of each `@action`."""
        found: dict[str, _Extra] = {}
        hidden: set[str] = set()
        for base in self._types.classes.order(class_):
            if not isinstance(base, Class):
                continue
            frame = self._types.classes.frame_of(base)
            functions = [base.module.functions[index] for index in _methods_of(base)]
            for function in functions:
                if function.name in hidden:
                    continue
                for decorator in function.scope.decorators:
                    mapped = self._mapped(Written(frame, decorator))
                    if mapped is not None and mapped[0] in found:
                        found[mapped[0]][0].append((mapped[1], function.name))
                        continue
                    action = self._action(Written(frame, decorator), function)
                    if action is not None:
                        found[function.name] = action
            hidden.update(function.name for function in functions)
        yield from found.values()

    def _action(self, decorator: Written, function: Function) -> _Extra | None:
        expression = decorator.expression
        if not isinstance(expression, facts.Call):
            return None
        for value, _ in self._types.value(decorator.frame, expression.function):
            if not isinstance(value, LibraryName) or value.dotted not in _ACTION:
                continue
            call = Arguments.of_expression(self._types, decorator.frame, expression)
            methods = [one.lower() for one in call.constants(0, "methods")] or ["get"]
            detail = call.index(1, "detail")
            is_detail = value.dotted.endswith("detail_route")
            if detail is not None:
                given = decorator.at(detail).expression
                is_detail = isinstance(given, facts.Constant) and given.text == "True"
            at = call.index(2, "url_path")
            url_path = self._behind.text(decorator.at(at)) if at is not None else function.name
            return [(method, function.name) for method in methods], is_detail, without_anchors(url_path)
        return None

    def _mapped(self, decorator: Written) -> tuple[str, str] | None:
        """(action, method) of `@action_name.mapping.delete`."""
        method = decorator.expression
        mapping = decorator.at(method.value).expression if isinstance(method, facts.Attribute) else None
        if not isinstance(mapping, facts.Attribute) or mapping.name != "mapping" or not isinstance(method, facts.Attribute):
            return None
        action = decorator.at(mapping.value).expression
        return (action.name, method.name) if isinstance(action, facts.Name) else None


def _joined(base: str, rest: str) -> str:
    return f"{base}/{rest}" if base and not base.endswith("/") else f"{base}{rest}"


def _methods_of(class_: Class) -> list[int]:
    """The scopes of a class's own functions, in order."""
    scopes = class_.module.facts.scopes
    return [index for index, scope in enumerate(scopes) if scope.parent == class_.declaration.scope and scope.kind == "function"]


def _call_of(place: Written) -> facts.Call:
    expression = place.expression
    assert isinstance(expression, facts.Call)
    return expression
