"""The shipped tables: readable, sourced, sorted, and each name said once."""

from __future__ import annotations

import re
import time
from pathlib import Path

import msgspec
import pytest
import tomli

from fwaudit.catalog.braces import expand_braces
from fwaudit.catalog.files import digest_of, read_tables
from fwaudit.catalog.framework_schema import Framework
from fwaudit.catalog.load import load_catalog
from fwaudit.catalog.names import Catalog
from fwaudit.catalog.schema import Library
from fwaudit.catalog.server_schema import ServerTable
from fwaudit.catalog.types import class_names, parse_type

RULES = Path(__file__).parent.parent / "rules"
LIBRARIES = sorted((RULES / "libraries").glob("*.toml"))
FRAMEWORKS = sorted((RULES / "frameworks").glob("*.toml"))
NAME_LISTS = ("calls", "names", "types", "decorators", "bases", "methods")

every_table = pytest.mark.parametrize("path", [*LIBRARIES, *FRAMEWORKS], ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """The shipped tables."""
    return load_catalog()


def _table_at(path: Path) -> Library | Framework:
    content = tomli.loads(path.read_text(encoding="utf-8"))
    return msgspec.convert(content, Library) if path in LIBRARIES else msgspec.convert(content, Framework)


@every_table
def test_every_claim_has_a_source(path: Path) -> None:
    """Each row that claims something of a real package links a page of its documentation."""
    content = tomli.loads(path.read_text(encoding="utf-8"))
    assert content["documentation"].startswith("https://")
    for kind in (
        "blocking",
        "iterating",
        "entering",
        "offloaders",
        "schedulers",
        "loop_runners",
        "servers",
        "handlers",
        "inputs",
        "pools",
        "sinks",
        "validators",
    ):
        for row in content.get(kind, []):
            assert row["source"].startswith("https://"), (kind, row)


@every_table
def test_names_in_a_row_are_sorted_and_stand_once(path: Path) -> None:
    """Within braces the names are in order, and none stands twice in a row."""
    content = tomli.loads(path.read_text(encoding="utf-8"))
    for kind, rows in content.items():
        for row in rows if isinstance(rows, list) else []:
            for key in NAME_LISTS if isinstance(row, dict) else ():
                names = [name for written in row.get(key, []) for name in expand_braces(written)]
                assert len(names) == len(set(names)), (kind, row)
                for braces in re.findall(r"\{([^}]*)\}", " ".join(row.get(key, []))):
                    choices = braces.split(",")
                    assert choices in (sorted(choices), sorted(choices, key=str.lower)), (kind, braces)


@every_table
def test_names_are_in_their_documented_spelling(path: Path, catalog: Catalog) -> None:
    """No row is written under a spelling that is an alias of another, and neither is a type."""
    table = _table_at(path)
    written = [name for row in table.blocking for call in row.calls for name in expand_braces(call)]
    written += [name for row in table.classes for call in row.names for name in expand_braces(call)]
    written += [name for row in table.returns for name in class_names(parse_type(row.type))]
    written += [name for row in table.coroutines for name in class_names(parse_type(row.type))]
    assert [name for name in written if catalog.canonical(name) != name] == []


@every_table
def test_imports_cover_the_names(path: Path, catalog: Catalog) -> None:
    """Each name that a table calls blocking or a coroutine belongs to a module that some table claims to know."""
    table = _table_at(path)
    names = {name for row in table.blocking for call in row.calls for name in expand_braces(call)}
    names |= {name for row in table.coroutines for call in row.calls for name in expand_braces(call)}
    assert sorted(name for name in names if not catalog.knows_module(name)) == []


def test_file_names_are_distributions_and_frameworks() -> None:
    """A library's file is named after its distribution (the standard library's also by topic), a framework's after its name."""
    for path in LIBRARIES:
        distribution = _table_at(path)
        assert isinstance(distribution, Library)
        topic = path.stem.startswith("python-") and distribution.distribution == "python"
        assert topic or path.stem == distribution.distribution.lower(), path.stem
    for path in FRAMEWORKS:
        framework = _table_at(path)
        assert isinstance(framework, Framework)
        assert path.stem == framework.name


def test_servers_are_sourced_and_said_once(catalog: Catalog) -> None:
    """Each server, worker class and wrapper links a page; lists are sorted; no command, module or call starts two servers."""
    table = msgspec.convert(tomli.loads((RULES / "servers.toml").read_text(encoding="utf-8")), ServerTable)
    sources = [server.source for server in table.servers] + [wrapper.source for wrapper in table.wrappers]
    sources += [worker.source for server in table.servers for worker in server.worker_classes]
    sources += [row.source for row in table.adapters] + [row.source for row in table.not_serving]
    assert [source for source in sources if not source.startswith("https://")] == []
    for row in (*table.servers, *table.wrappers):
        for key in ("distributions", "commands", "modules", "flags", "kept_options", "valued"):
            written = getattr(row, key, [])
            assert len(set(written)) == len(written), (row, key)
    for key in ("commands", "modules"):
        names = [name for row in (*table.servers, *table.wrappers) for name in getattr(row, key)]
        assert sorted(names) == sorted(set(names)), key
    calls = [name for server in table.servers for call in server.calls for name in expand_braces(call)]
    assert sorted(calls) == sorted(set(calls))
    assert [call for call in calls if catalog.canonical(call) != call] == []


def test_what_a_server_serves(catalog: Catalog) -> None:
    """An option decides, then the worker class, then the server; a worker class that is not known is not guessed."""
    servers = catalog.servers
    assert servers.interface("uvicorn") == "asgi"
    assert servers.interface("uvicorn", options=["--interface=wsgi"]) == "wsgi"
    assert servers.interface("granian", options=["--interface=asginl"]) == "asgi"
    assert servers.interface("gunicorn") == "wsgi"
    assert servers.interface("gunicorn", "uvicorn.workers.UvicornWorker") == "asgi"
    assert servers.interface("gunicorn", "aiohttp.GunicornWebWorker") == "own-loop"
    assert servers.interface("gunicorn", "$WORKER_CLASS") == ""
    assert servers.interface("hypercorn") == "both"
    assert servers.interface("python") == ""
    assert servers.interface("none") == ""
    gevent = servers.worker_class("gunicorn", "gevent")
    assert gevent is not None
    assert gevent.context == "greenlet"
    run = servers.of_call("uvicorn.run")
    assert run is not None
    assert run.name == "uvicorn"
    assert servers.of_call("uvicorn.Config.load") is None


def test_every_page_is_a_rule(catalog: Catalog) -> None:
    """The catalog's rules are the pages, under the names of their files."""
    assert sorted(catalog.rules) == sorted(path.stem for path in (RULES / "pages").glob("*.md"))


def test_loading_is_quick() -> None:
    """All tables load in well under a quarter of a second of the processor's time, whatever else the machine does."""
    best = min(_seconds_to_load() for _ in range(3))
    assert best < 0.25


def _seconds_to_load() -> float:
    start = time.process_time()
    load_catalog()
    return time.process_time() - start


def test_digest_is_that_of_the_files(catalog: Catalog) -> None:
    """The digest is known without parsing a table."""
    assert digest_of(read_tables()) == catalog.digest


def test_the_names_that_peers_report_are_known(catalog: Catalog) -> None:
    """A blocking row stands for names that ruff's and flake8-async's lists hold, and none for their neighbours that do not block."""
    for name in (
        "time.sleep",
        "subprocess.run",
        "subprocess.Popen",
        "os.system",
        "os.posix_spawn",
        "os.spawnl",
        "os.waitpid",
        "os.popen",
        "os.fdopen",
        "builtins.open",
        "builtins.input",
        "io.open",
        "io.open_code",
        "os.path.exists",
        "os.path.getsize",
        "os.path.normpath",
        "pathlib.Path.exists",
        "pathlib.Path.full_match",
        "pathlib.Path.glob",
        "pathlib.Path.open",
        "pathlib.Path.parser",
        "urllib.request.urlopen",
        "io.BufferedReader.read",
        "io.TextIOWrapper.seek",
    ):
        assert _tiers(catalog, name), name
    for name in (
        "asyncio.sleep",
        "asyncio.Lock.acquire",
        "anyio.Path.exists",
        "os.path.join",
        "pathlib.PurePath.parent",
        "io.BytesIO.read",
    ):
        assert not _tiers(catalog, name), name


def test_names_without_input_or_output_are_parity(catalog: Catalog) -> None:
    """What peers report although it does no I/O stands in the tier parity; what does I/O does not."""
    for name in ("os.path.normpath", "os.getcwd", "pathlib.Path.full_match", "pathlib.Path.cwd", "pathlib.Path.glob"):
        assert _tiers(catalog, name) == {"parity"}, name
    for name in ("os.path.exists", "os.stat", "pathlib.Path.resolve"):
        assert _tiers(catalog, name) == {"default"}, name


def _tiers(catalog: Catalog, name: str) -> set[str]:
    known = catalog.callable(name)
    return {row.tier for row in known.blocking} if known else set()


@pytest.mark.parametrize("rule", sorted(rule for rule, page in load_catalog().rules.items() if page.names))
def test_the_names_of_a_rule_have_the_spelling_of_the_tables(rule: str, catalog: Catalog) -> None:
    """Calls and classes are known by their documented spelling: a check that asks for another one never finds anything."""
    page = catalog.rules[rule]
    for names in page.names.values():
        assert [catalog.canonical(name) for name in names] == list(names)
        assert sorted(set(names)) == list(names)
