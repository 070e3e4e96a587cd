"""All readers of routes that a framework's table cannot say, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable

from fwaudit.link.contexts import EntryPoints
from fwaudit.link.routes.grpc import read_grpc
from fwaudit.link.routes.tornado import read_tornado

READERS: tuple[Callable[[EntryPoints], None], ...] = (read_grpc, read_tornado)
"""Each adds what it finds with `EntryPoints.add_route` and `add_point`, and nothing where its framework is not imported."""
