"""How findings tell of input that ends somewhere unchecked. Not a check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fwaudit.check.findings import Draft
from fwaudit.model.context import Context, Grade
from fwaudit.model.inputs import ANY, WHOLE, InputEnd, RequestInput
from fwaudit.model.project import PathStep

DESCRIBED = {
    "body": "request's body",
    "query": "query string",
    "form": "form",
    "file": "uploaded files",
    "message": "message",
}
_DOES = {
    "query": "is looked for by",
    "sql": "becomes part of the text of",
    "model": "is stored by",
    "file": "names a file in",
    "prompt": "is given to",
    "process": "becomes part of a command in",
}
_MOST_NAMED = 4


def drafts_of(rule: str, read: RequestInput, kinds: Sequence[str]) -> Iterator[Draft]:
    """The finding for input that reaches ends of these kinds, or is converted in a way that raises; none if it does not."""
    ends = [end for end in read.open_ends if end.kind in kinds]
    if ends:
        yield draft_of(rule, read, ends)
    elif read.unguarded:
        fields = sorted({one.field for one in read.unguarded})
        verb = "is" if len(fields) == 1 else "are"
        name = read.unguarded[0].callee.removeprefix("builtins.")
        message = f"{listed(fields)} of the {DESCRIBED[read.kind]} {verb} handed to `{name}`, and what that raises is not caught"
        places = tuple(sorted({one.place for one in read.unguarded}))
        yield Draft(rule, Grade.LOW, Grade.HIGH, message, places[0], name, context_of(read), read.routes, places=places)


def draft_of(rule: str, read: RequestInput, ends: Sequence[InputEnd]) -> Draft:
    """The finding for input that reaches these ends, at the place where it is read."""
    fields = sorted({end.field for end in ends} - {WHOLE, ANY})
    first = ends[0]
    what = f"{listed(fields)} of the {DESCRIBED[read.kind]}" if fields else f"the {DESCRIBED[read.kind]}"
    several = len(fields) > 1
    message = f"{what} {'reach' if several else 'reaches'} `{first.callee}` and nothing checks {'them' if several else 'it'}"
    near = all(end.place.function == read.place.function for end in ends)
    steps = (PathStep(read.place, f"reads `{read.source}`"), *(PathStep(end.place, _note(end)) for end in ends[:_MOST_NAMED]))
    return Draft(
        rule,
        Grade.MEDIUM,
        Grade.HIGH if near else Grade.MEDIUM,
        message,
        read.place,
        first.callee,
        context_of(read),
        read.routes,
        steps=steps,
    )


def _note(end: InputEnd) -> str:
    what = f"`{end.field}`" if end.field not in (WHOLE, ANY) else "it"
    return f"{what} {_DOES[end.kind]} `{end.callee}`"


def context_of(read: RequestInput) -> Context | None:
    """Where it is read, if that is one context."""
    return read.contexts[0] if len(read.contexts) == 1 else None


def listed(fields: Sequence[str]) -> str:
    """`a`, `b` and 3 more."""
    shown = [f"`{field}`" for field in fields[:_MOST_NAMED]]
    more = len(fields) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]
