"""What the workspace is: its services in a few lines each, and all their routes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from fwaudit.model.audit import Audit
from fwaudit.model.context import Context
from fwaudit.model.service import Route, Service
from fwaudit.report import json
from fwaudit.report.terminal import Terminal, columns, pad, terminal_of
from fwaudit.report.words import count, short_name

_GAP = "  "
_SERVICES = 12
"""So many services are described in the report of an audit."""

_WHERE: dict[str, str] = {
    Context.EVENT_LOOP: "event loop",
    Context.LOOP_STARTUP: "event loop at startup",
    Context.PRIVATE_LOOP: "own loop",
    Context.GREENLET: "greenlets",
    Context.THREADPOOL: "threads",
    Context.WSGI_WORKER: "wsgi workers",
    Context.TASK_QUEUE: "task queue",
    Context.PROCESS: "processes",
    Context.IMPORT_TIME: "import",
    Context.TEST: "tests",
}
_VALIDATED = {True: "input validated", False: "raw input", None: ""}


def overview(audit: Audit, terminal: Terminal) -> list[str]:
    """What the repository is, to be read at a glance; nothing where nothing was analysed."""
    if not audit.summary.analysed:
        return []
    if not audit.services:
        return [
            *terminal.wrap("No web service here: no application of a known framework is made and served outside tests and examples."),
            "",
        ]
    lines: list[str] = []
    for service in audit.services[:_SERVICES]:
        lines += _heading(service, terminal)
    hidden = len(audit.services) - _SERVICES
    if hidden > 0:
        lines += terminal.wrap(f"and {count(hidden, 'more service')} (`fwaudit routes` lists all)")
    return [*lines, ""]


def render_routes(audit: Audit, *, width: int, color: bool, ascii_only: bool = False) -> str:
    """Every route, service by service, with a final line feed."""
    terminal = terminal_of(width, color=color, ascii_only=ascii_only)
    if not audit.services:
        lines = overview(audit, terminal)
    else:
        lines = [line for service in audit.services for line in (*_heading(service, terminal), *_routes(service.routes, terminal))]
    while lines and not lines[-1]:
        lines.pop()
    return "".join(f"{line.rstrip()}\n" for line in lines)


def render_json(audit: Audit) -> str:
    """The part of the contract's document that speaks of services, with a final line feed."""
    whole = msgspec.to_builtins(audit)
    return json.render_document({key: whole[key] for key in ("schema_version", "tool", "root", "services", "problems")})


def _heading(service: Service, terminal: Terminal) -> list[str]:
    name = terminal.clean(service.name)
    root = f" ({service.root})" if service.root not in (".", service.name) else ""
    pieces = [", ".join(f"{use.name} {use.version}".rstrip() for use in service.frameworks) or "no framework that is known"]
    pieces += [service.interface] if service.interface else []
    pieces += [f"served by {', '.join(server.name for server in service.servers)}"] if service.servers else []
    first = name + terminal.clean(root)
    margin = " " * 4
    told = [terminal.clean(piece) for piece in pieces]
    whole = terminal.dot.join([f"{first}: {told[0]}", *told[1:]])
    if columns(whole) <= terminal.width:
        lines = [terminal.bold(name) + whole[len(name) :]]
    else:
        lines = [terminal.bold(name) + terminal.clean(root) + ":", *terminal.flow(told, terminal.dot, margin)]
    return lines + terminal.wrap(terminal.clean(_counts(service.routes)), margin)


def _counts(routes: Sequence[Route]) -> str:
    """`12 routes: 9 on the event loop, 3 in threads`."""
    if not routes:
        return "no routes found"
    contexts = Counter(route.context for route in routes)
    told = [(_WHERE[context], number) for context, number in sorted(contexts.items(), key=lambda item: (-item[1], item[0]))]
    if len(told) == 1:
        return f"{count(len(routes), 'route')}, {'all ' if len(routes) > 1 else ''}{_at(told[0][0])}"
    return f"{count(len(routes), 'route')}: " + ", ".join(f"{number:,} {_at(where)}" for where, number in told)


def _at(where: str) -> str:
    return f"on the {where}" if "loop" in where and where != "own loop" else f"on their {where}" if "loop" in where else f"in {where}"


def _routes(routes: Sequence[Route], terminal: Terminal) -> list[str]:
    if not routes:
        return [""]
    rows = [tuple(terminal.clean(cell) for cell in _cells(route)) for route in routes]
    widths = [max(columns(cell) for cell in column) for column in zip(*rows, strict=True)]
    used = [index for index, width in enumerate(widths) if width]
    if sum(widths[index] for index in used) + len(_GAP) * len(used) <= terminal.width:
        return ["", *(_GAP + _GAP.join(pad(row[index], widths[index]) for index in used).rstrip() for row in rows), ""]
    lines: list[str] = [""]
    for methods, path, handler, place, *rest in rows:
        lines += terminal.wrap(f"{methods} {path}", _GAP, _GAP * 3)
        detail = [piece for piece in (handler, place, *rest) if piece]
        lines += [terminal.dim(line) for line in terminal.flow(detail, terminal.dot, _GAP * 3)]
    return [*lines, ""]


def _cells(route: Route) -> tuple[str, ...]:
    return (
        ",".join(route.methods) or route.kind.upper(),
        route.path,
        short_name(route.handler, route.location.path),
        f"{route.location.path}:{route.location.line}",
        _WHERE[route.context],
        f"waits for {', '.join(route.waits_for)}" if route.waits_for else "",
        _VALIDATED[route.validated],
    )
