"""OpenAPI documents that are written by hand: as a dict in code, or as a file beside it."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.documents import is_generated
from fwaudit.check.findings import Draft, at
from fwaudit.check.promised import comparisons
from fwaudit.check.shapes import text
from fwaudit.model import facts
from fwaudit.model.code import CodeBody
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "hand-written-openapi"
_VERSION = ("openapi", "swagger")


def check(project: Project) -> Iterator[Draft]:
    """A finding for the dicts of each service, and for each file that a service serves what it says."""
    for cluster in clusters(project, (part for body in project.code.bodies for part in _written(body))):
        yield cluster.draft(RULE, "an OpenAPI document is written by hand in code")
    for compared in comparisons(project):
        if not is_generated(project, compared.service):
            document = compared.specification
            number = len(document.operations)
            message = f"`{document.path}` tells of {number} operations by hand, and nothing in the code makes it"
            place = at(document.at(1))
            yield Draft(RULE, Grade.LOW, Grade.MEDIUM, message, place, document.path, None, service=compared.service.name)


def _written(body: CodeBody) -> Iterator[Part]:
    """`{"openapi": "3.0.0", "paths": {"/items": ...}}`, at its function or module."""
    if not body.may_say("paths") or "paths" not in body.texts or body.texts.isdisjoint(_VERSION):
        return
    for display in body.body.expressions:
        if isinstance(display, facts.Display) and display.kind == "dict":
            values = {text(body, key): value for key, value in zip(display.keys, display.items, strict=False)}
            paths = body.body.expressions[values["paths"]] if "paths" in values else None
            is_versioned = any(text(body, values[name])[:2] in ("2.", "3.") for name in _VERSION if name in values)
            if is_versioned and isinstance(paths, facts.Display) and any(text(body, key).startswith("/") for key in paths.keys):
                yield Part(body.place, body)
