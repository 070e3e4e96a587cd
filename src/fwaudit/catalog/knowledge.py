"""What the catalog gives: a rule with its page, and all that is known of one name."""

from __future__ import annotations

from dataclasses import dataclass

from fwaudit.catalog.braces import expand_braces
from fwaudit.catalog.index import ConditionalType
from fwaudit.catalog.schema import Blocking, Coroutines, Decorators, LoopRunner, Offloader, RuleData, Scheduler, Servers
from fwaudit.catalog.types import TypeExpression


@dataclass(frozen=True, slots=True)
class RulePage:
    """One rule: its name, its data, and its page as Markdown."""

    name: str
    data: RuleData
    text: str

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The names of libraries that the check asks for, braces expanded, by what they are to it."""
        return {key: tuple(name for one in written for name in expand_braces(one)) for key, written in self.data.names.items()}


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that the tables say of one dotted name that can be called."""

    name: str
    blocking: tuple[Blocking, ...] = ()
    returns: tuple[ConditionalType, ...] = ()
    """What the call gives: the first whose conditions hold; one without conditions, if any, stands last."""
    offloader: Offloader | None = None
    scheduler: Scheduler | None = None
    loop_runner: LoopRunner | None = None
    coroutine: Coroutines | None = None
    awaited: TypeExpression | None = None
    """What awaiting the coroutine gives."""
    server: Servers | None = None
    decorator: Decorators | None = None

    @property
    def raises_on_a_loop(self) -> str:
        """The name, if it runs a loop and raises where the calling thread already runs one; else ""."""
        return self.name if self.loop_runner is not None and self.loop_runner.nested == "raises" else ""
