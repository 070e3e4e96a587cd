"""One reported place with its evidence."""

from __future__ import annotations

import hashlib

import msgspec

from fwaudit.model.context import Grade, WaitsFor


class Location(msgspec.Struct, frozen=True, order=True):
    """A place in a source file: POSIX path relative to the root; lines and columns start at 1, columns count code points."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class Step(msgspec.Struct, frozen=True):
    """One step of a finding's evidence: the place in `function`, and what happens there."""

    path: str
    line: int
    column: int
    function: str
    note: str


class Finding(msgspec.Struct, frozen=True):
    """One finding. The fields and their order are the contract's (docs/contract.md)."""

    rule: str
    category: str
    severity: Grade
    confidence: Grade
    fails: bool
    message: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    function: str
    service: str | None
    context: str | None
    callee: str | None
    waits_for: WaitsFor | None
    root_cause: str | None
    routes: tuple[str, ...]
    steps: tuple[Step, ...]
    places: tuple[Location, ...]
    fix: None
    fingerprint: str
    silenced: str | None = None
    """None, "suppression" or "baseline"."""
    reason: str = ""
    """Why it was silenced, in the words of the suppression."""

    @property
    def stands(self) -> bool:
        """Whether nobody said that it is fine: a baseline accepts for now what is to be mended, and the verdict still counts it."""
        return self.silenced in (None, "baseline")

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """The order of findings in an Audit."""
        return (self.path, self.line, self.column, self.rule, self.fingerprint)


def fingerprint_of(rule: str, owner: str, callee: str, ordinal: int) -> str:
    """What a finding is told by: its rule, the function (or service) that it is in, its leaf, and which of its like it is."""
    return hashlib.sha256("\0".join((rule, owner, callee, str(ordinal))).encode("utf-8", "surrogatepass")).hexdigest()[:16]
