"""Connexion: `add_api` names an OpenAPI document, and the document the functions that serve its operations."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from fwaudit.link.entry_points.entries import RouteFact
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.entry_points.paths import UNKNOWN_PATH, join_path
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.written import Behind, Written
from fwaudit.link.routes.django.views import methods_named
from fwaudit.link.symbols import Class, Function, Module
from fwaudit.link.values import ClassObject, Frame, LibraryName
from fwaudit.model import facts
from fwaudit.model.context import Context
from fwaudit.model.manifest import Operation, Specification
from fwaudit.model.source import Role

_FRAMEWORK = "connexion"
_ADDS = "add_api"
_TEMPLATE = re.compile(r"\{\{[^{}]*\}\}")
"""What `arguments=` of `add_api` puts into a document before it is read."""
_RESOLVERS = {
    "connexion.resolver.RelativeResolver": "relative",
    "connexion.resolver.Resolver": "",
    "connexion.resolver.RestyResolver": "rest",
}


@dataclass(frozen=True, slots=True)
class _Resolver:
    """How names of operations become names of functions: as they are, below a module, or by REST's names below one."""

    kind: str
    module: str = ""

    def name_of(self, operation: Operation) -> str:
        """The dotted name of the function that serves the operation; "" where there is none."""
        if operation.name and operation.controller:
            return f"{operation.controller}.{operation.name}"
        if operation.name:
            return f"{self.module}.{operation.name}" if self.kind == "relative" else operation.name
        return self._by_rest(operation) if self.kind == "rest" else ""

    def _by_rest(self, operation: Operation) -> str:
        """`GET /dogs` is `dogs.search`, `GET /dogs/{id}` `dogs.get`, `POST /dogs` `dogs.post`."""
        parts = [part for part in operation.path.split("/") if part]
        named = [part.replace("-", "_") for part in parts if not part.startswith("{")]
        controller = operation.controller or ".".join([self.module, *named])
        is_collection = operation.method == "GET" and bool(named) and not parts[-1].startswith("{")
        return f"{controller}.{'search' if is_collection else operation.method.lower()}"


def read_connexion(entries: EntryPoints) -> None:
    """Adds the routes of the documents that `add_api` names and that lie in the workspace."""
    if _FRAMEWORK in entries.frameworks:
        _Reading(entries).read()


class _Reading:
    def __init__(self, entries: EntryPoints) -> None:
        self._entries = entries
        self._types = entries.types
        self._behind = Behind(entries.types)

    def read(self) -> None:
        """Every call of `add_api` on an application of Connexion."""
        for function in self._types.symbols.users(frozenset({_ADDS})):
            if function.module.role is Role.CODE:
                frame = self._types.generic(function)
                for index in function.body.calls:
                    self._read_call(frame, index)

    def _read_call(self, frame: Frame, index: int) -> None:
        call = frame.function.body.call(index)
        callee = frame.function.body.expressions[call.function]
        if not isinstance(callee, facts.Attribute) or callee.name != _ADDS:
            return
        names = [value.dotted for value, _ in self._types.value(frame, call.function) if isinstance(value, LibraryName)]
        rows = [row for name in names for row in self._types.catalog.registering.read_elsewhere(name)]
        row = next(iter(self._entries.versions.holding(rows, frame.function.module.path)), None)
        arguments = Arguments.of_expression(self._types, frame, call)
        document = self._document(arguments, frame.function.module)
        resolver = self._resolver(frame, arguments)
        if row is not None and row.row.interface:
            self._serve_as(frame.function.module, row.row.interface)
        if row is None or document is None or resolver is None:
            return
        given = arguments.index(-1, "base_path") is not None
        base = arguments.keyword_constant("base_path") if given else document.base
        base = UNKNOWN_PATH if base is None else _TEMPLATE.sub(UNKNOWN_PATH, base)
        for operation in document.operations:
            for target in self._handlers(resolver.name_of(operation), frame.function.module):
                said = row.row.asynchronous if target.scope.is_async else row.row.synchronous
                path = join_path(base, _TEMPLATE.sub(UNKNOWN_PATH, operation.path)) or "/"
                handler = self._types.generic(target)
                self._entries.add_route(RouteFact.of(_FRAMEWORK, "http", (operation.method,), path, handler, Context(said)))

    def _serve_as(self, module: Module, interface: str) -> None:
        """Since version 3 the application around Flask is an ASGI application."""
        self._entries.apps[:] = [
            replace(app, interface=interface) if app.module is module and app.framework == "flask" else app for app in self._entries.apps
        ]

    def _document(self, call: Arguments, module: Module) -> Specification | None:
        """The document of that name: in the folder of the module or below it; else the only one of that name."""
        named = next(iter(call.constants(0, "specification")), "")
        if not named:
            return None
        name = posixpath.normpath(named).removeprefix("./").lstrip("/")
        found = [one for one in self._entries.manifests.specifications if one.path == name or one.path.endswith(f"/{name}")]
        folder = posixpath.dirname(module.path)
        near = [one for one in found if not folder or one.path.startswith(f"{folder}/")]
        return near[0] if len(near) == 1 else found[0] if len(found) == 1 else None

    def _resolver(self, frame: Frame, call: Arguments) -> _Resolver | None:
        """None where a resolver is given that is not known."""
        index = call.index(-1, "resolver")
        if index is None:
            return _Resolver("")
        made = list(self._behind.places(Written(frame, index)))
        expression = made[0].expression if len(made) == 1 else None
        if not isinstance(expression, facts.Call):
            return None
        arguments = Arguments.of_expression(self._types, made[0].frame, expression)
        for value, _ in self._types.value(made[0].frame, expression.function):
            dotted = value.dotted if isinstance(value, LibraryName) else value.class_ if isinstance(value, ClassObject) else ""
            kind = _RESOLVERS.get(dotted) if isinstance(dotted, str) else None
            module = next(iter(arguments.constants(0, "root_path" if kind == "relative" else "default_module_name")), "")
            if kind is not None and (module or not kind):
                return _Resolver(kind, module)
        return None

    def _handlers(self, dotted: str, near: Module) -> Iterator[Function]:
        """The function of that name, or the method of a class."""
        parts = dotted.split(".")
        for length in range(len(parts) - 1, 0, -1):
            module = self._behind.module(".".join(parts[:length]), near)
            if module is not None:
                yield from self._in_module(module, parts[length:])
                return

    def _in_module(self, module: Module, names: list[str]) -> Iterator[Function]:
        for binding in self._behind.in_module(module, names[0]):
            bound = binding.bound
            here = binding.frame.function.module
            if isinstance(bound, facts.DefinedFunction) and len(names) == 1:
                yield here.functions[bound.scope]
            elif isinstance(bound, facts.DefinedClass) and len(names) == 2:
                yield from self._methods(here.classes[bound.index], names[1])

    def _methods(self, class_: Class, name: str) -> Iterator[Function]:
        for one in self._types.classes.order(class_):
            if isinstance(one, Class) and name in one.members:
                yield from methods_named(one, name)[-1:]
                return
