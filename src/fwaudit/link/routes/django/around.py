"""What Django runs around views: middleware that settings name, methods of middleware classes and consumers, receivers of signals."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.catalog.index import HandlerRow
from fwaudit.link.entry_points.entries import EntryPoint
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.written import Behind, Written
from fwaudit.link.routes.django.settings import places_of_setting
from fwaudit.link.routes.django.views import methods_named
from fwaudit.link.symbols import Class, Function, Module
from fwaudit.link.values import Frame, LibraryName
from fwaudit.model import facts
from fwaudit.model.context import Context
from fwaudit.model.source import Role

_SETTING = "MIDDLEWARE"
_LISTED = "django.conf.settings.MIDDLEWARE"
_FOR_BOTH = frozenset({"django.utils.decorators.async_only_middleware", "django.utils.decorators.sync_and_async_middleware"})
_DECLARES = "async_capable"
_OF_METHODS = ("middleware", "websocket", "event")
"""Kinds of rows whose methods are entry points without a route of their own."""
_RECEIVES = frozenset({"connect", "receiver"})
_FOLLOWED = 20


class Around:
    """Adds entry points for projects that are served through `interface`."""

    def __init__(self, entries: EntryPoints, interface: str) -> None:
        self._entries = entries
        self._types = entries.types
        self._behind = Behind(entries.types)
        self._interface = interface

    def read(self) -> None:
        """Everything, in the order of files."""
        modules = self._types.symbols.modules
        for module in modules:
            for class_ in module.classes.values():
                if class_.declaration.bases:
                    self._read_class(class_)
        for module in modules:
            if module.role is Role.CODE:
                self._read_settings(module)
        for function in self._types.symbols.users(_RECEIVES):
            if function.module.role is Role.CODE:
                self._read_receivers(function)

    def _add(self, row: HandlerRow, target: Frame) -> None:
        said = row.row.asynchronous if target.function.scope.is_async else row.row.synchronous
        if said != "unknown":
            self._entries.add_point(EntryPoint(target, Context(said), row.row.kind, row.framework.name))

    def _rows(self, name: str, module: Module) -> list[HandlerRow]:
        rows = [one for one in self._types.catalog.registering.read_elsewhere(name) if one.row.interface in ("", self._interface)]
        return list(self._entries.versions.holding(rows, module.path))

    # --- classes that are recognised by their bases ---------------------------------------------------------------

    def _read_class(self, class_: Class) -> None:
        for base in self._types.classes.order(class_):
            for row in self._rows(base, class_.module) if isinstance(base, str) else ():
                if row.row.kind in _OF_METHODS:
                    for name in row.row.methods:
                        for function in methods_named(class_, name):
                            self._add(row, self._types.generic(function))

    # --- the setting MIDDLEWARE -------------------------------------------------------------------------------------

    def _read_settings(self, settings: Module) -> None:
        for place in places_of_setting(self._types, settings, _SETTING):
            for dotted in self._texts(place, 0):
                module, _, name = dotted.rpartition(".")
                found = self._behind.module(module, settings) if module else None
                for row in self._rows(_LISTED, settings) if found is not None else ():
                    assert found is not None
                    self._read_middleware(row, found, name)

    def _texts(self, place: Written, depth: int) -> Iterator[str]:
        """The texts of a list, also of lists that are added up or unpacked into it."""
        for one in self._behind.places(place) if depth < _FOLLOWED else ():
            match one.expression:
                case facts.Display() as display:
                    for item in display.items:
                        yield from self._texts(one.at(item), depth + 1)
                case facts.Starred() as starred:
                    yield from self._texts(one.at(starred.value), depth + 1)
                case facts.Operation(operator="+") as added:
                    yield from self._texts(one.at(added.left), depth + 1)
                    yield from self._texts(one.at(added.right), depth + 1)
                case facts.Constant(kind="str") as constant:
                    yield constant.text
                case _:
                    pass

    def _read_middleware(self, row: HandlerRow, module: Module, name: str) -> None:
        """The middleware of that name: a class with its methods, or a function with what it gives."""
        for binding in self._behind.in_module(module, name):
            bound = binding.bound
            if isinstance(bound, facts.DefinedClass):
                class_ = binding.frame.function.module.classes[bound.index]
                for method in row.row.methods:
                    for function in methods_named(class_, method):
                        if method != "__call__" or not function.scope.is_async or _DECLARES in class_.members:
                            self._add(row, self._types.generic(function))
            elif isinstance(bound, facts.DefinedFunction):
                function = binding.frame.function.module.functions[bound.scope]
                can_both = self._is_for_both(function)
                for target in self._entries.frames_of(self._types.results.of_frame(self._types.generic(function))):
                    if can_both or not target.function.scope.is_async:
                        self._add(row, target)

    def _is_for_both(self, function: Function) -> bool:
        parent = self._types.generic(function).closure
        return parent is not None and any(
            isinstance(value, LibraryName) and value.dotted in _FOR_BOTH
            for decorator in function.scope.decorators
            for value, _ in self._types.value(parent, decorator)
        )

    # --- signals ----------------------------------------------------------------------------------------------------

    def _read_receivers(self, function: Function) -> None:
        frame = self._types.generic(function)
        body = function.body
        for index in body.calls:
            call = body.call(index)
            for row in self._registering(frame, call.function):
                given = Arguments.of_expression(self._types, frame, call).argument(row.row.position, row.row.keyword)
                for target in self._entries.frames_of(given):
                    self._add(row, target)
        for one in function.module.functions.values():
            parent = self._types.generic(one).closure
            if parent is not None and parent.function is function:
                self._read_decorators(one, parent)

    def _read_decorators(self, function: Function, parent: Frame) -> None:
        for decorator in function.scope.decorators:
            expression = parent.function.body.expressions[decorator]
            if isinstance(expression, facts.Call):
                for row in self._registering(parent, expression.function, by_decorator=True):
                    self._add(row, self._types.generic(function))

    def _registering(self, frame: Frame, callee: int, *, by_decorator: bool = False) -> Iterator[HandlerRow]:
        """The rows of what the expression names, if that registers receivers."""
        name = facts.last_name(frame.function.body.expressions[callee])
        if name not in _RECEIVES:
            return
        for value, _ in self._types.value(frame, callee):
            if isinstance(value, LibraryName):
                for row in self._rows(value.dotted, frame.function.module):
                    if row.row.kind == "event" and (name == "receiver") is by_decorator:
                        yield row
