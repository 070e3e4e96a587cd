"""Jobs of RQ, run by a worker over a Redis in memory. A worker runs a coroutine on a loop that it makes for the job."""

from __future__ import annotations

from typing import Any

REQUIREMENTS = {"3": ["rq==3.*", "fakeredis"]}
SEEN: dict[str, Any] = {}
"""Where the jobs find the notes and the name that they note: a worker imports them by name."""


def plain() -> None:
    SEEN["notes"].note(SEEN["name"], "background", is_async=False)


async def asynchronous() -> None:
    SEEN["notes"].note(SEEN["name"], "background", is_async=True)


def observe() -> dict[str, Any]:
    import asyncio

    import fakeredis
    from noting import Notes
    from rq import Queue, SimpleWorker
    from rq.decorators import job

    notes = SEEN["notes"] = Notes(main="task-queue")
    notes.loop = asyncio.new_event_loop()  # not the one of a job
    connection = fakeredis.FakeStrictRedis()
    queue = Queue("probe", connection=connection)
    ways = {"rq.Queue.enqueue": queue.enqueue, "rq.decorators.job": lambda function: job(queue, connection=connection)(function).delay()}
    for SEEN["name"], send in ways.items():
        for function in (plain, asynchronous):
            send(function)
            SimpleWorker([queue], connection=connection).work(burst=True)
    notes.loop.close()
    return {"contexts": notes.contexts}
