"""Jobs of arq, run by a worker over a Redis in memory."""

from __future__ import annotations

import asyncio
from typing import Any

REQUIREMENTS = {"0": ["arq==0.*", "fakeredis"]}


def observe() -> dict[str, Any]:
    from noting import Notes

    notes = Notes()
    asyncio.run(serve(notes))
    return {"contexts": notes.contexts}


async def serve(notes: Any) -> None:
    import fakeredis
    from arq import cron, worker
    from arq.connections import ArqRedis
    from arq.worker import Worker, func

    async def log_nothing(*arguments: Any) -> None:
        """The Redis in memory has no INFO."""

    worker.log_redis_info = log_nothing
    notes.serves()
    server = fakeredis.FakeAsyncRedis()
    redis = ArqRedis(connection_pool=server.connection_pool)
    makers = {
        "arq.worker.func": lambda function: {"functions": [func(function, name="job")]},
        "arq.cron": lambda function: {"cron_jobs": [cron(function, name="job", run_at_startup=True)]},
        "arq.worker.Worker": lambda function: {"functions": [named(function)]},
    }
    for name, make in makers.items():
        plain, asynchronous = notes.pair_taking(name, "background")
        try:
            make(plain)
        except Exception as error:  # noqa: BLE001  it says that it takes coroutine functions only
            print(name, type(error), error)
            notes.tell(name, "background", is_async=False, ran="refused")
        await redis.flushall()
        if name != "arq.cron":
            await redis.enqueue_job("job")
        runner = Worker(redis_pool=redis, burst=True, poll_delay=0.05, handle_signals=False, **make(asynchronous))
        await asyncio.wait_for(runner.main(), 20)


def named(function: Any) -> Any:
    function.__qualname__ = "job"
    return function
