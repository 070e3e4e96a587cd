"""Ids that the service's own code gives to requests."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.findings import Draft
from fwaudit.check.shapes import calls_of, headers_read, indices_inside, keys_stored, last_name, written
from fwaudit.model import facts
from fwaudit.model.code import CodeBody
from fwaudit.model.project import Project

RULE = "hand-rolled-request-id"
_HEADERS = frozenset(("request-id", "x-correlation-id", "x-request-id", "x-requestid", "x-trace-id"))
_KEEPING = frozenset(("add_header", "bind", "bind_contextvars", "contextualize", "set", "set_header", "setdefault"))
_MAKERS = ("secrets.token_hex", "secrets.token_urlsafe", "uuid.uuid1", "uuid.uuid4", "uuid.uuid7")
_MAKER_NAMES = tuple(name.rpartition(".")[2] for name in _MAKERS)


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service that makes an id where it reads one of a request, or puts one on a response."""
    if not project.services:
        return
    for cluster in clusters(project, (Part(body.place, body) for body in project.code.bodies if _gives_id(body))):
        yield cluster.draft(RULE, "requests get their ids by hand")


def _gives_id(body: CodeBody) -> bool:
    if not body.calls_written(*_MAKER_NAMES):
        return False
    if not any(header in one.replace("_", "-") for header in _HEADERS for one in body.texts):
        return False
    handled = headers_read(body) | {key.lower() for key, container in keys_stored(body) if written(body, container).endswith(".headers")}
    made = {index for index, _ in calls_of(body, _MAKERS)}
    return not _HEADERS.isdisjoint(handled) and bool(made) and _hands_on(body, made)


def _hands_on(body: CodeBody, made: set[int]) -> bool:
    """Whether it keeps something for the rest of the request, or gives the id back: else the header names something of its own."""
    keeps = body.body.stores or next(keys_stored(body), None) is not None or not _KEEPING.isdisjoint(body.scope.mentions)
    return bool(keeps) or any(made & set(indices_inside(body, index)) for index in body.body.returns if not _is_handed_over(body, index))


def _is_handed_over(body: CodeBody, index: int) -> bool:
    """Whether what is returned is what another function makes of its arguments."""
    returned = body.body.expressions[index]
    if isinstance(returned, facts.Await):
        returned = body.body.expressions[returned.value]
    return isinstance(returned, facts.Call) and last_name(body, returned.function) != "str"
