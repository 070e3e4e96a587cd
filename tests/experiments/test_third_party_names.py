"""Looks every name of the third-party tables up in the real packages.

Run as a script, this file prints what to install: the distributions of all tables,
or, with `older`, the releases whose names newer ones lack.

    python -m venv names && names/bin/pip install -e . pytest $(python tests/experiments/test_third_party_names.py)
    names/bin/pytest tests/experiments/test_third_party_names.py
    python -m venv older && older/bin/pip install -e . pytest $(python tests/experiments/test_third_party_names.py older)
    older/bin/pytest tests/experiments/test_third_party_names.py -k older
"""

from __future__ import annotations

import importlib
import inspect
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tomli
from packaging.specifiers import SpecifierSet

from fwaudit.catalog.index import expand_braces
from fwaudit.catalog.schema import Condition, Library
from fwaudit.catalog.types import class_names, parse_type

LIBRARIES = Path(__file__).parents[2] / "rules" / "libraries"

OTHER_RELEASES = {
    "openai.{Audio,ChatCompletion,Completion,Edit,Embedding,File,FineTune,Image,Model,Moderation}": ("openai", "<1"),
    "pymongo.collection.Collection.{count,find_and_modify,insert,remove,save,update}": ("pymongo", "<4"),
    "pymongo.cursor.Cursor.count": ("pymongo", "<4"),
    "qdrant_client.QdrantClient.{recommend,search,search_batch,search_groups}": ("qdrant-client", "<1.16"),
    "sqlalchemy.engine.Engine.{execute,has_table,run_callable,scalar,table_names,transaction}": ("sqlalchemy", "<2"),
}
"""Names, with all below them, that only older releases have, with the distribution and these releases; looked up where one is installed."""

OLDER = ("openai==0.28.1", "pymongo==3.13", "qdrant-client==1.12.1", "sqlalchemy==1.4.54")

NOWHERE = frozenset({"httpx.connect", "httpx.trace", "requests.connect", "requests.trace"})
"""Names that no release has: linters report them, and so does the tier parity."""

AWAITABLES = ("aiofiles.", "redis.asyncio.", "tornado.gen.")
"""Below these, plain functions hand on the coroutine of another one."""

WRAPPERS = frozenset(
    {
        "asgiref.sync.AsyncToSync",
        "asgiref.sync.SyncToAsync",
        "pydantic.UUID1",
        "pydantic.UUID3",
        "pydantic.UUID4",
        "pydantic.UUID5",
        "sqlalchemy.ext.declarative.declarative_base",
    }
)
"""Aliases that are objects of their own which lead to the other one, or the other way round."""

EXTRAS = {"sqlalchemy": "sqlalchemy[asyncio]"}
"""What to install for a distribution, where its name alone is not enough."""


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


INSTANCES: dict[str, Callable[[], list[Any]]] = {
    "boto3.resources.base.ServiceResource": _aws_resources,
    "boto3.resources.base.ResourceMeta": lambda: [_aws_resources()[0].meta],
    "botocore.client.BaseClient": lambda: [_aws_resources()[1].meta.client],
    "celery.Celery": lambda: [_look_up("celery.Celery")("x")],
    "celery.app.control.Control": lambda: [_look_up("celery.Celery")("x").control],
    "elasticsearch.Elasticsearch": lambda: [_look_up("elasticsearch.Elasticsearch")("http://localhost:9200")],
    "firecrawl.AsyncFirecrawl": lambda: [_look_up("firecrawl.AsyncFirecrawl")(api_key="fc-x")],
    "firecrawl.FirecrawlApp": lambda: [_look_up("firecrawl.FirecrawlApp")(api_key="fc-x")],
    "googleapiclient.discovery.Resource": lambda: [_look_up("googleapiclient.discovery.build")("drive", "v3", developerKey="x")],
    "hvac.api.secrets_engines.SecretsEngines": lambda: [_look_up("hvac.Client")("http://localhost").secrets],
    "flask_sqlalchemy.SQLAlchemy": lambda: [_look_up("flask_sqlalchemy.SQLAlchemy")()],
    "flask_sqlalchemy.model.Model": lambda: [_look_up("flask_sqlalchemy.SQLAlchemy")().Model],
    "mongoengine.Document": lambda: [type("Example", (_look_up("mongoengine.Document"),), {})],
    "opensearchpy.OpenSearch": lambda: [_look_up("opensearchpy.OpenSearch")("http://localhost:9200")],
    "pymysql.cursors.Cursor": lambda: [_look_up("pymysql.cursors.Cursor")(None)],
    "supabase.Client": lambda: [_look_up("supabase.create_client")("http://localhost", "x.x.x")],
    "sqlalchemy.engine.Connection": lambda: [_sqlalchemy_connection()],
    "sqlalchemy.orm.DeclarativeBase": lambda: [_declarative_base()],
    "sqlalchemy.orm.Query": lambda: [_sqlalchemy_session().query()],
    "sqlalchemy.orm.Session": lambda: [_sqlalchemy_session()],
}
"""Classes some of whose methods and attributes exist only on instances (or subclasses); making these needs no server."""


@cache
def _instances(name: str) -> list[Any]:
    """Instances of the class; [] if it needs none to be looked at."""
    if name.startswith("kubernetes.client.") and name.endswith("Api"):
        return [_look_up(name)()]
    return INSTANCES[name]() if name in INSTANCES else []


def _tables() -> dict[str, Library]:
    tables = {
        path.stem: msgspec.convert(tomli.loads(path.read_text(encoding="utf-8")), Library) for path in sorted(LIBRARIES.glob("*.toml"))
    }
    return {stem: table for stem, table in tables.items() if table.distribution != "python"}


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "missing"


TABLES = _tables()
by_table = pytest.mark.parametrize(
    "table", [pytest.param(table, id=f"{stem}-{_version(table.distribution)}") for stem, table in TABLES.items()]
)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Packages may warn of their own old names while these are looked at."""
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _look_up(name: str) -> Any:
    """The object of a dotted name; raises AttributeError or ImportError."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        module = ".".join(parts[:length])
        if _is_module(module) and not _is_hidden(parts[:length]):
            return _attribute(importlib.import_module(module), parts[length:], module)
    raise ImportError(f"no module for {name}")


def _is_hidden(parts: list[str]) -> bool:
    """Whether the package has a class or function under the name of the module (`yt_dlp.YoutubeDL`, `whois.whois`)."""
    *package, last = parts
    found = getattr(importlib.import_module(".".join(package)), last, None) if package else None
    return inspect.isroutine(found) or inspect.isclass(found)


def _is_module(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
            raise
        return False
    return True


def _attribute(found: Any, parts: list[str], name: str) -> Any:
    for part in parts:
        owner, owner_name, name = found, name, f"{name}.{part}"
        if not part.startswith("__") and _instances(owner_name):
            found = _of_instances(_instances(owner_name), part, owner_name)
        elif hasattr(owner, part):
            found = getattr(owner, part)
        elif inspect.isclass(owner) and any(part in vars(ancestor).get("__annotations__", {}) for ancestor in owner.__mro__):
            found = None
        else:
            raise AttributeError(f"{owner_name} has no {part}")
    return found


def _of_instances(instances: list[Any], part: str, owner_name: str) -> Any:
    for one in instances:
        try:
            return getattr(one, part)
        except AttributeError:
            continue
        except Exception:  # noqa: BLE001 it is there, but a descriptor that wants a connection
            return inspect.getattr_static(one, part)
    raise AttributeError(f"no instance of {owner_name} has {part}")


def _expanded(names: list[str]) -> Iterator[str]:
    for written in names:
        for name in expand_braces(written):
            yield name.removesuffix(".*")


def _other_release(name: str) -> tuple[str, str] | None:
    for written, release in OTHER_RELEASES.items():
        if any(name == listed or name.startswith(f"{listed}.") for listed in expand_braces(written)):
            return release
    return None


def _callables(table: Library) -> Iterator[tuple[str, str, list[Condition]]]:
    """(kind of row, name, conditions) of everything that a table says can be called and that the installed release should have."""
    for row in table.blocking:
        conditions = [] if all(name.endswith(".*") for name in row.calls) else row.when + row.unless
        yield from (("blocking", name, conditions) for name in _expanded(row.calls))
    for returned in table.returns:
        yield from (("returns", name, returned.when) for name in _expanded(returned.calls))
    for coroutine in table.coroutines:
        yield from (("coroutines", name, []) for name in _expanded(coroutine.calls))
    for moved in (*table.offloaders, *table.schedulers, *table.loop_runners, *table.servers):
        yield from (("offloaders", name, []) for name in _expanded(moved.calls))
    for decorator in table.decorators:
        yield from (("decorators", name, []) for name in _expanded(decorator.names))


def _classes(table: Library) -> Iterator[str]:
    for row in table.classes:
        yield from _expanded(row.names)
        yield from _expanded(row.bases)
        for text in (*row.attributes.values(), row.elements, row.enters, row.async_enters, row.calling, row.awaits):
            if text:
                yield from class_names(parse_type(text))
    for typed in (*table.returns, *table.coroutines):
        yield from class_names(parse_type(typed.type))
    for implicit in (*table.iterating, *table.entering):
        yield from _expanded(implicit.types)


def _problem(name: str, verdict: Callable[[Any], str]) -> str:
    """What is wrong with `name` in the installed release; "" if nothing is, or if the name belongs to other releases."""
    if _other_release(name) or name in NOWHERE:
        return ""
    try:
        found = _look_up(name)
    except (AttributeError, ImportError) as error:
        return f"{name}: {error}"
    reason = verdict(found)
    return f"{name}: {reason}" if reason else ""


def _reported(problems: Iterator[str]) -> list[str]:
    return sorted({problem for problem in problems if problem})


def _assert_none(problems: list[str]) -> None:
    assert not problems, "\n" + "\n".join(problems)


@by_table
def test_every_class_exists(table: Library) -> None:
    """Each class that a table names, in whatever place, is a class of the real package."""
    problems = _reported(_problem(name, lambda found: "" if inspect.isclass(found) else "not a class") for name in _classes(table))
    _assert_none(problems)


@by_table
def test_every_call_exists(table: Library) -> None:
    """Each function, method and class that a table says can be called is there and can be."""
    problems = _reported(
        _problem(
            name, lambda found, name=name: "" if callable(found) or inspect.ismodule(found) or _is_special(name) else "cannot be called"
        )
        for _, name, _ in _callables(table)
    )
    _assert_none(problems)


def _is_special(name: str) -> bool:
    return name.rpartition(".")[2].startswith("__")


@by_table
def test_only_coroutine_rows_are_coroutine_functions(table: Library) -> None:
    """What a table calls a coroutine function is one, and nothing is that it says blocks."""
    problems = []
    for kind, name, _ in _callables(table):
        if kind == "coroutines" and not name.startswith(AWAITABLES):
            problems.append(_problem(name, lambda found: "" if _is_coroutine(found) else "no coroutine function"))
        if kind == "blocking":
            problems.append(_problem(name, lambda found: "a coroutine function" if _is_coroutine(found) else ""))
    _assert_none(_reported(iter(problems)))


def _is_coroutine(found: Any) -> bool:
    return inspect.iscoroutinefunction(inspect.unwrap(found) if callable(found) else found)


@by_table
def test_every_base_is_one(table: Library) -> None:
    """Each class that a table puts below another is its subclass."""
    pairs = [(name, base) for row in table.classes for name in _expanded(row.names) for base in _expanded(row.bases)]
    problems = [f"{name} is no {base}" for name, base in pairs if not issubclass(_look_up(name), _look_up(base))]
    _assert_none(problems)


@by_table
def test_every_attribute_exists(table: Library) -> None:
    """Each attribute that a table gives a class is there, on the class or on instances."""
    names = [f"{name}.{attribute}" for row in table.classes for name in _expanded(row.names) for attribute in row.attributes]
    _assert_none(_reported(_problem(name, lambda found: "") for name in names))


@by_table
def test_every_condition_fits_the_signature(table: Library) -> None:
    """Each argument that a row asks for is in the signature, at the position that the row says."""
    asked = [(name, condition) for _, name, conditions in _callables(table) for condition in conditions]
    _assert_none(_reported(_problem(name, lambda found, condition=condition: _misfit(found, condition)) for name, condition in asked))


def _misfit(found: Any, condition: Condition) -> str:
    try:
        parameters = list(inspect.signature(found).parameters.values())
    except (TypeError, ValueError):
        return ""
    if parameters and parameters[0].name in ("self", "cls") and not inspect.isclass(found):
        parameters = parameters[1:]
    names = [parameter.name for parameter in parameters]
    takes_any = any(parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL) for parameter in parameters)
    if condition.keyword and condition.keyword not in names and not takes_any:
        return f"no argument {condition.keyword}"
    if condition.keyword in names and condition.position >= 0 and names.index(condition.keyword) != condition.position:
        return f"{condition.keyword} is at position {names.index(condition.keyword)}"
    return ""


@by_table
def test_every_alias_is_the_same_object(table: Library) -> None:
    """Each alias is another spelling of the same class, function or module member."""
    named = {name for _, name, _ in _callables(table)} | set(_classes(table))
    problems = []
    for alias in table.aliases:
        try:
            spelled = _look_up(alias.spelling)
        except (AttributeError, ImportError) as error:
            problems.append(f"{alias.spelling}: {error}")
            continue
        members = [name for name in named if name.startswith(f"{alias.means}.") and "." not in name.removeprefix(f"{alias.means}.")]
        if inspect.ismodule(spelled) and not any(getattr(spelled, name.rpartition(".")[2], None) is _look_up(name) for name in members):
            problems.append(f"{alias.spelling}: no member is one of {alias.means}")
        if not inspect.ismodule(spelled) and alias.spelling not in WRAPPERS and spelled is not _look_up(alias.means):
            problems.append(f"{alias.spelling} is not {alias.means}")
    _assert_none(problems)


@by_table
def test_every_import_belongs_to_the_distribution(table: Library) -> None:
    """Each module that a table says a distribution brings can be imported."""
    assert [name for name in table.imports if not _is_module(name)] == []


@pytest.mark.parametrize(
    "client", ["anthropic.Anthropic", "anthropic.AsyncAnthropic", "groq.AsyncGroq", "groq.Groq", "openai.AsyncOpenAI", "openai.OpenAI"]
)
def test_resources_of_clients_have_the_types_of_the_table(client: str) -> None:
    """The resources of a real client, and theirs, are instances of the classes that the table says."""
    attributes = {name: row.attributes for row in TABLES[client.partition(".")[0]].classes for name in _expanded(row.names)}
    pending = [(client, _look_up(client)(api_key="x"))]
    wrong, seen = [], 0
    while pending:
        name, owner = pending.pop()
        for attribute, text in attributes.get(name, {}).items():
            seen += 1
            value = getattr(owner, attribute)
            pending.append((text, value))
            if not isinstance(value, _look_up(text)):
                wrong.append(f"{name}.{attribute} is {type(value)}, not {text}")
    assert wrong == []
    assert seen >= 3


def test_clients_of_boto3_are_what_the_table_says() -> None:
    """A client's methods exist only at run time: its base is the class that the table names, and so are paginators and waiters."""
    import boto3

    client = boto3.client("s3", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    assert isinstance(client, _look_up("botocore.client.BaseClient"))
    assert callable(client.put_object)
    assert isinstance(client.get_paginator("list_objects_v2"), _look_up("botocore.paginate.Paginator"))
    assert isinstance(client.get_paginator("list_objects_v2").paginate(Bucket="x"), _look_up("botocore.paginate.PageIterator"))
    assert isinstance(client.get_waiter("bucket_exists"), _look_up("botocore.waiter.Waiter"))


def test_names_of_older_releases_exist() -> None:
    """Names that only older releases have are there if one of these is installed."""
    missing = []
    for name in sorted({name for table in TABLES.values() for _, name, _ in _callables(table)}):
        release = _other_release(name)
        if release is None or not _is_installed(*release):
            continue
        try:
            assert callable(_look_up(name))
        except (AttributeError, ImportError) as error:
            missing.append(f"{name}: {error}")
    _assert_none(missing)


def _is_installed(distribution: str, releases: str) -> bool:
    version = _version(distribution)
    return version != "missing" and version in SpecifierSet(releases)


if __name__ == "__main__":
    print(
        *(OLDER if "older" in sys.argv[1:] else sorted({EXTRAS.get(table.distribution, table.distribution) for table in TABLES.values()}))
    )
