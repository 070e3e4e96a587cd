"""Handlers that take a request's body as a bare dict or Any, where the framework would check a model."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft
from fwaudit.model.code import CodeBody, ParameterUse
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "untyped-body-parameter"
_WRITING = ("patch", "post", "put")
_ROUTERS = ("fastapi.APIRouter.", "fastapi.FastAPI.", "litestar.")
_SAY_NOTHING = frozenset({"builtins.dict", "builtins.object", "typing.Any"})
_FROM_BODY = ("", "fastapi.Body", "litestar.params.Body")
"""What makes the default of a parameter that the body fills."""
_PARTS = ("fastapi.Body", "fastapi.File", "fastapi.Form")
_SCALARS = frozenset({f"builtins.{name}" for name in ("None", "bool", "bytes", "float", "int", "list", "str")} | {"uuid.UUID"})
_NOT_OF_BODY = frozenset(
    {"fastapi.Request", "fastapi.Response", "fastapi.BackgroundTasks", "starlette.requests.Request", "starlette.responses.Response"}
    | {"starlette.background.BackgroundTasks"}
)


def check(project: Project) -> Iterator[Draft]:
    """A finding for each handler."""
    for function in project.code.functions:
        if any(name.startswith(_ROUTERS) and name.rpartition(".")[2] in _WRITING for name in function.decorators):
            filled = [one for one in function.parameters if _is_untyped(function, one)]
            others = [one for one in function.parameters if one not in filled and _is_of_body(one)]
            if len(filled) == 1 and not others:
                message = f"`{filled[0].name}` takes any JSON: a model would check it and stand in the OpenAPI document"
                yield Draft(RULE, Grade.LOW, Grade.LOW, message, function.place, "", None, function.routes)


def _is_of_body(parameter: ParameterUse) -> bool:
    """Whether it may be one of several fields of the body or the form, of which one may well be anything."""
    if parameter.is_injected or set(parameter.types) <= _NOT_OF_BODY:
        return False
    return parameter.made_by in _PARTS or "fastapi.UploadFile" in parameter.types or not set(parameter.types) <= _SCALARS


def _is_untyped(function: CodeBody, parameter: ParameterUse) -> bool:
    """Whether the framework fills it from the body and checks nothing but that it is JSON."""
    if parameter.name != "data" and any(name.startswith("litestar.") for name in function.decorators):
        return False  # Litestar's body is `data`; what else is no query parameter may be a dependency by its name
    if not parameter.types or not set(parameter.types) <= _SAY_NOTHING | {"builtins.None"} or parameter.made_by not in _FROM_BODY:
        return False
    if "builtins.dict" not in parameter.types and parameter.made_by == "":
        return False  # Any without Body() is a query parameter
    return not parameter.is_injected and not any(
        f"{{{parameter.name}}}" in route or f"{{{parameter.name}:" in route for route in function.routes
    )
