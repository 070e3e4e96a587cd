"""What the service promises to its clients: a described interface, and input that is checked."""

from __future__ import annotations

from fwaudit.catalog.advice import SignalTable
from fwaudit.measure.view import Signal, Signals, View, counted, first, share
from fwaudit.model.finding import Location


def measure(view: View, table: SignalTable) -> Signals:
    """Where the OpenAPI document comes from, and how input is validated."""
    raw = [route.location for route in view.routes if route.validated is False]
    checked = [route.location for route in view.routes if route.validated]
    validators = view.found("validator_imports")
    names = sorted({one.name.partition(".")[0] for one in validators})
    return {
        "openapi": _openapi(view, table),
        "raw_input_routes": Signal(len(raw), tuple(sorted({*raw}))),
        "raw_input_share": Signal(share(len(raw), len(view.routes))),
        "validated_routes": Signal(len(checked), first(checked)),
        "validators": Signal(names, first(one.location for one in validators)),
        "validator_imports": Signal(len(validators)),
        "response_models": counted(view.found("response_models")),
    }


def _openapi(view: View, table: SignalTable) -> Signal:
    """generated, enforced, docstrings, file or none: the first that holds."""
    used = {use.name: use.evidence for use in view.service.frameworks}
    for row in table.contracts:
        for name in row.frameworks:
            if name in used:
                return Signal(row.gives, first(used[name]))
        found = view.found(f"openapi_{row.gives}")
        if found:
            return Signal(row.gives, first(one.location for one in found))
    below = [path for path in view.specifications if view.services == 1 or path.startswith(f"{view.service.root}/")]
    if below:
        return Signal("file", first(Location(path, 1, 1, 1, 1) for path in below))
    return Signal("none")
