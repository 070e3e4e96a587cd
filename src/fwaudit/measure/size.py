"""How large the service is."""

from __future__ import annotations

from fwaudit.catalog.advice import SignalTable
from fwaudit.measure.view import Signal, Signals, View, counted, first
from fwaudit.model.finding import Location


def measure(view: View, _table: SignalTable) -> Signals:
    """Routes, the files that they stand in, modules, lines, frameworks, services of the workspace, and what this one shares with them."""
    routes = view.routes
    shared = sorted(path for path in view.shared if view.lines.get(path, 0))
    return {
        "routes": Signal(len(routes), tuple(route.location for route in routes[:1])),
        "route_files": Signal(len({route.location.path for route in routes})),
        "modules": Signal(len(view.files)),
        "lines": Signal(sum(view.lines.get(path, 0) for path in view.files)),
        "services": Signal(view.services),
        "shared_modules": Signal(len(shared), first(Location(path, 1, 1, 1, 1) for path in shared)),
        "shared_models": counted(tuple(one for one in view.found("models") if one.location.path in view.shared)),
        "frameworks": Signal(sorted({use.name for use in view.service.frameworks})),
        "routes_known": Signal(view.knows_routes),
    }
