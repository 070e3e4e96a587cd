"""JSON Web Tokens that the service signs and reads itself."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.findings import Draft
from fwaudit.check.shapes import calls, calls_of, resolved_calls, text
from fwaudit.model import facts
from fwaudit.model.code import CodeBody
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "hand-rolled-jwt"
_KEY_PAIRS = frozenset(f"{kind}{bits}" for kind in ("es", "ps", "rs") for bits in (256, 384, 512)) | {"eddsa"}
"""Algorithms with which one signs and others check."""
_OF_A_KEY_SET = {"keys", "kid"}
"""What an identity provider publishes."""
_UNCHECKED = "verify_signature"
_PARTS_OF_A_HEADER = frozenset(("alg", "hs256", "jwt", "typ"))


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service that reads tokens: who only signs talks to others' services, and so does code far from where it reads."""
    if not project.services:
        return
    names = project.names[RULE]
    read = [part for part in resolved_calls(project, names["reading"]) if not _is_thrown_away(part) and not _is_looked_into(part)]
    near = {part.place.path for part in read}
    signed = [part for part in resolved_calls(project, names["signing"]) if part.place.path in near or part.body.routes]
    by_hand = list(_without_a_library(project))
    for cluster in clusters(project, [*read, *signed, *by_hand]):
        if by_hand and any(part in by_hand for part in cluster.parts):
            yield cluster.draft(RULE, "JSON Web Tokens are put together or checked without a library", Grade.MEDIUM)
        elif any(part in read for part in cluster.parts):
            is_signing = any(part in signed for part in cluster.parts)
            does = "signed and checked" if is_signing else "checked"
            # What an identity provider signed with its own key has to be checked here: libraries for logins bring their own tokens.
            is_of_others = not is_signing and all(_has_key_of_others(body) for body in cluster.bodies)
            confidence = Grade.LOW if is_of_others else Grade.MEDIUM
            yield cluster.draft(RULE, f"JSON Web Tokens are {does} in the service's own code", Grade.MEDIUM, confidence)


def _has_key_of_others(body: CodeBody) -> bool:
    return not _KEY_PAIRS.isdisjoint(body.texts) or body.texts >= _OF_A_KEY_SET


def _is_thrown_away(part: Part) -> bool:
    """What a token says is not asked for: it is the signature of somebody else's message."""
    return any(part.body.place_of(index) == part.place for index in part.body.body.discarded)


def _is_looked_into(part: Part) -> bool:
    """It says that nothing is checked: `options={"verify_signature": False}`."""
    body = part.body
    if _UNCHECKED not in body.texts:
        return False
    call = next(call for index, call in calls(body) if body.place_of(index) == part.place)
    given = (body.body.expressions[value] for keyword, value in call.keywords if keyword == "options")
    told = (pair for one in given if isinstance(one, facts.Display) for pair in zip(one.keys, one.items, strict=True))
    return any(text(body, key) == _UNCHECKED and _is_false(body.body.expressions[value]) for key, value in told)


def _is_false(expression: facts.Expression) -> bool:
    return isinstance(expression, facts.Constant) and expression.text == "False"


def _without_a_library(project: Project) -> Iterator[Part]:
    for body in project.code.bodies:
        if "hmac" in body.scope.mentions and len(_PARTS_OF_A_HEADER & body.texts) > 1:
            for index, _ in calls_of(body, ("hmac.digest", "hmac.new")):
                yield Part(body.place_of(index), body)
