"""Objects turned into dicts field by field."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.findings import Draft
from fwaudit.check.shapes import inside, text
from fwaudit.model import facts
from fwaudit.model.code import CodeBody
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "hand-rolled-serializer"
_FEWEST_FIELDS = 3
_FEWEST_FUNCTIONS = 2
_FEWEST_SERVED = 4
"""Reached by routes: with fewer, the dicts may as well be stored or sent elsewhere."""
_WORDS = frozenset(
    ("api", "as", "describe", "dump", "export", "format", "info", "out", "public", "render", "repr", "response", "schema", "to", "view")
)
_PARTS = ("dict", "json", "marshal", "represent", "serial")
_OF_THE_LANGUAGE = frozenset(("__getstate__", "__reduce__", "__reduce_ex__", "__repr__", "__rich_repr__"))


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service with several such functions, at least one of which a route reaches."""
    if not project.services:
        return
    for cluster in clusters(project, (Part(body.place, body) for body in project.code.bodies if _is_serializer(body))):
        if cluster.is_served and len(cluster.parts) >= _FEWEST_FUNCTIONS:
            is_sure = sum(1 for body in cluster.bodies if body.routes) >= _FEWEST_SERVED
            yield cluster.draft(RULE, "objects are turned into dicts field by field", confidence=Grade.MEDIUM if is_sure else Grade.LOW)


def _is_serializer(body: CodeBody) -> bool:
    """A function that returns a dict whose keys are attributes of its first parameter, under their own names."""
    parameters = body.scope.parameters
    if body.kind != "function" or not parameters or body.scope.name in _OF_THE_LANGUAGE or not _says_so(body):
        return False
    return any(_copied_fields(body, returned, parameters[0].name) >= _FEWEST_FIELDS for returned in _returned_dicts(body))


def _says_so(body: CodeBody) -> bool:
    """Its name speaks of turning something into something; other dicts of fields may be settings, or stored."""
    words = set(body.scope.name.lower().strip("_").split("_"))
    return not words.isdisjoint(_WORDS) or any(part in body.scope.name.lower() for part in _PARTS)


def _returned_dicts(body: CodeBody) -> Iterator[facts.Display]:
    for index in body.body.returns:
        for expression in (body.body.expressions[index], *_values_of(body, index)):
            if isinstance(expression, facts.Display) and expression.kind == "dict":
                yield expression


def _values_of(body: CodeBody, index: int) -> Iterator[facts.Expression]:
    """What was assigned to a returned name."""
    name = body.body.expressions[index]
    for one in name.bindings if isinstance(name, facts.Name) else ():
        binding = body.body.bindings[one]
        if isinstance(binding, facts.Assigned) and binding.value >= 0 and not binding.path:
            yield body.body.expressions[binding.value]


def _copied_fields(body: CodeBody, display: facts.Display, owner: str) -> int:
    return sum(1 for key, value in zip(display.keys, display.items, strict=True) if _is_copied(body, text(body, key), value, owner))


def _is_copied(body: CodeBody, key: str, value: int, owner: str) -> bool:
    if not key:
        return False
    read = (one for one in inside(body, value) if isinstance(one, facts.Attribute) and one.name.strip("_") == key.strip("_"))
    bases = (body.body.expressions[one.value] for one in read)
    return any(isinstance(base, facts.Name) and base.name == owner for base in bases)
