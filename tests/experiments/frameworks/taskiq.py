"""Tasks of taskiq, run by a broker in memory."""

from __future__ import annotations

import asyncio
from typing import Any

REQUIREMENTS = {"0": ["taskiq==0.*"]}


def observe() -> dict[str, Any]:
    from noting import Notes

    notes = Notes()
    asyncio.run(serve(notes))
    return {"contexts": notes.contexts}


async def serve(notes: Any) -> None:
    from taskiq import InMemoryBroker

    notes.serves()
    broker = InMemoryBroker()
    await broker.startup()
    for name, function in zip(("sync", "async"), notes.pair("taskiq.AsyncBroker.task", "background", "done"), strict=True):
        task = broker.task(task_name=f"task-{name}")(function)
        await (await task.kiq()).wait_result(timeout=10)
    for name, function in zip(("sync", "async"), notes.pair("taskiq.AsyncBroker.register_task", "background", "done"), strict=True):
        task = broker.register_task(function, task_name=f"registered-{name}")
        await (await task.kiq()).wait_result(timeout=10)
    await broker.shutdown()
