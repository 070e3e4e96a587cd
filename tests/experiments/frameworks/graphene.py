"""Resolvers of Graphene, asked through an ASGI application for it."""

from __future__ import annotations

import asyncio
from typing import Any

REQUIREMENTS = {"3": ["graphene==3.*", "starlette-graphene3==0.*", "httpx"]}


def observe() -> dict[str, Any]:
    from noting import Notes

    notes = Notes()
    asyncio.run(serve(notes))
    return {"contexts": notes.contexts}


async def serve(notes: Any) -> None:
    import graphene
    import httpx
    from starlette_graphene3 import GraphQLApp

    notes.serves()
    plain, asynchronous = notes.pair_taking("graphene.ObjectType", "graphql", "done")

    class Query(graphene.ObjectType):
        sync = graphene.String()
        asynchronous = graphene.String()

        def resolve_sync(self, info: Any) -> Any:
            return plain()

        async def resolve_asynchronous(self, info: Any) -> Any:
            return await asynchronous()

    plain_mutation, asynchronous_mutation = notes.pair_taking("graphene.Mutation", "graphql", {"done": "done"})

    class Sync(graphene.Mutation):
        done = graphene.String()

        def mutate(self, info: Any) -> Any:
            return plain_mutation()

    class Asynchronous(graphene.Mutation):
        done = graphene.String()

        async def mutate(self, info: Any) -> Any:
            return await asynchronous_mutation()

    class Mutation(graphene.ObjectType):
        sync = Sync.Field()
        asynchronous = Asynchronous.Field()

    app = GraphQLApp(graphene.Schema(query=Query, mutation=Mutation))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://probe") as client:
        for text in ("{sync asynchronous}", "mutation {sync {done} asynchronous {done}}"):
            answer = (await client.post("/", json={"query": text})).json()
            assert "errors" not in answer, answer
