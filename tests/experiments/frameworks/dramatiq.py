"""Actors of Dramatiq, run by a worker over a broker in memory; async ones need the AsyncIO middleware."""

from __future__ import annotations

from typing import Any

REQUIREMENTS = {"2": ["dramatiq==2.*"]}


def observe() -> dict[str, Any]:
    import dramatiq
    from dramatiq.brokers.stub import StubBroker
    from dramatiq.middleware import AsyncIO
    from noting import Notes

    notes = Notes()

    def plain() -> None:
        notes.tell("dramatiq.actor", "background", is_async=False, ran="task-queue")

    async def asynchronous() -> None:
        notes.note("dramatiq.actor", "background", is_async=True)

    broker = StubBroker()
    broker.add_middleware(AsyncIO())
    dramatiq.set_broker(broker)
    actors = [dramatiq.actor(plain), dramatiq.actor(asynchronous)]
    worker = dramatiq.Worker(broker, worker_timeout=100)
    worker.start()
    for actor in actors:
        actor.send()
        broker.join(actor.queue_name)
    worker.join()
    worker.stop()
    return {"contexts": notes.contexts}
