"""Commands of Cyclopts: an async one runs on a loop that the call of the app makes for it."""

from __future__ import annotations

import contextlib
from typing import Any

REQUIREMENTS = {"3": ["cyclopts==3.*"], "4": ["cyclopts==4.*"]}


def observe() -> dict[str, Any]:
    import asyncio

    from cyclopts import App
    from noting import Notes

    notes = Notes()
    notes.loop = asyncio.new_event_loop()  # not the one of a command
    for way, written in (("command", ["asynchronous"]), ("default", [])):
        _, asynchronous = notes.pair(f"cyclopts.App.{way}", "background")
        app = App()
        getattr(app, way)(asynchronous)
        with contextlib.suppress(SystemExit):
            app(written)
    notes.loop.close()
    return {"contexts": notes.contexts}
