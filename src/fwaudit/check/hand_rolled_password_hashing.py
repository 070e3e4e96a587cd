"""Passwords hashed with the functions of `hashlib`."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.findings import Draft
from fwaudit.check.shapes import calls_of, inside, names_inside
from fwaudit.model import facts
from fwaudit.model.code import CodeBody
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "hand-rolled-password-hashing"
_SLOW = ("crypt.crypt", "hashlib.pbkdf2_hmac", "hashlib.scrypt")
_FAST = tuple(f"hashlib.{name}" for name in ("blake2b", "md5", "new", "sha1", "sha224", "sha256", "sha384", "sha512"))
_MENTIONED = frozenset(("crypt", "hashlib", *(name.rpartition(".")[2] for name in (*_SLOW, *_FAST))))
_FOR_KEYS = frozenset(("AESGCM", "Cipher", "Fernet", "b64_fernet"))
_HASHERS = ("django.contrib.auth.hashers.BasePasswordHasher",)
"""Classes of frameworks for ways to hash: who adds one has the framework's salt, comparison and upgrade."""
_WORDS = ("passwd", "password", "passphrase", "pwd")


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service."""
    if not project.services:
        return
    hashers = {use.name for use in project.code.classes if any(base in _HASHERS for base in use.bases)}
    hashed = (part for body in project.code.bodies if body.owner not in hashers for part in _hashed(body))
    for cluster in clusters(project, hashed):
        # A fast hash without a salt may compare two passwords in memory, or be what another service's API asks for.
        is_kept = (len(cluster.parts) > 1 and cluster.is_served) or any(_is_for_keeping(body) for body in cluster.bodies)
        confidence = Grade.MEDIUM if is_kept else Grade.LOW
        used = sorted({name for body in cluster.bodies for name in ("crypt", "hashlib") if name in body.scope.mentions}) or ["hashlib"]
        modules = " and ".join(f"`{name}`" for name in used)
        yield cluster.draft(RULE, f"passwords are hashed with {modules} in the service's own code", Grade.MEDIUM, confidence)


def _is_for_keeping(body: CodeBody) -> bool:
    salted = any("salt" in name.lower() for name in (*body.scope.names, *body.scope.mentions))
    return salted or next(calls_of(body, _SLOW), None) is not None


def _hashed(body: CodeBody) -> Iterator[Part]:
    """The calls that are given a password to hash, but for those whose hash is sent to a list of leaked ones or makes a key."""
    mentions = body.scope.mentions
    if _MENTIONED.isdisjoint(mentions) or not _FOR_KEYS.isdisjoint(mentions):
        return
    if any("pwned" in one for one in (*body.texts, body.name.lower())):
        return
    for index, call in calls_of(body, (*_SLOW, *_FAST)):
        given = [*call.arguments, *(value for _, value in call.keywords)]
        is_given = any(_is_password(name) for argument in given for name in names_inside(body, argument))
        if is_given or (not given and any(_updates_with_password(body, one) for one in body.body.calls)):
            yield Part(body.place_of(index), body)


def _updates_with_password(body: CodeBody, index: int) -> bool:
    call = body.body.expressions[index]
    if not isinstance(call, facts.Call) or not call.arguments:
        return False
    function = body.body.expressions[call.function]
    named = isinstance(function, facts.Attribute) and function.name == "update"
    return named and any(isinstance(one, facts.Name) and _is_password(one.name.lower()) for one in inside(body, call.arguments[0]))


def _is_password(name: str) -> bool:
    return any(word in name for word in _WORDS) and "hash" not in name
