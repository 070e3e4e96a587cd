"""Resolvers of Ariadne, asked through its ASGI application."""

from __future__ import annotations

import asyncio
from typing import Any

REQUIREMENTS = {"1": ["ariadne==1.*", "flask", "httpx"]}
SCHEMA = """
type Query { decorated_sync: String decorated_async: String set_sync: String set_async: String thing: Thing }
type Mutation { decorated_sync: String decorated_async: String }
type Thing { decorated_sync: String decorated_async: String }
"""


def observe() -> dict[str, Any]:
    from noting import Notes

    notes = Notes()
    asyncio.run(serve(notes))
    return {"contexts": notes.contexts}


async def serve(notes: Any) -> None:
    import httpx
    from ariadne import MutationType, ObjectType, QueryType, make_executable_schema
    from ariadne.asgi import GraphQL

    notes.serves()
    types = []
    for kind, name in ((QueryType(), "QueryType"), (MutationType(), "MutationType"), (ObjectType("Thing"), "ObjectType")):
        for field, resolver in zip(
            ("decorated_sync", "decorated_async"), notes.pair_taking(f"ariadne.{name}.field", "graphql", "done"), strict=True
        ):
            kind.field(field)(resolver)
        types.append(kind)
    for field, resolver in zip(("set_sync", "set_async"), notes.pair_taking("ariadne.QueryType.set_field", "graphql", "done"), strict=True):
        types[0].set_field(field, resolver)
    types[0].set_field("thing", lambda *arguments: {})
    app = GraphQL(make_executable_schema(SCHEMA, *types))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://probe") as client:
        for text in (
            "{decorated_sync decorated_async set_sync set_async thing {decorated_sync decorated_async}}",
            "mutation {decorated_sync decorated_async}",
        ):
            answer = (await client.post("/", json={"query": text})).json()
            assert "errors" not in answer, answer
