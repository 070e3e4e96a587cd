"""Django Ninja: the operations of an API, of the routers that are added to it and of the controllers of Ninja Extra."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.texts import UNKNOWN_TEXT
from fwaudit.link.inference.written import Behind, Binding, Written
from fwaudit.link.routes.django.patterns import Pattern
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import ClassObject, LibraryName, Object, Value
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE
from fwaudit.model.source import Role

_API, _ROUTER = "ninja.NinjaAPI", "ninja.Router"
_METHODS = ("delete", "get", "patch", "post", "put")
_SEVERAL = "api_operation"
_CONTROLLING = ("auto_discover_controllers", "register_controllers")
_CONTROLLER = "ninja_extra.api_controller"
_OF_CONTROLLERS = {f"ninja_extra.{name}": method for method in _METHODS for name in (f"http_{method}", f"route.{method}")}
_SLASHES = re.compile("/{2,}")
MOST_NESTED = 8
"""Routers within routers."""
_Key = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class OperationPattern(Pattern):
    """An operation: its function and methods."""

    function: Function | None = None
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Operation:
    path: str
    methods: tuple[str, ...]
    function: Function
    decorator: Written


class Ninja:
    """All APIs and routers of the project, by the names that they are bound to."""

    def __init__(self, entries: EntryPoints) -> None:
        self._types = entries.types
        self._behind = Behind(entries.types)
        self._is_used = "django-ninja" in entries.frameworks
        self._operations: dict[_Key, list[_Operation]] | None = None
        self._added: dict[_Key, list[Written]] = defaultdict(list)
        self._apis: dict[_Key, Binding] = {}
        self._controllers: dict[_Key, list[Class]] = defaultdict(list)

    def urls(self, place: Written, prefix: str) -> Iterator[Pattern] | None:
        """The entries of `api.urls`; None for anything else."""
        expression = place.expression
        if not self._is_used or not isinstance(expression, facts.Attribute) or expression.name != "urls":
            return None
        owner = place.at(expression.value)
        if not any(self._is_one(value, _API) for value, _ in self._types.value(owner.frame, owner.index)):
            return None
        return self._of_api(owner, place, prefix)

    def _of_api(self, owner: Written, place: Written, prefix: str) -> Iterator[Pattern]:
        self._read()
        for key in self._keys(owner):
            for path, operation in self._of_router(key, "", 0):
                yield OperationPattern(prefix + path.lstrip("/"), operation.decorator, place, "", operation.function, operation.methods)
            for class_ in dict.fromkeys(self._controllers.get(key, ())):
                for path, operation in self._of_controller(class_):
                    yield OperationPattern(prefix + path.lstrip("/"), operation.decorator, place, "", operation.function, operation.methods)

    def _of_router(self, key: _Key, inner: str, depth: int) -> Iterator[tuple[str, _Operation]]:
        """The operations of an API or router and of those that are added to it, with their paths in the API."""
        if depth > MOST_NESTED:
            return
        for operation in self._read().get(key, ()):
            yield _SLASHES.sub("/", "/".join(part for part in (inner, operation.path) if part)), operation
        for added in self._added.get(key, ()):
            call = added.expression
            assert isinstance(call, facts.Call)
            arguments = Arguments.of_expression(self._types, added.frame, call)
            at, router = arguments.index(0, "prefix"), arguments.index(1, "router")
            text = self._behind.text(added.at(at)) if at is not None else ""
            below = _SLASHES.sub("/", "/".join(part for part in (inner, text) if part))
            for other in self._routers(added.at(router)) if router is not None else ():
                yield from self._of_router(other, below, depth + 1)

    def _of_controller(self, class_: Class) -> Iterator[tuple[str, _Operation]]:
        """The operations of a class under `@api_controller("/users")`, with their paths in the API."""
        prefix = self._prefix_of(class_)
        if prefix is None:
            return
        for name in class_.members:
            for binding in class_.members[name]:
                defined = self._types.classes.frame_of(class_).function.body.bindings[binding]
                function = class_.module.functions[defined.scope] if isinstance(defined, facts.DefinedFunction) else None
                for place, dotted in self._decorators(function) if function is not None else ():
                    if function is not None and dotted in _OF_CONTROLLERS:
                        path = self._argument(place, 0, "path", "")
                        operation = _Operation(path, (_OF_CONTROLLERS[dotted].upper(),), function, place)
                        yield _SLASHES.sub("/", "/".join(part for part in (prefix, path) if part)), operation

    def _prefix_of(self, class_: Class) -> str | None:
        """The prefix of a controller; None for a class that is none."""
        parent = self._types.classes.frame_of(class_).closure
        for decorator in class_.declaration.decorators if parent is not None else ():
            assert parent is not None
            place = Written(parent, decorator)
            if self._dotted(place) == _CONTROLLER:
                return self._argument(place, 0, "prefix_or_class", "")
        return None

    def _decorators(self, function: Function) -> Iterator[tuple[Written, str]]:
        parent = self._types.generic(function).closure
        for decorator in function.scope.decorators if parent is not None else ():
            assert parent is not None
            yield Written(parent, decorator), self._dotted(Written(parent, decorator))

    def _dotted(self, place: Written) -> str:
        """The dotted name of a library's function that a decorator is, or that it calls."""
        written = place.expression
        callee = written.function if isinstance(written, facts.Call) else place.index
        return next((value.dotted for value, _ in self._types.value(place.frame, callee) if isinstance(value, LibraryName)), "")

    def _argument(self, place: Written, position: int, keyword: str, default: str) -> str:
        call = place.expression
        at = Arguments.of_expression(self._types, place.frame, call).index(position, keyword) if isinstance(call, facts.Call) else None
        return self._behind.text(place.at(at)) if at is not None else default

    def _routers(self, place: Written) -> list[_Key]:
        """A router by its name, or by a text that holds its dotted name."""
        expression = place.expression
        if not isinstance(expression, facts.Constant):
            return self._keys(place)
        module, _, name = expression.text.rpartition(".")
        found = self._behind.module(module, place.frame.function.module) if module else None
        return [binding.key for binding in self._behind.in_module(found, name)] if found is not None else []

    # --- what is registered ----------------------------------------------------------------------------------------

    def _read(self) -> dict[_Key, list[_Operation]]:
        if self._operations is None:
            self._operations = defaultdict(list)
            functions = [function for module in self._types.symbols.modules for function in module.functions.values()]
            for function in functions:
                if function.uses(frozenset({"add_router", "NinjaAPI", *_CONTROLLING})) or self._apis_may_be_in(function):
                    self._read_calls(function)
            for function in functions:
                self._read_decorators(function)
        return self._operations

    def _apis_may_be_in(self, function: Function) -> bool:
        return function.scope.kind == "module" and bool(function.body.calls)

    def _read_calls(self, function: Function) -> None:
        frame = self._types.generic(function)
        for index, binding in enumerate(function.body.bindings):
            value = function.body.expressions[binding.value] if isinstance(binding, facts.Assigned) and binding.value != NOWHERE else None
            if isinstance(value, facts.Call) and any(
                isinstance(made, ClassObject) and self._is_one(Object(made.class_), _API)
                for made, _ in self._types.value(frame, value.function)
            ):
                one = Binding(frame, index)
                self._apis[one.key] = one
        for index in function.body.calls:
            call = function.body.expressions[index]
            callee = function.body.expressions[call.function] if isinstance(call, facts.Call) else None
            if isinstance(callee, facts.Attribute) and callee.name == "add_router":
                self._waiting(Written(frame, callee.value), Written(frame, index))
            elif isinstance(callee, facts.Attribute) and isinstance(call, facts.Call) and callee.name in _CONTROLLING:
                self._read_controllers(Written(frame, callee.value), Written(frame, index), call)

    def _read_controllers(self, owner: Written, place: Written, call: facts.Call) -> None:
        """`api.register_controllers(A, B)`, and all that there are for `api.auto_discover_controllers()`."""
        named = (one for argument in call.arguments for one in self._behind.definitions(place.at(argument)))
        found = [one for one in named if isinstance(one, Class)] if call.arguments else self._all_controllers
        for key in self._keys(owner):
            self._controllers[key] += found

    @cached_property
    def _all_controllers(self) -> list[Class]:
        classes = (class_ for module in self._types.symbols.modules if module.role is Role.CODE for class_ in module.classes.values())
        return [class_ for class_ in classes if self._prefix_of(class_) is not None]

    def _waiting(self, owner: Written, call: Written) -> None:
        for key in self._keys(owner):
            self._added[key].append(call)

    def _read_decorators(self, function: Function) -> None:
        parent = self._types.generic(function).closure
        if parent is None:
            return
        for decorator in function.scope.decorators:
            place = Written(parent, decorator)
            call = place.expression
            callee = place.at(call.function).expression if isinstance(call, facts.Call) else None
            if not isinstance(call, facts.Call) or not isinstance(callee, facts.Attribute) or callee.name not in (*_METHODS, _SEVERAL):
                continue
            if not any(self._is_one(value, _API, _ROUTER) for value, _ in self._types.value(parent, callee.value)):
                continue
            arguments = Arguments.of_expression(self._types, parent, call)
            is_several = callee.name == _SEVERAL
            at = arguments.index(1 if is_several else 0, "path")
            path = self._behind.text(place.at(at)) if at is not None else UNKNOWN_TEXT
            methods = tuple(one.upper() for one in arguments.constants(0, "methods")) if is_several else (callee.name.upper(),)
            assert self._operations is not None
            for key in self._keys(place.at(callee.value)):
                self._operations.setdefault(key, []).append(_Operation(path, methods, function, place))

    def _keys(self, owner: Written) -> list[_Key]:
        """The API or router that an expression names; the only API of the project where it is handed on."""
        bindings = list(self._behind.bindings(owner))
        direct = [one.key for one in bindings if self._is_constructed(one)]
        return direct or (list(self._apis) if len(self._apis) == 1 and self._is_api(owner) else [])

    def _is_api(self, owner: Written) -> bool:
        return any(self._is_one(value, _API) for value, _ in self._types.value(owner.frame, owner.index))

    def _is_constructed(self, binding: Binding) -> bool:
        bound, body = binding.bound, binding.frame.function.body
        value = body.expressions[bound.value] if isinstance(bound, facts.Assigned) and bound.value != NOWHERE else None
        made = self._types.value(binding.frame, value.function) if isinstance(value, facts.Call) else ()
        return any(isinstance(one, ClassObject) for one, _ in made)

    def _is_one(self, value: Value, *names: str) -> bool:
        if not isinstance(value, Object):
            return False
        catalog, class_ = self._types.catalog, value.class_
        order = self._types.classes.order(class_) if isinstance(class_, Class) else catalog.with_bases(class_)
        return any(isinstance(base, str) and base in names for base in order)
