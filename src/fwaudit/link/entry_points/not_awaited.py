"""Handlers written with `async def` for frameworks that call them and do not await what they give."""

from __future__ import annotations

from fwaudit.link.inference.classes import UNKNOWN_BASE
from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Class, Function

_DECIDING = frozenset({
    "__call__", "as_view", "decorators", "dispatch", "dispatch_request", "handle_exception", "method_decorators", "view_is_async",
})  # fmt: skip
"""Members of a view's class that may see to it that its methods are awaited."""
_ADAPTER = "adrf."


def is_surely_not_awaited(types: Types, handler: Function) -> bool:
    """Whether nothing around an async handler can be what awaits it: another decorator, or a class that calls its methods itself."""
    owner = handler.owner
    if len(handler.scope.decorators) > (0 if owner is not None else 1):
        return False
    if owner is None:
        return True
    for one in types.classes.order(owner):
        if isinstance(one, Class):
            if not _DECIDING.isdisjoint(one.members):
                return False
        elif one == UNKNOWN_BASE or one.startswith(_ADAPTER) or not types.catalog.knows_module(one.partition(".")[0]):
            return False
    return True
