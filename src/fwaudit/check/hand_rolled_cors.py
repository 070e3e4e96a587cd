"""Headers for requests from other origins that the service's own code sets."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.findings import Draft
from fwaudit.check.shapes import calls, keys_stored, text
from fwaudit.model import facts
from fwaudit.model.code import CodeBody
from fwaudit.model.project import Project

RULE = "hand-rolled-cors"
_HEADER = "access-control-allow-origin"
_SETTERS = ("add", "add_header", "append", "append_header", "set", "set_header", "setdefault")


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service."""
    if not project.services:
        return
    bodies = (body for body in project.code.bodies if body.may_say(_HEADER) and _HEADER in body.texts)
    for cluster in clusters(project, (part for body in bodies for part in _set(body))):
        yield cluster.draft(RULE, "the header `Access-Control-Allow-Origin` is set by hand")


def _set(body: CodeBody) -> Iterator[Part]:
    for key, container in keys_stored(body):
        if key.lower() == _HEADER:
            yield Part(body.place_of(container), body)
    for index, call in calls(body, *_SETTERS):
        if call.arguments and text(body, call.arguments[0]).lower() == _HEADER:
            yield Part(body.place_of(index), body)
    dicts = (one for one in body.body.expressions if isinstance(one, facts.Display) and one.kind == "dict")
    if any(text(body, key).lower() == _HEADER for display in dicts for key in display.keys):
        yield Part(body.place, body)
