"""What an expression of a body is made of."""

from __future__ import annotations

from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE


def operands(expression: facts.Expression) -> tuple[int, ...]:
    """The indices of the expressions that an expression is made of; parts that nothing is kept of, and the keys of what is spread
    into a dict, are left out.
    """
    return tuple([index for index in _parts(expression) if index != NOWHERE])


def _parts(expression: facts.Expression) -> tuple[int, ...]:
    match expression:
        case facts.Attribute(value=value) | facts.Await(value=value) | facts.Starred(value=value) | facts.Yield(value=value):
            return (value,)
        case facts.Call(function=function, arguments=arguments, keywords=keywords):
            return (function, *arguments, *(value for _, value in keywords))
        case facts.Subscript(value=value, index=index):
            return (value, index)
        case facts.Display(items=items, keys=keys):
            return (*items, *keys)
        case facts.Comprehension(element=element):
            return (element,)
        case facts.Operation(left=left, right=right):
            return (left, right)
        case facts.Choice(options=options):
            return options
        case facts.Formatted(values=values):
            return values
        case _:
            return ()
