"""py4web: `@action("path")`, below the name of the app, which is that of its folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from fwaudit.link.entry_points.entries import AppFact, RouteFact, location_of
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.entry_points.paths import UNKNOWN_PATH
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.symbols import Function, Module
from fwaudit.link.values import Frame, LibraryName, Object, Value
from fwaudit.model import facts
from fwaudit.model.context import Context

_FRAMEWORK = "py4web"
_ACTION = "py4web.action"
_FACTORY = "py4web.utils.factories.ActionFactory"
_APPS = "apps"
_DEFAULT_APP = "_default"
"""The app whose paths begin without a name."""
_DEFAULT_METHODS = ("GET", "POST")
_FACTORY_METHODS = ("GET", "POST", "PUT", "HEAD", "DELETE")
_INDEX = "/index"


def read_py4web(entries: EntryPoints) -> None:
    """Adds each app by its first action, and the routes of each action."""
    if _FRAMEWORK in entries.frameworks:
        _Actions(entries).read()


class _Actions:
    def __init__(self, entries: EntryPoints) -> None:
        self._entries = entries
        self._types = entries.types
        self._named: set[str] = set()

    def read(self) -> None:
        for module in self._types.symbols.modules:
            for function in module.functions.values():
                if function.scope.decorators and not function.scope.is_async:
                    self._read(function, self._types.generic(function))

    def _read(self, function: Function, target: Frame) -> None:
        parent = target.closure
        for decorator in function.scope.decorators if parent is not None else ():
            assert parent is not None
            expressions = parent.function.body.expressions
            call = expressions[decorator]
            if not isinstance(call, facts.Call):
                continue
            callee = expressions[call.function]
            owner = callee.value if isinstance(callee, facts.Attribute) else None
            arguments = Arguments.of_expression(self._types, parent, call)
            for value, _ in self._types.value(parent, call.function):
                found = _registered(value, function, arguments, owner is not None)
                if found is not None:
                    self._add(target, *found)

    def _add(self, target: Frame, path: str, methods: tuple[str, ...]) -> None:
        app = _app_of(target.function.module)
        for one in _full_paths(app, path):
            self._entries.add_route(RouteFact.of(_FRAMEWORK, "http", methods, one, target, Context.WSGI_WORKER))
        if app not in self._named:
            self._named.add(app)
            place = location_of(target, target.function.scope.span)
            self._entries.apps.append(AppFact(_FRAMEWORK, target.function.module, app, place))


def _registered(value: Value, function: Function, arguments: Arguments, is_method: bool) -> tuple[str, tuple[str, ...]] | None:
    """The path and the methods that a decorator's call registers a function with; None if it registers none."""
    if isinstance(value, LibraryName) and value.dotted == _ACTION:
        return _path(arguments) or UNKNOWN_PATH, _methods(arguments, -1) or _DEFAULT_METHODS
    if isinstance(value, Object) and value.class_ == _FACTORY and not is_method:
        return _path(arguments) or _path_by_name(function, arguments), _methods(arguments, 2) or _FACTORY_METHODS
    if (
        isinstance(value, LibraryName)
        and value.dotted.rpartition(".")[0] == _FACTORY
        and value.dotted.rpartition(".")[2].upper() in _FACTORY_METHODS
    ):
        return _path(arguments) or _path_by_name(function, arguments), (value.dotted.rpartition(".")[2].upper(),)
    return None


def _path(arguments: Arguments) -> str | None:
    return arguments.constant(0) or arguments.keyword_constant("path")


def _path_by_name(function: Function, arguments: Arguments) -> str:
    """A factory's default: the function's name and its parameters; `<unknown>` where a path is given that is no literal."""
    index = arguments.index(0, "path")
    if index is not None and arguments.frame is not None:
        given = arguments.frame.function.body.expressions[index]
        if not (isinstance(given, facts.Constant) and given.kind == "None"):
            return UNKNOWN_PATH
    return "/".join((function.name, *(f"<{parameter.name}>" for parameter in function.scope.parameters)))


def _methods(arguments: Arguments, position: int) -> tuple[str, ...]:
    return tuple(text.upper() for text in arguments.constants(position, "method"))


def _app_of(module: Module) -> str:
    """The folder below the last `apps`; `<unknown>` where there is none: whoever installs the app names it."""
    parts = PurePosixPath(module.path).parts
    places = [place for place, part in enumerate(parts[:-2]) if part == _APPS]
    return parts[places[-1] + 1] if places else UNKNOWN_PATH


def _full_paths(app: str, path: str) -> Iterator[str]:
    """The path below its app, and without a last `index`, which may be left out."""
    below = "" if path.startswith("/") else "/" if app == _DEFAULT_APP else f"/{app}/"
    full = f"{below}{path}".rstrip("/") or "/"
    yield full
    if full.endswith(_INDEX):
        yield full.removesuffix(_INDEX) or "/"
