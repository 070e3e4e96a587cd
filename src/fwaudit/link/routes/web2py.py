"""web2py: controllers, which register nothing: a function without arguments answers at `/<application>/<controller>/<function>`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from fwaudit.link.entry_points.entries import AppFact, RouteFact, location_of
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.entry_points.paths import UNKNOWN_PATH
from fwaudit.link.symbols import Function, Module
from fwaudit.model import facts
from fwaudit.model.context import Context

_FRAMEWORK = "web2py"
_PACKAGE = "gluon"
_APPLICATIONS, _CONTROLLERS, _MODELS = "applications", "controllers", "models"
_VERBS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


def read_web2py(entries: EntryPoints) -> None:
    """Adds each application by its first controller, and a route for each function that a controller exposes."""
    controllers = [module for module in entries.types.symbols.modules if PurePosixPath(module.path).parent.name == _CONTROLLERS]
    if controllers:
        _Controllers(entries).read(controllers)


class _Controllers:
    def __init__(self, entries: EntryPoints) -> None:
        self._entries = entries
        self._modules = entries.types.symbols.modules
        self._folders = {PurePosixPath(module.path).parent for module in self._modules}
        self._packages = {PurePosixPath(module.path).parent for module in self._modules if module.is_package}
        self._importing = [PurePosixPath(module.path) for module in self._modules if _imports_web2py(module)]

    def read(self, controllers: list[Module]) -> None:
        named: set[PurePosixPath] = set()
        for module in controllers:
            folder = PurePosixPath(module.path).parent.parent
            application = self._application(folder)
            exposed = [*_exposed(module)] if application else []
            for function in exposed:
                path = f"/{application}/{PurePosixPath(module.path).stem}/{function.name}"
                frame = self._entries.types.generic(function)
                self._entries.add_route(RouteFact.of(_FRAMEWORK, "http", _methods(function), path, frame, Context.WSGI_WORKER))
            if exposed and folder not in named:
                named.add(folder)
                place = location_of(self._entries.types.generic(exposed[0]), exposed[0].scope.span)
                self._entries.apps.append(AppFact(_FRAMEWORK, module, application, place))

    def _application(self, folder: PurePosixPath) -> str:
        """The name of the application in that folder; "" where it is none.

        One is below `applications`, with models, or in a workspace that uses web2py. In any other place the installation names it.
        """
        if folder / _CONTROLLERS in self._packages:
            return ""
        has_models = folder / _MODELS in self._folders and folder / _MODELS not in self._packages
        if folder.parent.name == _APPLICATIONS and (has_models or self._importing):
            return folder.name
        return UNKNOWN_PATH if has_models and any(path.is_relative_to(folder) for path in self._importing) else ""


def _imports_web2py(module: Module) -> bool:
    return any(one.module.partition(".")[0] == _PACKAGE and not one.level for one in module.facts.imports)


def _exposed(module: Module) -> Iterator[Function]:
    """The functions that the framework calls: a `def name():` at the left margin, the last of its name."""
    body = module.body_function.body
    for name, bindings in sorted(module.facts.scopes[0].final.items()):
        for binding in bindings:
            defined = body.bindings[binding]
            if isinstance(defined, facts.DefinedFunction) and not name.startswith("__"):
                function = module.functions[defined.scope]
                scope = function.scope
                if not scope.parameters and not scope.is_async and module.facts.span(scope.span)[1] == 1:
                    yield function


def _methods(function: Function) -> tuple[str, ...]:
    """The methods that a RESTful controller (`@request.restful()`) defines within itself; none where it takes any."""
    expressions = function.module.body_function.body.expressions
    for decorator in function.scope.decorators:
        expression = expressions[decorator]
        callee = expressions[expression.function] if isinstance(expression, facts.Call) else expression
        if isinstance(callee, facts.Attribute) and callee.name == "restful":
            return tuple(name for name in function.scope.names if name in _VERBS)
    return ()
