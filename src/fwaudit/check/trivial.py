"""Which functions do next to nothing: no work that a thread could take over is worth the way there."""

from __future__ import annotations

from fwaudit.model import facts
from fwaudit.model.code import CodeBody

_BUILTINS = ("builtins.",)
_HARMLESS = frozenset(
    {
        "fastapi.HTTPException",
        "fastapi.exceptions.HTTPException",
        "fastapi.responses.JSONResponse",
        "fastapi.responses.PlainTextResponse",
        "fastapi.Response",
        "starlette.exceptions.HTTPException",
        "starlette.responses.JSONResponse",
        "starlette.responses.PlainTextResponse",
        "starlette.responses.Response",
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.datetime.isoformat",
        "time.monotonic",
        "time.time",
    }
)
_BLOCKING_BUILTINS = frozenset(
    {"builtins.open", "builtins.input", "builtins.print", "builtins.exec", "builtins.eval", "builtins.__import__"}
)
_LONGEST = 25
"""Lines; a longer function has something to do."""


def is_trivial(body: CodeBody) -> bool:
    """Whether the function surely does next to nothing: no loop, `with` or `yield`, and only calls that are done at once."""
    parts = body.body
    if parts.yields or parts.entries or parts.iterations or parts.awaited or body.lines > _LONGEST:
        return False
    for index in parts.calls:
        call = parts.expressions[index]
        names = body.names(call.function) if isinstance(call, facts.Call) else ()
        if not names or not all(map(_is_harmless, names)):
            return False
    return True


def _is_harmless(name: str) -> bool:
    return name in _HARMLESS or (name.startswith(_BUILTINS) and name not in _BLOCKING_BUILTINS)
