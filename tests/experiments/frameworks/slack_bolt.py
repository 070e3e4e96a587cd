"""Listeners of Bolt for Slack, which are given requests without a network."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

REQUIREMENTS = {"1": ["slack-bolt==1.*", "aiohttp"]}
USER = {"team": {"id": "T"}, "user": {"id": "U"}, "team_id": "T", "user_id": "U"}
EVENT = {"type": "event_callback", "team_id": "T", "event": {"type": "app_mention", "user": "U", "text": "x", "channel": "C", "ts": "1.1"}}
REQUESTS = {
    "event": ("app_mention", EVENT),
    "message": ("x", {**EVENT, "event": {**EVENT["event"], "type": "message"}}),
    "command": ("/x", {**USER, "command": "/x"}),
    "action": ("x", {**USER, "type": "block_actions", "actions": [{"type": "button", "action_id": "x", "block_id": "x"}]}),
    "shortcut": ("x", {**USER, "type": "shortcut", "callback_id": "x"}),
    "view": ("x", {**USER, "type": "view_submission", "view": {"type": "modal", "callback_id": "x"}}),
}
"""Decorator to what it takes and a request for it."""


def observe() -> dict[str, Any]:
    from noting import Notes

    threads = Notes(main="unknown")
    in_threads(threads)
    loop = Notes()
    asyncio.run(on_loop(loop))
    return {"contexts": threads.contexts + loop.contexts}


def listener_noting(notes: Any, name: str, ran: threading.Event) -> Any:
    """Bolt looks at the names of a listener's parameters: it has only that one."""

    def listener(ack: Any) -> None:
        notes.note(name, "event", is_async=False)
        ack()
        ran.set()

    return listener


def async_listener_noting(notes: Any, name: str, ran: asyncio.Event) -> Any:
    async def listener(ack: Any) -> None:
        notes.note(name, "event", is_async=True)
        await ack()
        ran.set()

    return listener


def in_threads(notes: Any) -> None:
    from slack_bolt import App, BoltRequest
    from slack_bolt.authorization import AuthorizeResult

    def authorize() -> Any:
        return AuthorizeResult(enterprise_id=None, team_id="T", bot_token="xoxb-1", bot_id="B", bot_user_id="W")

    for decorator, (argument, body) in REQUESTS.items():
        app = App(authorize=authorize, request_verification_enabled=False, signing_secret="s")
        ran = threading.Event()

        getattr(app, decorator)(argument)(listener_noting(notes, f"slack_bolt.App.{decorator}", ran))
        app.dispatch(BoltRequest(body=body, mode="socket_mode"))
        assert ran.wait(10), decorator


async def on_loop(notes: Any) -> None:
    from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
    from slack_bolt.authorization import AuthorizeResult

    notes.serves()

    async def authorize() -> Any:
        return AuthorizeResult(enterprise_id=None, team_id="T", bot_token="xoxb-1", bot_id="B", bot_user_id="W")

    for decorator, (argument, body) in REQUESTS.items():
        app = AsyncApp(authorize=authorize, request_verification_enabled=False, signing_secret="s")
        name = f"slack_bolt.async_app.AsyncApp.{decorator}"
        ran = asyncio.Event()

        try:
            getattr(app, decorator)(argument)(listener_noting(notes, name, threading.Event()))
        except Exception as error:  # noqa: BLE001  it says that it takes coroutine functions only
            print(type(error), error)
            notes.tell(name, "event", is_async=False, ran="refused")
        getattr(app, decorator)(argument)(async_listener_noting(notes, name, ran))
        await app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
        await asyncio.wait_for(ran.wait(), 10)
