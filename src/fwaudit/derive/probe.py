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
        # A parameter of the class could be a subclass, whose methods would be asked too: what is made is surely of the class.
        made = [f"    it = its_{number}(*a, **k)"] if one.method else []
        callee = f"it.{one.method}" if one.method else f"its_{number}"
        lines += [f"async def call_{number}(*a, **k):", *made, f"    {'await ' if one.is_async else ''}{callee}(*a, **k)"]
        calls[len(lines)] = one
        for place in one.callables:
            lines.append(f"def handed_{number}_{place}():")
            handed[len(lines)] = (one, place)
            before = "".join(f"a[{each}], " for each in range(place))
            lines += ["    time.sleep(1)", f"async def hand_{number}_{place}(*a, **k):", *made]
            lines.append(f"    {'await ' if one.is_async else ''}{callee}({before}handed_{number}_{place})")
    return Probe("\n".join(lines) + "\n", calls, handed)
