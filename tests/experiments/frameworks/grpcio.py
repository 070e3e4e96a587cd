"""Methods of gRPC servicers, with generic handlers in place of generated code, over real sockets."""

from __future__ import annotations

import asyncio
from concurrent import futures
from typing import Any

REQUIREMENTS = {"1": ["grpcio==1.*"]}
METHODS = ("sync", "async")


def observe() -> dict[str, Any]:
    from noting import Notes

    notes = Notes()
    asyncio.run(serve(notes))
    serve_threads(notes)
    return {"contexts": notes.contexts}


def handlers_of(notes: Any, name: str) -> Any:
    """What generated code makes of a servicer with a sync and an async method."""
    import grpc

    return grpc.method_handlers_generic_handler(
        "probe.Probe",
        {
            method: grpc.unary_unary_rpc_method_handler(function)
            for method, function in zip(METHODS, notes.pair_taking(name, "rpc", b"done"), strict=True)
        },
    )


async def serve(notes: Any) -> None:
    import grpc

    notes.serves()
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((handlers_of(notes, "grpc.aio.Server.add_generic_rpc_handlers"),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        for method in METHODS:
            await channel.unary_unary(f"/probe.Probe/{method}")(b"")
    await server.stop(None)


def serve_threads(notes: Any) -> None:
    """An async method gives a coroutine, which nobody awaits."""
    import warnings

    import grpc

    name = "grpc.Server.add_generic_rpc_handlers"
    server = grpc.server(futures.ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((handlers_of(notes, name),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    before = len(notes.contexts)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        channel.unary_unary("/probe.Probe/sync")(b"", timeout=20)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                channel.unary_unary("/probe.Probe/async")(b"", timeout=20)
        except grpc.RpcError as error:
            print(error)
    server.stop(None).wait()
    if len(notes.contexts) == before + 1:
        notes.tell(name, "rpc", is_async=True, ran="not-awaited")
