"""Notes where functions run; shared by probes, and none itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any


class Notes:
    """Observations of handlers, in the form of a result's `contexts`.

    A function that runs on a thread with a running loop was on the event loop: on the `loop` that serves, or a private one.
    One that does not was in a thread, or, where `main` names the context of the thread that made the notes, there.
    """

    def __init__(self, main: str = "") -> None:
        self.contexts: list[dict[str, Any]] = []
        self.loop: asyncio.AbstractEventLoop | None = None
        self._main = main
        self._thread = threading.current_thread()

    def serves(self) -> None:
        """The running loop is the one that serves."""
        self.loop = asyncio.get_running_loop()

    def note(self, name: str, kind: str, is_async: bool) -> None:
        """A handler registered as `name` runs here and now."""
        self.tell(name, kind, is_async, self._place())

    def tell(self, name: str, kind: str, is_async: bool, ran: str) -> None:
        """What was seen otherwise: `refused`, `not-awaited`."""
        self.contexts.append({"name": name, "kind": kind, "is_async": is_async, "ran": ran})

    def _place(self) -> str:
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            return self._main if self._main and threading.current_thread() is self._thread else "threadpool"
        return "private-loop" if self.loop is not None and running is not self.loop else "event-loop"

    def pair(self, name: str, kind: str, result: Any = None) -> tuple[Callable[[], Any], Callable[[], Any]]:
        """A `def` and an `async def` without parameters that note where they run, as `plain` and `asynchronous`."""

        def plain() -> Any:
            self.note(name, kind, is_async=False)
            return result

        async def asynchronous() -> Any:
            self.note(name, kind, is_async=True)
            return result

        return plain, asynchronous

    def pair_taking(self, name: str, kind: str, result: Any = None) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """As `pair`, with any arguments."""

        def plain(*args: Any, **kwargs: Any) -> Any:
            self.note(name, kind, is_async=False)
            return result

        async def asynchronous(*args: Any, **kwargs: Any) -> Any:
            self.note(name, kind, is_async=True)
            return result

        return plain, asynchronous


async def ask_asgi(app: Any, *paths: str) -> None:
    """Sends a GET for each path to an ASGI application, without a server and its lifespan."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        pass

    for path in paths:
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [],
        }
        await app({"http_version": "1.1", "scheme": "http", "client": None, "server": ("probe", 80), **scope}, receive, send)
