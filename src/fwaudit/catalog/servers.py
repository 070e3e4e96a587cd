"""The servers of `rules/servers.toml` by the words and calls that start them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from fwaudit.catalog.braces import expand_braces
from fwaudit.catalog.server_schema import Adapter, Server, ServerTable, WorkerClass, Wrapper
from fwaudit.errors import CatalogError


@dataclass(frozen=True, slots=True)
class Program:
    """What a program's name means on a command line: alone, and with its subcommands."""

    alone: Server | Wrapper | None
    subcommands: Mapping[str, Server | Wrapper]


class ServerIndex:
    """All servers and wrappers. Of rows for one name the later table's counts."""

    def __init__(self, tables: Iterable[ServerTable]) -> None:
        tables = list(tables)
        self.servers: dict[str, Server] = {}
        wrappers: list[Wrapper] = []
        for table in tables:
            names = [server.name for server in table.servers]
            if twice := next((name for name in names if names.count(name) > 1), None):
                raise CatalogError(f"servers.toml: `{twice}` has two rows")
            self.servers |= {server.name: server for server in table.servers}
            wrappers += table.wrappers
        self.adapters: Mapping[str, Adapter] = {
            call: row for table in tables for row in table.adapters for written in row.calls for call in expand_braces(written)
        }
        """Dotted name to what it makes of an application."""
        rows: list[Server | Wrapper] = [*self.servers.values(), *wrappers]
        self.programs: Mapping[str, Program] = _by_words((command, row) for row in rows for command in row.commands)
        """First word of a command line to what it may start."""
        self.modules: Mapping[str, Program] = _by_words((module, row) for row in rows for module in row.modules)
        """The same for what stands after `python -m`."""
        self._calls = {call: server for server in self.servers.values() for written in server.calls for call in expand_braces(written)}
        self.images: Mapping[str, tuple[Server, str]] = {
            image: (server, worker) for server in self.servers.values() for image, worker in server.images.items()
        }
        """Image of a container to what it starts, and with which worker class."""
        self.not_serving = frozenset(module for table in tables for row in table.not_serving for module in row.modules)
        """Top-level modules that `python -m` runs and that serve no app."""

    @cached_property
    def adapters_to(self) -> Mapping[str, frozenset[str]]:
        """Interface to the dotted names of what makes an application of it."""
        interfaces = {row.interface for row in self.adapters.values()}
        return {one: frozenset(call for call, row in self.adapters.items() if row.interface == one) for one in sorted(interfaces)}

    @property
    def calls(self) -> frozenset[str]:
        """The dotted names of all calls that start a server."""
        return frozenset(self._calls)

    def of_call(self, dotted: str) -> Server | None:
        """The server that a call of `dotted`, a canonical name, starts or wraps an app for."""
        return self._calls.get(dotted)

    def of_distribution(self, name: str) -> Server | None:
        """The server that the distribution brings, the first of them: what `use = egg:NAME` of PasteDeploy starts."""
        return next((server for server in self.servers.values() if name in server.distributions), None)

    def worker_class(self, server: str, name: str) -> WorkerClass | None:
        """What the table says of a worker class of `server`, as a command line writes it."""
        row = self.servers.get(server)
        return next((worker for worker in row.worker_classes if name in worker.names), None) if row is not None else None

    def only_interface(self, server: str) -> str:
        """What the server serves, asgi or wsgi, if that is the same for all its workers; "" otherwise."""
        row = self.servers.get(server)
        interfaces = {row.interface, *(worker.interface for worker in row.worker_classes)} if row is not None else set()
        only = interfaces.pop() if len(interfaces) == 1 else ""
        return only if only in ("asgi", "wsgi") else ""

    def interface(self, server: str, worker_class: str = "", options: Iterable[str] = ()) -> str:
        """What a server started so serves: asgi, wsgi or own-loop; both if it looks at the app, "" where the table cannot tell.

        An option decides before the worker class, and that before the server.
        """
        row = self.servers.get(server)
        if row is None:
            return ""
        told = next((option.partition("=")[2] for option in options if option.startswith("--interface=")), "")
        if told.startswith(("asgi", "wsgi")):
            return told[:4]
        if not worker_class:
            return row.interface
        worker = self.worker_class(server, worker_class)
        return worker.interface if worker is not None else ""


def _by_words(commands: Iterable[tuple[str, Server | Wrapper]]) -> dict[str, Program]:
    """First word to program; a second word is a subcommand."""
    alone: dict[str, Server | Wrapper] = {}
    below: dict[str, dict[str, Server | Wrapper]] = {}
    for command, row in commands:
        first, _, second = command.partition(" ")
        if second:
            below.setdefault(first, {})[second] = row
        else:
            alone[first] = row
    return {first: Program(alone.get(first), below.get(first, {})) for first in sorted({*alone, *below})}
