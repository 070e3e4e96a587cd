"""What starting a service imports: its own modules one after the other, and the libraries that they name outside of functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fwaudit.link.symbols import Module, Symbols, absolute_name
from fwaudit.model import facts
from fwaudit.model.finding import Location
from fwaudit.model.service import Load


def loaded_with(symbols: Symbols, paths: Iterable[str]) -> tuple[Load, ...]:
    """Every import of a library that runs when the files at `paths` are imported, by place."""
    modules = {module.path: module for module in symbols.modules}
    waiting = sorted(path for path in set(paths) if path in modules)
    seen = set(waiting)
    found: set[Load] = set()
    while waiting:
        module = modules[waiting.pop()]
        for one in _outside_functions(module):
            own = list(_own(symbols, module, one))
            if not own and not one.level:
                name = f"{one.module}.{one.name}".rstrip(".")
                found.add(Load(Location(module.path, *module.facts.span(one.span)), name))
            for other in own:
                if other.path not in seen:
                    seen.add(other.path)
                    waiting.append(other.path)
    return tuple(sorted(found))


def _outside_functions(module: Module) -> Iterator[facts.ImportStatement]:
    bound = {(one.module, one.name, one.level) for one in module.body_function.body.bindings if isinstance(one, facts.Imported)}
    for one in module.facts.imports:
        # `import a.b` binds `a`.
        spellings = {(one.module, one.name, one.level), *([] if one.name else [(one.module.partition(".")[0], "", one.level)])}
        if one.is_runtime and not bound.isdisjoint(spellings):
            yield one


def _own(symbols: Symbols, module: Module, one: facts.ImportStatement) -> Iterator[Module]:
    """The project's modules that the statement imports."""
    base = absolute_name(one.module, one.level, module)
    for name in (base, f"{base}.{one.name}" if one.name else "") if base is not None else ():
        found = symbols.find(name, module) if name else None
        if found is not None:
            yield found
