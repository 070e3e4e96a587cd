"""What the service built by hand, and what it took over from others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from fwaudit.catalog.advice import SignalTable
from fwaudit.measure.view import Signal, Signals, View, counted, first
from fwaudit.model.code import CodeBody, Place
from fwaudit.model.finding import Finding, Location


def measure(view: View, _table: SignalTable) -> Signals:
    """Glue by rule and by size, and the plugins of the framework in use."""
    glue = [finding for finding in view.findings if finding.category == "glue"]
    plugins = view.found("plugin_imports")
    names = sorted({one.name.partition(".")[0] for one in plugins})
    functions = _functions(view, glue)
    return {
        "glue_functions": Signal(len(functions)),
        "glue_lines": Signal(sum(function.lines for function in functions)),
        "glue_findings": Signal(len(glue), first(Location(one.path, one.line, one.column, one.end_line, one.end_column) for one in glue)),
        "glue_kinds": Signal(dict(sorted(Counter(one.rule for one in glue).items()))),
        "plugins": Signal(names, first(one.location for one in plugins)),
        "sync_only_imports": counted(view.found("sync_only_imports")),
        "plugin_count": Signal(len(names), first(one.location for one in plugins)),
    }


def _functions(view: View, glue: Iterable[Finding]) -> tuple[CodeBody, ...]:
    """The innermost functions in which places of these findings lie, each once."""
    found: dict[Place, CodeBody] = {}
    for place in sorted({place for finding in glue for place in finding.places}):
        around = [one for one in view.functions.get(place.path, ()) if one.place.line <= place.line < one.place.line + one.lines]
        if around:
            found[around[-1].place] = around[-1]
    return tuple(found.values())
