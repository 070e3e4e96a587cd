"""How each service is started, as checks see it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from fwaudit.catalog.servers import ServerIndex
from fwaudit.link.services.candidate import Candidate
from fwaudit.link.services.roots import Roots
from fwaudit.link.services.served import ServerFact
from fwaudit.model.context import Context
from fwaudit.model.manifest import ServerStart
from fwaudit.model.service import Serving


def servings_of(candidate: Candidate, servers: ServerIndex, kinds: Mapping[str, str], roots: Roots) -> Iterator[Serving]:
    """How the candidate is started, without what examples and tests start; `kinds` gives the kind of each manifest.

    A command that runs a program which starts a server in code starts that server.
    """
    facts = [
        server for server in dict.fromkeys(candidate.servers) if server.name in servers.servers and roots.is_deployed(server.location.path)
    ]
    for server in facts:
        row = servers.servers[server.name]
        start = server.start
        if start is None:
            yield Serving(candidate.root, server.name, server.interface, server.location, "", row.is_development)
            continue
        kind = kinds.get(server.location.path, "")
        if not row.interface:
            for inner in _started_by(start, server.path, facts):
                is_development = servers.servers[inner.name].is_development
                yield Serving(candidate.root, inner.name, inner.interface, server.location, kind, is_development, app=start.app)
            continue
        worker = servers.worker_class(server.name, start.worker_class)
        yield Serving(
            service=candidate.root,
            server=server.name,
            serves=servers.interface(server.name, start.worker_class, start.options),
            location=server.location,
            manifest=kind,
            is_development=row.is_development,
            runs_as=Context(worker.context) if worker is not None else None,
            worker_class=start.worker_class,
            workers=start.workers,
            options=start.options,
            config=start.config,
            app=start.app,
        )


def _started_by(start: ServerStart, path: str, facts: list[ServerFact]) -> Iterator[ServerFact]:
    """The servers that the file starts in code which the command runs."""
    script = posixpath.normpath(posixpath.join(start.folder, start.app)) if start.app.endswith(".py") else path
    seen = set()
    for server in facts:
        if server.in_code and script and server.path == script and server.name not in seen:
            seen.add(server.name)
            yield server
