"""Resolvers of Strawberry, asked through its ASGI application."""

from __future__ import annotations

import asyncio
from typing import Any

REQUIREMENTS = {"0": ["strawberry-graphql[asgi]==0.*", "fastapi", "flask", "httpx", "python-multipart"]}


def observe() -> dict[str, Any]:
    from noting import Notes

    notes = Notes()
    asyncio.run(serve(notes))
    return {"contexts": notes.contexts}


async def serve(notes: Any) -> None:
    import httpx
    import strawberry
    from strawberry.asgi import GraphQL

    notes.serves()

    def named(resolvers: Any) -> Any:
        for resolver in resolvers:
            resolver.__annotations__["return"] = str
        return resolvers

    decorated = named(notes.pair("strawberry.field", "graphql", "done"))
    given = named(notes.pair("strawberry.field", "graphql", "done"))
    mutations = named(notes.pair("strawberry.mutation", "graphql", "done"))
    query = type(
        "Query",
        (),
        {
            "__annotations__": {"given_sync": str, "given_async": str},
            "by_sync": strawberry.field(decorated[0]),
            "by_async": strawberry.field(decorated[1]),
            "given_sync": strawberry.field(resolver=given[0]),
            "given_async": strawberry.field(resolver=given[1]),
        },
    )
    mutation = type("Mutation", (), {"by_sync": strawberry.mutation(mutations[0]), "by_async": strawberry.mutation(mutations[1])})
    schema = strawberry.Schema(strawberry.type(query), strawberry.type(mutation))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(GraphQL(schema)), base_url="http://probe") as client:
        for text in ("{bySync byAsync givenSync givenAsync}", "mutation {bySync byAsync}"):
            answer = (await client.post("/", json={"query": text})).json()
            assert "errors" not in answer, answer
