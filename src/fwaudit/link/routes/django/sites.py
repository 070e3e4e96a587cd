"""The Django projects of a workspace: settings modules with their root urlconfs, applications, and how they are served."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from fwaudit.link.entry_points.entries import AppFact, location_of
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.inference.texts import UNKNOWN_TEXT
from fwaudit.link.inference.written import Behind
from fwaudit.link.routes.django.settings import places_of_setting
from fwaudit.link.symbols import Module
from fwaudit.link.values import ClassObject, LibraryName
from fwaudit.model import facts
from fwaudit.model.finding import Location
from fwaudit.model.source import Problem, Role

ROOT_URLCONFS = ("ROOT_URLCONF", "PUBLIC_SCHEMA_URLCONF")
_SETTINGS = "DJANGO_SETTINGS_MODULE"
_APP_CONFIG = "django.apps.AppConfig"
_PACKAGING = ("pyproject.toml", "setup.cfg", "setup.py")
_VIEWS = ("django.views.", "rest_framework.generics.", "rest_framework.views.", "rest_framework.viewsets.")
_MAKERS = {
    "configurations.asgi.get_asgi_application": "asgi",
    "configurations.management.execute_from_command_line": "",
    "configurations.wsgi.get_wsgi_application": "wsgi",
    "channels.routing.ProtocolTypeRouter": "asgi",
    "django.core.asgi.get_asgi_application": "asgi",
    "django.core.wsgi.get_wsgi_application": "wsgi",
    "django.core.management.execute_from_command_line": "",
}


@dataclass(frozen=True, slots=True)
class _Maker:
    """A module that makes the application, or runs the project's commands."""

    module: Module
    dotted: str
    name: str
    location: Location
    settings: tuple[str, ...]
    """The settings modules that it names."""


@dataclass(frozen=True, slots=True)
class Site:
    """A Django project: the urlconfs that its settings name, and how it is served."""

    folder: str
    urlconfs: tuple[Module, ...]
    interface: str
    apps: tuple[AppFact, ...]


class Sites:
    """Finds them from what modules of the service's own code say."""

    def __init__(self, entries: EntryPoints) -> None:
        self._entries = entries
        self._types = entries.types
        self._behind = Behind(entries.types)

    def found(self) -> list[Site]:
        """The projects, by folder: where settings name a root urlconf."""
        makers = [maker for module in self._code() for maker in self._makers(module)]
        by_folder: dict[str, list[tuple[Module, Module]]] = {}
        for settings in self._code():
            for urlconf in self._urlconfs(settings):
                by_folder.setdefault(self._folder(settings), []).append((settings, urlconf))
        sites = []
        for folder, pairs in sorted(by_folder.items()):
            urlconfs = tuple(dict.fromkeys(urlconf for _, urlconf in pairs))
            own = [maker for maker in makers if self._belongs(maker, folder, [settings for settings, _ in pairs])]
            if own:
                sites.append(Site(folder, urlconfs, self._interface(own, folder), tuple(self._apps(own, folder))))
        return sites or list(self._with_settings_elsewhere(makers)) or list(self._without_settings(makers))

    def _with_settings_elsewhere(self, makers: list[_Maker]) -> Iterator[Site]:
        """The projects whose settings are not in the workspace: their root urlconf lies beside where the settings would."""
        by_urlconf: dict[Module, list[_Maker]] = {}
        for maker in makers:
            for dotted in maker.settings:
                package, _, _ = dotted.partition(".settings")
                urlconf = None if self._behind.module(dotted, maker.module) else self._behind.module(f"{package}.urls", maker.module)
                if urlconf is not None and urlconf.role is Role.CODE and "urlpatterns" in urlconf.facts.scopes[0].names:
                    by_urlconf.setdefault(urlconf, []).append(maker)
        for urlconf, own in by_urlconf.items():
            folder = self._folder(urlconf)
            yield Site(folder, (urlconf,), self._interface(own, folder), tuple(self._apps(own, folder)))

    def _without_settings(self, makers: list[_Maker]) -> Iterator[Site]:
        """The apps with views of a project that keeps settings and urlconfs to itself.

        Requirements say that it is installed to run; what is built into a package is an app for the projects of others.
        """
        if makers or not self._is_installed_to_run():
            return
        for module in self._code():
            for class_ in module.classes.values():
                folder = str(PurePosixPath(module.path).parent)
                if _APP_CONFIG in self._types.classes.order(class_) and self._has_views(folder):
                    frame = self._types.classes.frame_of(class_)
                    place = location_of(frame, frame.function.scope.span)
                    yield Site(folder, (), "wsgi", (AppFact("django", module, class_.name, place, "wsgi"),))

    def _is_installed_to_run(self) -> bool:
        declared = self._entries.manifests.dependencies
        is_package = "setup.py" in self._types.symbols.paths or any(PurePosixPath(one.evidence.path).name in _PACKAGING for one in declared)
        return not is_package and any(one.name == "django" and not one.group for one in declared)

    def _has_views(self, folder: str) -> bool:
        modules = [module for module in self._code() if module.path.startswith(f"{folder}/")]
        classes = (class_ for module in modules for class_ in module.classes.values() if class_.declaration.bases)
        return any(isinstance(base, str) and base.startswith(_VIEWS) for class_ in classes for base in self._types.classes.order(class_))

    def _code(self) -> Iterator[Module]:
        return (module for module in self._types.symbols.modules if module.role is Role.CODE)

    def _urlconfs(self, settings: Module) -> Iterator[Module]:
        for name in ROOT_URLCONFS:
            for place in places_of_setting(self._types, settings, name):
                dotted = self._behind.text(place)
                module = self._behind.module(dotted, settings) if dotted != UNKNOWN_TEXT else None
                if module is not None and module.role is Role.CODE:
                    yield module
                if module is None and self._types.symbols.is_package(dotted.partition(".")[0]):
                    self._entries.problems.add(missing_urls(settings.path, 1, dotted))

    # --- applications ------------------------------------------------------------------------------------------------

    def _makers(self, module: Module) -> Iterator[_Maker]:
        names = frozenset(name.rpartition(".")[2] for name in _MAKERS)
        for function in module.functions.values():
            if not function.uses(names):
                continue
            frame = self._types.generic(function)
            for index in function.body.calls:
                call = function.body.call(index)
                callee = function.body.expressions[call.function]
                if facts.last_name(callee) not in names:
                    continue
                for value, _ in self._types.value(frame, call.function):
                    dotted = value.dotted if isinstance(value, LibraryName) else value.class_ if isinstance(value, ClassObject) else ""
                    if isinstance(dotted, str) and dotted in _MAKERS:
                        name = _bound_name(module, index) if function.scope.kind == "module" else ""
                        yield _Maker(module, dotted, name, location_of(frame, call.span), tuple(_named_settings(module)))

    def _belongs(self, maker: _Maker, folder: str, settings: list[Module]) -> bool:
        """Whether a maker is of the project in `folder`: it names one of its settings, or stands in the folder."""
        named = [self._behind.module(dotted, maker.module) for dotted in maker.settings]
        if any(module in settings for module in named):
            return True
        if any(module is not None and module.role is not Role.CODE for module in named):
            return False
        return folder == "." or maker.module.path.startswith(f"{folder}/")

    def _apps(self, makers: list[_Maker], folder: str) -> Iterator[AppFact]:
        for maker in makers:
            interface = _MAKERS[maker.dotted]
            if interface:
                yield AppFact("django", maker.module, maker.name or "application", maker.location, self._interface(makers, folder))
        if not any(_MAKERS[maker.dotted] for maker in makers):
            for maker in makers:
                yield AppFact("django", maker.module, "", maker.location, self._entries.told_interface(folder) or "wsgi")

    def _interface(self, makers: list[_Maker], folder: str) -> str:
        """What the settings tell; else asgi if an ASGI application is what a server is started with, or Channels makes one; else wsgi."""
        if told := self._entries.told_interface(folder):
            return told
        started = {start.app.partition(":")[0] for start in self._entries.manifests.starts if start.app}
        for maker in makers:
            served = any(self._behind.module(dotted, maker.module) is maker.module for dotted in started)
            if _MAKERS[maker.dotted] == "asgi" and (served or maker.dotted.startswith("channels.")):
                return "asgi"
        return "wsgi"

    def _folder(self, settings: Module) -> str:
        """The folder that holds `manage.py`, upwards from the settings; else the folder of the topmost package."""
        paths = self._types.symbols.paths
        folder = PurePosixPath(settings.path).parent
        top = folder
        while True:
            if str(folder / "manage.py") in paths:
                return str(folder)
            if str(folder / "__init__.py") in paths:
                top = folder
            if folder == folder.parent:
                return str(top)
            folder = folder.parent


def missing_urls(path: str, line: int, name: str) -> Problem:
    """That a urlconf of the workspace's own packages is not there."""
    return Problem(path, line, f"the urls of `{name}` are not listed: no analysed file is that module", "skipped")


def _bound_name(module: Module, call: int) -> str:
    """The name that a module gives the result of a call; what wraps the call stands for it."""
    body = module.body_function.body
    for name, bindings in module.facts.scopes[0].names.items():
        for index in bindings:
            binding = body.bindings[index]
            if isinstance(binding, facts.Assigned) and binding.value == call:
                return name
    return ""


def _named_settings(module: Module) -> Iterator[str]:
    """The settings modules that a module names when it sets the environment."""
    for function in module.functions.values():
        expressions = function.body.expressions
        for index in function.body.calls:
            call = expressions[index]
            if isinstance(call, facts.Call) and len(call.arguments) > 1:
                first, second = expressions[call.arguments[0]], expressions[call.arguments[1]]
                if isinstance(first, facts.Constant) and first.text == _SETTINGS and isinstance(second, facts.Constant):
                    yield second.text
