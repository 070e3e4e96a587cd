"""How large the service is."""

from __future__ import annotations

from fwaudit.catalog.advice import SignalTable
from fwaudit.measure.view import Signal, Signals, View


def measure(view: View, _table: SignalTable) -> Signals:
    """Routes, the files that they stand in, modules, lines, frameworks, and services of the workspace."""
    routes = view.routes
    return {
        "routes": Signal(len(routes), tuple(route.location for route in routes[:1])),
        "route_files": Signal(len({route.location.path for route in routes})),
        "modules": Signal(len(view.files)),
        "lines": Signal(sum(view.lines.get(path, 0) for path in view.files)),
        "services": Signal(view.services),
        "frameworks": Signal(sorted({use.name for use in view.service.frameworks})),
        "routes_known": Signal(view.knows_routes),
    }
