"""Events of Socket.IO servers: an asyncio server under a real socket, a threaded one over WSGI."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

REQUIREMENTS = {"5": ["python-socketio[asyncio_client]==5.*", "requests", "websocket-client"]}


def observe() -> dict[str, Any]:
    from noting import Notes

    asynchronous = Notes()
    asyncio.run(serve(asynchronous))
    threaded = Notes()
    serve_threads(threaded)
    return {"contexts": asynchronous.contexts + threaded.contexts}


async def serve(notes: Any) -> None:
    import socketio
    from aiohttp import web

    notes.serves()
    server = socketio.AsyncServer(async_mode="aiohttp")
    app = web.Application()
    server.attach(app)
    register(server, notes, "socketio.AsyncServer", "socketio.AsyncNamespace", socketio.AsyncNamespace)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    async with socketio.AsyncSimpleClient() as client:
        await client.connect(f"http://127.0.0.1:{port}")
        for event in ("on_sync", "on_async", "event_sync", "event_async"):
            await client.call(event)
    async with socketio.AsyncSimpleClient() as client:
        await client.connect(f"http://127.0.0.1:{port}", namespace="/space")
        for event in ("sync", "async"):
            await client.call(event)
    await runner.cleanup()


def register(server: Any, notes: Any, owner: str, space: str, base: Any) -> None:
    """Sync and async handlers of events, by name, by decorator, and as methods of a namespace."""
    plain, asynchronous = notes.pair_taking(f"{owner}.on", "event", "done")
    server.on("on_sync", plain)
    server.on("on_async")(asynchronous)
    for name, function in zip(("event_sync", "event_async"), notes.pair_taking(f"{owner}.event", "event", "done"), strict=True):
        function.__name__ = name
        server.event(function)

    class Space(base):
        def on_sync(self, *arguments: Any) -> str:
            notes.note(space, "event", is_async=False)
            return "done"

        async def on_async(self, *arguments: Any) -> str:
            notes.note(space, "event", is_async=True)
            return "done"

    server.register_namespace(Space("/space"))


def serve_threads(notes: Any) -> None:
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

    import socketio

    server = socketio.Server(async_mode="threading")
    plain, asynchronous = notes.pair_taking("socketio.Server.on", "event", "done")
    server.on("on_sync", plain)
    server.on("on_async", asynchronous)
    for name, function in zip(("event_sync", "event_async"), notes.pair_taking("socketio.Server.event", "event", "done"), strict=True):
        function.__name__ = name
        server.event(function)

    class Space(socketio.Namespace):
        def on_sync(self, *arguments: Any) -> str:
            notes.note("socketio.Namespace", "event", is_async=False)
            return "done"

    server.register_namespace(Space("/space"))

    from socketserver import ThreadingMixIn

    class Threads(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Silent(WSGIRequestHandler):
        def log_message(self, *arguments: Any) -> None:
            pass

    http = Threads(("127.0.0.1", 0), Silent)
    http.set_app(socketio.WSGIApp(server))
    threading.Thread(target=http.serve_forever, daemon=True).start()
    for namespace, events in (("/", ("on_sync", "event_sync")), ("/space", ("sync",))):
        client = socketio.SimpleClient()
        client.connect(f"http://127.0.0.1:{http.server_port}", namespace=namespace, transports=["polling"])
        for event in events:
            client.call(event)
        client.disconnect()
    http.shutdown()
