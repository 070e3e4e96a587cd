"""The prefix of each router: its own, and those of the routers and apps that it is mounted on."""

from __future__ import annotations

from fwaudit.link.arguments import Arguments
from fwaudit.link.symbols import Module
from fwaudit.link.types import Types
from fwaudit.link.values import Frame, LibraryName, ModuleObject
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

MOST_MOUNTS = 8
"""A router's routes are listed under at most this many prefixes."""
_Definition = tuple[str, int, int]
"""(path of the module, scope, binding): where a router is made."""


class Prefixes:
    """From the expression that names a router to the prefixes under which its routes are reached."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._mounts: dict[_Definition, list[tuple[_Definition | None, str]]] = {}
        self._mount_names = types.catalog.mount_names
        self._frames: dict[_Definition, Frame] = {}
        for module in types.symbols.modules:
            for function in module.functions.values():
                if function.uses(self._mount_names):
                    self._read(types.generic(function))

    def _read(self, frame: Frame) -> None:
        body = frame.function.body
        for index in body.calls:
            call = body.expressions[index]
            if not isinstance(call, facts.Call):
                continue
            callee = body.expressions[call.function]
            if not isinstance(callee, facts.Attribute) or callee.name not in self._mount_names:
                continue
            for value, _ in self._types.value(frame, call.function):
                row = self._types.catalog.mount_of_call(value.dotted) if isinstance(value, LibraryName) else None
                if row is None:
                    continue
                arguments = Arguments.of_expression(self._types, frame, call)
                mounted = arguments.index(row.row.router_position, row.row.router_keyword)
                child = self.definition(frame, mounted) if mounted is not None else None
                if child is not None:
                    prefix = arguments.constant(row.row.prefix_position) or arguments.keyword_constant(row.row.prefix_keyword) or ""
                    self._mounts.setdefault(child, []).append((self.definition(frame, callee.value), prefix))

    def of(self, frame: Frame, router: int | None) -> tuple[str, ...]:
        """The prefixes of the router that expression `router` of `frame` names; one empty one where nothing is known of it."""
        definition = self.definition(frame, router) if router is not None else None
        return tuple(self._of_definition(definition, frozenset())) if definition is not None else ("",)

    def _of_definition(self, definition: _Definition, below: frozenset[_Definition]) -> list[str]:
        own = self._own_prefix(definition)
        prefixes: list[str] = []
        for parent, prefix in self._mounts.get(definition, ()):
            if parent == definition or (parent is not None and parent in below):
                continue
            outer = self._of_definition(parent, below | {definition}) if parent is not None else [""]
            prefixes.extend(f"{before}{prefix}{own}" for before in outer)
        return list(dict.fromkeys(prefixes))[:MOST_MOUNTS] or [own]

    def _own_prefix(self, definition: _Definition) -> str:
        frame = self._frames[definition]
        binding = frame.function.body.bindings[definition[2]]
        call = frame.function.body.expressions[binding.value] if isinstance(binding, facts.Assigned) and binding.value != NOWHERE else None
        if not isinstance(call, facts.Call):
            return ""
        arguments = Arguments.of_expression(self._types, frame, call)
        for framework in self._types.catalog.frameworks:
            if framework.prefix_keyword:
                prefix = arguments.keyword_constant(framework.prefix_keyword)
                if prefix is not None:
                    return prefix
        return ""

    def definition(self, frame: Frame, index: int) -> _Definition | None:
        """Where the object that an expression names is assigned; None if that is not one plain place."""
        expression = frame.function.body.expressions[index]
        if isinstance(expression, facts.Name):
            return self._of_name(frame, expression)
        if isinstance(expression, facts.Attribute):
            for value, _ in self._types.value(frame, expression.value):
                if isinstance(value, ModuleObject) and value.module is not None:
                    return self._in_module(value.module, expression.name, ())
        return None

    def _of_name(self, frame: Frame, name: facts.Name) -> _Definition | None:
        scope: Frame | None = frame
        bindings = name.bindings
        while scope is not None and not bindings:
            if scope.function.scope.kind == "module":
                return self._in_module(scope.function.module, name.name, ())
            bindings = scope.function.scope.names.get(name.name, ())
            if not bindings:
                scope = scope.closure
        return self._of_binding(scope, bindings[-1], ()) if scope is not None and bindings else None

    def _in_module(self, module: Module, name: str, seen: tuple[tuple[str, str], ...]) -> _Definition | None:
        if (module.path, name) in seen:
            return None
        scope = module.facts.scopes[0]
        bindings = scope.final.get(name) or scope.names.get(name) or ()
        frame = self._types.generic(module.body_function)
        return self._of_binding(frame, bindings[-1], (*seen, (module.path, name))) if bindings else None

    def _of_binding(self, frame: Frame, index: int, seen: tuple[tuple[str, str], ...]) -> _Definition | None:
        binding = frame.function.body.bindings[index]
        if isinstance(binding, facts.Imported) and binding.name:
            from_module = self._types.imported_from(frame, binding)
            return self._in_module(from_module, binding.name, seen) if from_module is not None else None
        if isinstance(binding, facts.Assigned):
            definition = (frame.function.module.path, frame.function.index, index)
            self._frames[definition] = frame
            return definition
        return None
