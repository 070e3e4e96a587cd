"""What the judge knows of a service: its signals, answers, history and profile, and how tests are put to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fwaudit.catalog.advice import HOLE, Test
from fwaudit.model.service import Service

Truth = bool | None
"""None: it cannot be told."""


class Facts:
    """Everything by its name in the tables: `signals.routes`, `answers.hiring`; `rows` is filled while rows are judged."""

    def __init__(self, service: Service, answers: Mapping[str, Any] | None = None) -> None:
        self._values: dict[str, Mapping[str, Any]] = {
            "signals": service.signals,
            "answers": service.answers if answers is None else answers,
            "history": service.history,
            "profile": service.profile,
        }
        self.rows: dict[str, Truth] = {}

    def test(self, test: Test) -> Truth:
        """Whether `test` holds; None where its fact is not known."""
        kind, _, name = test.fact.partition(".")
        if kind == "rows":
            return self.rows.get(name)
        value: Any = self._values[kind]
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return None if value is None else _holds(test, value)

    def all(self, tests: list[Test]) -> Truth:
        """Whether all hold: False as soon as one does not."""
        truths = [self.test(test) for test in tests]
        return False if False in truths else None if None in truths else True

    def any(self, tests: list[Test]) -> Truth:
        """Whether at least one holds, where there are any."""
        truths = [self.test(test) for test in tests]
        return True if not truths or True in truths else None if None in truths else False

    def fill(self, text: str, words: Mapping[tuple[str, str], str]) -> str:
        """`text` with signals in its holes; `words` say how (signal, value) reads."""

        def shown(hole: re.Match[str]) -> str:
            name, one, several = hole.groups()
            value = self._values["signals"].get(name)
            said = words.get((name, str(value))) or _shown(value)
            return said if not one else f"{said} {one if value == 1 else several or f'{one}s'}"

        return HOLE.sub(shown, text)


def _holds(test: Test, value: Any) -> bool:
    is_number = isinstance(value, int | float)
    if test.at_least is not None and not (is_number and value >= test.at_least):
        return False
    if test.at_most is not None and not (is_number and value <= test.at_most):
        return False
    if test.equals is not None and value != test.equals:
        return False
    if test.any_of is not None and value not in test.any_of:
        return False
    if test.contains is None:
        return True
    return isinstance(value, list | tuple) and any(test.contains in str(one) for one in value)


def _shown(value: Any) -> str:
    if value is None:
        return "an unknown number of"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | dict):
        return ", ".join(map(str, value)) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)
