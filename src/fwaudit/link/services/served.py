"""How servers are started: by commands in manifests and by calls in code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from fwaudit.link.entry_points.entries import location_of
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.types import Types
from fwaudit.link.inference.written import Behind, Written
from fwaudit.link.services.roots import Roots
from fwaudit.link.symbols import Class, Function, Module
from fwaudit.link.values import ClassObject, Frame, FunctionObject, LibraryName, Object, Value, Values, known
from fwaudit.model import facts
from fwaudit.model.facts import NOWHERE
from fwaudit.model.finding import Location
from fwaudit.model.manifest import ServerStart
from fwaudit.model.source import Role

_ASGI = ("scope", "receive", "send")
_WSGI = (("env", "start_response"), ("environ", "start_response"))


_APPLICATIONS = ("asgi", "both", "wsgi")


@dataclass(frozen=True, slots=True)
class ServerFact:
    """A server that is started: by a command for the app at `path`, or by a call that stands there."""

    name: str
    interface: str
    """What it serves: asgi, wsgi, own-loop, both; "" where it tells nothing of the app."""
    path: str
    """The file that holds the app or the call; "" where the command does not tell."""
    folder: str
    location: Location
    in_code: bool
    serves_own_app: bool = False
    """Whether it is handed a function or object of the project that is an ASGI or WSGI application by its parameters."""
    start: ServerStart | None = None
    """The command, of one in a manifest."""
    adapter: str = ""
    """Dotted name of what wraps the application that it serves, if that is an adapter between interfaces."""


def started_servers(entries: EntryPoints, roots: Roots) -> tuple[ServerFact, ...]:
    """All of them, manifests first."""
    return (*_from_manifests(entries, roots), *_from_code(entries.types, roots))


def _from_manifests(entries: EntryPoints, roots: Roots) -> Iterator[ServerFact]:
    servers = entries.types.catalog.servers
    for start in entries.manifests.starts:
        row = servers.servers.get(start.server)
        worker = servers.worker_class(start.server, start.worker_class) if start.worker_class else None
        interface = worker.interface if worker is not None else row.interface if row is not None else ""
        path, adapter = _path_of(start, roots), _adapter_named(entries.types, start, roots)
        yield ServerFact(start.server, interface, path, start.folder, start.evidence, in_code=False, start=start, adapter=adapter)


def _path_of(start: ServerStart, roots: Roots) -> str:
    """The file of the app that a command names as `package.module:app`, or by its path."""
    module, _, _ = start.app.partition(":")
    if module.endswith(".py"):
        return roots.file_at(module, start.folder)
    found = roots.module_at(module, start.folder) if module and all(part.isidentifier() for part in module.split(".")) else None
    return found.path if found is not None else ""


def _from_code(types: Types, roots: Roots) -> Iterator[ServerFact]:
    calls = types.catalog.servers.calls
    tops = frozenset(dotted.partition(".")[0] for dotted in calls)
    importing = [module for module in types.symbols.modules if any(one.module.partition(".")[0] in tops for one in module.facts.imports)]
    if not importing:
        return
    names = types.symbols.spellings_of(dotted.rpartition(".")[2] for dotted in calls)
    names |= {alias for module in importing for alias in _other_names(module, names)}
    for function in types.symbols.users(names):
        if roots.is_code(function.module) and not function.module.copy_of:
            started = list(_calls_in(types, function, names))
            yield from started
            yield from _called_elsewhere(types, function, started, roots)


def _other_names(module: Module, names: frozenset[str]) -> Iterator[str]:
    """What functions of the module call one of `names` that they import: `from hypercorn.asyncio import serve as start`."""
    for function in module.functions.values():
        bindings = function.body.bindings
        for alias, places in function.scope.names.items():
            if any(isinstance(one := bindings[place], facts.Imported) and one.name in names for place in places):
                yield alias


def _calls_in(types: Types, function: Function, names: frozenset[str]) -> Iterator[ServerFact]:
    frame = types.generic(function)
    body = function.body
    for index in body.calls:
        call = body.call(index)
        callee = body.expressions[call.function]
        if facts.last_name(callee) not in names:
            continue
        for value, _ in _callables(types, frame, call.function):
            dotted = _dotted(types, value)
            row = types.catalog.servers.of_call(types.catalog.canonical(dotted)) if dotted else None
            if row is None:
                continue
            path = function.module.path
            own = row.interface in _APPLICATIONS and _is_handed_own_app(types, frame, call, row.interface)
            given = Arguments.of_expression(types, frame, call).index(0, "app")
            yield ServerFact(
                row.name,
                row.interface,
                path,
                path.rpartition("/")[0] or ".",
                location_of(frame, call.span),
                in_code=True,
                serves_own_app=own,
                adapter=_adapter(types, Behind(types).places(Written(frame, given))) if given is not None else "",
            )
            break


def _callables(types: Types, frame: Frame, index: int) -> Values:
    """What a call calls; of a method of a parameter, that of what the function's own calls give: `def start(app): app.listen(80)`."""
    values = types.value(frame, index)
    body = frame.function.body
    callee = body.expressions[index]
    if known(values) or not isinstance(callee, facts.Attribute):
        return values
    receiver = body.expressions[callee.value]
    bound = [body.bindings[one] for one in receiver.bindings] if isinstance(receiver, facts.Name) else []
    if len(bound) != 1 or not isinstance(bound[0], facts.Parameter):
        return values
    given = types.callers.given(frame.function, bound[0].index) or ()
    return tuple(
        found
        for where, place in given
        if where.function.module.role is not Role.TEST
        for value, _ in types.value(where, place)
        for found in types.attributes.of(value, callee.name)
    )


def _called_elsewhere(types: Types, function: Function, started: list[ServerFact], roots: Roots) -> Iterator[ServerFact]:
    """The same servers where other projects call the function that starts them: a shared library's `serve(app)`."""
    home = roots.deployable(function.module.path)
    for frame, index, _ in types.callers.of(function) if started and function.scope.kind == "function" else ():
        module = frame.function.module
        if roots.is_code(module) and roots.deployable(module.path) != home:
            location = location_of(frame, frame.function.body.call(index).span)
            for server in started:
                yield replace(server, path=module.path, folder=module.path.rpartition("/")[0] or ".", location=location)


def _adapter_named(types: Types, start: ServerStart, roots: Roots) -> str:
    """The adapter that makes what a command names as `package.module:app`."""
    module, _, name = start.app.partition(":")
    found = roots.module_at(module, start.folder) if name and all(part.isidentifier() for part in module.split(".")) else None
    if found is None:
        return ""
    behind = Behind(types)
    for binding in behind.in_module(found, name):
        bound = binding.bound
        if isinstance(bound, facts.Assigned) and bound.value != NOWHERE and not bound.path:
            adapter = _adapter(types, behind.places(Written(binding.frame, bound.value)))
            if adapter:
                return adapter
    return ""


def _adapter(types: Types, places: Iterable[Written]) -> str:
    """The adapter that one of the expressions calls."""
    for place in places:
        expression = place.expression
        if isinstance(expression, facts.Call):
            for value, _ in types.value(place.frame, expression.function):
                dotted = _dotted(types, value)
                if dotted in types.catalog.servers.adapters:
                    return dotted
    return ""


def _dotted(types: Types, value: Value) -> str:
    if isinstance(value, LibraryName):
        return value.dotted
    if not isinstance(value, ClassObject):
        return ""
    if isinstance(value.class_, str):
        return value.class_
    return next((base for base in types.classes.order(value.class_) if isinstance(base, str)), "")


def _is_handed_own_app(types: Types, frame: Frame, call: facts.Call, interface: str) -> bool:
    given = Arguments.of_expression(types, frame, call)
    if interface == "wsgi":  # after the address, in most of these calls
        handed: list[Values] = [*given.positional(), *(values for _, values in given.keywords())]
        return any(_takes_an_environment(one) for values in handed for value, _ in values for one in _called(types, value))
    return any(_takes_a_scope(one) for value, _ in given.argument(0, "app") for one in _called(types, value))


def _called(types: Types, value: Value) -> Iterator[Frame]:
    if isinstance(value, FunctionObject):
        yield types.generic(value.function)
    elif isinstance(value, Object) and isinstance(value.class_, Class):
        for member, _ in types.attributes.of(value, "__call__"):
            if isinstance(member, FunctionObject):
                yield types.generic(member.function)


def _takes_a_scope(frame: Frame) -> bool:
    names = tuple(parameter.name for parameter in frame.function.scope.parameters)
    return frame.function.is_coroutine and names[-len(_ASGI) :] == _ASGI


def _takes_an_environment(frame: Frame) -> bool:
    names = tuple(parameter.name for parameter in frame.function.scope.parameters)
    return not frame.function.is_coroutine and names[-2:] in _WSGI
