"""Pyramid's configuration: the functions that are given a Configurator, the prefixes that they are included with, and their routes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from fwaudit.link.entry_points.handed import Handed
from fwaudit.link.entry_points.paths import UNKNOWN_PATH
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.types import Types
from fwaudit.link.routes.lists import WrittenLists
from fwaudit.link.symbols import Class, Function, Module
from fwaudit.link.trail import Trail
from fwaudit.link.values import Frame, FunctionObject, LibraryName, ModuleObject, Object, Value, known, surely
from fwaudit.model import facts

CONFIGURATOR = "pyramid.config.Configurator"
_INCLUDED = "includeme"
_MAKES_APP = "make_wsgi_app"
_CALLS = frozenset({"add_route", "add_view", "include", _MAKES_APP, "scan"})
_MOST_PREFIXES = 8
_DEEPEST = 200
"""Functions that include each other, one the other."""
_MOST_VISITS = 500
"""Functions that are looked at for the prefixes of one: where they include each other in circles, each way is another."""


@dataclass(frozen=True, slots=True)
class ConfigCall:
    """A call of a method of the Configurator."""

    method: str
    frame: Frame
    index: int
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class NamedRoute:
    """What `add_route` says: the full path without its prefix, and the methods that all its views are bound to."""

    name: str
    pattern: str
    methods: tuple[str, ...]
    function: Function


class Configuration:
    """All calls of Configurators. A function named `includeme` gets one from whoever includes its module."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self.written = WrittenLists(types)
        self._included: dict[Function, Frame] = {}
        included = [*self._functions_included_by_name()]
        self._handed = Handed(types, {CONFIGURATOR})
        self.calls = tuple(self._all_calls())
        included += [function for function in self._all_targets() if function not in included]
        while included:  # an included function may include others
            self._included |= {function: self._with_configurator(function) for function in included}
            self._handed = Handed(types, {CONFIGURATOR}, self._included.values())
            self.calls = tuple(self._all_calls())
            included = [function for function in self._all_targets() if function not in self._included]
        self._parents: dict[Function, list[tuple[Function, str]]] = defaultdict(list)
        self._scanned: list[tuple[str, Function]] = []
        self._prefixes: dict[Function, tuple[str, ...]] = {}
        self._whole: dict[Function, tuple[str, ...]] = {}
        """The prefixes of what is in no circle of includes, and so the same whoever asks."""
        self.routes: list[NamedRoute] = []
        self.unreachable: set[str] = set()
        """The names of routes that only serve to make URLs."""
        for call in self.calls:
            self._read(call)

    def prefixes(self, function: Function) -> tuple[str, ...]:
        """The prefixes of the routes that a function adds: those that it is included with."""
        if function not in self._prefixes:
            found = self._prefixes_of(function, Trail(_DEEPEST, _MOST_VISITS))
            self._prefixes[function] = found[0] if found is not None else ()
        return self._prefixes[function]

    def prefixes_of_scan(self, module: Module) -> tuple[str, ...]:
        """The prefixes of what a module's decorators register: those of the functions that scan it; one empty one if none does."""
        scanning = [function for package, function in self._scanned if f"{module.name}.".startswith(f"{package}.")]
        return tuple(dict.fromkeys(prefix for function in scanning for prefix in self.prefixes(function)))[:_MOST_PREFIXES] or ("",)

    def text(self, call: ConfigCall, position: int, keyword: str) -> str | None:
        """The text of an argument: None if it is not given, `<unknown>` if it is no literal."""
        index = call.arguments.index(position, keyword)
        if index is None:
            return None
        expression = call.frame.function.body.expressions[index]
        if isinstance(expression, facts.Constant) and expression.kind == "None":
            return None
        text = self.written.text(call.frame, index)
        return UNKNOWN_PATH if text is None else text

    # --- functions with a Configurator ------------------------------------------------------------------

    def _functions_included_by_name(self) -> Iterator[Function]:
        for module in self._types.symbols.modules:
            for function in module.functions.values():
                if function.name == _INCLUDED and function.scope.parent == 0 and function.scope.parameters:
                    yield function

    def _with_configurator(self, function: Function) -> Frame:
        given = ((0, surely(Object(CONFIGURATOR))),)
        return self._types.frame(function, given, self._types.generic(function).closure)

    def _frames(self, function: Function) -> Iterator[Frame]:
        seen: set[int] = set()
        included = self._included.get(function)
        for frame in (included or self._types.generic(function), *self._handed.frames(function)):
            if frame.number not in seen:
                seen.add(frame.number)
                yield frame

    def _all_targets(self) -> list[Function]:
        targets = (function for call in self.calls if call.method == "include" for function in self._targets(call))
        return [function for function in dict.fromkeys(targets) if function.scope.parameters]

    def _all_calls(self) -> Iterator[ConfigCall]:
        for function in self._types.symbols.users(_CALLS):
            for frame in self._frames(function):
                yield from self._calls_in(frame)

    def _calls_in(self, frame: Frame) -> Iterator[ConfigCall]:
        body = frame.function.body
        for index in body.calls:
            call = body.call(index)
            callee = body.expressions[call.function]
            if not isinstance(callee, facts.Attribute) or callee.name not in _CALLS:
                continue
            if self._is_configurators(frame, call.function, callee.name):
                yield ConfigCall(callee.name, frame, index, Arguments.of_expression(self._types, frame, call))

    def _is_configurators(self, frame: Frame, function: int, method: str) -> bool:
        """Whether what is called is a method of a Configurator, also where a class of the project has its own in its place."""
        if frame.function.owner is not None and self._is_configurator(frame.function.owner):
            return False  # what the class's methods do stands where they are called
        values = self._types.value(frame, function)
        if not known(values):
            return method == _MAKES_APP  # nothing else has a method of this name: a library makes the Configurator
        return any(
            value.dotted == f"{CONFIGURATOR}.{method}"
            if isinstance(value, LibraryName)
            else isinstance(value, FunctionObject) and value.function.owner is not None and self._is_configurator(value.function.owner)
            for value, _ in values
        )

    def _is_configurator(self, class_: Class) -> bool:
        return CONFIGURATOR in self._types.classes.order(class_)

    # --- what the calls say -----------------------------------------------------------------------------

    def _read(self, call: ConfigCall) -> None:
        if call.method == "add_route":
            self._read_route(call)
        elif call.method == "include":
            prefix = self.text(call, 1, "route_prefix") or ""
            for function in self._targets(call):
                self._parents[function].append((call.frame.function, prefix))
        elif call.method == "scan":
            package = self._package(call)
            if package is not None:
                self._scanned.append((package, call.frame.function))

    def _read_route(self, call: ConfigCall) -> None:
        name = self.text(call, 0, "name")
        pattern = self.text(call, 1, "pattern")
        if name is None or pattern is None:
            return
        if "://" in pattern or self._is_true(call, "static"):
            self.unreachable.add(name)
            return
        methods = call.arguments.constants(-1, "request_method")
        self.routes.append(NamedRoute(name, pattern, tuple(one.upper() for one in methods), call.frame.function))

    def _is_true(self, call: ConfigCall, keyword: str) -> bool:
        index = call.arguments.index(-1, keyword)
        expression = call.frame.function.body.expressions[index] if index is not None else None
        return isinstance(expression, facts.Constant) and expression.text == "True"

    def _targets(self, call: ConfigCall) -> Iterator[Function]:
        """The functions that an `include` runs."""
        text = self.text(call, 0, "callable")
        if text is not None and UNKNOWN_PATH not in text:
            yield from self.functions_named(_absolute(text, call.frame.function.module))
            return
        for value, _ in call.arguments.argument(0, "callable"):
            if isinstance(value, FunctionObject):
                yield value.function
            elif isinstance(value, ModuleObject) and value.module is not None:
                yield from self.functions_named(value.module.name)

    def functions_named(self, dotted: str) -> Iterator[Function]:
        """The function of that name, or the `includeme` of the module of that name."""
        for module in self._types.symbols.modules:
            if module.name == dotted:
                wanted = _INCLUDED
            elif dotted.startswith(f"{module.name}."):
                wanted = dotted.removeprefix(f"{module.name}.")
            else:
                continue
            yield from (one for one in module.functions.values() if one.scope.qualified_name == wanted and one.scope.kind == "function")

    def _package(self, call: ConfigCall) -> str | None:
        """The dotted name of what is scanned; the package of the call's module if nothing is named."""
        module = call.frame.function.module
        index = call.arguments.index(0, "package")
        if index is None:
            return _package_of(module)
        if isinstance(named := call.frame.function.body.expressions[index], facts.Name) and named.name == "__name__":
            return module.name
        text = self.text(call, 0, "package")
        if text is not None and UNKNOWN_PATH not in text:
            return _absolute(text, module)
        values: list[Value] = [value for value, _ in call.arguments.argument(0, "package")]
        return next((one.module.name for one in values if isinstance(one, ModuleObject) and one.module is not None), None)

    def _prefixes_of(self, function: Function, trail: Trail) -> tuple[tuple[str, ...], bool] | None:
        """The prefixes, and whether all ways up were followed; None for a function that the question came from, or that is too far."""
        if function in self._whole:
            return self._whole[function], True
        below = trail.after(function)
        if below is None:
            return None
        prefixes: list[str] = []
        is_whole, is_included = True, False
        for parent, prefix in self._parents.get(function, ()):
            outer = self._prefixes_of(parent, below) if parent is not function else None
            is_whole = is_whole and (parent is function or (outer is not None and outer[1]))
            is_included = is_included or outer is not None
            prefixes += [join_pattern(one, prefix) if prefix else one for one in (outer[0] if outer is not None else ())]
        found = tuple(dict.fromkeys(prefixes if is_included else ("",)))[:_MOST_PREFIXES]
        if is_whole:
            self._whole[function] = found
        return found, is_whole


def join_pattern(prefix: str, pattern: str) -> str:
    """A pattern below a prefix, as Pyramid joins them: with one slash."""
    return f"{prefix.rstrip('/')}/{pattern.lstrip('/')}"


def _package_of(module: Module) -> str:
    """The module's own name where it lies in no package."""
    return module.name if module.is_package else module.name.rpartition(".")[0] or module.name


def _absolute(dotted: str, module: Module) -> str:
    """A dotted name that may be relative to the module's package: `.routes`, `..views`; a colon stands for a dot."""
    dotted = dotted.replace(":", ".")
    if not dotted.startswith("."):
        return dotted
    rest = dotted.lstrip(".")
    package = _package_of(module)
    for _ in range(len(dotted) - len(rest) - 1):
        package = package.rpartition(".")[0]
    return f"{package}.{rest}".strip(".")
