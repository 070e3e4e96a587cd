"""Services that check one kind of input with several libraries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from fwaudit.check.findings import Draft, whose_code
from fwaudit.check.input_ends import DESCRIBED
from fwaudit.model.code import Place
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "mixed-validation-styles"
_FEWEST = 2
"""Functions, below which a way is an exception."""
_KINDS = ("body", "form", "message")
"""Of input: a function that reads the query string and names a schema may use that for its answer."""
_NO_STYLE = frozenset({"conversion", "unknown"})
_OF = {"apiflask": "marshmallow", "reqparse": "flask-restx", "webargs": "marshmallow"}
"""Ways that stand on another one."""


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service and kind of input."""
    found: dict[tuple[str, str], dict[str, set[Place]]] = defaultdict(lambda: defaultdict(set))
    for read in project.inputs:
        service = whose_code(read.place.path, project)
        styles = {_OF.get(style, style) for style in read.validators} - _NO_STYLE
        if service is not None and len(styles) == 1 and read.kind in _KINDS and read.routes:
            found[service.name, read.kind][styles.pop()].add(read.place)
    for (name, kind), ways in sorted(found.items()):
        used = {style: places for style, places in ways.items() if len(places) >= _FEWEST}
        if len(used) > 1:
            counts = [
                f"{style} in {len(places)} functions" for style, places in sorted(used.items(), key=lambda one: (-len(one[1]), one[0]))
            ]
            rare = min(used.values(), key=lambda places: (len(places), sorted(places)))
            places = (*sorted(rare), *sorted(place for others in used.values() if others is not rare for place in others))
            message = f"the {DESCRIBED[kind]} is checked with {', '.join(counts[:-1])} and {counts[-1]}"
            yield Draft(RULE, Grade.LOW, Grade.MEDIUM, message, places[0], kind, None, places=places, service=name)
