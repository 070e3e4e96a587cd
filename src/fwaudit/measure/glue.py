"""What the service built by hand, and what it took over from others."""

from __future__ import annotations

from collections import Counter

from fwaudit.catalog.advice import SignalTable
from fwaudit.measure.view import Signal, Signals, View, counted, first
from fwaudit.model.finding import Location


def measure(view: View, _table: SignalTable) -> Signals:
    """Glue by rule, and the plugins of the framework in use."""
    glue = [finding for finding in view.findings if finding.category == "glue"]
    plugins = view.found("plugin_imports")
    names = sorted({one.name.partition(".")[0] for one in plugins})
    return {
        "glue_findings": Signal(len(glue), first(Location(one.path, one.line, one.column, one.end_line, one.end_column) for one in glue)),
        "glue_kinds": Signal(dict(sorted(Counter(one.rule for one in glue).items()))),
        "plugins": Signal(names, first(one.location for one in plugins)),
        "sync_only_imports": counted(view.found("sync_only_imports")),
        "plugin_count": Signal(len(names), first(one.location for one in plugins)),
    }
