"""Credentials of a request that the service's own code reads and refuses."""

from __future__ import annotations

from collections.abc import Iterator

from fwaudit.check.clusters import Part, clusters
from fwaudit.check.findings import Draft
from fwaudit.check.shapes import calls, headers_read, last_name, refuses, text
from fwaudit.model import facts
from fwaudit.model.code import ClassUse, CodeBody
from fwaudit.model.context import Grade
from fwaudit.model.project import Project

RULE = "hand-rolled-auth-check"
_HEADERS = frozenset(("authorization", "x-access-token", "x-api-key", "x-api-token", "x-auth-token"))
_SESSION_KEYS = frozenset(("account_id", "logged_in", "loggedin", "uid", "user", "user_id", "userid", "username"))
_OWN_HOOKS = ("request_loader", "token_loader", "verify_password", "verify_token")
_ANSWERING = ("error_handler", "errorhandler", "exception_handler", "exception_middleware")
"""Decorators of functions that answer what went wrong elsewhere."""
_LETTING_IN = ("auth", "jwt_required", "login_required", "require_auth", "token_required")
_OWN_METHODS = ("authenticate", "authenticated_userid", "get_current_user", "permitted_userid", "remember")
"""Of classes that frameworks let a service fill in: Tornado's handlers, Django's backends, Pyramid's policies."""


def check(project: Project) -> Iterator[Draft]:
    """A finding for each service with such code: what fills a library's own hook is none."""
    if not project.services:
        return
    hooked = {use.name for use in project.code.classes if _is_hook(use)}
    for cluster in clusters(project, (Part(body.place, body) for body in project.code.bodies if _checks(body, hooked))):
        yield cluster.draft(RULE, "the credentials of requests are read and refused in the service's own code", Grade.LOW)


def _checks(body: CodeBody, hooked: set[str]) -> bool:
    if body.kind != "function" or body.owner in hooked or body.scope.name in _OWN_METHODS:
        return False
    is_check = (_reads_credentials(body) or _asks_session_for_user(body)) and refuses(body)
    return is_check and not any(one.endswith((*_OWN_HOOKS, *_ANSWERING)) or _is_of_a_library(one, body) for one in body.decorators)


def _is_of_a_library(decorator: str, body: CodeBody) -> bool:
    """A library's decorator that lets nobody in unknown: the credentials are read again to use them."""
    last = decorator.rpartition(".")[2].lower()
    is_own = decorator.partition(".")[0] == body.name.partition(".")[0]
    return not is_own and any(last.startswith(word) for word in _LETTING_IN)


def _reads_credentials(body: CodeBody) -> bool:
    return bool({"META", "get_header", "headers"} & set(body.scope.mentions)) and not _HEADERS.isdisjoint(headers_read(body))


def _asks_session_for_user(body: CodeBody) -> bool:
    """`"user_id" in session` or `session.get("user_id")`: who only uses what is there has been let in before."""
    if "session" not in body.scope.mentions:
        return False
    keys = {
        text(body, item.value - before)
        for item in body.body.items
        if item.method == "__contains__" and last_name(body, item.value) == "session"
        for before in (1, 2)
    }
    for _, call in calls(body, "get"):
        method = body.body.expressions[call.function]
        if call.arguments and isinstance(method, facts.Attribute) and last_name(body, method.value) == "session":
            keys.add(text(body, call.arguments[0]))
    return not _SESSION_KEYS.isdisjoint(keys)


def _is_hook(use: ClassUse) -> bool:
    """A library's class for authentication, filled in."""
    own = use.name.partition(".")[0] + "."
    return any(("auth" in base.lower() or "security" in base) and not base.startswith(own) for base in use.bases)
