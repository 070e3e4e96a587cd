"""The prefix of each router: its own, and those of the routers and apps that it is mounted on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fwaudit.catalog.index import MountRow
from fwaudit.link.arguments import Arguments
from fwaudit.link.paths import join_path, prefix_written, version_written
from fwaudit.link.symbols import Class, Module
from fwaudit.link.types import Types
from fwaudit.link.values import ClassObject, Frame, LibraryName, ModuleObject, Value, known
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE

MOST_MOUNTS = 8
"""A router's routes are listed under at most this many prefixes."""
_Definition = tuple[str, int, int]
"""(path of the module, scope, binding): where a router is made."""


@dataclass(frozen=True, slots=True)
class _Mount:
    """A place that a router is put at: below `parent` (None: not known where that is made), which need not be an app."""

    parent: _Definition | None
    prefix: str | None
    """None where the call gives none."""
    replaces: bool
    """The prefix takes the place of the router's own."""
    version: str = ""

    def joined(self, own: str) -> str:
        """The prefix with the router's own."""
        if self.prefix is None:
            return self.version + own
        return self.version + (self.prefix if self.replaces else join_path(self.prefix, own))


class Prefixes:
    """From the expression that names a router to the prefixes under which its routes are reached."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._mounts: dict[_Definition, list[_Mount]] = {}
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
            if not isinstance(callee, facts.Attribute | facts.Name) or callee.name not in self._mount_names:
                continue
            receiver = callee.value if isinstance(callee, facts.Attribute) else None
            arguments = Arguments.of_expression(self._types, frame, call)
            for row in self._rows(frame, call, callee.name):
                routers, parent = self._sides(frame, index, row, arguments, receiver)
                prefix = prefix_written(arguments, row.row.prefix_position, row.row.prefix_keyword)
                version = version_written(row.row.version_keyword, arguments)
                for router in routers:
                    self._mounts.setdefault(router, []).append(_Mount(parent, prefix, row.row.replaces_prefix, version))

    def _rows(self, frame: Frame, call: facts.Call, name: str) -> Iterator[MountRow]:
        """The rows that speak of the call; where nothing is known of the receiver, those for which the argument is such a router."""
        catalog = self._types.catalog
        values = self._types.value(frame, call.function)
        for value, _ in values:
            dotted = self._library_name(value)
            row = catalog.mount_of_call(dotted) if dotted is not None else None
            if row is not None:
                yield row
        if not known(values):
            arguments = Arguments.of_expression(self._types, frame, call)
            for row in catalog.mounts_named(name):
                given = arguments.argument(row.row.router_position, row.row.router_keyword)
                if not row.row.makes_router and not row.row.onto_keyword and any(self._is_router(row, value) for value, _ in given):
                    yield row
                    return

    def _is_router(self, row: MountRow, value: Value) -> bool:
        class_ = getattr(value, "class_", None)
        names = self._types.attributes.order(class_) if isinstance(class_, Class) else (class_,) if isinstance(class_, str) else ()
        routers = [self._types.catalog.canonical(name) for name in row.framework.routers]
        return any(name in routers for name in names)

    def _library_name(self, value: Value) -> str | None:
        """The dotted name of a library's function or class, or of the class of a library that one of the project descends from."""
        if isinstance(value, LibraryName):
            return value.dotted
        if not isinstance(value, ClassObject):
            return None
        order = self._types.attributes.order(value.class_) if isinstance(value.class_, Class) else (value.class_,)
        return next((base for base in order if isinstance(base, str)), None)

    def _sides(
        self, frame: Frame, index: int, row: MountRow, arguments: Arguments, receiver: int | None
    ) -> tuple[tuple[_Definition, ...], _Definition | None]:
        """The routers that the call mounts, and what they are put below."""
        onto = arguments.index(row.row.onto_position, row.row.onto_keyword)
        below = self.definition(frame, receiver) if receiver is not None else None
        if row.row.onto_keyword:
            parent = self.definition(frame, onto) if onto is not None else None
            router = self._made_by(frame, index) if row.row.makes_router else below
            return ((router,), parent) if parent is not None and router is not None else ((), None)
        if row.row.makes_router:
            made = self._made_by(frame, index)
            return (() if made is None else (made,)), below
        if row.row.groups and arguments.expression is not None:
            grouped = (one for given in arguments.expression.arguments for one in self._definitions(frame, given))
            return tuple(grouped), self._made_by(frame, index) or self._call_itself(frame, index)
        mounted = arguments.index(row.row.router_position, row.row.router_keyword)
        return (() if mounted is None else tuple(self._definitions(frame, mounted))), below

    def _definitions(self, frame: Frame, index: int) -> Iterator[_Definition]:
        """Where the routers are made that an expression stands for: one, or those of a literal list or of a loop over one."""
        expression = frame.function.body.expressions[index]
        bindings = frame.function.body.bindings
        if isinstance(expression, facts.Starred):
            yield from self._definitions(frame, expression.value)
        elif isinstance(expression, facts.Display):
            for item in expression.items:
                yield from self._definitions(frame, item)
        elif isinstance(expression, facts.Call):
            yield self._call_itself(frame, index)
        elif (
            isinstance(expression, facts.Name)
            and expression.bindings
            and isinstance(one := bindings[expression.bindings[-1]], facts.Iterated)
        ):
            if not one.path:
                yield from self._definitions(frame, one.value)
        else:
            definition = self.definition(frame, index)
            value = self._value_of(definition) if definition is not None else None
            if definition is not None and value is not None and isinstance(value[0].function.body.expressions[value[1]], facts.Display):
                yield from self._definitions(*value)
            elif definition is not None:
                yield definition

    def _call_itself(self, frame: Frame, index: int) -> _Definition:
        """The place of a router that has no name: the call that makes it, counted backwards."""
        definition = (frame.function.module.path, frame.function.index, -1 - index)
        self._frames[definition] = frame
        return definition

    def _value_of(self, definition: _Definition) -> tuple[Frame, int] | None:
        """The expression that a router was given as."""
        frame = self._frames[definition]
        if definition[2] < 0:
            return frame, -1 - definition[2]
        binding = frame.function.body.bindings[definition[2]]
        return (frame, binding.value) if isinstance(binding, facts.Assigned) and binding.value != NOWHERE else None

    def _made_by(self, frame: Frame, index: int) -> _Definition | None:
        """The name that what the call gives is assigned to."""
        for number, binding in enumerate(frame.function.body.bindings):
            if isinstance(binding, facts.Assigned) and binding.value == index and not binding.path:
                return self._of_binding(frame, number, ())
        return None

    def of(self, frame: Frame, router: int | None) -> tuple[str, ...]:
        """The prefixes of the router that expression `router` of `frame` names; one empty one where nothing is known of it."""
        definition = self.definition(frame, router) if router is not None else None
        return tuple(self._of_definition(definition, frozenset())) if definition is not None else ("",)

    def _of_definition(self, definition: _Definition, below: frozenset[_Definition]) -> list[str]:
        own = self._own_prefix(definition)
        prefixes: list[str] = []
        for mount in self._mounts.get(definition, ()):
            parent = mount.parent
            if parent == definition or (parent is not None and parent in below):
                continue
            outer = self._of_definition(parent, below | {definition}) if parent is not None else [""]
            prefixes.extend(join_path(before, mount.joined(own)) for before in outer)
        return list(dict.fromkeys(prefixes))[:MOST_MOUNTS] or [own]

    def _own_prefix(self, definition: _Definition) -> str:
        made = self._value_of(definition)
        call = made[0].function.body.expressions[made[1]] if made is not None else None
        if made is None or not isinstance(call, facts.Call):
            return ""
        frame = made[0]
        arguments = Arguments.of_expression(self._types, frame, call)
        for value, _ in self._types.value(frame, call.function):
            dotted = self._library_name(value)
            row = self._types.catalog.prefix_of_call(dotted) if dotted is not None else None
            if row is not None:
                name = arguments.constant(row.name_position) or arguments.keyword_constant(row.name_keyword)
                own = prefix_written(arguments, row.position, row.keyword) or (f"/{name}" if name else "")
                return version_written(row.version_keyword, arguments) + own
        for framework in self._types.catalog.frameworks:
            if framework.prefix_keyword:
                prefix = prefix_written(arguments, -1, framework.prefix_keyword)
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
