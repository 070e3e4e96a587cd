"""The finding for something that each request makes anew, though a process should make it once."""

from __future__ import annotations

from fwaudit.check.findings import Draft
from fwaudit.model.context import Grade
from fwaudit.model.data import MadePerRequest


def draft_of(rule: str, made: MadePerRequest, severity: Grade, effect: str) -> Draft:
    """The finding; less sure where what it is made with may differ from request to request."""
    confidence = Grade.LOW if made.depends_on_request else Grade.MEDIUM if made.through else Grade.HIGH
    handler = f" that `{made.through[0].function}` handles" if made.through else ""
    message = f"each request{handler} makes a new `{made.callee}`, {effect}"
    return Draft(rule, severity, confidence, message, made.place, made.callee, None, made.routes)
