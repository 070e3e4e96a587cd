"""How code is written: questions about the expressions of one body that several checks ask."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from fwaudit.check.clusters import Part
from fwaudit.model import facts
from fwaudit.model.code import CodeBody
from fwaudit.model.facts import NOWHERE
from fwaudit.model.numbers import number_of
from fwaudit.model.operands import operands
from fwaudit.model.project import Project

SLEEPS = frozenset(f"{module}.sleep" for module in ("anyio", "asyncio", "eventlet", "gevent", "time", "trio"))
CLOCKS = frozenset(
    (
        "asyncio.AbstractEventLoop.time",
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "django.utils.timezone.now",
        "time.monotonic",
        "time.time",
    )
)
_HEADER_READERS = ("get", "get_all", "get_header", "getlist")
_REFUSALS = frozenset(("401", "403"))
_REFUSING_NAMES = frozenset(
    (
        "AuthenticationFailed",
        "FORBIDDEN",
        "Forbidden",
        "HTTPForbidden",
        "HTTPUnauthorized",
        "HTTP_401_UNAUTHORIZED",
        "HTTP_403_FORBIDDEN",
        "HttpResponseForbidden",
        "NotAuthorizedException",
        "PermissionDenied",
        "UNAUTHORIZED",
        "Unauthorized",
    )
)


def text(body: CodeBody, index: int) -> str:
    """The value of a text literal, "" for anything else."""
    expression = _at(body, index)
    return expression.text if isinstance(expression, facts.Constant) and expression.kind == "str" else ""


def number(body: CodeBody, index: int) -> float | None:
    """The value of a number, None for anything else."""
    return number_of(body.numbers.get(index, ""))


def last_name(body: CodeBody, index: int) -> str:
    """The name, or the last part of a dotted one, as written; "" for anything else."""
    return facts.last_name(_at(body, index))


def written(body: CodeBody, index: int) -> str:
    """A dotted name as written: `self.cache`; "" for anything else."""
    parts: list[str] = []
    expression = _at(body, index)
    while isinstance(expression, facts.Attribute):
        parts.append(expression.name)
        expression = _at(body, expression.value)
    if not isinstance(expression, facts.Name):
        return ""
    return ".".join((expression.name, *reversed(parts)))


def calls(body: CodeBody, *names: str) -> Iterator[tuple[int, facts.Call]]:
    """The calls of what is written with one of these last names (none: all), with their indices."""
    for index in body.calls_written(*names) if names else body.body.calls:
        call = body.body.call(index)
        yield index, call


def calls_of(body: CodeBody, names: Collection[str]) -> Iterator[tuple[int, facts.Call]]:
    """The calls that resolve to one of these dotted names; what is renamed on import is not looked for."""
    wanted = frozenset(names)
    for index, call in calls(body, *sorted({name.rpartition(".")[2] for name in names})):
        if not wanted.isdisjoint(body.names(call.function)):
            yield index, call


def resolved_calls(project: Project, names: Collection[str]) -> Iterator[Part]:
    """All calls of these names in the project."""
    bodies = {body.name: body for body in project.code.bodies}
    for use in project.code.calls(names):
        if use.place.function in bodies:
            yield Part(use.place, bodies[use.place.function])


def inside(body: CodeBody, index: int) -> Iterator[facts.Expression]:
    """The expression and all that it is made of, but for the values of names and the bodies of lambdas."""
    return (body.body.expressions[one] for one in indices_inside(body, index, through_names=False))


def names_inside(body: CodeBody, index: int) -> frozenset[str]:
    """The names and attributes that an expression is made of, in lower case."""
    return frozenset(one.name.lower() for one in inside(body, index) if isinstance(one, facts.Named))


def keys_stored(body: CodeBody) -> Iterator[tuple[str, int]]:
    """The text keys of `container[key] = ...`, and the expression that is the container."""
    for item in body.body.items:
        if item.method == "__setitem__" and text(body, item.value + 1):
            yield text(body, item.value + 1), item.value


def headers_read(body: CodeBody) -> frozenset[str]:
    """The names of request headers that it reads, in lower case with dashes: `.headers["X"]`, `.headers.get("X")`, `.META["HTTP_X"]`."""
    found: set[str] = set()
    for expression in body.body.expressions:
        if isinstance(expression, facts.Subscript) and last_name(body, expression.value) in ("META", "headers"):
            found.add(text(body, expression.index))
        elif isinstance(expression, facts.Call) and expression.arguments and last_name(body, expression.function) in _HEADER_READERS:
            method = _at(body, expression.function)
            is_header = last_name(body, method.value) in ("META", "headers") if isinstance(method, facts.Attribute) else False
            if is_header or last_name(body, expression.function) == "get_header":
                found.add(text(body, expression.arguments[0]))
    return frozenset(one.lower().replace("_", "-").removeprefix("http-") for one in found if one)


def statuses(body: CodeBody) -> frozenset[str]:
    """The numbers that are handed to calls or returned beside a body: not those that something is compared with."""
    if not body.numbers:
        return frozenset()
    given: set[int] = set()
    for _, call in calls(body):
        given.update(call.arguments, (value for _, value in call.keywords))
    for index in body.body.returns:
        returned = _at(body, index)
        if isinstance(returned, facts.Display) and returned.kind == "tuple":
            given.update(returned.items)
    given.update(store.value for store in body.body.stores if store.name.startswith("status"))
    return frozenset(source for index, source in body.numbers.items() if index in given)


def refuses(body: CodeBody) -> bool:
    """Whether it answers 401 or 403, or raises what does."""
    return not (_REFUSALS.isdisjoint(statuses(body)) and _REFUSING_NAMES.isdisjoint(body.scope.mentions))


def counts_time(body: CodeBody, but_for: Collection[int] = ()) -> bool:
    """Whether it adds to the present time or takes something from it, in other expressions than these."""
    if not body.body.operations:
        return False
    clocks = {index for index, _ in calls_of(body, CLOCKS)}
    return bool(clocks) and any(clocks & set(indices_inside(body, index)) for index in body.body.operations if index not in but_for)


def is_global(body: CodeBody, index: int) -> bool:
    """Whether it is a name that the body does not bind itself, or an attribute of `self` or `cls`: what outlives a call."""
    expression = _at(body, index)
    if isinstance(expression, facts.Attribute):
        return written(body, expression.value) in ("cls", "self")
    return isinstance(expression, facts.Name) and not expression.bindings and expression.name not in body.scope.names


def _at(body: CodeBody, index: int) -> facts.Expression | None:
    expressions = body.body.expressions
    return expressions[index] if NOWHERE < index < len(expressions) else None


def indices_inside(body: CodeBody, index: int, *, through_names: bool = True) -> Iterator[int]:
    """The expression and its operands; what was assigned to a name is one, too, unless `through_names` is false."""
    waiting, seen = [index], set()
    while waiting:
        one = waiting.pop()
        expression = _at(body, one)
        if expression is None or one in seen:
            continue
        seen.add(one)
        yield one
        waiting.extend(operands(expression))
        if through_names and isinstance(expression, facts.Name):
            bindings = (body.body.bindings[binding] for binding in expression.bindings)
            waiting.extend(binding.value for binding in bindings if isinstance(binding, facts.Assigned))
