"""Tools, resources and prompts of MCP servers, called by a client over memory streams."""

from __future__ import annotations

import asyncio
from typing import Any

REQUIREMENTS = {"1": ["mcp==1.*"], "2": ["mcp==2.*"]}


def observe() -> dict[str, Any]:
    from importlib import metadata

    from noting import Notes

    notes = Notes()
    if metadata.version("mcp").startswith("1."):
        asyncio.run(with_fastmcp(notes))
        asyncio.run(with_low_level_decorators(notes))
    else:
        asyncio.run(with_mcpserver(notes))
        asyncio.run(with_low_level_arguments(notes))
    return {"contexts": notes.contexts}


def register(server: Any, notes: Any, owner: str) -> None:
    """One sync and one async handler for each decorator."""
    for name, function in zip(("tool_sync", "tool_async"), notes.pair(f"{owner}.tool", "rpc", "done"), strict=True):
        server.tool(name=name)(function)
    for name, function in zip(("added_sync", "added_async"), notes.pair(f"{owner}.add_tool", "rpc", "done"), strict=True):
        server.add_tool(function, name=name)
    for name, function in zip(("resource://sync", "resource://async"), notes.pair(f"{owner}.resource", "rpc", "done"), strict=True):
        server.resource(name)(function)
    for name, function in zip(("prompt_sync", "prompt_async"), notes.pair(f"{owner}.prompt", "rpc", "done"), strict=True):
        server.prompt(name=name)(function)


async def ask_all(client: Any) -> None:
    for name in ("tool_sync", "tool_async", "added_sync", "added_async"):
        await client.call_tool(name, {})
    for name in ("resource://sync", "resource://async"):
        await client.read_resource(name)
    for name in ("prompt_sync", "prompt_async"):
        await client.get_prompt(name)


async def ask_custom_routes(server: Any, notes: Any, owner: str) -> None:
    """Asks the plain HTTP routes of the server's Starlette application."""
    from noting import ask_asgi
    from starlette.responses import PlainTextResponse

    for path, function in zip(("/sync", "/async"), notes.pair_taking(f"{owner}.custom_route", "http", PlainTextResponse("")), strict=True):
        server.custom_route(path, methods=["GET"])(function)
    await ask_asgi(server.streamable_http_app(), "/sync", "/async")


def lifespan_noting(notes: Any, name: str) -> Any:
    import contextlib

    @contextlib.asynccontextmanager
    async def lifespan(server: Any) -> Any:
        notes.note(name, "lifespan", is_async=True)
        yield {}

    return lifespan


async def with_fastmcp(notes: Any) -> None:
    from mcp.server.fastmcp import FastMCP
    from mcp.shared.memory import create_connected_server_and_client_session

    notes.serves()
    owner = "mcp.server.fastmcp.FastMCP"
    server = FastMCP("probe", lifespan=lifespan_noting(notes, owner))
    register(server, notes, owner)
    async with create_connected_server_and_client_session(server) as client:
        await ask_all(client)
    await ask_custom_routes(server, notes, owner)


async def with_mcpserver(notes: Any) -> None:
    from mcp.client.client import Client
    from mcp.server.mcpserver import MCPServer

    notes.serves()
    owner = "mcp.server.mcpserver.MCPServer"
    server = MCPServer("probe", lifespan=lifespan_noting(notes, owner))
    register(server, notes, owner)
    async with Client(server) as client:
        await ask_all(client)
    await ask_custom_routes(server, notes, owner)


async def with_low_level_decorators(notes: Any) -> None:
    """A sync function is called on the loop, and then awaiting what it gave fails: it cannot serve."""
    from mcp import types
    from mcp.server.lowlevel import Server
    from mcp.shared.memory import create_connected_server_and_client_session

    notes.serves()
    owner = "mcp.server.lowlevel.Server"
    text = [types.TextContent(type="text", text="done")]
    tool = types.Tool(name="x", inputSchema={"type": "object"})
    prompt = types.GetPromptResult(messages=[])
    for number in (0, 1):
        server = Server("probe")
        server.list_tools()(notes.pair(f"{owner}.list_tools", "rpc", [tool])[number])
        server.call_tool(validate_input=False)(notes.pair_taking(f"{owner}.call_tool", "rpc", text)[number])
        server.list_resources()(notes.pair(f"{owner}.list_resources", "rpc", [])[number])
        server.read_resource()(notes.pair_taking(f"{owner}.read_resource", "rpc", "done")[number])
        server.list_prompts()(notes.pair(f"{owner}.list_prompts", "rpc", [])[number])
        server.get_prompt()(notes.pair_taking(f"{owner}.get_prompt", "rpc", prompt)[number])
        async with create_connected_server_and_client_session(server) as client:
            for ask in (
                client.list_tools,
                lambda: client.call_tool("x", {}),
                client.list_resources,
                lambda: client.read_resource("resource://x"),
                client.list_prompts,
                lambda: client.get_prompt("x"),
            ):
                try:
                    await ask()
                except Exception as error:  # noqa: BLE001  what awaiting the result of a sync function raises
                    print(error)


async def with_low_level_arguments(notes: Any) -> None:
    from mcp import types
    from mcp.client.client import Client
    from mcp.server.lowlevel import Server

    notes.serves()
    owner = "mcp.server.lowlevel.Server"
    result = types.CallToolResult(content=[types.TextContent(type="text", text="done")])
    for number in (0, 1):
        server = Server("probe", on_call_tool=notes.pair_taking(owner, "rpc", result)[number])
        async with Client(server) as client:
            try:
                await client.call_tool("x", {})
            except Exception as error:  # noqa: BLE001  what awaiting the result of a sync function raises
                print(error)
