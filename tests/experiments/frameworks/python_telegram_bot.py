"""Handlers of python-telegram-bot, which are given updates without a network: on threads in version 13, on the loop since 20."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

REQUIREMENTS = {"13": ["python-telegram-bot==13.*"], "22": ["python-telegram-bot[job-queue]==22.*"]}
MESSAGE = {
    "message_id": 1,
    "date": 1700000000,
    "chat": {"id": 1, "type": "private"},
    "from": {"id": 1, "is_bot": False, "first_name": "A"},
    "text": "/x",
    "entities": [{"type": "bot_command", "offset": 0, "length": 2}],
}
QUERY = {"id": "1", "from": {"id": 1, "is_bot": False, "first_name": "A"}, "chat_instance": "1", "data": "x"}


def observe() -> dict[str, Any]:
    from importlib import metadata

    from noting import Notes

    notes = Notes()
    if metadata.version("python-telegram-bot").startswith("13."):
        in_threads(notes)
    else:
        asyncio.run(on_loop(notes))
    return {"contexts": notes.contexts}


async def on_loop(notes: Any) -> None:
    """A sync callback is called on the loop, and then awaiting what it gave fails: it cannot serve."""
    from telegram import Update, User
    from telegram.ext import Application, CallbackQueryHandler, CommandHandler, MessageHandler, filters

    notes.serves()
    makers = {
        "telegram.ext.CommandHandler": (lambda callback: CommandHandler("x", callback), {"message": MESSAGE}),
        "telegram.ext.MessageHandler": (lambda callback: MessageHandler(filters.ALL, callback), {"message": MESSAGE}),
        "telegram.ext.CallbackQueryHandler": (CallbackQueryHandler, {"callback_query": QUERY}),
    }
    for name, (make, update) in makers.items():
        callback = notes.pair_taking(name, "event")[1]
        app = Application.builder().token("1:probe").updater(None).build()
        app._initialized = True  # else it asks Telegram who it is
        app.bot._bot_user = User(1, "Probe", is_bot=True, username="probe")
        app.add_handler(make(callback))
        await app.process_update(Update.de_json({"update_id": 1, **update}, app.bot))
    app = Application.builder().token("1:probe").updater(None).build()
    for call, arguments in (("run_once", {"when": 0.01}), ("run_repeating", {"interval": 0.05})):
        ran = asyncio.Event()

        async def job(context: Any, name: str = f"telegram.ext.JobQueue.{call}", ran: asyncio.Event = ran) -> None:
            notes.note(name, "background", is_async=True)
            ran.set()

        getattr(app.job_queue, call)(job, **arguments)
        if not app.job_queue.scheduler.running:
            await app.job_queue.start()
        await asyncio.wait_for(ran.wait(), 10)
    await app.job_queue.stop()


def in_threads(notes: Any) -> None:
    import warnings
    from queue import Queue

    warnings.simplefilter("ignore")
    from telegram import Bot, Update, User
    from telegram.ext import CallbackQueryHandler, CommandHandler, Dispatcher, Filters, MessageHandler

    bot = Bot("123:probe")
    bot._bot = User(1, "Probe", is_bot=True, username="probe")  # else it asks Telegram who it is
    makers = {
        "telegram.ext.CommandHandler": (lambda callback: CommandHandler("x", callback), {"message": MESSAGE}),
        "telegram.ext.MessageHandler": (lambda callback: MessageHandler(Filters.all, callback), {"message": MESSAGE}),
        "telegram.ext.CallbackQueryHandler": (CallbackQueryHandler, {"callback_query": QUERY}),
    }
    for name, (make, update) in makers.items():
        updates: Any = Queue()
        dispatcher = Dispatcher(bot, updates, workers=0)
        ran = threading.Event()

        def callback(update: Any, context: Any, name: str = name, ran: threading.Event = ran) -> None:
            notes.note(name, "event", is_async=False)
            ran.set()

        dispatcher.add_handler(make(callback))
        # As the Updater does.
        thread = threading.Thread(target=dispatcher.start, daemon=True)
        thread.start()
        updates.put(Update.de_json({"update_id": 1, **update}, bot))
        assert ran.wait(20)
        dispatcher.stop()
        thread.join(20)
