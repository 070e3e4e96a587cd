"""Jobs of APScheduler 3 under its asyncio scheduler and its threaded ones."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

REQUIREMENTS = {"3": ["apscheduler==3.*"]}


def observe() -> dict[str, Any]:
    import logging

    from noting import Notes

    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    notes = Notes()
    asyncio.run(on_loop(notes))
    in_threads(notes)
    return {"contexts": notes.contexts}


async def on_loop(notes: Any) -> None:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    notes.serves()
    owner = "apscheduler.schedulers.asyncio.AsyncIOScheduler"
    scheduler = AsyncIOScheduler()
    for function in notes.pair(f"{owner}.add_job", "background"):
        scheduler.add_job(function)
    for function in notes.pair(f"{owner}.scheduled_job", "background"):
        scheduler.scheduled_job("interval", seconds=0.1, max_instances=10)(function)
    scheduler.start()
    await until(lambda: len({(one["name"], one["is_async"]) for one in notes.contexts}) == 4)
    scheduler.shutdown()


async def until(is_done: Any) -> None:
    for _ in range(200):
        if is_done():
            return
        await asyncio.sleep(0.05)


def in_threads(notes: Any) -> None:
    """A coroutine function is called in a thread, and its coroutine lost."""
    import warnings

    from apscheduler.schedulers.background import BackgroundScheduler
    from apscheduler.schedulers.blocking import BlockingScheduler

    warnings.simplefilter("ignore")
    for kind, name in (
        (BackgroundScheduler, "apscheduler.schedulers.background.BackgroundScheduler"),
        (BlockingScheduler, "apscheduler.schedulers.blocking.BlockingScheduler"),
    ):
        for call in ("add_job", "scheduled_job"):
            owner = f"{name}.{call}"
            ran = threading.Event()
            scheduler = kind()

            def plain(owner: str = owner, ran: threading.Event = ran) -> None:
                notes.note(owner, "background", is_async=False)
                ran.set()

            async def asynchronous(owner: str = owner) -> None:
                notes.note(owner, "background", is_async=True)

            for function in (asynchronous, plain):
                if call == "add_job":
                    scheduler.add_job(function)
                else:
                    scheduler.scheduled_job("interval", seconds=0.1)(function)
            threading.Thread(target=scheduler.start, daemon=True).start()
            assert ran.wait(10)
            scheduler.shutdown(wait=False)
            if not any(one["name"] == owner and one["is_async"] for one in notes.contexts):
                notes.tell(owner, "background", is_async=True, ran="not-awaited")
