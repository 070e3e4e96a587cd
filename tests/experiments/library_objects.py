"""Real objects for `look_up_library.py`, made where one library is installed: none of these calls needs a server."""

# ruff: noqa: PLW0108  what is called has to be looked up late
from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

CLOSED = "127.0.0.1:9"
"""Nobody answers there."""
URL = f"http://{CLOSED}"


def _name(dotted: str) -> Any:
    module, _, last = dotted.rpartition(".")
    try:
        return getattr(importlib.import_module(module), last)
    except ModuleNotFoundError:
        return getattr(_name(module), last)


def _aws_resources() -> list[Any]:
    import boto3

    session = boto3.Session(region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    made = {name: session.resource(name) for name in ("dynamodb", "s3", "sns", "sqs")}
    s3, dynamodb = made["s3"], made["dynamodb"]
    return [
        *made.values(),
        s3.Bucket("x"),
        s3.Object("x", "y"),
        dynamodb.Table("x"),
        made["sqs"].Queue("x"),
        made["sns"].Topic("arn:aws:sns:a:1:x"),
    ]


def _aws_client() -> Any:
    import botocore.session

    return botocore.session.get_session().create_client("s3", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")


def _sqlalchemy_session() -> Any:
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    return Session(create_engine("sqlite://"))


def _sqlalchemy_connection() -> Any:
    from sqlalchemy import create_engine

    return create_engine("sqlite://").connect()


def _declarative_base() -> Any:
    from sqlalchemy.orm import DeclarativeBase

    return type("Base", (DeclarativeBase,), {})


def _service_bus() -> Any:
    keys = "SharedAccessKeyName=x;SharedAccessKey=x"
    return _name("azure.servicebus.ServiceBusClient").from_connection_string(f"Endpoint=sb://127.0.0.1/;{keys}")


def _anonymous() -> Any:
    return _name("google.auth.credentials.AnonymousCredentials")()


def _state_graph() -> Any:
    graph = _name("langgraph.graph.StateGraph")(dict)
    graph.add_node("x", lambda state: state)
    graph.set_entry_point("x")
    return graph


def _language_models() -> dict[str, Any]:
    models = _name("langchain_core.language_models")
    store = _name("langchain_core.vectorstores.InMemoryVectorStore")(_name("langchain_core.embeddings.DeterministicFakeEmbedding")(size=1))
    chat_model = models.FakeListChatModel(responses=["x"])
    return {
        "langchain_core.language_models.chat_models.BaseChatModel": chat_model,
        "langchain_core.language_models.llms.BaseLLM": models.FakeListLLM(responses=["x"]),
        "langchain_core.retrievers.BaseRetriever": store.as_retriever(),
        "langchain_core.runnables.RunnableBinding": chat_model.bind(stop=["x"]),
        "langchain_core.runnables.RunnableSequence": chat_model | _parser(),
    }


def _parser() -> Any:
    return _name("langchain_core.output_parsers.StrOutputParser")()


def _answer_schema() -> dict[str, Any]:
    return {"title": "Answer", "description": "x", "type": "object", "properties": {"text": {"type": "string"}}}


def _sequences() -> dict[str, Callable[[], Any]]:
    """What operators and methods of a model, a retriever, a binding or a sequence give."""
    classes = [f"langchain_core.{name}" for name in ("language_models.chat_models.BaseChatModel", "language_models.llms.BaseLLM")]
    classes += ["langchain_core.retrievers.BaseRetriever", "langchain_core.runnables.RunnableBinding"]
    classes += ["langchain_core.runnables.RunnableSequence"]
    made: dict[str, Callable[[], Any]] = {}
    for class_ in classes:
        made[f"{class_}.__or__"] = lambda class_=class_: _language_models()[class_] | _parser()
        made[f"{class_}.__ror__"] = lambda class_=class_: {"x": _parser()} | _language_models()[class_]
        made[f"{class_}.bind"] = lambda class_=class_: _language_models()[class_].bind(stop=["x"])
        made[f"{class_}.with_config"] = lambda class_=class_: _language_models()[class_].with_config(tags=["x"])
    return made


def _kubernetes_apis() -> dict[str, Callable[[], list[Any]]]:
    names = ("AppsV1Api", "BatchV1Api", "CoreV1Api", "CustomObjectsApi", "NetworkingV1Api")
    return {f"kubernetes.client.{name}": lambda name=name: [_name(f"kubernetes.client.{name}")()] for name in names}


INSTANCES: dict[str, Callable[[], list[Any]]] = {
    "boto3.resources.base.ResourceMeta": lambda: [_aws_resources()[0].meta],
    "boto3.resources.base.ServiceResource": _aws_resources,
    "botocore.client.BaseClient": lambda: [_aws_client()],
    "elasticsearch.AsyncElasticsearch": lambda: [_name("elasticsearch.AsyncElasticsearch")(f"http://{CLOSED}")],
    "elasticsearch.Elasticsearch": lambda: [_name("elasticsearch.Elasticsearch")(f"http://{CLOSED}")],
    "elasticsearch_dsl.Search": lambda: [_name("elasticsearch_dsl.Search")()],
    "firecrawl.AsyncFirecrawl": lambda: [_name("firecrawl.AsyncFirecrawl")(api_key="fc-x")],
    "firecrawl.FirecrawlApp": lambda: [_name("firecrawl.FirecrawlApp")(api_key="fc-x")],
    "googleapiclient.discovery.Resource": lambda: [_name("googleapiclient.discovery.build")("drive", "v3", developerKey="x")],
    "hvac.api.secrets_engines.SecretsEngines": lambda: [_name("hvac.Client")(f"http://{CLOSED}").secrets],
    "mongoengine.Document": lambda: [type("Example", (_name("mongoengine.Document"),), {})],
    "opensearchpy.AsyncOpenSearch": lambda: [_name("opensearchpy.AsyncOpenSearch")(f"http://{CLOSED}")],
    "opensearchpy.OpenSearch": lambda: [_name("opensearchpy.OpenSearch")(f"http://{CLOSED}")],
    "pymysql.cursors.Cursor": lambda: [_name("pymysql.cursors.Cursor")(None)],
    "praw.Reddit": lambda: [_name("praw.Reddit")(client_id="x", client_secret="x", user_agent="x")],
    "razorpay.Client": lambda: [_name("razorpay.Client")(auth=("x", "x"))],
    "sqlalchemy.engine.Connection": lambda: [_sqlalchemy_connection()],
    "sqlalchemy.orm.DeclarativeBase": lambda: [_declarative_base()],
    "sqlalchemy.orm.Query": lambda: [_sqlalchemy_session().query()],
    "sqlalchemy.orm.Session": lambda: [_sqlalchemy_session()],
    "tinydb.TinyDB": lambda: [_name("tinydb.TinyDB")(storage=_name("tinydb.storages.MemoryStorage"))],
    "supabase.AsyncClient": lambda: [_name("supabase.AsyncClient")(f"http://{CLOSED}", "x.x.x")],
    "supabase.Client": lambda: [_name("supabase.create_client")(f"http://{CLOSED}", "x.x.x")],
} | _kubernetes_apis()
"""Classes some of whose methods and attributes exist only on instances (or subclasses)."""

MADE: dict[str, Callable[[], Any]] = {
    "aiomcache.Client": lambda: _name("aiomcache.Client")("127.0.0.1", 9),
    "algoliasearch.search.client.SearchClientSync": lambda: _name("algoliasearch.search.client.SearchClientSync")("x", "x"),
    "anthropic.Anthropic": lambda: _name("anthropic.Anthropic")(api_key="x"),
    "anthropic.AsyncAnthropic": lambda: _name("anthropic.AsyncAnthropic")(api_key="x"),
    "apprise.Apprise": lambda: _name("apprise.Apprise")(),
    "arango.ArangoClient": lambda: _name("arango.ArangoClient")(hosts=URL),
    "atlassian.Jira": lambda: _name("atlassian.Jira")(url=URL, username="x", password="x"),
    "azure.cosmos.CosmosClient": lambda: _name("azure.cosmos.CosmosClient")(URL, "eA==", retry_total=0, retry_connect=0),
    "azure.cosmos.aio.CosmosClient": lambda: _name("azure.cosmos.aio.CosmosClient")(URL, "eA=="),
    "azure.identity.DefaultAzureCredential": lambda: _name("azure.identity.DefaultAzureCredential")(),
    "azure.servicebus.ServiceBusClient.from_connection_string": lambda: _service_bus(),
    "azure.servicebus.ServiceBusClient.get_queue_receiver": lambda: _service_bus().get_queue_receiver("x"),
    "azure.servicebus.ServiceBusClient.get_queue_sender": lambda: _service_bus().get_queue_sender("x"),
    "cassandra.cluster.Cluster": lambda: _name("cassandra.cluster.Cluster")(["127.0.0.1"]),
    "cohere.AsyncClientV2": lambda: _name("cohere.AsyncClientV2")("x"),
    "cohere.Client": lambda: _name("cohere.Client")("x"),
    "cohere.ClientV2": lambda: _name("cohere.ClientV2")("x"),
    "dropbox.Dropbox": lambda: _name("dropbox.Dropbox")("x"),
    "elasticsearch.Elasticsearch": lambda: _name("elasticsearch.Elasticsearch")(URL),
    "elasticsearch_dsl.Search.filter": lambda: _name("elasticsearch_dsl.Search")().filter("term", a=1),
    "elevenlabs.client.ElevenLabs": lambda: _name("elevenlabs.client.ElevenLabs")(api_key="x"),
    "fsspec.filesystem": lambda: _name("fsspec.filesystem")("memory"),
    "gitlab.Gitlab": lambda: _name("gitlab.Gitlab")(URL, private_token="x"),
    "google.cloud.firestore.Client": lambda: _name("google.cloud.firestore.Client")(project="x", credentials=_anonymous()),
    "google.cloud.firestore.Client.collection": lambda: _name("google.cloud.firestore.Client")("x", _anonymous()).collection("x"),
    "google.cloud.firestore.Client.document": lambda: _name("google.cloud.firestore.Client")("x", _anonymous()).document("x/y"),
    "google.genai.client.Client": lambda: _name("google.genai.client.Client")(api_key="x"),
    "googlemaps.Client": lambda: _name("googlemaps.Client")(key="AIzax"),
    "groq.AsyncGroq": lambda: _name("groq.AsyncGroq")(api_key="x"),
    "groq.Groq": lambda: _name("groq.Groq")(api_key="x"),
    "grpc.Channel.unary_unary": lambda: _name("grpc.insecure_channel")(CLOSED).unary_unary("/x/y"),
    "grpc.insecure_channel": lambda: _name("grpc.insecure_channel")(CLOSED),
    "gtts.gTTS": lambda: _name("gtts.gTTS")("x"),
    "influxdb_client.InfluxDBClient": lambda: _name("influxdb_client.InfluxDBClient")(URL, "x"),
    "influxdb_client.InfluxDBClient.query_api": lambda: _name("influxdb_client.InfluxDBClient")(URL, "x").query_api(),
    "jinja2.Environment.from_string": lambda: _name("jinja2.Environment")().from_string("x"),
    "jira.JIRA": lambda: _name("jira.JIRA")(URL, max_retries=0, timeout=1),
    "jwt.PyJWKClient": lambda: _name("jwt.PyJWKClient")(URL),
    "kafka.KafkaProducer": lambda: _name("kafka.KafkaProducer")(bootstrap_servers=CLOSED, bootstrap_timeout_ms=100),
    "kazoo.client.KazooClient": lambda: _name("kazoo.client.KazooClient")(CLOSED),
    "kombu.Connection": lambda: _name("kombu.Connection")(f"amqp://{CLOSED}//"),
    "kombu.Connection.SimpleQueue": lambda: _name("kombu.Connection")("memory://").SimpleQueue("x"),
    "langchain_openai.ChatOpenAI.bind_tools": lambda: _name("langchain_openai.ChatOpenAI")(api_key="x").bind_tools([_answer_schema()]),
    "langchain_openai.ChatOpenAI.with_structured_output": lambda: _name("langchain_openai.ChatOpenAI")(api_key="x").with_structured_output(
        _answer_schema()
    ),
    "langgraph.graph.StateGraph.compile": lambda: _state_graph().compile(),
    "meilisearch.Client": lambda: _name("meilisearch.Client")(URL),
    "meilisearch.Client.index": lambda: _name("meilisearch.Client")(URL).index("x"),
    "mistralai.Mistral": lambda: _name("mistralai.Mistral")(api_key="x"),
    "mistralai.client.Mistral": lambda: _name("mistralai.client.Mistral")(api_key="x"),
    "notion_client.Client": lambda: _name("notion_client.Client")(auth="x"),
    "openai.AsyncOpenAI": lambda: _name("openai.AsyncOpenAI")(api_key="x"),
    "openai.OpenAI": lambda: _name("openai.OpenAI")(api_key="x"),
    "opentelemetry.sdk.trace.TracerProvider.get_tracer": lambda: _name("opentelemetry.sdk.trace.TracerProvider")().get_tracer("x"),
    "pika.BlockingConnection": lambda: _name("pika.BlockingConnection")(_name("pika.ConnectionParameters")("127.0.0.1", 9)),
    "pinecone.Pinecone": lambda: _name("pinecone.Pinecone")(api_key="x"),
    "polars.DataFrame.lazy": lambda: _name("polars.DataFrame")({"a": [1]}).lazy(),
    "polars.LazyFrame.collect": lambda: _name("polars.DataFrame")({"a": [1]}).lazy().collect(),
    "pymongo.AsyncMongoClient": lambda: _name("pymongo.AsyncMongoClient")(f"mongodb://{CLOSED}"),
    "pymysql.connections.Connection": lambda: _name("pymysql.connections.Connection")(host="127.0.0.1", port=9),
    "pysolr.Solr": lambda: _name("pysolr.Solr")(URL),
    "redis.Redis": lambda: _name("redis.Redis")("127.0.0.1", 9),
    "redis.Redis.pipeline": lambda: _name("redis.Redis")("127.0.0.1", 9).pipeline(),
    "redis.Redis.pubsub": lambda: _name("redis.Redis")("127.0.0.1", 9).pubsub(),
    "redis.from_url": lambda: _name("redis.from_url")(f"redis://{CLOSED}"),
    "requests.Session": lambda: _name("requests.Session")(),
    "tavily.TavilyClient": lambda: _name("tavily.TavilyClient")("x"),
    "telebot.TeleBot": lambda: _name("telebot.TeleBot")("1:x"),
    "tinydb.TinyDB.table": lambda: _name("tinydb.TinyDB")(storage=_name("tinydb.storages.MemoryStorage")).table("x"),
    "together.AsyncTogether": lambda: _name("together.AsyncTogether")(api_key="x"),
    "together.Together": lambda: _name("together.Together")(api_key="x"),
    "trino.dbapi.Connection.cursor": lambda: _name("trino.dbapi.connect")("127.0.0.1", 9, "x").cursor(),
    "trino.dbapi.connect": lambda: _name("trino.dbapi.connect")("127.0.0.1", 9, "x"),
    "tweepy.Client": lambda: _name("tweepy.Client")("x"),
    "valkey.Valkey": lambda: _name("valkey.Valkey")("127.0.0.1", 9),
    "valkey.Valkey.pipeline": lambda: _name("valkey.Valkey")("127.0.0.1", 9).pipeline(),
    "valkey.from_url": lambda: _name("valkey.from_url")(f"valkey://{CLOSED}"),
    "weaviate.connect_to_local": lambda: _name("weaviate.connect_to_local")("127.0.0.1", 9, 10, skip_init_checks=True),
    "weaviate.use_async_with_local": lambda: _name("weaviate.use_async_with_local")("127.0.0.1", 9, 10),
    "web3.Web3": lambda: _name("web3.Web3")(_name("web3.Web3").HTTPProvider(URL)),
    "websocket.create_connection": lambda: _name("websocket.create_connection")(f"ws://{CLOSED}"),
    "yfinance.Ticker": lambda: _name("yfinance.Ticker")("X"),
    "zeep.Client": lambda: _name("zeep.Client")(URL),
    "zmq.Context.socket": lambda: _name("zmq.Context")().socket(3),
} | _sequences()
"""Constructors and factories: what they give is compared with the tables, and whether they open a connection. They may end in an error."""
