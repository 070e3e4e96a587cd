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
    "path": "path",
}
_DOES = {
    "query": "is looked for by",
    "sql": "becomes part of the text of",
    "model": "is stored by",
    "file": "names a file in",
    "prompt": "is given to",
    "process": "becomes part of a command in",
}
_ANSWERING = "_or_404"
"""Lookups that tell the client themselves when there is nothing of the kind."""
_MOST_NAMED = 4


def drafts_of(rule: str, read: RequestInput, kinds: Sequence[str]) -> Iterator[Draft]:
    """The finding for input that reaches ends of these kinds, or is converted in a way that raises; none if it does not."""
    ends = [end for end in read.open_ends if end.kind in kinds and not (end.kind == "query" and end.callee.endswith(_ANSWERING))]
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
    first = ends[0]
    several = len({end.field for end in ends} - {WHOLE, ANY}) > 1
    message = f"{_ways(read, ends)} and nothing checks {'them' if several else 'it'}"
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


def _ways(read: RequestInput, ends: Sequence[InputEnd]) -> str:
    """``a` and `b` of the form reach `X`, `c` reaches `Y`,`: each field where it ends first."""
    fields_of: dict[str, list[str]] = {}
    for field, callee in {end.field: end.callee for end in reversed(ends)}.items():
        fields_of.setdefault(callee, []).append(field)
    ordered = sorted(fields_of, key=[end.callee for end in ends].index)
    parts = []
    for place, callee in enumerate(ordered[:2]):
        fields = sorted({*fields_of[callee]} - {WHOLE, ANY})
        of = f" of the {DESCRIBED[read.kind]}" if not place else ""
        what = f"{listed(fields)}{of}" if fields else f"the {DESCRIBED[read.kind]}"
        parts.append(f"{what} {'reach' if len(fields) > 1 else 'reaches'} `{callee}`")
    return parts[0] if len(parts) == 1 else f"{', '.join(parts)},"


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
