"""How the service is started."""

from __future__ import annotations

from fwaudit.catalog.advice import SignalTable
from fwaudit.measure.view import Signal, Signals, View, counted, first
from fwaudit.model.manifest import UNKNOWN_WORKER_CLASS


def measure(view: View, _table: SignalTable) -> Signals:
    """The classes and numbers of workers that its start commands name, and whether it runs without a server of its own."""
    commanded = {place for server in view.service.servers for place in server.evidence}
    starts = [start for start in view.manifests.starts if start.evidence in commanded]
    named = sorted({one.worker_class for one in starts} - {"", UNKNOWN_WORKER_CLASS})
    workers = max((one.workers or 0 for one in starts), default=0)
    threads = max((one.threads for one in view.traits), default=0)
    return {
        "worker_classes": Signal(named, first(one.evidence for one in starts)),
        "workers": Signal(workers),
        "thread_budget": Signal(threads * max(1, workers)),
        "grpc_servicers": counted(view.found("grpc_servicers")),
        "serverless_imports": counted(view.found("serverless_imports")),
    }
