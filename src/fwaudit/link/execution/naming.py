"""Dotted names of what calls resolve to, for messages and tests."""

from __future__ import annotations

from fwaudit.link.inference.types import Types
from fwaudit.link.symbols import Class
from fwaudit.link.values import (
    ClassObject,
    Frame,
    FunctionObject,
    LibraryName,
    LoopRunning,
    ModuleObject,
    Object,
    Offloaded,
    PartialObject,
    Values,
)
from fwaudit.model import facts


class Naming:
    """From values to the names that people know."""

    def __init__(self, types: Types) -> None:
        self._types = types

    def of_callee(self, frame: Frame, call: facts.Call) -> str:
        """The dotted name of what is called, for messages."""
        names = self.of_values(self._types.value(frame, call.function))
        return names[0] if names else "?"

    def targets(self, frame: Frame, call: facts.Call) -> tuple[str, ...]:
        """The dotted names of everything that the call may call, sorted; `unknown` for what could not be told."""
        return tuple(sorted(set(self.of_values(self._types.value(frame, call.function))))) or ("unknown",)

    def of_values(self, values: Values) -> list[str]:
        """A dotted name for each value, in order."""
        names: list[str] = []
        for value, _ in values:
            if isinstance(value, FunctionObject):
                names.append(value.function.qualified_name)
            elif isinstance(value, Object) and isinstance(value.class_, Class):
                names.extend(self.of_values(self._types.attributes.of(value, "__call__")))
            elif isinstance(value, ClassObject | Object):
                names.append(value.class_ if isinstance(value.class_, str) else value.class_.qualified_name)
            elif isinstance(value, LibraryName):
                knowledge = self._types.results.knowledge(value)
                names.append(knowledge.name if knowledge is not None else value.dotted)
            elif isinstance(value, PartialObject | Offloaded | LoopRunning):
                names.extend(self.of_values(value.callable))
            elif isinstance(value, ModuleObject):
                names.append(value.dotted)
            else:
                names.append("unknown")
        return names
