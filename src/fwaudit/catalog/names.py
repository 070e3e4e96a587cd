"""What link asks of the tables: what a dotted name is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fwaudit.catalog.schema import (
    Blocking,
    ClassRow,
    Condition,
    Coroutines,
    Decorators,
    Entering,
    Framework,
    Handlers,
    Iteration,
    Library,
    LoopRunner,
    Mounts,
    Offloader,
    Returns,
    RuleData,
    Scheduler,
    Servers,
)


@dataclass(frozen=True, slots=True)
class RulePage:
    """One rule: its name, its data, and its page as Markdown."""

    name: str
    data: RuleData
    text: str


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that the tables say of one dotted name that can be called."""

    name: str
    blocking: tuple[Blocking, ...] = ()
    returns: str = ""
    offloader: Offloader | None = None
    scheduler: Scheduler | None = None
    loop_runner: LoopRunner | None = None
    coroutine: Coroutines | None = None
    server: Servers | None = None
    decorator: Decorators | None = None
