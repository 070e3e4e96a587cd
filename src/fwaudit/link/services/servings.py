"""How each service is started, as checks see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fwaudit.catalog.servers import ServerIndex
from fwaudit.link.services.candidate import Candidate
from fwaudit.link.services.roots import is_deployed
from fwaudit.model.context import Context
from fwaudit.model.service import Serving


def servings_of(candidate: Candidate, servers: ServerIndex, kinds: Mapping[str, str]) -> Iterator[Serving]:
    """How the candidate is started, without what examples and tests start; `kinds` gives the kind of each manifest."""
    for server in dict.fromkeys(candidate.servers):
        row = servers.servers.get(server.name)
        start = server.start
        if row is None or not row.interface or not is_deployed(server.location.path):
            continue
        if start is None:
            yield Serving(candidate.root, server.name, server.interface, server.location, "", row.is_development)
            continue
        worker = servers.worker_class(server.name, start.worker_class)
        yield Serving(
            service=candidate.root,
            server=server.name,
            serves=servers.interface(server.name, start.worker_class, start.options),
            location=server.location,
            manifest=kinds.get(server.location.path, ""),
            is_development=row.is_development,
            runs_as=Context(worker.context) if worker is not None else None,
            worker_class=start.worker_class,
            workers=start.workers,
            options=start.options,
            app=start.app,
        )
