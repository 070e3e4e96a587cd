"""Where code runs and what it waits for."""

from __future__ import annotations

from enum import StrEnum


class Context(StrEnum):
    """Where a function's body runs."""

    EVENT_LOOP = "event-loop"
    LOOP_STARTUP = "loop-startup"
    PRIVATE_LOOP = "private-loop"
    GREENLET = "greenlet"
    THREADPOOL = "threadpool"
    WSGI_WORKER = "wsgi-worker"
    TASK_QUEUE = "task-queue"
    PROCESS = "process"
    IMPORT_TIME = "import-time"
    TEST = "test"


LOOP_CONTEXTS = (Context.EVENT_LOOP, Context.LOOP_STARTUP, Context.PRIVATE_LOOP, Context.TEST)
"""Contexts in which a blocking call stops a loop, the gravest first."""


class WaitsFor(StrEnum):
    """What a call waits for."""

    NETWORK = "network"
    DATABASE = "database"
    FILE = "file"
    PROCESS = "process"
    LOCK = "lock"
    SLEEP = "sleep"
    CPU = "cpu"


class EdgeKind(StrEnum):
    """How a call site hands control to its target."""

    PLAIN = "plain"
    AWAITED = "awaited"
    OFFLOADED = "offloaded"
    SCHEDULED = "scheduled"


class Grade(StrEnum):
    """Severity or confidence."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """1 for low, 2 for medium, 3 for high."""
        return _RANKS[self]


_RANKS = {Grade.LOW: 1, Grade.MEDIUM: 2, Grade.HIGH: 3}
