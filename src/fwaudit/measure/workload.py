"""What the service waits for, and how: outbound calls, language models, streams, CPU work, and async that is an illusion."""

from __future__ import annotations

from collections import Counter

from fwaudit.catalog.advice import SignalTable
from fwaudit.measure.view import Found, Signal, Signals, View, counted, first, labelled, share
from fwaudit.model.context import Context, Grade, WaitsFor
from fwaudit.model.finding import Finding, Location

_WORKERS = (Context.WSGI_WORKER, Context.GREENLET)


def measure(view: View, _table: SignalTable) -> Signals:
    """All signals of what requests spend their time on."""
    routes = view.routes
    signals = _waits(view)
    signals |= _language_models(view)
    is_async = sum(route.is_async for route in routes)
    signals["async_routes"] = Signal(is_async)
    signals["async_share"] = Signal(share(is_async, len(routes)))
    signals["worker_routes"] = Signal(sum(route.context in _WORKERS for route in routes))
    signals["websocket_routes"] = labelled(view, {route.label for route in routes if route.kind == "websocket"})
    signals["event_handlers"] = _event_handlers(view)
    signals["event_stream_routes"] = labelled(view, view.routes_of(view.found("event_streams")))
    signals["long_waits"] = counted(view.found("long_waits"))
    signals["long_wait_routes"] = labelled(view, view.routes_of(view.found("long_waits")))
    signals["inference_imports"] = counted(view.found("inference_imports"))
    signals["task_queue_imports"] = counted(view.found("task_queue_imports"))
    return signals | _illusion(view)


def _waits(view: View) -> Signals:
    outbound = view.found("outbound_calls")
    kinds: dict[str, set[str]] = {kind: set() for kind in WaitsFor}
    for route in view.routes:
        for kind in route.waits_for:
            kinds[kind].add(route.label)
    handed_on = view.routes_of(view.found("tasks_handed_on"))
    network = (kinds[WaitsFor.NETWORK] - handed_on) | view.routes_of(outbound)
    reached = Counter(label for one in outbound for label in set(one.routes) & view.labels)
    database_alone = {route.label for route in view.routes if route.waits_for == (WaitsFor.DATABASE,)} - network
    return {
        "database_routes": labelled(view, kinds[WaitsFor.DATABASE]),
        "cpu_routes": labelled(view, kinds[WaitsFor.CPU] - view.routes_of(view.found("brief_cpu_work"))),
        "outbound_routes": labelled(view, network),
        "outbound_share": Signal(share(len(network), len(view.routes))),
        "outbound_calls": counted(outbound),
        "fan_out_routes": labelled(view, {label for label, number in reached.items() if number > 1}),
        "crud_share": Signal(share(len(database_alone), len(view.routes))),
    }


def _language_models(view: View) -> Signals:
    models = view.found("llm_calls")
    streams = view.found("streaming_calls")
    asking, streaming = view.routes_of(models), view.routes_of(streams)
    return {
        "llm_socket_handlers": Signal(_in_one_file(view.found("event_handlers"), view.found("llm_imports"))),
        "llm_imports": counted(view.found("llm_imports")),
        "llm_calls": counted(models),
        "llm_routes": labelled(view, asking),
        "llm_route_names": Signal(sorted(asking)),
        "streaming_calls": counted(streams),
        "streaming_routes": labelled(view, streaming),
        "llm_streaming_routes": labelled(view, asking & streaming),
        "vector_store_imports": counted(view.found("vector_store_imports")),
    }


def _event_handlers(view: View) -> Signal:
    """By their registrations, or by the routes where nothing tells what they are registered on: `def register(socketio)`."""
    found = view.found("event_handlers")
    events = [route.location for route in view.routes if route.kind == "event"]
    return Signal(len(events), first(events)) if len(events) > len(found) else counted(found)


def _in_one_file(some: tuple[Found, ...], others: tuple[Found, ...]) -> int:
    """How many of `some` stand in a file with one of `others`."""
    paths = {one.location.path for one in others}
    return sum(one.location.path in paths for one in some)


def _illusion(view: View) -> Signals:
    """Blocking findings that are grave and not doubtful, and the share of the async routes that they hold up.

    What no request runs, such as a job or what happens before the first one, counts for neither.
    """
    grave = [one for one in view.findings if one.severity is Grade.HIGH and one.confidence.rank >= Grade.MEDIUM.rank]
    served = [one for one in grave if one.routes or one.function in view.served]
    blocked = [one for one in served if one.category == "event-loop" and one.steps]
    is_everywhere = any(one.function in view.around for one in blocked)
    reached = view.labels if is_everywhere else {label for finding in blocked for label in finding.routes if label in view.labels}
    on_loop = {route.label for route in view.routes if route.context is Context.EVENT_LOOP}
    return {
        "blocking_findings": Signal(len(blocked), first(_place(finding) for finding in blocked)),
        "blocked_routes": labelled(view, reached),
        "illusion_share": Signal(share(len(reached & on_loop), len(on_loop))),
    }


def _place(finding: Finding) -> Location:
    return Location(finding.path, finding.line, finding.column, finding.end_line, finding.end_column)
