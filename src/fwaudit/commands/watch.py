"""`--watch`: audits again whenever a file changes, by looking every so often, until Ctrl-C."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from fwaudit.commands.group import safe
from fwaudit.errors import FwauditError

if TYPE_CHECKING:
    from fwaudit.model.audit import Audit

PAUSE = 0.5
"""Seconds between two looks."""
_SHARE = 5
"""A look that takes long is followed by a pause that many times as long."""


def watch(look: Callable[[], object], run: Callable[[Audit | None], Audit], *, is_quiet: bool) -> int:
    """Runs now and after each change until it is interrupted. `look` gives what changes with a file; `run` takes the audit before.

    What a user can mend (a setting that is wrong, no file left) is said, and watched on, unless it is so from the start.
    Otherwise it ends by KeyboardInterrupt alone.
    """
    from fwaudit.output import write_note

    gc.enable()  # other commands end before there is garbage to speak of
    before: Audit | None = None
    seen: object = None
    while True:
        started = time.monotonic()
        try:
            now: object = look()
        except FwauditError as error:
            if before is None:
                raise
            now = str(error)
        if now != seen:
            seen = now
            try:
                before = run(before)
            except FwauditError as error:
                if before is None:
                    raise
                write_note(f"fwaudit: {safe(str(error))}")
            if not is_quiet:
                write_note(f"{time.strftime('%H:%M:%S')} watching, Ctrl-C ends it")
            gc.collect()
            started = time.monotonic()
        time.sleep(max(PAUSE, _SHARE * (time.monotonic() - started)))
