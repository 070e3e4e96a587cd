"""What of a library is public, and the shortest names under which it can be imported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fwaudit.model import facts
from fwaudit.model.code import Code
from fwaudit.model.facts import ModuleFacts

_MOST_STEPS = 10
"""Imports from one module to the next until the definition."""
_CALLABLES = ("callable", "callback", "fn", "func", "function", "target")
"""Names of parameters that take something to call."""


@dataclass(frozen=True, slots=True, order=True)
class Public:
    """A public function, method or class (as what calling it does)."""

    name: str
    """As documentation would say it: `redis.Redis.get`."""
    defined: str
    """The dotted name of the class that is used, or of the function: `redis.client.Redis`."""
    method: str
    """The name of the method, "" for a function or class itself."""
    body: str
    """The dotted name of the code that runs: of a method that a base class has, there."""
    is_async: bool
    path: str
    line: int
    callables: tuple[int, ...] = ()
    """The positions, without the receiver, of parameters that take something to call."""


def public_names(code: Code, modules: Mapping[str, ModuleFacts]) -> tuple[Public, ...]:
    """All public functions, classes and methods, sorted; `modules` are the facts by dotted name."""
    names = _shortest_names(modules, {one.name for one in code.classes} | {one.name for one in code.functions if not one.owner})
    methods = {(body.owner, body.name.rpartition(".")[2]): body for body in code.functions if body.owner}
    found: dict[str, Public] = {}
    for body in code.functions:
        if not body.owner and body.name in names and not _is_async_generator(body.scope):
            name = names[body.name]
            found[name] = Public(
                name, body.name, "", body.name, body.scope.is_async, body.place.path, body.place.line, _callables(body.scope, 0)
            )
    for one in code.classes:
        if one.name not in names:
            continue
        for owner in reversed((one.name, *one.bases)):
            for (class_, method), body in methods.items():
                if class_ == owner and (not method.startswith("_") or method == "__init__") and not _is_async_generator(body.scope):
                    name = names[one.name] if method == "__init__" else f"{names[one.name]}.{method}"
                    bound = "" if method == "__init__" else method
                    callables = _callables(body.scope, 1)
                    found[name] = Public(name, one.name, bound, body.name, body.scope.is_async, body.place.path, body.place.line, callables)
    return tuple(sorted(found.values()))


def _is_async_generator(scope: facts.Scope) -> bool:
    """Calling it does nothing, and nobody awaits it."""
    return scope.is_async and scope.is_generator


def _callables(scope: facts.Scope, first: int) -> tuple[int, ...]:
    positional = [one for one in scope.parameters if one.kind in ("plain", "positional-only")][first:]
    return tuple(place for place, one in enumerate(positional) if one.name in _CALLABLES)


def _shortest_names(modules: Mapping[str, ModuleFacts], defined: Iterable[str]) -> dict[str, str]:
    """Defined name to the shortest public one."""
    known = frozenset(defined)
    found: dict[str, str] = {}
    packages = _packages(modules)
    imported = list(_imported(modules, packages))
    targets = {f"{module}.{bound}": target for module, bound, target in imported}
    of_packages = [(f"{module}.{bound}", target) for module, bound, target in imported if module in packages]
    for spelling, start in (*((name, name) for name in sorted(known)), *of_packages):
        end = _followed(start, targets, known)
        if end in known and not any(part.startswith("_") for part in spelling.split(".")):
            best = found.get(end)
            if best is None or (spelling.count("."), len(spelling), spelling) < (best.count("."), len(best), best):
                found[end] = spelling
    return found


def _followed(name: str, targets: Mapping[str, str], known: frozenset[str]) -> str:
    """From import to import, as far as what is defined."""
    for _ in range(_MOST_STEPS):
        if name in known or name not in targets:
            break
        name = targets[name]
    return name


def _imported(modules: Mapping[str, ModuleFacts], packages: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """(module, name, what it is imported from) of each name that a module binds by an import."""
    for module, one in modules.items():
        scope = one.scopes[0]
        body = facts.read_body(scope)
        package = module if module in packages else module.rpartition(".")[0]
        for name, bindings in scope.final.items():
            binding = body.bindings[bindings[-1]] if bindings else None
            if isinstance(binding, facts.Imported) and binding.name:
                yield module, name, f"{_absolute(binding.module, binding.level, package)}.{binding.name}"
        for written, level in one.star_imports:
            source = _absolute(written, level, package)
            if source in modules:
                yield from ((module, name, f"{source}.{name}") for name in _exported(modules[source]))


def _absolute(module: str, level: int, package: str) -> str:
    """The module that an import in `package` names with `level` leading dots."""
    if not level:
        return module
    parts = package.split(".")
    return ".".join((*parts[: len(parts) - (level - 1)], *((module,) if module else ())))


def _exported(module: ModuleFacts) -> Iterable[str]:
    """What `from module import *` binds."""
    return module.exported if module.exported is not None else (name for name in module.scopes[0].final if not name.startswith("_"))


def _packages(modules: Iterable[str]) -> frozenset[str]:
    """The modules that others lie below."""
    return frozenset(".".join(parts[:end]) for parts in (name.split(".") for name in modules) for end in range(1, len(parts)))
