"""Cornice beside Pyramid: services, whose path stands where they are made, and resources, whose paths stand in their decorator."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.link.entry_points.entries import RouteFact
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.entry_points.paths import UNKNOWN_PATH
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.definitions import handlers_named
from fwaudit.link.routes.lists import Item
from fwaudit.link.routes.pyramid_configuration import Configuration, join_pattern
from fwaudit.link.symbols import Class, Function, Module
from fwaudit.link.values import Frame, LibraryName, Object
from fwaudit.model import facts
from fwaudit.model.context import Context

_FRAMEWORK = "cornice"
_SERVICE = "cornice.Service"
_RESOURCE = "cornice.resource.resource"
_METHODS = ("delete", "get", "options", "patch", "post", "put")
_PATH_POSITION = 1


def read_cornice(entries: EntryPoints, configuration: Configuration) -> None:
    """Adds a route for each method that a service or a resource answers to."""
    if _FRAMEWORK in entries.frameworks:
        _Services(entries, configuration).read()


class _Services:
    def __init__(self, entries: EntryPoints, configuration: Configuration) -> None:
        self._entries = entries
        self._types = entries.types
        self._configuration = configuration
        self._added: set[tuple[str, str, Frame]] = set()

    def read(self) -> None:
        for module in self._types.symbols.modules:
            for function in module.functions.values():
                if function.scope.kind == "function" and function.scope.decorators:
                    self._read_function(function)
            for class_ in module.classes.values():
                if class_.declaration.decorators:
                    self._read_resource(class_)

    def _read_function(self, function: Function) -> None:
        target = self._types.generic(function)
        parent = target.closure
        for decorator in function.scope.decorators if parent is not None else ():
            assert parent is not None
            expression = parent.function.body.expressions[decorator]
            callee = expression.function if isinstance(expression, facts.Call) else decorator
            named = parent.function.body.expressions[callee]
            if not isinstance(named, facts.Attribute) or named.name not in _METHODS:
                continue
            values = self._types.value(parent, callee)
            if any(isinstance(value, LibraryName) and value.dotted == f"{_SERVICE}.{named.name}" for value, _ in values):
                for module, path in self._paths_of_service(parent, named.value):
                    self._add(module, named.name, path, target)

    def _paths_of_service(self, frame: Frame, service: int) -> Iterator[tuple[Module, str]]:
        """The path of each place where the service can be made, with the module that is scanned for it."""
        for made in self._configuration.written.behind(frame, service):
            if not isinstance(made, Item) or not isinstance(made.expression, facts.Call):
                continue
            arguments = Arguments.of_expression(self._types, made.frame, made.expression)
            index = arguments.index(_PATH_POSITION, "path")
            if index is not None:
                yield made.frame.function.module, self._configuration.written.text(made.frame, index) or UNKNOWN_PATH

    def _read_resource(self, class_: Class) -> None:
        parent = self._types.classes.frame_of(class_).closure
        for decorator in class_.declaration.decorators if parent is not None else ():
            assert parent is not None
            call = parent.function.body.expressions[decorator]
            if not isinstance(call, facts.Call):
                continue
            values = self._types.value(parent, call.function)
            if any(isinstance(value, LibraryName) and value.dotted == _RESOURCE for value, _ in values):
                arguments = Arguments.of_expression(self._types, parent, call)
                self._read_methods(class_, "", self._path(parent, arguments, "path"))
                self._read_methods(class_, "collection_", self._path(parent, arguments, "collection_path"))

    def _path(self, frame: Frame, arguments: Arguments, keyword: str) -> str | None:
        index = arguments.index(-1, keyword)
        return None if index is None else self._configuration.written.text(frame, index) or UNKNOWN_PATH

    def _read_methods(self, class_: Class, prefix: str, path: str | None) -> None:
        for method in _METHODS if path is not None else ():
            for handler in handlers_named(self._types, Object(class_), f"{prefix}{method}"):
                self._add(class_.module, method, path or "", handler)

    def _add(self, module: Module, method: str, path: str, handler: Frame) -> None:
        if handler.function.scope.is_async:
            return
        for prefix in self._configuration.prefixes_of_scan(module):
            full = join_pattern(prefix, path)
            mark = (method, full, handler)
            if mark in self._added:
                continue
            self._added.add(mark)
            self._entries.add_route(RouteFact.of(_FRAMEWORK, "http", (method.upper(),), full, handler, Context.WSGI_WORKER))
