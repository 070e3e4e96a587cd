"""Whether a route's input is validated: by what the handler's parameters say and what its body reads."""

from __future__ import annotations

import pytest

from tests.support import audit_sources

FASTAPI = """\
from typing import Annotated, Any
from fastapi import Body, Depends, FastAPI, Query, Request
from pydantic import BaseModel

app = FastAPI()


class Item(BaseModel):
    name: str


def get_db():
    yield 1


@app.post("/")
{handler}
"""
FLASK = "from flask import Flask, request\n\napp = Flask(__name__)\n\n\n@app.route('/')\n{handler}\n"
STARLETTE = """\
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route


{handler}


app = Starlette(routes=[Route("/", handle)])
"""


@pytest.mark.parametrize(
    ("service", "handler", "expected"),
    [
        (FASTAPI, "async def handle(item: Item): ...", True),
        (FASTAPI, "async def handle(item: Item, page: int = 1, db=Depends(get_db)): ...", True),
        (FASTAPI, "async def handle(page: Annotated[int, Query(ge=1)]): ...", True),
        (FASTAPI, "async def handle(item: Item, request: Request): ...", True),
        (FASTAPI, "async def handle(request: Request):\n    return await request.json()", False),
        (FASTAPI, "async def handle(item: Item, request: Request):\n    return request.query_params['page']", False),
        (FASTAPI, "async def handle(): ...", None),
        (FASTAPI, "async def handle(request: Request): ...", None),
        (FASTAPI, "async def handle(db=Depends(get_db)): ...", None),
        (FASTAPI, "async def handle(item: dict): ...", None),
        (FASTAPI, "async def handle(item: Any = Body()): ...", None),
        (FASTAPI, "async def handle(item: Item, page=1): ...", None),
        (FLASK, "def handle():\n    return request.json['name']", False),
        (FLASK, "def handle():\n    return request.get_json()", False),
        (FLASK, "def handle():\n    return request.path", None),
        (FLASK, "def handle():\n    from pydantic import TypeAdapter\n    return TypeAdapter(int).validate_python(request.json)", True),
        (FLASK, "def handle():\n    from schemas import check\n    return check(request.json)", None),
        (FLASK, "def handle():\n    if 'name' not in request.json:\n        return '', 400\n    return request.json['name']", False),
        (STARLETTE, "async def handle(request: Request):\n    return await request.form()", False),
        (STARLETTE, "async def handle(request: Request):\n    return request.url", None),
    ],
)
def test_input_is_validated_where_all_of_it_comes_through_typed_parameters(service: str, handler: str, expected: bool | None) -> None:
    """Reading the raw request goes before everything; what says nothing is not called safe."""
    [found] = audit_sources({"app.py": service.format(handler=handler)})[0].services

    assert [route.validated for route in found.routes] == [expected]
