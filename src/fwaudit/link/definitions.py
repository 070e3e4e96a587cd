"""Where a member is written: the function under its decorators, which a route is named by."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.link.arguments import Arguments
from fwaudit.link.symbols import Class, Function
from fwaudit.link.types import Types
from fwaudit.link.values import ClassObject, Frame, FunctionObject, ModuleObject, Object, Value
from fwaudit.model import facts


def handlers_named(types: Types, owner: Value, name: str) -> Iterator[Frame]:
    """The frames of the functions that `owner.name` can be; of a decorated one itself, unless the decorator changes its kind."""
    written = _written(types, owner, name)
    seen: set[Function] = set()
    members = types.attributes.of(owner, name)
    if written is not None and not any(isinstance(member, FunctionObject) for member, _ in members):
        yield types.generic(written)
    for member, _ in members:
        if isinstance(member, FunctionObject):
            same_kind = written is not None and written.scope.is_async == member.function.scope.is_async
            function = written if written is not None and same_kind else member.function
            if function not in seen:
                seen.add(function)
                yield types.generic(function) if function is written else types.binder.bind(member, Arguments.nothing())


def _written(types: Types, owner: Value, name: str) -> Function | None:
    """The one `def` that the name stands for in the first class of the owner's order that has it, or in the owning module."""
    if isinstance(owner, ModuleObject) and owner.module is not None:
        return _only_definition(owner.module.body_function, owner.module.facts.scopes[0].final.get(name, ()))
    if not isinstance(owner, Object | ClassObject) or not isinstance(owner.class_, Class):
        return None
    for base in types.attributes.order(owner.class_):
        if isinstance(base, Class) and name in base.members:
            return _only_definition(types.attributes.frame_of_class(base).function, base.members[name])
    return None


def _only_definition(scope: Function, bindings: tuple[int, ...]) -> Function | None:
    if len(bindings) != 1:
        return None
    binding = scope.body.bindings[bindings[0]]
    return scope.module.functions[binding.scope] if isinstance(binding, facts.DefinedFunction) else None
