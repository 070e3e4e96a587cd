"""Fields of a request's body that reach a query, a stored model, a file or a command, and that nothing checks."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft
from fwaudit.check.input_ends import drafts_of
from fwaudit.model.project import Project

RULE = "unvalidated-request-body"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each function that reads a body so."""
    for read in project.inputs:
        if read.kind in ("body", "message"):
            yield from drafts_of(RULE, read, ("query", "sql", "model", "file", "process"))
