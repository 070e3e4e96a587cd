"""The project's own names: its modules, functions and classes, and what an import leads to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import TYPE_CHECKING

from fwaudit.link.module_names import (
    ROOT_PACKAGE,
    SOURCE_FOLDERS,
    folder_of,
    module_name,
    package_file,
    shared_folders,
    source_root,
    spellings,
)
from fwaudit.model.facts import NOWHERE, Assigned, Body, Call, ClassDeclaration, Imported, ModuleFacts, Scope, last_name, read_body
from fwaudit.model.source import Role

if TYPE_CHECKING:
    from fwaudit.link.values import Frame


class Function:
    """A scope that can run: a function, lambda, generator expression, class body or module. Identity is equality."""

    __slots__ = ("frames", "generic", "index", "module", "name", "owner", "qualified_name", "read", "scope")

    def __init__(self, module: Module, index: int) -> None:
        self.module = module
        self.index = index
        self.scope: Scope = module.facts.scopes[index]
        self.name = self.scope.name
        self.qualified_name = f"{module.name}.{self.scope.qualified_name}" if self.scope.qualified_name else module.name
        self.owner: Class | None = None
        self.frames = 0
        self.generic: Frame | None = None
        """Its frame that knows nothing but declarations, once the type stage has made it."""
        self.read: Body | None = None
        """The body, once it was decoded."""

    @property
    def body(self) -> Body:
        """What runs in the scope, decoded on first use: link looks into about half of all bodies."""
        if self.read is None:
            self.read = read_body(self.scope)
        return self.read

    @property
    def is_coroutine(self) -> bool:
        """Calling it gives a coroutine: an `async def` without `yield`."""
        return self.scope.is_async and not self.scope.is_generator

    @property
    def is_fixture(self) -> bool:
        """Whether it is a fixture for tests, or within one: so its decorator is called. Plugins keep such outside of tests."""
        function: Function | None = self
        while function is not None and function.scope.kind != "module":
            parent = function.module.functions[function.scope.parent]
            if any(_decorates_with(parent.body, index) == "fixture" for index in function.scope.decorators):
                return True
            function = parent
        return False

    def uses(self, names: frozenset[str]) -> bool:
        """Whether the body reads or binds one of `names`: a cheap bound on what it can call."""
        return not (names.isdisjoint(self.scope.mentions) and names.isdisjoint(self.scope.names))

    @property
    def sort_key(self) -> tuple[str, int]:
        """Module path, then position of the scope in the file."""
        return (self.module.path, self.index)

    def __repr__(self) -> str:
        return f"<{self.qualified_name}>"


def _decorates_with(body: Body, index: int) -> str:
    """The last name of a decorator, also of one that is called."""
    expression = body.expressions[index]
    if isinstance(expression, Call):
        expression = body.expressions[expression.function]
    return last_name(expression)


def _name_bound(body: Body, index: int) -> str:
    binding = body.bindings[index]
    if isinstance(binding, Imported):
        return binding.name
    return last_name(body.expressions[binding.value]) if isinstance(binding, Assigned) and binding.value != NOWHERE else ""


class Class:
    """A class of the project. Identity is equality; its bases and members are worked out by the type stage."""

    __slots__ = ("declaration", "index", "members", "module", "mro", "name", "qualified_name", "stores")

    def __init__(self, module: Module, index: int) -> None:
        self.module = module
        self.index = index
        self.declaration: ClassDeclaration = module.facts.classes[index]
        self.name = self.declaration.name
        self.qualified_name = f"{module.name}.{self.declaration.qualified_name}"
        self.mro: tuple[Class | str, ...] | None = None
        self.members: dict[str, tuple[int, ...]] = self.scope.final
        self.stores: dict[str, tuple[tuple[int, int], ...]] = {}
        """Attribute to (method scope, index in its stores) of each `self.attribute = ...`."""

    @property
    def scope(self) -> Scope:
        """The class body."""
        return self.module.facts.scopes[self.declaration.scope]

    @property
    def subclasses_register(self) -> bool:
        """Whether the class is told of its subclasses, which may then be made without being named."""
        return "__init_subclass__" in self.members or bool(self.declaration.keywords)

    @property
    def sort_key(self) -> tuple[str, int]:
        """Module path, then position of the class in the file."""
        return (self.module.path, self.index)

    def __repr__(self) -> str:
        return f"<class {self.qualified_name}>"


class Module:
    """One source file of the project under its dotted name."""

    def __init__(self, path: str, place: str, name: str, facts: ModuleFacts, role: Role) -> None:
        self.path = path
        self.place = place
        """The path with the folders of the packages that the workspace root is in."""
        self.name = name
        self.facts = facts
        self.role = role
        self.is_package = path.rpartition("/")[2] == "__init__.py"
        self.copy_of = ""
        """The library that the file is a copy of: its names are the library's."""
        self.functions: dict[int, Function] = {}
        self.classes: dict[int, Class] = {}
        self._names_read: dict[int, frozenset[str]] = {}
        self._index()

    def _index(self) -> None:
        self.functions = {index: Function(self, index) for index in range(len(self.facts.scopes))}
        for index, declaration in enumerate(self.facts.classes):
            class_ = self.classes[index] = Class(self, index)
            stores: dict[str, list[tuple[int, int]]] = defaultdict(list)
            for child in self._children.get(declaration.scope, ()):
                function = self.functions[child]
                if function.scope.kind == "function":
                    function.owner = class_
                    for attribute, store in function.scope.own_stores:
                        stores[attribute].append((child, store))
            class_.stores = {name: tuple(places) for name, places in stores.items()}

    @cached_property
    def _children(self) -> Mapping[int, list[int]]:
        children: dict[int, list[int]] = defaultdict(list)
        for index, scope in enumerate(self.facts.scopes):
            children[scope.parent].append(index)
        return children

    def names_read(self, index: int) -> frozenset[str]:
        """The attributes and free names that the scope reads, itself or in a scope inside it, and the outer names that it binds."""
        found = self._names_read.get(index)
        if found is None:
            scope = self.facts.scopes[index]
            own = frozenset((*scope.mentions, *(name for name, _ in scope.outer_stores)))
            found = self._names_read[index] = own.union(*(self.names_read(child) for child in self._children.get(index, ())))
        return found

    @cached_property
    def global_stores(self) -> Mapping[str, tuple[tuple[int, int], ...]]:
        """Module name to (scope, binding) of each assignment under a `global` statement."""
        stores: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for index, scope in enumerate(self.facts.scopes):
            for name, binding in scope.outer_stores:
                stores[name].append((index, binding))
        return {name: tuple(places) for name, places in stores.items()}

    @cached_property
    def nonlocal_stores(self) -> Mapping[tuple[int, str], tuple[tuple[int, int], ...]]:
        """(scope, name) to (inner scope, binding) of each assignment under a `nonlocal` statement."""
        stores: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
        for index, scope in enumerate(self.facts.scopes):
            for name, binding in scope.outer_stores:
                outer = scope.parent
                while outer > 0 and name not in self.facts.scopes[outer].names:
                    outer = self.facts.scopes[outer].parent
                if outer > 0:
                    stores[outer, name].append((index, binding))
        return {place: tuple(places) for place, places in stores.items()}

    @property
    def body_function(self) -> Function:
        """The module's own scope."""
        return self.functions[0]

    @cached_property
    def other_names(self) -> Mapping[str, str]:
        """Names at the top that an import or an assignment gives what has another last name: `from time import sleep as nap`."""
        body = self.body_function.body
        names = ((alias, _name_bound(body, index)) for alias, indices in self.facts.scopes[0].names.items() for index in indices)
        return {alias: name for alias, name in names if name and name != alias}

    @property
    def package(self) -> str:
        """The package that relative imports start from; "" at the top."""
        if self.name == ROOT_PACKAGE:
            return ""
        return self.name if self.is_package else self.name.rpartition(".")[0]

    def submodule(self, name: str) -> str:
        """The dotted name of a module directly below this package."""
        return f"{self.package}.{name}" if self.package else name

    def __repr__(self) -> str:
        return f"<module {self.name}>"


class Symbols:
    """All modules of the workspace, found by dotted name as Python would find them from a given file."""

    def __init__(
        self,
        files: Iterable[tuple[str, ModuleFacts, Role]],
        is_library: Callable[[str], bool],
        package: str = "",
        dependencies: AbstractSet[str] = frozenset(),
    ) -> None:
        self._is_library = is_library
        rows = sorted(files, key=lambda row: row[0])
        paths = {path for path, _, _ in rows}
        self.paths = frozenset(paths)
        outer = package.split(".") if package else []
        above = "".join(f"{part}/" for part in outer)
        places = {above + path for path in paths} | {"/".join([*outer[: end + 1], "__init__.py"]) for end in range(len(outer))}
        used = _imported(facts for _, facts, role in rows if role is not Role.TEST)
        imported = used | _imported(facts for _, facts, role in rows if role is Role.TEST)
        self.modules: tuple[Module, ...] = tuple(
            Module(path, above + path, module_name(above + path, places, imported, is_library), facts, role) for path, facts, role in rows
        )
        self._packaged = frozenset(place for place in places if package_file(folder_of(place)) in places)
        self._by_name: dict[str, list[Module]] = defaultdict(list)
        for module in self.modules:
            names = spellings(module.place, module.name, module.place in self._packaged)
            top, _, below = module.name.partition(".")
            inner = below.partition(".")[0]
            if below and top not in used and inner in imported and (top not in imported or inner not in dependencies):
                names.add(below)  # nobody, or tests alone, import the outermost package: what lies in it runs from there
            for name in sorted(names):
                self._by_name[name].append(module)
        self._packages = self._all_packages()
        self._found: dict[tuple[str, str], Module | None] = {}

    def _all_packages(self) -> frozenset[str]:
        """Every dotted prefix of a module's name: namespace packages have no file of their own."""
        prefixes: set[str] = set()
        for name in self._by_name:
            parts = name.split(".")
            prefixes.update(".".join(parts[:end]) for end in range(1, len(parts)))
        return frozenset(prefixes)

    def find(self, dotted: str, importer: Module) -> Module | None:
        """The project's module of that name; of several, the one that shares most folders with the importer.

        A name that a known library has too is the project's only for files below the folder that it is imported from:
        a `scripts/requests.py` does not shadow `requests` elsewhere.
        """
        candidates = self._by_name.get(dotted)
        if candidates is None:
            return None
        key = (dotted, importer.path)
        if key not in self._found:
            is_library = self._is_library(dotted.partition(".")[0])
            candidates = [module for module in candidates if self._can_import(importer, module, dotted, is_library)]
            self._found[key] = min(
                candidates, key=lambda module: (-shared_folders(module.path, importer.path), len(module.path), module.path), default=None
            )
        return self._found[key]

    def _can_import(self, importer: Module, module: Module, dotted: str, is_library: bool) -> bool:
        """Whether the folder from which `dotted` is imported may be on the importer's path."""
        root = source_root(module.place, dotted)
        if is_library:
            return dotted == module.name and importer.place.startswith(root)
        if module.place in self._packaged and dotted.count(".") < module.name.count("."):
            return importer.place.startswith(root)
        return importer.place.startswith(root) or module.place in self._packaged or root.rstrip("/").rpartition("/")[2] in SOURCE_FOLDERS

    def users(self, names: Iterable[str]) -> Iterator[Function]:
        """The functions whose bodies read or bind one of `names`, in the order of files and positions."""
        functions, by_name = self._by_mention
        places = [by_name[name] for name in set(names) if name in by_name]
        return (functions[place] for place in (places[0] if len(places) == 1 else sorted({one for each in places for one in each})))

    def is_never_named(self, function: Function) -> bool:
        """Whether nothing names a module's function, tests and imports included: where code runs that it leads to, others tell."""
        module = function.module.body_function
        if function.owner is not None or function.scope.decorators or function.scope.parent != 0 or "__all__" in module.scope.names:
            return False
        return all(one is module and function.name not in one.scope.mentions for one in self.users((function.name,)))

    def spellings_of(self, names: Iterable[str]) -> frozenset[str]:
        """`names`, and what any module calls what has one of these names."""
        wanted = frozenset(names)
        return wanted.union(*(self._aliases[name] for name in wanted if name in self._aliases))

    @cached_property
    def _aliases(self) -> Mapping[str, set[str]]:
        aliases: dict[str, set[str]] = defaultdict(set)
        for module in self.modules:
            for alias, name in module.other_names.items():
                aliases[name].add(alias)
        return dict(aliases)

    @cached_property
    def _by_mention(self) -> tuple[list[Function], dict[str, list[int]]]:
        """All functions, and for each name the places in that list: asking each function took 3 s of link on homeassistant."""
        functions = [function for module in self.modules for function in module.functions.values()]
        by_name: dict[str, list[int]] = defaultdict(list)
        for place, function in enumerate(functions):
            for name in {*function.scope.mentions, *function.scope.names}:
                by_name[name].append(place)
        return functions, by_name

    def storing(self, attribute: str) -> tuple[Function, ...]:
        """The functions that assign to that attribute of anything but their own receiver."""
        return self._storing.get(attribute, ())

    @cached_property
    def _storing(self) -> Mapping[str, tuple[Function, ...]]:
        storing: dict[str, list[Function]] = defaultdict(list)
        for module in self.modules:
            for function in module.functions.values():
                for attribute in function.scope.foreign_stores:
                    storing[attribute].append(function)
        return {attribute: tuple(functions) for attribute, functions in storing.items()}

    def is_used(self, class_: Class) -> bool:
        """Whether anything mentions the class besides its definition and its subclasses' bases: else none makes one, or only tests do."""
        if class_.declaration.decorators or class_.subclasses_register:
            return True
        return class_.name in self._names_used[class_.module.role is Role.TEST]

    @cached_property
    def _names_used(self) -> Mapping[bool, frozenset[str]]:
        """Every name that some body reads, but in lists of base classes: outside tests (False), and anywhere (True)."""
        used: dict[bool, set[str]] = {False: set(), True: set()}
        for module in self.modules:
            names = used[module.role is Role.TEST]
            for function in module.functions.values():
                names.update(function.scope.mentions)
            names.update(one.name for one in module.facts.imports if one.name and not module.is_package)
        return {False: frozenset(used[False]), True: frozenset(used[False] | used[True])}

    def is_named_on_import(self, name: str) -> bool:
        """Whether code that runs on import names the function, or names a function that names it."""
        return name in self._named_on_import

    @cached_property
    def _named_on_import(self) -> frozenset[str]:
        direct: set[str] = set()
        by_name: dict[str, set[str]] = defaultdict(set)
        for module in self.modules:
            for function in module.functions.values():
                if function.scope.kind in ("module", "class"):
                    direct.update(function.scope.mentions)
                elif function.scope.kind == "function":
                    by_name[function.name].update(function.scope.mentions)
        return frozenset(direct.union(*(by_name[name] for name in direct if name in by_name)))

    def is_package(self, dotted: str) -> bool:
        """Some module's name starts with `dotted` and a dot."""
        return dotted in self._packages


def absolute_name(module: str, level: int, importer: Module) -> str | None:
    """`module` with `level` leading dots, as an absolute name; None if there are more dots than packages."""
    if level == 0:
        return module
    package = importer.package.split(".") if importer.package else []
    if level - 1 > len(package):
        return None
    kept = package[: len(package) - (level - 1)]
    return ".".join([*kept, module] if module else kept)


def _imported(files: Iterable[ModuleFacts]) -> frozenset[str]:
    """The top-level names that the files import."""
    return frozenset(one.module.partition(".")[0] for facts in files for one in facts.imports if one.level == 0)
