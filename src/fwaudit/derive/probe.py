"""A module that calls all that a library has, so that link can be asked what each call waits for. It is read, never run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fwaudit.derive.names import Public

_HEAD = "import time\n"


@dataclass(frozen=True, slots=True)
class Probe:
    """The text of the module; by line of the call what is called there, and of the `def` of what is handed over, to which place of what."""

    text: str
    calls: dict[int, Public]
    handed: dict[int, tuple[Public, int]]


def make_probe(names: Sequence[Public]) -> Probe:
    """One coroutine for each name, and for each parameter that takes a callable one more that hands it a function."""
    lines = [_HEAD.rstrip()]
    calls: dict[int, Public] = {}
    handed: dict[int, tuple[Public, int]] = {}
    for number, one in enumerate(names):
        module, _, last = one.defined.rpartition(".")
        lines.append(f"from {module} import {last} as its_{number}")
        callee = f"it.{one.method}" if one.method else f"its_{number}"
        receiver = f'it: "its_{number}", ' if one.method else ""
        lines.append(f"async def call_{number}({receiver}*a, **k):")
        lines.append(f"    {'await ' if one.is_async else ''}{callee}(*a, **k)")
        calls[len(lines)] = one
        for place in one.callables:
            lines.append(f"def handed_{number}_{place}():")
            handed[len(lines)] = (one, place)
            lines.append("    time.sleep(1)")
            lines.append(f"async def hand_{number}_{place}({receiver}{''.join(f'a{one}, ' for one in range(place))}**k):")
            given = "".join(f"a{one}, " for one in range(place))
            lines.append(f"    {'await ' if one.is_async else ''}{callee}({given}handed_{number}_{place})")
    return Probe("\n".join(lines) + "\n", calls, handed)
