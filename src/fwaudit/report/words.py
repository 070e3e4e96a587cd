"""The words of the text report for what the model says in terms."""

from __future__ import annotations

from fwaudit.model.context import Context, WaitsFor
from fwaudit.model.finding import Finding, Step

WAITING = {
    WaitsFor.NETWORK: "waits for the network",
    WaitsFor.DATABASE: "waits for the database",
    WaitsFor.FILE: "waits for files",
    WaitsFor.PROCESS: "waits for another process",
    WaitsFor.LOCK: "waits for a lock or a thread",
    WaitsFor.SLEEP: "sleeps",
    WaitsFor.CPU: "computes",
}

_LOOPS: dict[str, str] = {
    Context.EVENT_LOOP: "the event loop",
    Context.LOOP_STARTUP: "the event loop at startup",
    Context.PRIVATE_LOOP: "a loop of its own",
    Context.TEST: "the loop of a test",
}

_DEEDS = {
    "blocking-call-on-loop": "blocks {loop}",
    "cpu-work-on-loop": "keeps {loop} busy",
}
"""What the callee does, for rules whose findings say it of a callee; the others speak through their message."""


def deed(finding: Finding) -> str | None:
    """`blocks the event loop`, or None where the rule has no such words."""
    words = _DEEDS.get(finding.rule)
    if words is None or finding.callee is None:
        return None
    return words.format(loop=_LOOPS.get(finding.context or Context.EVENT_LOOP, "the event loop"))


def subject(callee: str, leaf: Step) -> str:
    """What blocks: the callee, or iterating over it."""
    return f"iterating over `{callee}`" if leaf.note.startswith("iterates over ") else f"`{callee}`"


def remedy(leaf: Step) -> str:
    """What async code has instead, which a leaf's note says behind its semicolon; "" if it says none."""
    return leaf.note.rpartition("; ")[2] if "; " in leaf.note else ""


def count(number: int, noun: str) -> str:
    """`1 finding`, `1,200 findings`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def located(folder: str, path: str) -> str:
    """`path` of the workspace, seen from where the workspace is `folder`."""
    return f"{folder}/{path}" if folder else path


def short_name(function: str, path: str) -> str:
    """`Users.get` for `app.models.users.Users.get` in app/models/users.py: the path beside it says the rest."""
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    for start in range(len(parts)):
        module = ".".join(parts[start:])
        if function == module:
            return "(module)"
        if function.startswith(module + "."):
            return function[len(module) + 1 :]
    return function or "(module)"
