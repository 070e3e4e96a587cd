"""Consumers of Channels, each spoken to as a server speaks to them; the routes of its routers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

REQUIREMENTS = {"4": ["channels==4.*", "django==5.2.*", "requests"]}

EVENTS = {
    "connect": ({"type": "websocket.connect"},),
    "websocket_connect": ({"type": "websocket.connect"},),
    "receive": ({"type": "websocket.connect"}, {"type": "websocket.receive", "text": "{}"}),
    "websocket_receive": ({"type": "websocket.connect"}, {"type": "websocket.receive", "text": "{}"}),
    "receive_json": ({"type": "websocket.connect"}, {"type": "websocket.receive", "text": "{}"}),
    "disconnect": ({"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}),
    "websocket_disconnect": ({"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}),
}


def observe() -> dict[str, Any]:
    from django_projects import routes_of, set_up
    from noting import Notes

    set_up("channels", "porch")
    from channels.generic.http import AsyncHttpConsumer
    from channels.generic.websocket import AsyncJsonWebsocketConsumer, AsyncWebsocketConsumer, JsonWebsocketConsumer, WebsocketConsumer

    notes = Notes()
    for plain, json in ((AsyncWebsocketConsumer, AsyncJsonWebsocketConsumer), (WebsocketConsumer, JsonWebsocketConsumer)):
        for method, events in EVENTS.items():
            name = f"channels.generic.websocket.{plain.__name__}.{method}"
            base = json if method == "receive_json" else plain
            for is_async in (False, True):
                before = len(notes.contexts)
                function = notes.pair_taking(name, "websocket")[is_async]
                asyncio.run(speak(notes, type("Probe", (base,), {method: function}), {"type": "websocket"}, events))
                if len(notes.contexts) == before:
                    notes.tell(name, "websocket", is_async, "not-awaited" if is_async else "refused")
    for method, events in (("handle", ({"type": "http.request", "body": b""},)), ("http_disconnect", ({"type": "http.disconnect"},))):
        for function in notes.pair_taking(f"channels.generic.http.AsyncHttpConsumer.{method}", "http"):
            asyncio.run(speak(notes, type("Probe", (AsyncHttpConsumer,), {method: function}), {"type": "http"}, events))
    return {"contexts": notes.contexts, "routes": {"channels_chat": [*routes_of("porch.urls"), *sockets()]}}


async def speak(notes: Any, consumer: Any, scope: dict[str, Any], events: tuple[dict[str, Any], ...]) -> None:
    """The events of one connection; a consumer that fails has noted where it ran, or was never run."""
    notes.serves()
    waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    for event in events:
        waiting.put_nowait(event)

    async def send(message: dict[str, Any]) -> None:
        pass

    with contextlib.suppress(Exception):
        await asyncio.wait_for(consumer.as_asgi()({"path": "/x", "headers": [], **scope}, waiting.get, send), 0.5)


def sockets() -> Iterator[dict[str, Any]]:
    """The consumers of the routers, with their whole paths."""
    from porch.routing import websocket_urlpatterns

    yield from _sockets(websocket_urlpatterns, "/")


def _sockets(patterns: Any, prefix: str) -> Iterator[dict[str, Any]]:
    from channels.routing import URLRouter
    from django_projects import _text

    for pattern in patterns:
        path = prefix + _text(pattern.pattern)
        if isinstance(pattern.callback, URLRouter):
            yield from _sockets(pattern.callback.routes, path)
        else:
            class_ = pattern.callback.consumer_class
            yield {"path": path, "methods": [], "handler": f"{class_.__module__}.{class_.__qualname__}"}
