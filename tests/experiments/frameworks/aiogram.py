"""Handlers of aiogram 3, which are given updates without a network."""

from __future__ import annotations

import asyncio
from typing import Any

REQUIREMENTS = {"3": ["aiogram==3.*"]}
USER = {"id": 1, "is_bot": False, "first_name": "A"}
MESSAGE = {"message_id": 1, "date": 1700000000, "chat": {"id": 1, "type": "private"}, "from": USER, "text": "x"}
UPDATES = {
    "message": MESSAGE,
    "edited_message": MESSAGE,
    "callback_query": {"id": "1", "from": USER, "chat_instance": "1", "data": "x"},
    "inline_query": {"id": "1", "from": USER, "query": "x", "offset": ""},
}


def observe() -> dict[str, Any]:
    from noting import Notes

    notes = Notes()
    asyncio.run(serve(notes))
    return {"contexts": notes.contexts}


async def serve(notes: Any) -> None:
    from aiogram import Bot, Dispatcher, Router
    from aiogram.types import Update

    notes.serves()
    bot = Bot("1:probe")
    for owner, kind in (("aiogram.Router", Router), ("aiogram.Dispatcher", Dispatcher)):
        for event, content in UPDATES.items():
            for way in ("", ".register"):
                for is_async in (False, True):
                    router = kind()
                    dispatcher = router if kind is Dispatcher else Dispatcher()
                    if router is not dispatcher:
                        dispatcher.include_router(router)
                    # aiogram looks at a handler's parameters: one of any keywords takes all.
                    plain, asynchronous = notes.pair_taking(f"{owner}.{event}{way}", "event")
                    observer = getattr(router, event)
                    observer.register(asynchronous if is_async else plain) if way else observer()(asynchronous if is_async else plain)
                    await dispatcher.feed_update(bot, Update.model_validate({"update_id": 1, event: content}))
    for event in ("startup", "shutdown"):
        for way in ("", ".register"):
            dispatcher = Dispatcher()
            for function in notes.pair_taking(f"aiogram.Dispatcher.{event}{way}", event):
                getattr(dispatcher, event).register(function) if way else getattr(dispatcher, event)()(function)
            await getattr(dispatcher, f"emit_{event}")(bot=bot)
    await bot.session.close()
