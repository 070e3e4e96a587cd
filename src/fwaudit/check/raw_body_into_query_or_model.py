"""Input that is handed to a model or a query as it came, whatever fields it has."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft
from fwaudit.check.input_ends import DESCRIBED, context_of
from fwaudit.model.context import Grade
from fwaudit.model.inputs import ANY
from fwaudit.model.project import Project

RULE = "raw-body-into-query-or-model"


def check(project: Project) -> Iterator[Draft]:
    """A finding at each place where it is handed over. Checking some of its fields by hand does not keep others out."""
    seen = set()
    for read in project.inputs:
        checked = any(one.field == ANY for one in read.checks)
        for end in read.ends:
            if end.is_spread and end.kind in ("model", "query") and not read.validators and not checked and end.place not in seen:
                seen.add(end.place)
                grade = Grade.LOW if read.checks else Grade.MEDIUM
                message = f"the {DESCRIBED[read.kind]} goes into `{end.callee}` as a whole: who calls decides which fields are set"
                yield Draft(RULE, Grade.MEDIUM, grade, message, end.place, end.callee, context_of(read), read.routes)
