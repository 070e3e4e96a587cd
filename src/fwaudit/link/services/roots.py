"""Which folders are deployed: where one service ends and the next begins, and which code is never one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import PurePosixPath

from fwaudit.link.entry_points.versions import folders_above, speaks_for
from fwaudit.link.module_names import SOURCE_FOLDERS
from fwaudit.link.symbols import Module, Symbols, absolute_name
from fwaudit.model import facts
from fwaudit.model.source import Role, Workspace

_HELPING = re.compile(
    r"(?:.*[-_.])?(?:benchmarks?|docs?|docs_src|documentation|e2e|fixtures|itests?|notebooks|scripts?|stubs|testing|tests?)|.*\{.*",
    re.DOTALL,
)
"""Folders of code that checks, documents or helps; a brace is the name of a template's folder."""
_SHOWING = re.compile(r"(?:.*[-_.])?(?:demos?|examples?|samples?|snippets|tutorials?)", re.DOTALL)
"""Folders of code that shows how something is used; where a project has nothing else, they are what it is."""
_HOSTED = re.compile(r"((?:^|/)(?:applications|apps)/)[^/]+/")
"""An app's folder below the one that holds all apps of an installation."""
_DECLARING = ("lock", "pipfile", "pyproject", "requirements", "setup.cfg", "setup.py")
"""Kinds of manifests of Python projects."""
_DEPLOYABLE = ("dockerfile", "procfile", *_DECLARING)
"""Kinds of manifests that say: what lies here is installed or started by itself."""
_SETTINGS = re.compile(r"(?:\w+\.)+settings(?:\.\w+)*")
_PACKAGING = ("setuptools", "distutils", "skbuild")
_BESIDE_CODE = ("fabfile.py", "manage.py", "noxfile.py", "setup.py", "tasks.py")
"""Scripts that lie beside a project's code and are none of it."""


class Roots:
    """The folders that manifests mark, the top packages, and what imports what."""

    def __init__(self, symbols: Symbols, workspace: Workspace) -> None:
        self._symbols = symbols
        self._modules = {module.path: module for module in symbols.modules}
        self._shows_only = self._has_only_shown(workspace)
        self._used = self._used_folders()
        self._projects = frozenset(self._projects_of_django())
        marked = {speaks_for(_folder(one.path)) for one in workspace.manifests if one.kind in _DEPLOYABLE and self._is_packaging(one.path)}
        marked |= {_folder(one.path) for one in workspace.sources if _name(one.path) == "setup.py" and self._is_packaging(one.path)}
        self._marked = frozenset(folder for folder in marked if self.is_deployed(f"{folder}/x.py"))
        self._imports: dict[str, tuple[Module, ...]] = {}

    def _has_only_shown(self, workspace: Workspace) -> bool:
        """Whether a Python project, told by a manifest elsewhere, has all of its code in folders that show something."""
        code = [path for path, module in self._modules.items() if module.role is Role.CODE and _name(path) not in _BESIDE_CODE]
        is_project = any(one.kind in _DECLARING and not _is_shown(one.path) for one in workspace.manifests) or any(
            _name(path) == "manage.py" and not _is_shown(path) for path in self._modules
        )
        return is_project and all(_is_shown(path) or _is_helping(path) for path in code)

    def _projects_of_django(self) -> Iterator[str]:
        """The folders with the settings that a manage.py names, whatever they are called; beside a setup.py a library has its examples."""
        for path, module in self._modules.items():
            if _name(path) == "manage.py" and not _is_shown(path) and f"{_folder(path)}/setup.py".removeprefix("./") not in self._modules:
                for name in _settings_named(module):
                    yield from (f"{_folder(path)}/{inside}{name}".removeprefix("./") for inside in ("", "src/"))

    def _is_packaging(self, path: str) -> bool:
        """Whether a file called setup.py is a script that installs, and no module of that name; true of all other files."""
        module = self._modules.get(path)
        if module is None or _name(path) != "setup.py":
            return True
        installs = any(one.module.partition(".")[0] in _PACKAGING or one.name == "setup" for one in module.facts.imports)
        return installs or len(module.functions) == 1

    def is_deployed(self, path: str) -> bool:
        """Whether no folder around `path` is one of examples, documentation, tests and the like."""
        used = next((path.removeprefix(folder) for folder in self._used if path.startswith(folder)), path)
        inside = next((path.removeprefix(f"{folder}/") for folder in folders_above(path) if folder in self._projects), used)
        return not _is_helping(path) and (self._shows_only or not _is_shown(inside))

    def _used_folders(self) -> tuple[str, ...]:
        """The folders that are called like those that show something, and that code elsewhere imports: `shop_example` by `lambda.py`."""
        shown = {folder: f"{folder}/" for path in self._modules if _is_shown(path) for folder in _shown_folders(path)[:1]}
        names = {_name(folder) for folder in shown}
        found: set[str] = set()
        for path, module in self._modules.items() if shown else ():
            is_code = module.role is Role.CODE and _name(path) not in _BESIDE_CODE and not _is_shown(path) and not _is_helping(path)
            if is_code and any(not names.isdisjoint(one.module.split(".")) for one in module.facts.imports):
                found.update(folder for target in _imported(self._symbols, module) for folder in _shown_folders(target.path)[:1])
        return tuple(sorted(shown[folder] for folder in found))

    def is_code(self, module: Module) -> bool:
        """Whether the module may be part of what is deployed."""
        return module.role in (Role.CODE, Role.GENERATED) and self.is_deployed(module.path)

    def is_hosted(self, module: Module) -> bool:
        """The same for a module of an app that a framework hosts by its folder, whatever that folder is called."""
        return module.role is Role.CODE and self.is_deployed(_HOSTED.sub(r"\1", module.path))

    def deployable(self, path: str) -> str:
        """The nearest folder around `path` with a manifest of its own; "." for the workspace root, also without one."""
        return next((folder for folder in folders_above(path) if folder in self._marked), ".")

    def of(self, path: str) -> str:
        """The folder of the service that a file would belong to: its deployable root; below the workspace root its topmost package."""
        root = self.deployable(path)
        return root if root != "." else self._top_package(path)

    def of_settings(self, module: Module) -> str | None:
        """The package with the settings that a module names for Django, where that is another one beside its own."""
        own = self._top_package(module.path)
        folder = own.rpartition("/")[0]
        for name in _settings_named(module) if own != "." and self.deployable(module.path) == "." else ():
            package = f"{folder}/{name}".removeprefix("/")
            if package != own and any(path.startswith(f"{package}/settings") for path in self._modules):
                return package
        return None

    def _top_package(self, path: str) -> str:
        paths = self._symbols.paths
        folder = PurePosixPath(path).parent
        while str(folder) != "." and f"{folder.parent}/__init__.py".removeprefix("./") in paths:
            folder = folder.parent
        folder = self._around_gaps(folder)
        if folder.name in SOURCE_FOLDERS:
            folder = folder.parent
        return str(folder)

    def _around_gaps(self, package: PurePosixPath) -> PurePosixPath:
        """The outermost package from which code imports this one by its dotted name, through folders that have no `__init__`."""
        around = [folder for folder in package.parents if f"{folder}/__init__.py" in self._symbols.paths]
        for folder in reversed(around):
            dotted = ".".join(package.parts[len(folder.parts) - 1 :])
            if any(name == dotted or name.startswith(f"{dotted}.") for name in self._imported_by_name):
                return folder
        return package

    @cached_property
    def _imported_by_name(self) -> frozenset[str]:
        code = (module for module in self._symbols.modules if module.role is Role.CODE)
        return frozenset(one.module for module in code for one in module.facts.imports if not one.level)

    def module_at(self, dotted: str, folder: str) -> Module | None:
        """The module that a command which runs in `folder` means by a name."""
        tail = dotted.replace(".", "/")
        found = [module for module in self._symbols.modules if _stem(module.path) == tail or _stem(module.path).endswith(f"/{tail}")]
        inside = [module for module in found if folder == "." or module.path.startswith(f"{folder}/")]
        return min(inside or found, key=lambda module: (len(module.path), module.path), default=None)

    def file_at(self, written: str, folder: str) -> str:
        """The file that a command names by a path, which may begin with folders of the machine that it runs on; "" if there is none."""
        parts = PurePosixPath(written.lstrip("/")).parts
        tails = ["/".join(parts[place:]) for place in range(len(parts) if written.startswith("/") else 1)]
        near = [f"{folder}/{tail}".removeprefix("./") for tail in tails]
        above = [tail for tail in tails if "/" in tail]  # a `main.py` alone may lie anywhere
        return next((path for path in (*near, *above) if path in self._modules), "")

    def is_alone(self, path: str) -> bool:
        """Whether no other code lies in the file's folder."""
        folder = f"{_folder(path)}/"
        return not any(other != path and other.startswith(folder) for other in self._modules)

    def imported_by(self, paths: Iterable[str]) -> frozenset[str]:
        """The files that the files at `paths` import, directly or not, and those files themselves."""
        seen = set(paths)
        waiting = sorted(seen)
        while waiting:
            for module in self._imports_of(waiting.pop()):
                if module.path not in seen:
                    seen.add(module.path)
                    waiting.append(module.path)
        return frozenset(seen)

    def named_in(self, path: str) -> frozenset[str]:
        """The files that a file imports itself."""
        return frozenset(module.path for module in self._imports_of(path))

    def _imports_of(self, path: str) -> tuple[Module, ...]:
        if path not in self._imports:
            module = self._modules[path]
            self._imports[path] = tuple(dict.fromkeys(_imported(self._symbols, module)))
        return self._imports[path]


def _settings_named(module: Module) -> Iterator[str]:
    """The packages of the settings that the texts of a module name: `shop` of "shop.settings.production"."""
    for function in module.functions.values():
        for one in function.body.expressions:
            texts = one.texts[:1] if isinstance(one, facts.Formatted) else (one.text,) if isinstance(one, facts.Constant) else ()
            yield from (text.partition(".")[0] for text in texts if _SETTINGS.fullmatch(text.rstrip(".")))


def _imported(symbols: Symbols, module: Module) -> Iterator[Module]:
    for one in module.facts.imports:
        base = absolute_name(one.module, one.level, module) if one.is_runtime else None
        if base is None:
            continue
        for name in (base, f"{base}.{one.name}" if base else one.name) if one.name else (base,):
            found = symbols.find(name, module)
            if found is not None and found is not module:
                yield found
    for base, level in module.facts.star_imports:
        package = absolute_name(base, level, module)
        found = symbols.find(package, module) if package is not None else None
        if found is not None:
            yield found


def hosting_folder(path: str) -> str:
    """The folder that holds the app of that file beside others; "" where there is none."""
    found = _HOSTED.search(path)
    return path[: found.end(1)] if found else ""


@cache
def _is_helping(path: str) -> bool:
    return any(_HELPING.fullmatch(folder.lower()) for folder in path.split("/")[:-1])


@cache
def _is_shown(path: str) -> bool:
    return any(_SHOWING.fullmatch(folder.lower()) for folder in path.split("/")[:-1])


def _shown_folders(path: str) -> list[str]:
    """The folders around a file that are called like those that show something, the outermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: place + 1]) for place, part in enumerate(parts) if _SHOWING.fullmatch(part.lower())]


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def deepest(path: str, roots: Iterable[str]) -> str | None:
    """The deepest of `roots` that holds `path`."""
    known = frozenset(roots)
    return next((folder for folder in folders_above(path) if folder in known), None)


def common_folder(one: str, other: str) -> str:
    """The deepest folder that holds both."""
    shared = []
    for left, right in zip(one.split("/"), other.split("/"), strict=False):
        if left != right:
            break
        shared.append(left)
    return "/".join(shared) or "."


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "."


def _stem(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__")
