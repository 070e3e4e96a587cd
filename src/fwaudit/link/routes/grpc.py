"""gRPC: the methods of servicers, which generated functions register: `add_GreeterServicer_to_server(Greeter(), server)`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fwaudit.catalog.index import HandlerRow
from fwaudit.link.entry_points.entries import EntryPoint
from fwaudit.link.entry_points.find import EntryPoints
from fwaudit.link.inference.arguments import Arguments
from fwaudit.link.inference.definitions import handlers_named
from fwaudit.link.symbols import Class, Function
from fwaudit.link.values import Frame, Object, Value, Values
from fwaudit.model import facts
from fwaudit.model.context import Context

_FRAMEWORK = "grpcio"
_REGISTERS = re.compile(r"add_\w+_to_server")
_REGISTRATION = "add_generic_rpc_handlers"
"""The method of a server that the generated function calls in the end; its row says where methods run."""
_PARAMETERS = 3
"""`self`, the request (or an iterator of requests) and the context."""


def read_grpc(entries: EntryPoints) -> None:
    """Adds the methods of each servicer that is registered with a server of which it is known whether it is an asyncio one."""
    if _FRAMEWORK not in entries.frameworks:
        return
    for module in entries.types.symbols.modules:
        for function in module.functions.values():
            if any(_REGISTERS.fullmatch(name) for name in function.scope.mentions):
                for point in _points(entries, function):
                    entries.add_point(point)


def _points(entries: EntryPoints, function: Function) -> Iterator[EntryPoint]:
    frame = entries.types.generic(function)
    body = function.body
    for index in body.calls:
        call = body.call(index)
        callee = body.expressions[call.function]
        if _REGISTERS.fullmatch(facts.last_name(callee)):
            arguments = Arguments.of_expression(entries.types, frame, call)
            for row in _rows(entries, frame, arguments.argument(1, "server")):
                for servicer, _ in arguments.argument(0, "servicer"):
                    yield from _methods(entries, row, servicer)


def _rows(entries: EntryPoints, frame: Frame, server: Values) -> tuple[HandlerRow, ...]:
    """The rows of the one kind of server that is given; none where it is not known or could be of several kinds."""
    classes = {value.class_ for value, _ in server if isinstance(value, Object)}
    if len(classes) != 1 or not isinstance(name := classes.pop(), str):
        return ()
    rows = entries.types.catalog.registering.of_call(f"{name}.{_REGISTRATION}")
    return entries.versions.holding(rows, frame.function.module.path)


def _methods(entries: EntryPoints, row: HandlerRow, servicer: Value) -> Iterator[EntryPoint]:
    if not isinstance(servicer, Object) or not isinstance(servicer.class_, Class):
        return
    names = {name for class_ in entries.types.classes.order(servicer.class_) if isinstance(class_, Class) for name in class_.members}
    for name in sorted(names):
        for target in handlers_named(entries.types, servicer, name) if not name.startswith("_") else ():
            scope = target.function.scope
            context = row.row.asynchronous if scope.is_async else row.row.synchronous
            if len(scope.parameters) == _PARAMETERS and context != "unknown":
                yield EntryPoint(target, Context(context), row.row.kind, _FRAMEWORK)
