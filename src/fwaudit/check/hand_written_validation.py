"""Validation by hand: tests of fields of the input that are answered as the client's mistake."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from fwaudit.check.findings import Draft
from fwaudit.check.input_ends import DESCRIBED, context_of, listed
from fwaudit.model.context import Grade
from fwaudit.model.inputs import ANY, WHOLE, HandCheck, RequestInput, is_file_name
from fwaudit.model.project import Project

RULE = "hand-written-validation"
_FEWEST = 2
"""Fields, below which a model would replace little."""


def check(project: Project) -> Iterator[Draft]:
    """A finding for each function that tests two fields or more."""
    found: dict[tuple[str, str], list[tuple[RequestInput, HandCheck]]] = defaultdict(list)
    for read in project.inputs:
        for one in read.checks:
            if one.answers and not is_file_name(one.field):  # no model checks what a file is called
                found[one.place.path, one.place.function].append((read, one))
    for checks in found.values():
        fields = sorted({one.field for _, one in checks} - {WHOLE, ANY})
        if len(fields) >= _FEWEST:
            read = checks[0][0]
            places = tuple(sorted({one.place for _, one in checks}))
            where = f"{len(places)} places" if len(places) > 1 else "one place"
            message = f"{listed(fields)} of the {DESCRIBED[read.kind]} are tested by hand, in {where}"
            sure = Grade.MEDIUM if len(fields) > _FEWEST else Grade.LOW  # two may be tested for what they may do, not for what they are
            yield Draft(RULE, Grade.LOW, sure, message, places[0], read.source, context_of(read), read.routes, places=places)
