"""Tools, resources and prompts of FastMCP servers, called by a client in the same process."""

from __future__ import annotations

import asyncio
from typing import Any

REQUIREMENTS = {"2": ["fastmcp==2.*"], "3": ["fastmcp==3.*"], "4": ["fastmcp==4.*"]}
OWNER = "fastmcp.FastMCP"


def observe() -> dict[str, Any]:
    from noting import Notes

    notes = Notes()
    asyncio.run(serve(notes))
    return {"contexts": notes.contexts}


def lifespan_noting(notes: Any) -> Any:
    import contextlib

    @contextlib.asynccontextmanager
    async def lifespan(server: Any) -> Any:
        notes.note(OWNER, "lifespan", is_async=True)
        yield {}

    return lifespan


async def serve(notes: Any) -> None:
    from fastmcp import Client, FastMCP
    from noting import ask_asgi
    from starlette.responses import PlainTextResponse

    notes.serves()
    server = FastMCP("probe", lifespan=lifespan_noting(notes))
    for name, function in zip(("tool_sync", "tool_async"), notes.pair(f"{OWNER}.tool", "rpc", "done"), strict=True):
        server.tool(name=name)(function)
    for name, function in zip(("resource://sync", "resource://async"), notes.pair(f"{OWNER}.resource", "rpc", "done"), strict=True):
        server.resource(name)(function)
    for name, function in zip(("prompt_sync", "prompt_async"), notes.pair(f"{OWNER}.prompt", "rpc", "done"), strict=True):
        server.prompt(name=name)(function)
    for path, function in zip(("/sync", "/async"), notes.pair_taking(f"{OWNER}.custom_route", "http", PlainTextResponse("")), strict=True):
        server.custom_route(path, methods=["GET"])(function)
    await ask_asgi(server.http_app(), "/sync", "/async")
    async with Client(server) as client:
        for name in ("tool_sync", "tool_async"):
            await client.call_tool(name, {})
        for name in ("resource://sync", "resource://async"):
            await client.read_resource(name)
        for name in ("prompt_sync", "prompt_async"):
            await client.get_prompt(name)
