"""Query and form parameters that reach a stored model, a file, a command or the text of a query, or that raise where they are wrong."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft
from fwaudit.check.input_ends import drafts_of
from fwaudit.model.project import Project

RULE = "unvalidated-query-or-form"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each function that reads them so. Text that a query only looks for is what such parameters are for."""
    told = {place for read in project.inputs if read.kind in ("body", "message") for place in read.open_places}
    for read in project.inputs:
        if read.kind in ("query", "form", "file") and not read.open_places <= told:  # `request.json or request.form` is one thing
            told |= read.open_places
            yield from drafts_of(RULE, read, ("sql", "model", "file", "process"))
        elif read.kind == "path":
            yield from drafts_of(RULE, read, ("sql", "process"))
