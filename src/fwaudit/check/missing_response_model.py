"""Handlers of FastAPI that say nothing of what they answer."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator

from fwaudit.check.findings import Draft
from fwaudit.model.code import CallUse, CodeBody
from fwaudit.model.context import Grade
from fwaudit.model.project import Place, Project

RULE = "missing-response-model"
_CALLS = [f"fastapi.{owner}.{method}" for owner in ("APIRouter", "FastAPI") for method in ("get", "patch", "post", "put")]
_SAYS_IT = ("include_in_schema", "response_class", "response_model", "responses")
_RAW = (
    "authorize_redirect",
    "FileResponse",
    "HTMLResponse",
    "PlainTextResponse",
    "RedirectResponse",
    "Response",
    "StreamingResponse",
    "TemplateResponse",
)
_EMPTY = ("204", "HTTP_204_NO_CONTENT", "301", "302", "303", "307")
_FEWEST = 3


def check(project: Project) -> Iterator[Draft]:
    """A finding for each file, with all handlers in it."""
    calls = project.code.calls(_CALLS)
    if not calls:
        return
    handlers: dict[str, list[CodeBody]] = defaultdict(list)
    for function in project.code.functions:
        if any(name in _CALLS for name in function.decorators):
            handlers[function.place.path].append(function)
    found: dict[str, dict[Place, CodeBody]] = defaultdict(dict)
    for call in calls:
        below = _decorated(call, handlers[call.place.path])
        if below is not None and _is_silent(below) and not _is_told(call):
            found[call.place.path][below.place] = below
    for path, silent in found.items():
        if len(silent) >= _FEWEST:
            places = tuple(sorted(silent))
            routes = tuple(sorted({route for one in silent.values() for route in one.routes}))
            message = f"{len(silent)} of {len(handlers[path])} handlers in this file have no response model and no return annotation"
            yield Draft(RULE, Grade.LOW, Grade.HIGH, message, places[0], "", None, routes, places=places)


def _is_silent(handler: CodeBody) -> bool:
    """It gives something, and says nowhere what; a handler that only raises, or gives nothing, has nothing to say."""
    return bool(handler.body.returns) and not handler.tells_returns and handler.mentions.isdisjoint(_RAW)


def _decorated(call: CallUse, functions: list[CodeBody]) -> CodeBody | None:
    """The function below the decorator."""
    lines = [one.place.line for one in functions]
    index = bisect_left(lines, call.place.line)
    return functions[index] if index < len(functions) and call.callee in functions[index].decorators else None


def _is_told(call: CallUse) -> bool:
    return any(
        keyword in _SAYS_IT or keyword == "" or text in _EMPTY or (keyword == "status_code" and not text) for keyword, text in call.keywords
    )
