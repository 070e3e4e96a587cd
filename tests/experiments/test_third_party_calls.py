"""Calls real clients against a closed port, and SQLAlchemy against SQLite: what the tables call blocking goes out, the rest does not.

python -m venv clients && clients/bin/pip install -e . pytest anthropic boto3 elasticsearch httpx httpx2 minio openai opensearch-py pika \
    pymongo redis requests slack-sdk "sqlalchemy[asyncio]" twilio urllib3
clients/bin/pytest -W ignore tests/experiments/test_third_party_calls.py
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest

from fwaudit.catalog.knowledge import Knowledge
from fwaudit.catalog.load import load_catalog

CATALOG = load_catalog()
NOWHERE = "127.0.0.1:9"
URL = f"http://{NOWHERE}"

_connects: list[tuple[int, str]] = []


def _notice(event: str, _arguments: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.getaddrinfo"}:
        _connects.append((threading.get_ident(), event))


sys.addaudithook(_notice)


def _goes_out(call: Callable[[], object]) -> bool:
    """Whether this thread opened a connection in `call`, however it ended."""
    del _connects[:]
    with suppress(Exception), ExitStack() as stack:
        made = call()
        if hasattr(made, "__enter__"):
            stack.enter_context(made)
    return any(thread == threading.get_ident() for thread, _ in _connects)


def _known(name: str) -> Knowledge:
    known = CATALOG.callable(name)
    assert known is not None, name
    return known


def _clients() -> dict[str, Any]:
    import anthropic
    import boto3
    import elasticsearch
    import httpx
    import httpx2
    import minio
    import openai
    import opensearchpy
    import pika
    import redis
    import requests
    import slack_sdk
    import twilio.rest
    import urllib3
    from botocore.config import Config

    aws = boto3.Session(region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    once = Config(retries={"total_max_attempts": 1}, connect_timeout=1)
    return {
        "anthropic": anthropic.Anthropic(api_key="x", base_url=URL, max_retries=0),
        "dynamodb": aws.resource("dynamodb", endpoint_url=URL, config=once),
        "elasticsearch": elasticsearch.Elasticsearch(URL, max_retries=0),
        "httpx": httpx.Client(),
        "httpx2": httpx2.Client(),
        "minio": minio.Minio(NOWHERE, "x", "x", secure=False, region="x", http_client=urllib3.PoolManager(retries=False)),
        "openai": openai.OpenAI(api_key="x", base_url=URL, max_retries=0),
        "opensearch": opensearchpy.OpenSearch(URL, max_retries=0),
        "pika": pika.ConnectionParameters("127.0.0.1", 9, connection_attempts=1),
        "redis": redis.Redis("127.0.0.1", 9, retry=None),
        "requests": requests.Session(),
        "s3": aws.client("s3", endpoint_url=URL, config=once),
        "slack": slack_sdk.WebClient("x", base_url=f"{URL}/"),
        "twilio": twilio.rest.Client("ACx", "x"),
        "urllib3": urllib3.PoolManager(retries=False),
    }


@pytest.fixture(scope="module")
def clients() -> dict[str, Any]:
    return _clients()


BLOCKING: dict[str, Callable[[dict[str, Any]], object]] = {
    "anthropic.resources.Messages.count_tokens": lambda c: c["anthropic"].messages.count_tokens(model="x", messages=[]),
    "anthropic.resources.Messages.create": lambda c: c["anthropic"].messages.create(model="x", max_tokens=1, messages=[]),
    "anthropic.resources.Messages.stream": lambda c: c["anthropic"].messages.stream(model="x", max_tokens=1, messages=[]),
    "anthropic.resources.Models.list": lambda c: c["anthropic"].models.list(),
    "boto3.resources.base.ServiceResource.put_item": lambda c: c["dynamodb"].Table("x").put_item(Item={}),
    "boto3.resources.base.ServiceResource.scan": lambda c: c["dynamodb"].Table("x").scan(),
    "botocore.client.BaseClient.get_object": lambda c: c["s3"].get_object(Bucket="x", Key="y"),
    "botocore.client.BaseClient.list_buckets": lambda c: c["s3"].list_buckets(),
    "botocore.paginate.PageIterator.build_full_result": lambda c: (
        c["s3"].get_paginator("list_objects_v2").paginate(Bucket="x").build_full_result()
    ),
    "elasticsearch.Elasticsearch.search": lambda c: c["elasticsearch"].search(index="x"),
    "elasticsearch.client.IndicesClient.exists": lambda c: c["elasticsearch"].indices.exists(index="x"),
    "httpx.Client.get": lambda c: c["httpx"].get(URL),
    "httpx.Client.stream": lambda c: c["httpx"].stream("GET", URL),
    "httpx.post": lambda c: __import__("httpx").post(URL),
    "httpx2.Client.get": lambda c: c["httpx2"].get(URL),
    "minio.Minio.bucket_exists": lambda c: c["minio"].bucket_exists(bucket_name="xxx"),
    "minio.Minio.stat_object": lambda c: c["minio"].stat_object(bucket_name="xxx", object_name="y"),
    "openai.resources.Embeddings.create": lambda c: c["openai"].embeddings.create(model="x", input="x"),
    "openai.resources.Images.generate": lambda c: c["openai"].images.generate(prompt="x"),
    "openai.resources.Models.list": lambda c: c["openai"].models.list(),
    "openai.resources.chat.Completions.create": lambda c: c["openai"].chat.completions.create(model="x", messages=[]),
    "openai.resources.chat.Completions.stream": lambda c: c["openai"].chat.completions.stream(model="x", messages=[]),
    "openai.resources.responses.Responses.create": lambda c: c["openai"].responses.create(model="x", input="x"),
    "opensearchpy.OpenSearch.search": lambda c: c["opensearch"].search(index="x"),
    "pika.BlockingConnection": lambda c: __import__("pika").BlockingConnection(c["pika"]),
    "redis.Redis.get": lambda c: c["redis"].get("x"),
    "redis.Redis.client": lambda c: c["redis"].client(),
    "redis.Redis.llen": lambda c: c["redis"].llen("x"),
    "redis.Redis.monitor": lambda c: c["redis"].monitor(),
    "redis.Redis.scan_iter": lambda c: list(c["redis"].scan_iter()),
    "redis.Redis.transaction": lambda c: c["redis"].transaction(lambda pipe: pipe.multi(), "x"),
    "redis.client.Pipeline.execute": lambda c: c["redis"].pipeline().set("x", 1).execute(),
    "redis.client.PubSub.subscribe": lambda c: c["redis"].pubsub().subscribe("x"),
    "redis.lock.Lock.acquire": lambda c: c["redis"].lock("x").acquire(),
    "requests.Session.get": lambda c: c["requests"].get(URL),
    "requests.Session.send": lambda c: c["requests"].send(__import__("requests").Request("GET", URL).prepare()),
    "requests.get": lambda c: __import__("requests").get(URL),
    "slack_sdk.WebClient.chat_postMessage": lambda c: c["slack"].chat_postMessage(channel="x", text="x"),
    "urllib3.PoolManager.request": lambda c: c["urllib3"].request("GET", URL),
}
"""Calls that the tables call blocking."""

BUILDING: dict[str, Callable[[dict[str, Any]], object]] = {
    "boto3.resources.base.ServiceResource.Table": lambda c: c["dynamodb"].Table("x"),
    "botocore.client.BaseClient.generate_presigned_url": lambda c: c["s3"].generate_presigned_url(
        "get_object", {"Bucket": "x", "Key": "y"}
    ),
    "botocore.client.BaseClient.get_paginator": lambda c: c["s3"].get_paginator("list_objects_v2"),
    "botocore.client.BaseClient.get_waiter": lambda c: c["s3"].get_waiter("bucket_exists"),
    "botocore.paginate.Paginator.paginate": lambda c: c["s3"].get_paginator("list_objects_v2").paginate(Bucket="x"),
    "elasticsearch.Elasticsearch.options": lambda c: c["elasticsearch"].options(request_timeout=1).close(),
    "openai.OpenAI.with_options": lambda c: c["openai"].with_options(timeout=1),
    "redis.Redis.bf": lambda c: c["redis"].bf(),
    "redis.Redis.ft": lambda c: c["redis"].ft(),
    "redis.Redis.get_connection_kwargs": lambda c: c["redis"].get_connection_kwargs(),
    "redis.Redis.json": lambda c: c["redis"].json(),
    "redis.Redis.lock": lambda c: c["redis"].lock("x") and None,
    "redis.Redis.pipeline": lambda c: c["redis"].pipeline().set("x", 1),
    "redis.Redis.pubsub": lambda c: c["redis"].pubsub(),
    "redis.Redis.register_script": lambda c: c["redis"].register_script("return 1"),
    "redis.Redis.ts": lambda c: c["redis"].ts(),
    "redis.from_url": lambda c: __import__("redis").from_url(f"redis://{NOWHERE}"),
    "requests.Session": lambda c: __import__("requests").Session(),
    "slack_sdk.WebClient.validate_slack_signature": lambda c: c["slack"].validate_slack_signature(
        signing_secret="x", data="x", timestamp="1", signature="x"
    ),
    "urllib3.PoolManager.connection_from_url": lambda c: c["urllib3"].connection_from_url(URL),
}
"""Calls that the tables know, and say nothing of."""


@pytest.mark.parametrize("name", BLOCKING)
def test_calls_that_block_go_out(name: str, clients: dict[str, Any]) -> None:
    """What a table calls blocking opens a connection in the calling thread."""
    assert _known(name).blocking
    assert _goes_out(lambda: BLOCKING[name](clients))


@pytest.mark.parametrize("name", BUILDING)
def test_calls_that_only_build_stay_at_home(name: str, clients: dict[str, Any]) -> None:
    """What a table knows but does not call blocking opens none."""
    assert not _known(name).blocking
    assert not _goes_out(lambda: BUILDING[name](clients))


def test_a_cursor_of_pymongo_asks_when_it_is_iterated() -> None:
    """`find()` returns at once; the first document waits for a server, as `find_one()` does."""
    import pymongo
    from pymongo.errors import ServerSelectionTimeoutError

    with pymongo.MongoClient("127.0.0.1", 9, serverSelectionTimeoutMS=50) as client:
        collection = client["x"]["y"]
        cursor = collection.find({}).sort("a").limit(1)
        with pytest.raises(ServerSelectionTimeoutError):
            list(cursor)
        with pytest.raises(ServerSelectionTimeoutError):
            collection.find_one({})
    assert CATALOG.iteration("pymongo.cursor.Cursor") is not None
    assert not _known("pymongo.collection.Collection.find").blocking
    assert _known("pymongo.collection.Collection.find_one").blocking


class Database:
    """SQLAlchemy over SQLite in memory, with every statement that the driver is given."""

    def __init__(self) -> None:
        from sqlalchemy import Column, Integer, String, create_engine, event
        from sqlalchemy.orm import DeclarativeBase
        from sqlalchemy.pool import StaticPool

        class Base(DeclarativeBase):
            pass

        class User(Base):
            __tablename__ = "users"
            id = Column(Integer, primary_key=True)
            name = Column(String, default="")

        self.base, self.user = Base, User
        self.engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"isolation_level": None})
        self.said: list[str] = []
        event.listen(self.engine, "checkout", lambda connection, record, proxy: self.said.append("checkout"))
        event.listen(self.engine, "commit", lambda connection: self.said.append("commit"))
        event.listen(self.engine, "rollback", lambda connection: self.said.append("rollback"))
        event.listen(self.engine, "savepoint", lambda connection, name: self.said.append("savepoint"))
        event.listen(self.engine, "before_cursor_execute", lambda *arguments: self.said.append(arguments[2]))
        Base.metadata.create_all(self.engine)

    def session(self) -> Any:
        """A session that has said nothing yet, over a table with one row."""
        from sqlalchemy.orm import Session

        session = Session(self.engine)
        session.merge(self.user(id=1, name="a"))
        session.commit()
        return session


@pytest.fixture
def database() -> Iterator[Database]:
    made = Database()
    yield made
    made.engine.dispose()


SESSION: dict[str, Callable[[Any, Any], object]] = {
    "Query.__getitem__": lambda s, user: s.query(user)[0:1],
    "Query.all": lambda s, user: s.query(user).all(),
    "Query.count": lambda s, user: s.query(user).count(),
    "Query.delete": lambda s, user: s.query(user).delete(),
    "Query.first": lambda s, user: s.query(user).first(),
    "Query.get": lambda s, user: s.query(user).get(2),
    "Query.one": lambda s, user: s.query(user).one(),
    "Query.one_or_none": lambda s, user: s.query(user).one_or_none(),
    "Query.scalar": lambda s, user: s.query(user.id).scalar(),
    "Query.update": lambda s, user: s.query(user).update({"name": "b"}),
    "Session.bulk_insert_mappings": lambda s, user: s.bulk_insert_mappings(user, [{"id": 3}]),
    "Session.bulk_save_objects": lambda s, user: s.bulk_save_objects([user(id=4)]),
    "Session.bulk_update_mappings": lambda s, user: s.bulk_update_mappings(user, [{"id": 1, "name": "c"}]),
    "Session.commit": lambda s, user: (s.add(user(id=5)), s.commit()),
    "Session.connection": lambda s, user: s.connection(),
    "Session.execute": lambda s, user: s.execute(_select(user)),
    "Session.flush": lambda s, user: (s.add(user(id=6)), s.flush()),
    "Session.get": lambda s, user: s.get(user, 7),
    "Session.get_one": lambda s, user: s.get_one(user, 1),
    "Session.merge": lambda s, user: s.merge(user(id=8)),
    "Session.refresh": lambda s, user: s.refresh(s.get(user, 1)),
    "Session.rollback": lambda s, user: (s.connection(), s.rollback()),
    "Session.scalar": lambda s, user: s.scalar(_select(user)),
    "Session.scalars": lambda s, user: s.scalars(_select(user)),
}
"""Calls that the table calls blocking: with what they need before them."""

QUIET: dict[str, Callable[[Any, Any], object]] = {
    "Query.filter": lambda s, user: s.query(user).filter(user.id == 1),
    "Query.filter_by": lambda s, user: s.query(user).filter_by(id=1),
    "Query.join": lambda s, user: s.query(user).join(user, user.id == user.id),
    "Query.limit": lambda s, user: s.query(user).limit(1),
    "Query.options": lambda s, user: s.query(user).options(),
    "Query.order_by": lambda s, user: s.query(user).order_by(user.id),
    "Query.with_entities": lambda s, user: s.query(user).with_entities(user.id),
    "Session.begin": lambda s, user: s.begin(),
    "Session.begin_nested": lambda s, user: s.begin_nested(),
    "Session.get_bind": lambda s, user: s.get_bind(),
    "Session.query": lambda s, user: s.query(user),
}
"""Calls that the table knows and that only build."""


ENGINE: dict[str, Callable[[Any, Any], object]] = {
    "MetaData.create_all": lambda engine, metadata: metadata.create_all(engine),
    "MetaData.drop_all": lambda engine, metadata: metadata.drop_all(engine),
    "MetaData.reflect": lambda engine, metadata: metadata.reflect(engine),
    "engine.Engine.begin": lambda engine, _: engine.begin().__enter__(),
    "engine.Engine.connect": lambda engine, _: engine.connect(),
    "engine.Engine.raw_connection": lambda engine, _: engine.raw_connection(),
    "engine.reflection.Inspector.get_columns": lambda engine, _: _inspect(engine).get_columns("users"),
    "engine.reflection.Inspector.get_table_names": lambda engine, _: _inspect(engine).get_table_names(),
    "engine.reflection.Inspector.has_table": lambda engine, _: _inspect(engine).has_table("users"),
}
"""Calls of an engine and on one that the table calls blocking."""

CONNECTION: dict[str, Callable[[Any], object]] = {
    "begin_nested": lambda connection: connection.begin_nested(),
    "commit": lambda connection: (connection.begin(), connection.commit()),
    "exec_driver_sql": lambda connection: connection.exec_driver_sql("SELECT 1"),
    "execute": lambda connection: connection.execute(_text()),
    "rollback": lambda connection: (connection.begin(), connection.rollback()),
    "scalar": lambda connection: connection.scalar(_text()),
    "scalars": lambda connection: connection.scalars(_text()),
}
"""Calls of a connection that the table calls blocking."""


def _inspect(engine: Any) -> Any:
    from sqlalchemy import inspect

    return inspect(engine)


def _text() -> Any:
    from sqlalchemy import text

    return text("SELECT 1")


def _select(user: Any) -> Any:
    from sqlalchemy import select

    return select(user)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SESSION)
def test_sessions_and_queries_reach_the_database(name: str, database: Database) -> None:
    """What the table calls blocking takes a connection or speaks on one."""
    assert _known(f"sqlalchemy.orm.{name}").blocking
    session = database.session()
    del database.said[:]
    SESSION[name](session, database.user)
    assert database.said


@pytest.mark.parametrize("name", ENGINE)
def test_engines_reach_the_database(name: str, database: Database) -> None:
    """What the table calls blocking of an engine, of metadata and of an inspector takes a connection."""
    assert _known(f"sqlalchemy.{name}").blocking
    del database.said[:]
    ENGINE[name](database.engine, database.base.metadata)
    assert "checkout" in database.said


@pytest.mark.parametrize("name", CONNECTION)
def test_connections_speak_to_the_database(name: str, database: Database) -> None:
    """What the table calls blocking of a connection is said on it."""
    assert _known(f"sqlalchemy.engine.Connection.{name}").blocking
    with database.engine.connect() as connection:
        del database.said[:]
        CONNECTION[name](connection)
        assert database.said


@pytest.mark.parametrize("name", QUIET)
def test_building_queries_says_nothing_to_the_database(name: str, database: Database) -> None:
    """What the table knows and does not call blocking neither takes a connection nor speaks."""
    assert not _known(f"sqlalchemy.orm.{name}").blocking
    session = database.session()
    del database.said[:]
    QUIET[name](session, database.user)
    assert database.said == []


def test_adding_and_closing_say_nothing_after_a_commit(database: Database) -> None:
    """`add()`, `expunge()` and, with no transaction open, `close()` do not reach the database; no table calls them blocking."""
    session = database.session()
    del database.said[:]
    user = database.user(id=9)
    session.add(user)
    session.expunge(user)
    session.close()
    assert database.said == []
    assert all(CATALOG.method("sqlalchemy.orm.Session", name) is None for name in ("add", "close", "expunge"))


def test_iterating_a_query_and_ending_a_transaction_reach_the_database(database: Database) -> None:
    """A query runs when it is iterated, and `with session.begin()` commits at its end."""
    session = database.session()
    del database.said[:]
    list(session.query(database.user))
    assert any("SELECT" in statement for statement in database.said)
    session.commit()
    del database.said[:]
    with session.begin():
        session.add(database.user(id=10))
    assert "commit" in database.said
    assert CATALOG.iteration("sqlalchemy.orm.Query") is not None
    assert CATALOG.entering("sqlalchemy.orm.SessionTransaction") is not None


def test_rows_are_there_when_a_statement_has_run(database: Database) -> None:
    """Fetching from the result of a statement says nothing more to the database; no table calls it blocking."""
    session = database.session()
    result = session.execute(_select(database.user))
    del database.said[:]
    assert len(result.scalars().all()) == 1
    assert database.said == []
    assert not _known("sqlalchemy.engine.Result.scalars").blocking
