"""Tasks of Celery, run by a real worker over a broker in memory."""

from __future__ import annotations

import threading
from typing import Any

REQUIREMENTS = {"5": ["celery==5.*"]}


def observe() -> dict[str, Any]:
    from celery import Celery, Task, shared_task
    from celery.contrib.testing.worker import start_worker
    from noting import Notes

    worker_threads: set[int] = set()
    notes = Notes()
    app = Celery("probe", broker="memory://", backend="cache+memory://")

    def plain(name: str) -> Any:
        def task() -> str:
            worker_threads.add(threading.get_ident())
            notes.tell(name, "background", is_async=False, ran="task-queue")
            return "done"

        return task

    def asynchronous(name: str) -> Any:
        async def task() -> str:
            notes.note(name, "background", is_async=True)
            return "done"

        return task

    class ByClass(Task):
        name = "class"

        def run(self) -> str:
            notes.tell("celery.Task", "background", is_async=False, ran="task-queue")
            return "done"

    tasks = [
        app.task(name="app")(plain("celery.Celery.task")),
        shared_task(name="shared")(plain("celery.shared_task")),
        app.register_task(ByClass()),
    ]
    lost = [
        ("celery.Celery.task", app.task(name="app-async")(asynchronous("celery.Celery.task"))),
        ("celery.shared_task", shared_task(name="shared-async")(asynchronous("celery.shared_task"))),
    ]
    app.finalize()
    app.set_current()
    with start_worker(app, pool="solo", perform_ping_check=False):
        for task in tasks:
            assert task.delay().get(timeout=20) == "done"
        for name, task in lost:
            before = len(notes.contexts)
            try:
                task.delay().get(timeout=20)
            except Exception as error:  # noqa: BLE001  a coroutine cannot be sent as a result
                print(type(error), error)
            if len(notes.contexts) == before:
                notes.tell(name, "background", is_async=True, ran="not-awaited")
    return {"contexts": notes.contexts}
