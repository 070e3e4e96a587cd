"""What a name stands for: locals and what is closed over, names of modules, imports, builtins."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from fwaudit.link.symbols import Module, absolute_name
from fwaudit.link.values import NOTHING, UNKNOWN_VALUES, ClassObject, Frame, LibraryName, ModuleObject, Values, join, surely
from fwaudit.model import facts

if TYPE_CHECKING:
    from fwaudit.link.inference.types import Types

_BUILTIN_NAMES = frozenset(dir(builtins))


class Lookup:
    """Names, in the order in which Python looks for them; those of modules are kept."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._memo: dict[tuple[str, str], Values] = {}

    def of_expression(self, frame: Frame, expression: facts.Name) -> Values:
        """What a name stands for where it is read."""
        bindings = expression.bindings
        if not bindings:
            return self.free(frame, expression.name)
        rebound = frame.function.module.nonlocal_stores
        if rebound and (frame.function.index, expression.name) in rebound:
            return self._closed_over(frame, expression.name, bindings)
        if len(bindings) == 1:
            return self._types.binding(frame, bindings[0])
        return join(self._types.binding(frame, binding) for binding in bindings)

    def _closed_over(self, frame: Frame, name: str, bindings: tuple[int, ...]) -> Values:
        """The bindings of a local name, and those that functions inside give it under `nonlocal`."""
        parts = [self._types.binding(frame, binding) for binding in bindings]
        for index, binding in frame.function.module.nonlocal_stores.get((frame.function.index, name), ()):
            inner = frame.function.module.functions[index]
            if inner.scope.parent == frame.function.index:
                parts.append(self._types.binding(self._types.frame(inner, (), frame), binding))
        return join(parts)

    def free(self, frame: Frame, name: str) -> Values:
        """What `name` stands for in code of `frame` that does not bind it before."""
        scope: Frame | None = frame
        while scope is not None:
            own = scope.function.scope
            if own.kind == "module":
                return self.in_module(scope.function.module, name)
            if own.kind != "class" or scope is frame:
                bindings = own.names.get(name)
                if bindings:
                    return self._closed_over(scope, name, bindings)
            scope = scope.closure
        return UNKNOWN_VALUES

    def in_module(self, module: Module, name: str) -> Values:
        """What `name` stands for in `module`, seen from its functions or from an importer; builtins included."""
        found = self._memo.get((module.path, name))
        if found is not None:
            return found
        return self._types.once(self._memo, (module.path, name), self._in_module, module, name)

    def _in_module(self, module: Module, name: str) -> Values:
        found = self.exported(module, name)
        if found is not None:
            return found
        builtin = f"builtins.{name}"
        if self._types.catalog.is_class(builtin):
            return surely(ClassObject(builtin))
        return surely(LibraryName(builtin)) if name in _BUILTIN_NAMES else UNKNOWN_VALUES

    def exported(self, module: Module, name: str) -> Values | None:
        """What `module.name` is; None if the module does not bind it."""
        scope = module.facts.scopes[0]
        bindings = scope.final.get(name) or scope.names.get(name) or ()
        if module.copy_of and bindings:
            return self.library(f"{module.copy_of}.{name}")
        frame = self._types.generic(module.body_function)
        parts = [self._types.binding(frame, binding) for binding in bindings]
        for index, binding in module.global_stores.get(name, ()):
            parts.append(self._types.binding(self._types.generic(module.functions[index]), binding))
        if parts:
            return self._types.fillings.of_global(join(parts), module, name)
        for source, level in reversed(module.facts.star_imports):
            found = self._through_star(module, source, level, name)
            if found is not None:
                return found
        return None

    def _through_star(self, module: Module, source: str, level: int, name: str) -> Values | None:
        dotted = absolute_name(source, level, module)
        if dotted is None:
            return None
        target = self._types.symbols.find(dotted, module)
        if target is None:
            whole = self._types.catalog.canonical(f"{dotted}.{name}")
            if self._types.catalog.is_class(whole) or self._types.catalog.callable(whole) is not None:
                return self.library(whole)
            return None
        if target is module:
            return None
        exported = target.facts.exported
        if name not in exported if exported is not None else name.startswith("_"):
            return None
        key = (target.path, f"*{name}")
        found = self._memo.get(key)
        if found is None:
            found = self._types.once(self._memo, key, lambda: self.exported(target, name) or NOTHING)
        return found or None

    def library(self, dotted: str) -> Values:
        """The library's class, function or module of that name."""
        canonical = self._types.catalog.canonical(dotted)
        return surely(ClassObject(canonical) if self._types.catalog.is_class(canonical) else LibraryName(canonical))

    def imported(self, frame: Frame, binding: facts.Imported) -> Values:
        """What an import gives a name."""
        module = frame.function.module
        dotted = absolute_name(binding.module, binding.level, module)
        if dotted is None:
            return UNKNOWN_VALUES
        if not binding.name:
            return self.imported_module(dotted, module)
        target = self._types.symbols.find(dotted, module)
        if target is not None:
            return self.module_attribute(target, binding.name, module)
        if not dotted:
            beside = self._types.symbols.find(binding.name, module)
            return surely(ModuleObject(beside, binding.name, module)) if beside is not None else UNKNOWN_VALUES
        if self._types.symbols.is_package(dotted):
            return self.imported_module(f"{dotted}.{binding.name}", module)
        return self.library(f"{dotted}.{binding.name}")

    def imported_from(self, frame: Frame, binding: facts.Imported) -> Module | None:
        """The project's module that a `from` import names."""
        module = frame.function.module
        dotted = absolute_name(binding.module, binding.level, module)
        return self._types.symbols.find(dotted, module) if dotted is not None else None

    def imported_module(self, dotted: str, importer: Module) -> Values:
        """The module `dotted`, of the project or of a library."""
        target = self._types.symbols.find(dotted, importer)
        if target is not None:
            return surely(ModuleObject(target, dotted, importer))
        if self._types.symbols.is_package(dotted) and not self._types.catalog.knows_module(dotted.partition(".")[0]):
            return surely(ModuleObject(None, dotted, importer))
        return self.library(dotted)

    def module_attribute(self, module: Module, name: str, importer: Module) -> Values:
        """`module.name`, where the name may also be a submodule."""
        submodule = self._types.symbols.find(module.submodule(name), importer) if module.is_package else None
        # `from . import images` in a package's own `__init__`: the name cannot be there before the submodule is.
        found = None if submodule is not None and importer is module else self.exported(module, name)
        if found is not None:
            return found
        return surely(ModuleObject(submodule, submodule.name, importer)) if submodule is not None else UNKNOWN_VALUES
