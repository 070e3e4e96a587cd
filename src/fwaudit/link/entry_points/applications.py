"""Application objects: where one is made, and where a framework gives or serves the one that it keeps itself."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from functools import cached_property

from fwaudit.catalog.framework_schema import Framework
from fwaudit.link.entry_points.entries import AppFact, location_of
from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Class
from fwaudit.link.values import ClassObject, Frame, LibraryName, Value
from fwaudit.model import facts


class Applications:
    """Adds to `found` what calls make."""

    def __init__(self, types: Types, frameworks: AbstractSet[str], found: list[AppFact]) -> None:
        self._types = types
        self._frameworks = frameworks
        self._found = found

    @cached_property
    def own(self) -> frozenset[str]:
        """The names of the project's subclasses of application classes."""
        apps = frozenset(name for name, framework in self._types.catalog.apps.items() if framework.name in self._frameworks)
        classes = (class_ for module in self._types.symbols.modules for class_ in module.classes.values() if class_.declaration.bases)
        return frozenset(class_.name for class_ in classes if not apps.isdisjoint(self._types.classes.order(class_)))

    @cached_property
    def kept(self) -> frozenset[str]:
        """The last names of the calls that give or serve an application which a framework keeps itself."""
        rows = self._types.catalog.default_apps.items()
        return frozenset(name.rpartition(".")[2] for name, framework in rows if framework.name in self._frameworks)

    def read(self, frame: Frame, value: Value, index: int) -> None:
        """Adds the application that call `index` of the frame makes, if `value`, which it calls, makes one."""
        if isinstance(value, LibraryName):
            self._read_default(frame, value, index)
        elif isinstance(value, ClassObject):
            self._read_class(frame, value.class_, index)

    def _read_class(self, frame: Frame, class_: Class | str, index: int) -> None:
        catalog = self._types.catalog
        names = self._types.classes.order(class_) if isinstance(class_, Class) else catalog.with_bases(class_)
        app = next((name for name in names if isinstance(name, str) and name in catalog.apps), None)
        if app is not None:
            framework = catalog.apps[app]
            self._add(frame, index, framework, _name_bound(frame, index), "asgi" if app in framework.asgi_apps else "")

    def _read_default(self, frame: Frame, value: LibraryName, index: int) -> None:
        """The application that the framework keeps itself, once for each file that gets or serves it."""
        framework = self._types.catalog.default_apps.get(self._types.catalog.canonical(value.dotted))
        if framework is None:
            return
        call = frame.function.body.call(index)
        is_other = bool(call.arguments) or any(name == "app" for name, _ in call.keywords)
        if is_other or any(app.module is frame.function.module and app.framework == framework.name for app in self._found):
            return
        self._add(frame, index, framework, _name_bound(frame, index) or value.dotted.rpartition(".")[2], "")

    def _add(self, frame: Frame, index: int, framework: Framework, bound: str, interface: str) -> None:
        call = frame.function.body.call(index)
        name = bound if frame.function.scope.kind == "module" else f"{frame.function.scope.qualified_name}()"
        if name:
            self._found.append(AppFact(framework.name, frame.function.module, name, location_of(frame, call.span), interface))


def _name_bound(frame: Frame, call: int) -> str:
    """The name of the scope that a call's result is bound to; "" if there is none."""
    body = frame.function.body
    for name, bindings in frame.function.scope.names.items():
        if any(isinstance(one := body.bindings[binding], facts.Assigned) and one.value == call for binding in bindings):
            return name
    return ""
