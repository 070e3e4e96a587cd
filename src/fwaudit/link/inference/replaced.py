"""Classes that put something else in the place of their own methods while they run: `setattr(self, name, wrap(getattr(self, name)))`."""

from __future__ import annotations

from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Class, Function
from fwaudit.model import facts

_SELF = 0


class Replaced:
    """Answers by class, worked out once."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._found: dict[Class, bool] = {}

    def is_wrapped_later(self, function: Function) -> bool:
        """Whether the class of a plain method, or a base, wraps its methods by names that only running tells: as a rule to offload them."""
        owner = function.owner
        if owner is None or function.scope.is_async:
            return False
        found = self._found.get(owner)
        if found is None:
            order = self._types.classes.order(owner)
            found = self._found[owner] = any(_wraps_its_own(method) for one in order if isinstance(one, Class) for method in _methods(one))
        return found


def _methods(class_: Class) -> list[Function]:
    return [one for one in class_.module.functions.values() if one.owner is class_ and "setattr" in one.scope.mentions]


def _wraps_its_own(method: Function) -> bool:
    """Whether the method reads an attribute of its instance by a name that is not written there, and sets the one of that name."""
    return not _named_of_self(method, "getattr").isdisjoint(_named_of_self(method, "setattr"))


def _named_of_self(method: Function, builtin: str) -> set[facts.Expression]:
    """The names, where they are variables, that calls of `getattr` or `setattr` give for attributes of the instance."""
    body = method.body
    found = set[facts.Expression]()
    for index in body.calls:
        call = body.call(index)
        callee = body.expressions[call.function]
        if isinstance(callee, facts.Name) and callee.name == builtin and not callee.bindings and len(call.arguments) >= 2:
            owner, name = (body.expressions[one] for one in call.arguments[:2])
            if isinstance(owner, facts.Name) and isinstance(name, facts.Name) and _is_parameter(body, owner, _SELF):
                found.add(name)
    return found


def _is_parameter(body: facts.Body, name: facts.Name, index: int) -> bool:
    return any(isinstance(one := body.bindings[binding], facts.Parameter) and one.index == index for binding in name.bindings)
