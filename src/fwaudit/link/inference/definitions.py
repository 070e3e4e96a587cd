"""Where a member is written: the function under its decorators, which a route is named by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.types import Types
from fwaudit.link.inference.written import Behind, Binding, Written
from fwaudit.link.symbols import Class, Function
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


def definition_of(types: Types, frame: Frame, index: int) -> Function | None:
    """The one `def` that a name or an attribute stands for, whatever its decorators make of it; None for anything else."""
    expression = frame.function.body.expressions[index]
    if isinstance(expression, facts.Attribute):
        found = {_written(types, owner, expression.name) for owner, _ in types.value(frame, expression.value)}
        return found.pop() if len(found) == 1 else None
    return _only_definition(Behind(types).bindings(Written(frame, index)))


def _written(types: Types, owner: Value, name: str) -> Function | None:
    """The one `def` that the name stands for in the first class of the owner's order that has it, or in the owning module."""
    if isinstance(owner, ModuleObject) and owner.module is not None:
        return _only_definition(Behind(types).in_module(owner.module, name))
    if not isinstance(owner, Object | ClassObject) or not isinstance(owner.class_, Class):
        return None
    for base in types.classes.order(owner.class_):
        if isinstance(base, Class) and name in base.members:
            return _only_definition(Behind(types).in_class(base, name))
    return None


def _only_definition(bindings: Iterable[Binding]) -> Function | None:
    found = list(bindings)
    definition = found[0].definition if len(found) == 1 else None
    return definition if isinstance(definition, Function) else None
