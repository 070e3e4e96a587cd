"""Functions that make application objects, and where they are called: there the application is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from fwaudit.link.entry_points.entries import AppFact, location_of
from fwaudit.link.inference.types import Types
from fwaudit.link.services.roots import Roots, hosting_folder
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import FunctionObject, Object, Values, known
from fwaudit.model import facts

_MOST_STEPS = 4
"""From the function that makes the app to the last that hands it on."""


@dataclass(frozen=True, slots=True)
class FoundApp:
    """An application and the root that it belongs to. `is_object`: bound to a name of a module, so that a server can be told it."""

    fact: AppFact
    root: str
    is_object: bool


def find_apps(types: Types, apps: list[AppFact], roots: Roots) -> list[FoundApp]:
    """The applications in deployed code, and, for those that a function makes, the places in other roots that call it."""
    found: list[FoundApp] = []
    hosting = {framework.name for framework in types.catalog.frameworks if framework.hosts_apps}
    for app in apps:
        root = roots.of(app.module.path)
        if app.framework in hosting and root == _folder(app.module.path) and not hosting_folder(app.module.path):
            root = _folder(root)  # one app that stands by itself: its controllers are no package
        if roots.is_code(app.module) or (app.framework in hosting and roots.is_hosted(app.module)):
            found.append(FoundApp(app, root, is_object=not app.name.endswith("()")))
        if app.name.endswith("()"):
            found.extend(_handed_on(types, app, roots))
    unique = {(one.fact.framework, one.fact.module.path, one.fact.name): one for one in reversed(found)}
    return sorted(unique.values(), key=lambda one: (one.fact.location, one.fact.name))


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "."


def _handed_on(types: Types, app: AppFact, roots: Roots) -> Iterator[FoundApp]:
    """Where the app that a function makes is bound to a name of a module, and the functions of other roots that get it."""
    makers = [function for function in app.module.functions.values() if f"{function.scope.qualified_name}()" == app.name]
    home = roots.deployable(app.module.path)
    seen = set(makers)
    for step in range(_MOST_STEPS):
        callers = [call for maker in makers for call in _calls_of(types, maker)]
        makers = []
        for caller, index in callers:
            if not roots.is_code(caller.module):
                continue
            frame = types.generic(caller)
            given = types.value(frame, index)
            if not (_is_app(types, given) or (step == 0 and not known(given))):
                continue
            root = roots.of(caller.module.path)
            if roots.deployable(caller.module.path) == home and (root == "." or roots.is_alone(caller.module.path)):
                root = roots.of(app.module.path)  # a script beside the package, which is the service, or in a folder for itself
            bound = _bound_name(caller, index)
            call = caller.body.call(index)
            location = location_of(frame, call.span)
            if caller.scope.kind == "module":
                if bound:
                    yield FoundApp(replace(app, module=caller.module, name=bound, location=location), root, is_object=True)
                continue
            if caller not in seen:
                seen.add(caller)
                makers.append(caller)
                if roots.deployable(caller.module.path) != home:
                    name = f"{caller.scope.qualified_name}()"
                    yield FoundApp(replace(app, module=caller.module, name=name, location=location), root, is_object=False)


def _is_app(types: Types, values: Values) -> bool:
    for value, _ in values:
        if isinstance(value, Object):
            classes = types.classes.order(value.class_) if isinstance(value.class_, Class) else (value.class_,)
            names = (name for one in classes if isinstance(one, str) for name in types.catalog.with_bases(one))
            if any(name in types.catalog.apps for name in names):
                return True
    return False


def _calls_of(types: Types, maker: Function) -> Iterator[tuple[Function, int]]:
    for function in types.symbols.users({maker.name}):
        frame = types.generic(function)
        for index in function.body.calls:
            call = function.body.call(index)
            callee = function.body.expressions[call.function]
            if facts.last_name(callee) != maker.name:
                continue
            values = types.value(frame, call.function)
            if any(isinstance(value, FunctionObject) and value.function is maker for value, _ in values):
                yield function, index


def _bound_name(function: Function, index: int) -> str:
    return next(
        (
            name
            for name, bindings in function.scope.names.items()
            for binding in bindings
            if isinstance(one := function.body.bindings[binding], facts.Assigned) and one.value == index and not one.path
        ),
        "",
    )
