"""How each service is started, as checks see it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping

from fwaudit.catalog.servers import ServerIndex
from fwaudit.link.services.candidate import Candidate
from fwaudit.link.services.loaded import loaded_with
from fwaudit.link.services.roots import Roots
from fwaudit.link.services.served import ServerFact
from fwaudit.link.symbols import Symbols
from fwaudit.model.context import Context
from fwaudit.model.manifest import UNKNOWN_WORKER_CLASS, ServerStart
from fwaudit.model.service import Serving


def servings_of(candidate: Candidate, servers: ServerIndex, kinds: Mapping[str, str], roots: Roots, symbols: Symbols) -> Iterator[Serving]:
    """How the candidate is started, without what examples and tests start; `kinds` gives the kind of each manifest.

    A command that runs a program which starts a server in code starts that server.
    """
    facts = [
        server for server in dict.fromkeys(candidate.servers) if server.name in servers.servers and roots.is_deployed(server.location.path)
    ]
    for server in facts:
        row = servers.servers[server.name]
        start = server.start
        loads = loaded_with(symbols, (*candidate.paths, server.path)) if row.is_serverless else None
        if start is None:
            yield Serving(
                service=candidate.root,
                server=server.name,
                serves=server.interface,
                location=server.location,
                manifest="",
                is_development=row.is_development,
                runs_as=runs_as(server, servers),
                worker_class=UNKNOWN_WORKER_CLASS if row.worker_classes else "",  # its options stand in code
                loads=loads,
            )
            continue
        kind = kinds.get(server.location.path, "")
        if not row.interface:
            for inner in _started_by(start, server.path, facts):
                yield Serving(
                    candidate.root,
                    inner.name,
                    inner.interface,
                    server.location,
                    kind,
                    servers.servers[inner.name].is_development,
                    runs_as=runs_as(inner, servers),
                    worker_class=UNKNOWN_WORKER_CLASS if servers.servers[inner.name].worker_classes else "",
                    app=start.app,
                )
            continue
        yield Serving(
            service=candidate.root,
            server=server.name,
            serves=servers.interface(server.name, start.worker_class, start.options),
            location=server.location,
            manifest=kind,
            is_development=row.is_development,
            runs_as=runs_as(server, servers),
            worker_class=start.worker_class,
            workers=start.workers,
            options=start.options,
            config=start.config,
            stage=start.stage,
            is_open=start.is_open,
            app=start.app,
            loads=loads,
        )


def runs_as(server: ServerFact, servers: ServerIndex) -> Context | None:
    """Where synchronous handlers run under it, or its coroutines: by its worker class, its options, or itself; None where none tells."""
    row = servers.servers.get(server.name)
    start = server.start
    if row is None:
        return None
    worker = servers.worker_class(server.name, start.worker_class) if start is not None and start.worker_class else None
    if worker is not None:
        return Context(worker.context)
    given = (option.partition("=")[0] for option in start.options) if start is not None else ()
    if not set(row.greenlet_options).isdisjoint(given):
        return Context.GREENLET
    return Context(row.context) if row.context is not None and not (start is not None and start.worker_class) else None


def worker_context(facts: Iterable[ServerFact], servers: ServerIndex, roots: Roots) -> Context:
    """Where what runs in WSGI workers does so: in greenlets or, behind an adapter, in threads, if every server says so.

    Those for developing do not count, and those whose options stand in a file that is not known.
    """
    told: set[Context | None] = set()
    for server in facts:
        row = servers.servers.get(server.name)
        if row is None or row.is_development or not row.interface or not roots.is_deployed(server.location.path):
            continue
        adapter = servers.adapters.get(server.adapter)
        if adapter is not None:
            told.add(Context(adapter.context) if adapter.context is not None else None)
            continue
        context = runs_as(server, servers)
        if context is not None or server.start is None or not server.start.config:
            told.add(context)
    only = told.pop() if len(told) == 1 else None
    return only if only in (Context.GREENLET, Context.THREADPOOL) else Context.WSGI_WORKER


def _started_by(start: ServerStart, path: str, facts: list[ServerFact]) -> Iterator[ServerFact]:
    """The servers that the file starts in code which the command runs."""
    script = posixpath.normpath(posixpath.join(start.folder, start.app)) if start.app.endswith(".py") else path
    seen = set()
    for server in facts:
        if server.in_code and script and server.path == script and server.name not in seen:
            seen.add(server.name)
            yield server
