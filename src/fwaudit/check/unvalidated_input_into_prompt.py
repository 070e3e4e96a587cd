"""Input of a request that reaches a language model, an embedding or a vector store, and that nothing checks."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.findings import Draft
from fwaudit.check.input_ends import draft_of
from fwaudit.model.inputs import ANY, InputEnd, RequestInput
from fwaudit.model.project import Project

RULE = "unvalidated-input-into-prompt"


def check(project: Project) -> Iterator[Draft]:
    """A finding for each function that reads input so."""
    for read in project.inputs:
        ends = [end for end in read.ends if end.kind == "prompt" and _is_open(read, end)]
        if ends:
            yield draft_of(RULE, read, ends)


def _is_open(read: RequestInput, end: InputEnd) -> bool:
    """Whether nothing is known that checks the end's field; of input as a whole, that nothing checks any of it."""
    if end.field:
        return read.is_open(end.field)
    return not (read.validators or read.checks or read.conversions) and not any(field in (ANY, end.field) for field in read.lost)
