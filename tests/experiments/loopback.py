"""Points real clients at a server that keeps silent for a while, and sees whether the event loop goes on meanwhile.

python tests/experiments/loopback.py --environment ~/loopback

makes the environment, runs this file in it once more, and writes `results/calls/loopback.json`, which the default tests
compare with the tables.
"""

# ruff: noqa: PLW0108  what is called has to be looked up late
from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

RESULT = Path(__file__).parent / "results" / "calls" / "loopback.json"
REQUIREMENTS = (
    *("aiobotocore", "aiohttp", "aiokafka", "aiomcache", "aiomysql", "aio-pika", "aiosmtplib", "anthropic", "asyncpg", "asyncssh"),
    *("clickhouse-connect[async]", "elasticsearch[async]", "grpcio", "httpx", "IMAPClient", "kafka-python", "ldap3"),
    *("openai", "opensearch-py[async]", "paramiko", "pika", "psycopg[binary]", "psycopg2-binary", "pymemcache", "pymongo", "pymysql"),
    *("redis", "requests", "urllib3", "valkey", "websocket-client", "websockets"),
)
SILENCE = 0.4
"""Seconds that the server says nothing."""
TICK = 0.005


class SilentServer:
    """Takes connections, says nothing for `silence` seconds, and closes them."""

    def __init__(self) -> None:
        self.silence = 0.0
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            threading.Thread(target=self._keep_silent, args=(connection, self.silence), daemon=True).start()

    def _keep_silent(self, connection: socket.socket, silence: float) -> None:
        time.sleep(silence)
        with suppress(OSError):
            connection.close()


async def longest_pause(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds for which the loop could do nothing else while the call ran, at most; and the seconds that it took."""
    loop = asyncio.get_running_loop()
    pauses: list[float] = []

    async def tick() -> None:
        last = loop.time()
        while True:
            await asyncio.sleep(TICK)
            pauses.append(loop.time() - last)
            last = loop.time()

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(TICK * 3)
    del pauses[:]
    start = loop.time()
    with suppress(Exception):  # none of them can come to a good end
        given = call()
        if isinstance(given, Awaitable):
            async with asyncio.timeout(SILENCE * 5):
                await given
    took = loop.time() - start
    await asyncio.sleep(TICK * 3)
    ticking.cancel()
    return max(pauses), took


AWS: dict[str, Any] = {"region_name": "eu-west-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}


@cache
def _aws_client(url: str) -> Any:
    """Kept, as in a service: making one reads the description of S3."""
    from botocore.config import Config
    from botocore.session import get_session

    return get_session().create_client("s3", endpoint_url=url, config=Config(retries={"total_max_attempts": 1}), **AWS)


@cache
def _aws_session() -> Any:
    from aiobotocore.session import get_session

    return get_session()


async def _aws_async(url: str) -> None:
    from aiobotocore.config import AioConfig

    config = AioConfig(retries={"total_max_attempts": 1})
    async with _aws_session().create_client("s3", endpoint_url=url, config=config, **AWS) as client:
        await client.list_buckets()


async def _asynchronously(client: Any, call: Callable[[Any], Awaitable[object]]) -> None:
    async with client:
        await call(client)


def _paramiko(port: int) -> None:
    import paramiko

    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect("127.0.0.1", port, username="x", password="x", banner_timeout=5, look_for_keys=False, allow_agent=False)


def _grpc(port: int) -> None:
    import grpc

    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        channel.unary_unary("/shop.Shop/Get")(b"", timeout=SILENCE)


async def _grpc_async(port: int) -> None:
    import grpc.aio

    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        await channel.unary_unary("/shop.Shop/Get")(b"", timeout=SILENCE)


async def _httpx_async(url: str) -> None:
    import httpx

    await _asynchronously(httpx.AsyncClient(), lambda client: client.get(url))


async def _kafka_async(port: int) -> None:
    import aiokafka

    producer = aiokafka.AIOKafkaProducer(bootstrap_servers=f"127.0.0.1:{port}", request_timeout_ms=1000)
    try:
        await producer.start()
    finally:
        await producer.stop()


def _kafka(port: int) -> object:
    import kafka

    return kafka.KafkaProducer(bootstrap_servers=f"127.0.0.1:{port}", bootstrap_timeout_ms=500)


def _import(name: str) -> Any:
    return __import__(name, fromlist=["x"])


def cases(port: int) -> dict[str, Callable[[], object]]:
    """Calls by the name that the tables have for them."""
    host, url = "127.0.0.1", f"http://127.0.0.1:{port}"
    openai = {"api_key": "x", "base_url": url, "max_retries": 0}
    chat: dict[str, Any] = {"model": "x", "messages": []}
    mongo: dict[str, Any] = {"host": host, "port": port, "serverSelectionTimeoutMS": int(SILENCE * 1000)}
    db: dict[str, Any] = {"host": host, "port": port, "user": "x", "password": "x"}
    return {
        "aio_pika.connect": lambda: _import("aio_pika").connect(f"amqp://x:x@{host}:{port}/"),
        "aiokafka.AIOKafkaProducer.start": lambda: _kafka_async(port),
        "aiomcache.Client.get": lambda: _import("aiomcache").Client(host, port).get(b"x"),
        "aiomysql.connect": lambda: _import("aiomysql").connect(**db),
        "aiosmtplib.send": lambda: _import("aiosmtplib").send("x", sender="a@b.c", recipients=["a@b.c"], hostname=host, port=port),
        "anthropic.resources.AsyncMessages.create": lambda: (
            _import("anthropic").AsyncAnthropic(**openai).messages.create(max_tokens=1, **chat)
        ),
        "anthropic.resources.Messages.create": lambda: _import("anthropic").Anthropic(**openai).messages.create(max_tokens=1, **chat),
        "asyncpg.connect": lambda: _import("asyncpg").connect(**db),
        "asyncssh.connect": lambda: _import("asyncssh").connect(host, port, username="x", password="x", known_hosts=None),
        "botocore.client.BaseClient.list_buckets": lambda: _aws_client(url).list_buckets(),
        "aiobotocore.client.AioBaseClient.list_buckets": lambda: _aws_async(url),
        "clickhouse_connect.get_client": lambda: _import("clickhouse_connect").get_client(host=host, port=port),
        "clickhouse_connect.get_async_client": lambda: _import("clickhouse_connect").get_async_client(host=host, port=port),
        "elasticsearch.AsyncElasticsearch.search": lambda: _asynchronously(
            _import("elasticsearch").AsyncElasticsearch(url, max_retries=0), lambda client: client.search(index="x")
        ),
        "elasticsearch.Elasticsearch.search": lambda: _import("elasticsearch").Elasticsearch(url, max_retries=0).search(index="x"),
        "grpc.UnaryUnaryMultiCallable.__call__": lambda: _grpc(port),
        "grpc.aio.UnaryUnaryMultiCallable.__call__": lambda: _grpc_async(port),
        "httpx.AsyncClient.get": lambda: _httpx_async(url),
        "httpx.Client.get": lambda: _import("httpx").Client().get(url),
        "httpx.get": lambda: _import("httpx").get(url),
        "imapclient.IMAPClient": lambda: _import("imapclient").IMAPClient(host, port, ssl=False),
        "kafka.KafkaProducer": lambda: _kafka(port),
        "ldap3.Connection.bind": lambda: _import("ldap3").Connection(f"ldap://{host}:{port}", "cn=x", "x").bind(),
        "openai.resources.chat.AsyncCompletions.create": lambda: _import("openai").AsyncOpenAI(**openai).chat.completions.create(**chat),
        "openai.resources.chat.Completions.create": lambda: _import("openai").OpenAI(**openai).chat.completions.create(**chat),
        "opensearchpy.AsyncOpenSearch.search": lambda: _asynchronously(
            _import("opensearchpy").AsyncOpenSearch(url, max_retries=0), lambda client: client.search(index="x")
        ),
        "opensearchpy.OpenSearch.search": lambda: _import("opensearchpy").OpenSearch(url, max_retries=0).search(index="x"),
        "paramiko.SSHClient.connect": lambda: _paramiko(port),
        "pika.BlockingConnection": lambda: _import("pika").BlockingConnection(
            _import("pika").ConnectionParameters(host, port, connection_attempts=1)
        ),
        "psycopg.AsyncConnection.connect": lambda: _import("psycopg").AsyncConnection.connect(**db),
        "psycopg.connect": lambda: _import("psycopg").connect(**db),
        "psycopg2.connect": lambda: _import("psycopg2").connect(**db),
        "pymemcache.client.base.Client.get": lambda: _import("pymemcache.client.base").Client((host, port)).get("x"),
        "pymongo.asynchronous.collection.AsyncCollection.find_one": lambda: (
            _import("pymongo").AsyncMongoClient(**mongo)["x"]["y"].find_one()
        ),
        "pymongo.collection.Collection.find_one": lambda: _import("pymongo").MongoClient(**mongo)["x"]["y"].find_one(),
        "pymysql.connections.Connection": lambda: _import("pymysql").connect(**db),
        "redis.Redis.get": lambda: _import("redis").Redis(host, port, retry=None).get("x"),
        "redis.asyncio.Redis.get": lambda: _import("redis.asyncio").Redis(host=host, port=port, retry=None).get("x"),
        "requests.get": lambda: _import("requests").get(url, timeout=5),
        "smtplib.SMTP": lambda: _import("smtplib").SMTP(host, port),
        "urllib.request.urlopen": lambda: _import("urllib.request").urlopen(url),
        "urllib3.PoolManager.request": lambda: _import("urllib3").PoolManager(retries=False).request("GET", url),
        "valkey.Valkey.get": lambda: _import("valkey").Valkey(host, port, retry=None).get("x"),
        "websocket.create_connection": lambda: _import("websocket").create_connection(f"ws://{host}:{port}"),
        "websockets.connect": lambda: _import("websockets").connect(f"ws://{host}:{port}", open_timeout=2),
    }


def observe() -> dict[str, Any]:
    """Each call, after one that a server ends at once: by then all that it imports is there."""
    warnings.simplefilter("ignore")
    server = SilentServer()
    seen = {}
    for name, call in sorted(cases(server.port).items()):
        server.silence = 0.0
        asyncio.run(longest_pause(call))
        server.silence = SILENCE
        pause, took = asyncio.run(longest_pause(call))
        seen[name] = {"pause": round(pause, 2), "took": round(took, 2), "blocks": pause >= SILENCE * 0.75}
    names = sorted({one.partition("[")[0] for one in REQUIREMENTS})
    return {"python": platform.python_version(), "versions": {name: metadata.version(name) for name in names}, "seen": seen}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--environment", type=Path, required=True, help="where the environment is made, or found again")
    parser.add_argument("--python", default=sys.executable, help="its Python")
    parser.add_argument("--today", default=date.today().isoformat(), help="the date of the result")  # noqa: DTZ011  the system's date
    arguments = parser.parse_args()
    executable = arguments.environment.absolute() / "bin" / "python"
    if not executable.exists():
        subprocess.run([arguments.python, "-m", "venv", arguments.environment], check=True)
    subprocess.run([executable, "-m", "pip", "install", "-q", *REQUIREMENTS], check=True)
    done = subprocess.run([executable, "-B", "-W", "ignore", __file__, "--observe"], check=True, stdout=subprocess.PIPE, text=True)
    told = json.loads(done.stdout.splitlines()[-1])
    rows = [f"    {json.dumps(name)}: {json.dumps(one)}" for name, one in told["seen"].items()]
    head = {"date": arguments.today, "python": told["python"], "versions": told["versions"]}
    text = "{\n" + "".join(f"  {json.dumps(key)}: {json.dumps(value)},\n" for key, value in head.items())
    RESULT.write_text(text + '  "seen": {\n' + ",\n".join(rows) + "\n  }\n}\n", encoding="utf-8")
    for name, one in told["seen"].items():
        print(f"{'blocks' if one['blocks'] else 'free  '} {one['pause']:5.2f} of {one['took']:5.2f} s  {name}")
    return 0


if __name__ == "__main__":
    if "--observe" in sys.argv:
        print(json.dumps(observe()))
        sys.stdout.flush()
        os._exit(0)  # clients leave threads behind that do not end
    sys.exit(main())
