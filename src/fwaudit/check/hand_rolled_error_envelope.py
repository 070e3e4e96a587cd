"""Error responses put together in each handler."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.findings import Draft
from fwaudit.check.shapes import calls, last_name, number, text
from fwaudit.model import facts
from fwaudit.model.code import CodeBody
from fwaudit.model.project import Project

RULE = "hand-rolled-error-envelope"
_FEWEST = 5
_KEYS = frozenset(("code", "detail", "error", "error_code", "error_message", "errors", "message", "msg", "reason", "status", "success"))
_HANDLERS = ("errorhandler", "exception_handler", "app_errorhandler", "error_handler")
_MAKERS = ("JSONResponse", "JsonResponse", "ORJSONResponse", "Response", "json", "json_response", "jsonify", "make_response")
_NAMES = frozenset(
    (
        "BAD_REQUEST",
        "CONFLICT",
        "FORBIDDEN",
        "INTERNAL_SERVER_ERROR",
        "NOT_FOUND",
        "SERVICE_UNAVAILABLE",
        "UNAUTHORIZED",
        "UNPROCESSABLE_ENTITY",
    )
)


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service that does so in several places."""
    if not project.services:
        return
    exceptions = {use.name for use in project.code.classes if any(base.endswith(("Error", "Exception")) for base in use.bases)}
    bodies = (body for body in project.code.bodies if body.owner not in exceptions)
    parts = (part for body in bodies for part in _envelopes(body) if not _is_error_handler(body))
    for cluster in clusters(project, parts):
        if cluster.found >= _FEWEST:
            yield cluster.draft(RULE, "error responses are put together where they are sent")


def _is_error_handler(body: CodeBody) -> bool:
    """The one place for it that a framework has."""
    caught = any(parameter.name.strip("_") in ("e", "err", "error", "exc", "exception") for parameter in body.scope.parameters)
    return caught or any(one.endswith(_HANDLERS) for one in body.decorators)


def _envelopes(body: CodeBody) -> Iterator[Part]:
    """A dict of an error beside a status of 400 or more: returned with it, or handed with it to what makes a response."""
    for index in body.body.returns:
        returned = body.body.expressions[index]
        if isinstance(returned, facts.Display) and returned.kind == "tuple" and len(returned.items) > 1:
            made, status = returned.items[:2]
            if _is_error(body, status) and _holds_error(body, made):
                yield Part(body.place_of(made), body)
    for index, call in calls(body, *_MAKERS):
        given = [*call.arguments, *(value for _, value in call.keywords)]
        if any(_is_error(body, one) for one in given) and any(_has_error_keys(body, one) for one in given):
            yield Part(body.place_of(index), body)


def _is_error(body: CodeBody, index: int) -> bool:
    status = number(body, index)
    name = last_name(body, index)
    return (status is not None and 400 <= status < 600) or name.startswith(("HTTP_4", "HTTP_5")) or name in _NAMES


def _holds_error(body: CodeBody, index: int) -> bool:
    made = body.body.expressions[index]
    if not isinstance(made, facts.Call) or last_name(body, made.function) not in _MAKERS:
        return _has_error_keys(body, index)
    return any(_has_error_keys(body, one) for one in made.arguments) or not _KEYS.isdisjoint(name for name, _ in made.keywords)


def _has_error_keys(body: CodeBody, index: int) -> bool:
    display = body.body.expressions[index]
    if not isinstance(display, facts.Display) or display.kind != "dict":
        return False
    return not _KEYS.isdisjoint(text(body, key).lower() for key in display.keys)
