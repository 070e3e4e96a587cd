"""The input of requests in the whole project: one noun for each function and kind of input that it reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from fwaudit.catalog.names import Catalog
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.execution.evidence import place_of
from fwaudit.link.execution.naming import Naming
from fwaudit.link.inference.types import Types
from fwaudit.link.inputs.callees import CONVERSION
from fwaudit.link.inputs.checks import Checks
from fwaudit.link.inputs.flow import Follower
from fwaudit.link.inputs.given import PATH, WRITTEN
from fwaudit.link.inputs.sources import Source, Sources, classes_of
from fwaudit.link.inputs.uses import Uses
from fwaudit.link.symbols import Function
from fwaudit.link.values import ClassObject, FunctionObject, LibraryName
from fwaudit.model import facts
from fwaudit.model.context import Context
from fwaudit.model.inputs import RequestInput

_MAY_VALIDATE = ("schema", "valid", "expect", "parse", "serial", "marshal", "require_param", "use_args", "use_kwargs", "with_form")
"""In the name of a decorator: it may well check what its handler gets."""


def read_inputs(
    types: Types,
    entries: EntryPoints,
    contexts_of: Callable[[Function], tuple[Context, ...]],
    routes_of: Callable[[Function], tuple[str, ...]],
) -> tuple[RequestInput, ...]:
    """All input that the project's code reads, by place."""
    uses: dict[Function, Uses] = {}
    found: dict[tuple[Function, str], list[Source]] = defaultdict(list)
    for source in Sources(types, entries, uses):
        found[source.function, source.kind].append(source)
    if not found:
        return ()
    follower = Follower(types, uses, frozenset(route.frame.function for route in entries.routes))
    naming = Naming(types)
    read = [
        _input(types, follower, naming, sources, contexts_of(function), routes_of(function)) for (function, _), sources in found.items()
    ]
    told = (one for one in read if one.kind != PATH or any(end.kind in WRITTEN for end in one.open_ends))
    return tuple(sorted(told, key=lambda one: (one.place, one.kind, one.source)))


def _input(  # noqa: PLR0917  what is known of one function
    types: Types, follower: Follower, naming: Naming, sources: list[Source], contexts: tuple[Context, ...], routes: tuple[str, ...]
) -> RequestInput:
    first = sources[0]
    function = first.function
    frame = types.generic(function)
    flow = follower.follow(sources)
    checks = Checks(types, flow)
    styles = flow.styles | set(_styles_around(types, naming, function))
    expression = function.body.expressions[first.expression]
    return RequestInput(
        place=place_of(frame, expression.span if isinstance(expression, facts.Attribute) else function.scope.span),
        source=first.name,
        kind=first.kind,
        contexts=contexts,
        routes=routes,
        fields=tuple(sorted(flow.names)),
        ends=tuple(sorted(set(flow.ends))),
        checks=tuple(sorted(set(checks.by_hand()))),
        conversions=tuple(sorted(set(checks.conversions()))),
        validators=tuple(sorted(styles)),
        lost=tuple(sorted(flow.lost)),
    )


def _styles_around(types: Types, naming: Naming, function: Function) -> Iterator[str]:
    """The ways of validating of the function's decorators, and of the forms and schemas that it makes or uses itself."""
    catalog = types.catalog
    frame = types.generic(function)
    parent = frame.closure
    for index in function.scope.decorators if parent is not None else ():
        assert parent is not None
        expression = parent.function.body.expressions[index]
        callee = expression.function if isinstance(expression, facts.Call) else index
        values = types.value(parent, callee)
        for name in naming.of_values(values):
            row = catalog.validators.get(name)
            if row is not None:
                yield row.style
            elif any(part in name.rpartition(".")[2].lower() for part in _MAY_VALIDATE):
                yield "unknown"
        for value, _ in values:
            if isinstance(value, FunctionObject):
                yield from _styles_in(types, value.function)
    yield from _styles_in(types, function)


def _styles_in(types: Types, function: Function) -> Iterator[str]:
    """The validators whose classes the function names: a form that reads the request by itself."""
    frame = types.generic(function)
    catalog: Catalog = types.catalog
    for index in function.body.calls:
        call = function.body.call(index)
        for value, _ in types.value(frame, call.function):
            if isinstance(value, ClassObject):
                names = list(classes_of(types, value.class_))
            elif isinstance(value, LibraryName):
                names = [catalog.canonical(value.dotted)]
            else:
                continue
            for name in names:
                row = catalog.validators.get(name)
                if row is not None and row.style != CONVERSION and name not in catalog.sinks:
                    yield row.style
