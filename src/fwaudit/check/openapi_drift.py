"""OpenAPI documents that promise other routes than the code registers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from fwaudit.check.findings import Draft, at
from fwaudit.check.promised import Comparison, comparisons
from fwaudit.model.code import Place
from fwaudit.model.context import Grade
from fwaudit.model.manifest import Operation
from fwaudit.model.project import Project

RULE = "openapi-drift"
_MOST_NAMED = 3


def check(project: Project) -> Iterator[Draft]:
    """Up to three findings for each document: what nobody serves, methods of which it says nothing, parameters that it does not name."""
    read = _query_fields(project)
    for compared in comparisons(project):
        absent = (*compared.missing, *compared.refused)
        if absent:
            others = f"{len(absent)} operations that no route serves" if len(absent) > 1 else "an operation that no route serves"
            yield _draft(compared, f"promises {others}: {_listed(absent)}", absent, "promised")
        if compared.untold:
            told = [f"`{method} {route.path}`" for _, method, route in compared.untold]
            places = tuple(at(route.location, route.handler) for _, _, route in compared.untold)
            near = tuple(operation for operation, _, _ in compared.untold)
            message = f"says nothing of {_named(told)}, though it tells of other methods there"
            yield _draft(compared, message, near, "methods", places)
        yield from _unnamed(compared, read)


def _unnamed(compared: Comparison, read: Mapping[str, Mapping[str, Place]]) -> Iterator[Draft]:
    """The finding for query parameters that handlers read and the document does not name."""
    unnamed = [
        (operation, field, place)
        for operation, route in compared.served.items()
        if operation.parameters is not None
        for field, place in sorted(read.get(route.handler, {}).items())
        if field not in operation.parameters
    ]
    if unnamed:
        names = [f"`{field}` of `{operation.method} {operation.path}`" for operation, field, _ in unnamed]
        operations = tuple(operation for operation, _, _ in unnamed)
        places = tuple(dict.fromkeys(place for _, _, place in unnamed))
        yield _draft(
            compared, f"does not name the query parameter{'s' if len(names) > 1 else ''} {_named(names)}", operations, "query", places
        )


def _query_fields(project: Project) -> dict[str, dict[str, Place]]:
    """Handler to the query parameters that its own body reads, each with the place of the reading."""
    found: dict[str, dict[str, Place]] = defaultdict(dict)
    for one in project.inputs:
        if one.kind == "query":
            for field in one.fields:
                found[one.place.function].setdefault(field, one.place)
    return found


def _draft(compared: Comparison, message: str, operations: tuple[Operation, ...], kind: str, places: tuple[Place, ...] = ()) -> Draft:
    document, service = compared.specification, compared.service.name
    own = tuple(at(document.at(line)) for line in dict.fromkeys(sorted(one.line for one in operations)))
    grade = Grade.LOW if kind == "methods" else Grade.MEDIUM  # what a document leaves out, it may leave out on purpose
    return Draft(RULE, Grade.MEDIUM, grade, f"`{document.path}` {message}", own[0], kind, None, places=places or own, service=service)


def _listed(operations: tuple[Operation, ...]) -> str:
    return _named([f"`{one.method} {one.path}`" for one in operations])


def _named(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
