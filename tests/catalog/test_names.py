"""What the tables answer about a dotted name."""

from __future__ import annotations

from pathlib import Path

import pytest

from fwaudit.catalog.load import load_catalog
from fwaudit.catalog.names import Catalog
from fwaudit.catalog.types import TypeExpression

LIBRARY = """
distribution = "acme"
imports = ["acme", "ACME.Image"]
documentation = "https://example.org/"
aliases = [
    { spelling = "acme.client", means = "acme" },
    { spelling = "acme.client.Legacy", means = "acme.Modern" },
    { spelling = "oldacme", means = "acme.client" },
    { spelling = "round.a", means = "round.b" },
    { spelling = "round.b", means = "round.a" },
]

[[blocking]]
calls = ["ACME.Image.open", "acme.Client.*", "acme.tools.*"]
waits_for = "network"
source = "https://example.org/"

[[blocking]]
calls = ["acme.Parent.fetch", "acme.Other.fetch"]
waits_for = "database"
source = "https://example.org/"

[[returns]]
calls = ["acme.Client.pipeline"]
type = "acme.client.Pipeline[builtins.str]"

[[returns]]
calls = ["acme.connect"]
type = "acme.Client"

[[returns]]
calls = ["acme.connect"]
when = [{ keyword = "raw", value = "True" }]
type = "builtins.bytes"

[[returns]]
calls = ["acme.Proxy"]
type = "acme.Client"

[[classes]]
names = ["acme.Proxy"]

[[coroutines]]
calls = ["acme.AsyncClient.get"]
type = "acme.client.Pipeline"
source = "https://example.org/"

[[iterating]]
types = ["acme.Parent", "acme.find"]
waits_for = "database"
source = "https://example.org/"

[[entering]]
types = ["acme.Parent"]
waits_for = "database"
source = "https://example.org/"

[[classes]]
names = ["acme.Parent"]
bases = ["acme.Grandparent"]
attributes = { name = "builtins.str" }
elements = "acme.Row"
enters = "acme.Transaction"
awaits = "acme.Parent"
calling = "acme.client.Session"

[[classes]]
names = ["acme.Child"]
bases = ["acme.Left", "acme.Right"]

[[classes]]
names = ["acme.{Left,Right}"]
bases = ["acme.client.Parent"]

[[classes]]
names = ["acme.Client"]
attributes = { meta = "acme.Meta" }

[[classes]]
names = ["acme.find"]
elements = "builtins.str"

[[classes]]
names = ["acme.Loop1"]
bases = ["acme.Loop2"]

[[classes]]
names = ["acme.Loop2"]
bases = ["acme.Loop1"]
"""

FRAMEWORK = """
name = "acme-web"
distributions = ["acme-web"]
imports = ["acmeweb"]
documentation = "https://example.org/"
interface = "asgi"
apps = ["acmeweb.App"]
routers = ["acmeweb.Router"]
injection = ["acmeweb.Inject"]
aliases = [{ spelling = "acmeweb.app.App", means = "acmeweb.App" }]

[[handlers]]
decorators = ["acmeweb.App.{get,post}"]
kind = "http"
http_methods = ["{NAME}"]
synchronous = "threadpool"
asynchronous = "event-loop"
versions = "<2"
source = "https://example.org/"

[[handlers]]
decorators = ["acmeweb.App.get"]
kind = "http"
synchronous = "event-loop"
asynchronous = "event-loop"
versions = ">=2"
source = "https://example.org/"

[[handlers]]
calls = ["acmeweb.App.add_get"]
bases = ["acmeweb.View"]
methods = ["get"]
kind = "http"
http_methods = ["{NAME}", "HEAD"]
synchronous = "event-loop"
asynchronous = "event-loop"
source = "https://example.org/"

[[mounts]]
calls = ["acmeweb.App.include"]
prefix_keyword = "prefix"

[[classes]]
names = ["acmeweb.BigApp"]
bases = ["acmeweb.App"]
"""


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The shipped tables and those above."""
    folder: Path = tmp_path_factory.mktemp("tables")
    for kind, text in (("libraries", LIBRARY), ("frameworks", FRAMEWORK)):
        (folder / kind).mkdir()
        (folder / kind / "acme.toml").write_text(text, encoding="utf-8")
    return load_catalog([folder])


def test_the_longest_alias_counts_and_aliases_chain(catalog: Catalog) -> None:
    """An alias maps all below it, a longer one before a shorter, and what an alias means may be one too."""
    assert catalog.canonical("acme.client.Client.get") == "acme.Client.get"
    assert catalog.canonical("acme.client.Legacy.get") == "acme.Modern.get"
    assert catalog.canonical("oldacme.Client") == "acme.Client"
    assert catalog.canonical("acme.clients.Client") == "acme.clients.Client"
    assert catalog.canonical("plain") == "plain"


def test_a_circle_of_aliases_ends(catalog: Catalog) -> None:
    """Aliases that lead to each other end at one of them."""
    assert catalog.canonical("round.a.x") in ("round.a.x", "round.b.x")


def test_a_wildcard_matches_public_names_that_nothing_else_names(catalog: Catalog) -> None:
    """`.*` holds for other public functions and methods; not for private ones, attributes, deeper names or those with a row."""
    matched = catalog.callable("acme.Client.get")
    assert matched is not None
    assert (matched.name, bool(matched.blocking)) == ("acme.Client.get", True)
    tool = catalog.callable("acme.tools.run")
    assert tool is not None
    assert tool.blocking
    pipeline = catalog.callable("acme.Client.pipeline")
    assert pipeline is not None
    assert not pipeline.blocking
    for name in ("acme.Client._private", "acme.Client.meta", "acme.Client.get.deeper", "acme.tools._private", "acme.other"):
        assert catalog.callable(name) is None, name


def test_a_class_without_a_row_of_its_own_gives_itself(catalog: Catalog) -> None:
    """Calling a class gives an instance, and calling an unknown name nothing that is known."""
    made = catalog.callable("acme.client.Client")
    assert made is not None
    assert [row.type for row in made.returns] == [TypeExpression("acme.Client")]
    assert not made.blocking


def test_a_class_may_give_something_else(catalog: Catalog) -> None:
    """A `returns` row for a class counts."""
    made = catalog.callable("acme.Proxy")
    assert made is not None
    assert [str(row.type) for row in made.returns] == ["acme.Client"]


def test_returned_types_are_spelled_as_documented(catalog: Catalog) -> None:
    """A type under an alias is given under its documented name, with its elements."""
    pipeline = catalog.method("acme.Client", "pipeline")
    assert pipeline is not None
    assert str(pipeline.returns[0].type) == "acme.Pipeline[builtins.str]"
    awaited = catalog.method("acme.AsyncClient", "get")
    assert awaited is not None
    assert str(awaited.awaited) == "acme.Pipeline"


def test_conditional_types_come_first(catalog: Catalog) -> None:
    """The type without conditions stands last."""
    connect = catalog.callable("acme.connect")
    assert connect is not None
    assert [(len(row.when), str(row.type)) for row in connect.returns] == [(1, "builtins.bytes"), (0, "acme.Client")]


def test_methods_come_from_bases(catalog: Catalog) -> None:
    """A method of a base is found from a subclass, under the base's name; another class's is not."""
    inherited = catalog.method("acme.Child", "fetch")
    assert inherited is not None
    assert inherited.name == "acme.Parent.fetch"
    assert catalog.callable("acme.Child.fetch") == inherited
    assert catalog.method("acme.Grandparent", "fetch") is None


def test_bases_are_in_order_and_end(catalog: Catalog) -> None:
    """A base that is reached twice stands once, after the classes that lead to it; a circle ends."""
    assert catalog.bases("acme.Child") == ("acme.Left", "acme.Right", "acme.Parent", "acme.Grandparent")
    assert catalog.bases("acme.Loop1") == ("acme.Loop2",)
    assert catalog.bases("acme.Unknown") == ()


def test_what_is_a_class(catalog: Catalog) -> None:
    """Classes have a row, own a method row in upper case, or are given by a call; modules in upper case are listed in `imports`."""
    for name in ("acme.Client", "acme.Other", "acme.Pipeline", "acme.Grandparent", "acme.find", "builtins.str"):
        assert catalog.is_class(name), name
    for name in ("acme", "acme.tools", "ACME.Image", "acme.connect"):
        assert not catalog.is_class(name), name


def test_what_a_class_gives_comes_through_its_bases(catalog: Catalog) -> None:
    """Attributes, elements, targets of `with`, calls and awaits of a base hold for its subclasses."""
    assert catalog.attribute("acme.Child", "name") == TypeExpression("builtins.str")
    assert catalog.attribute("acme.Child", "other") is None
    assert catalog.elements("acme.Child") == TypeExpression("acme.Row")
    assert catalog.enters("acme.Child", is_async=False) == TypeExpression("acme.Transaction")
    assert catalog.enters("acme.Child", is_async=True) == TypeExpression("self")
    assert catalog.enters("acme.Unknown", is_async=True) is None
    assert catalog.calling("acme.Child") == TypeExpression("acme.Session")
    assert catalog.calling("acme.Client") is None
    assert catalog.awaits("acme.Child") == TypeExpression("acme.Parent")
    assert catalog.awaits("acme.Client") is None


def test_iterating_and_entering_rows_come_through_bases(catalog: Catalog) -> None:
    """A subclass blocks where its base does; other classes do not."""
    assert catalog.iteration("acme.Child") is not None
    assert catalog.entering("acme.Child") is not None
    assert catalog.iteration("acme.Client") is None
    assert catalog.entering("acme.Client") is None


def test_a_lazy_functions_result_is_named_after_it(catalog: Catalog) -> None:
    """Calling the function gives the class of the same name, whose iteration blocks."""
    found = catalog.callable("acme.find")
    assert found is not None
    assert str(found.returns[0].type) == "acme.find"
    assert catalog.iteration("acme.find") is not None


def test_known_modules(catalog: Catalog) -> None:
    """A module below a listed one is known, one that merely starts alike is not."""
    assert catalog.knows_module("acme.deep.module")
    assert catalog.knows_module("acmeweb")
    assert not catalog.knows_module("acmes")


def test_call_names(catalog: Catalog) -> None:
    """Every last name that a row speaks of; `.*` rows have none."""
    assert {"fetch", "get", "sleep", "open"} <= catalog.call_names
    assert not any("." in name or name == "*" for name in catalog.call_names)


def test_last_parts_by_kind(catalog: Catalog) -> None:
    """Each kind of table gives the last parts of its own names, without those of other kinds."""
    used = {framework.name for framework in catalog.frameworks}
    assert "get" in catalog.registering.decorator_names(used)
    assert {"add_get", "App"} <= catalog.registering.call_names(used)
    assert "add_get" not in catalog.registering.decorator_names(used)
    assert not catalog.registering.call_names(set())
    assert "include" in catalog.registering.mount_names
    assert {"run", "call_soon"} <= catalog.loop_runner_names
    assert {"to_thread", "submit"} <= catalog.offloader_names
    assert "call_soon" not in catalog.offloader_names
    assert "wait_for" in catalog.coroutine_names
    assert "submit" not in catalog.coroutine_names


def test_frameworks(catalog: Catalog) -> None:
    """Apps, routers, markers and frameworks of every table are known by their documented names."""
    assert catalog.apps["acmeweb.App"].name == "acme-web"
    assert catalog.routers["acmeweb.Router"].name == "acme-web"
    assert {"acmeweb.Inject", "fastapi.Depends"} <= catalog.injection
    names = [framework.name for framework in catalog.frameworks]
    assert names == sorted(names)
    assert {"acme-web", "fastapi"} <= set(names)


def test_handlers_of_decorators(catalog: Catalog) -> None:
    """Each version's row is given, also under an alias and on a subclass; `{NAME}` is the decorator's name in upper case."""
    for name in ("acmeweb.App.get", "acmeweb.app.App.get", "acmeweb.BigApp.get"):
        assert [found.row.versions for found in catalog.registering.of_decorator(name)] == ["<2", ">=2"], name
    assert catalog.registering.of_decorator("acmeweb.App.post")[0].http_methods == ("POST",)
    assert catalog.registering.of_decorator("acmeweb.Router.get") == ()


def test_handlers_of_calls_and_bases(catalog: Catalog) -> None:
    """Calls that take a handler and classes whose methods are handlers are told apart; `add_` is no part of a method's name."""
    assert catalog.registering.of_call("acmeweb.App.add_get")[0].http_methods == ("GET", "HEAD")
    assert catalog.registering.of_call("acmeweb.App.get") == ()
    assert [found.row.methods for found in catalog.registering.bases["acmeweb.View"]] == [["get"]]


def test_mounts(catalog: Catalog) -> None:
    """A mount is found on a subclass too; other calls are none."""
    [mount] = catalog.registering.mounts_of_call("acmeweb.BigApp.include")
    assert mount is not None
    assert (mount.framework.name, mount.row.prefix_keyword) == ("acme-web", "prefix")
    assert not catalog.registering.mounts_of_call("acmeweb.App.exclude")


def test_a_class_can_block_by_its_methods_or_by_what_they_give(catalog: Catalog) -> None:
    """A class from which something that blocks is reached can block; one that only holds values, or is unknown, cannot."""
    assert catalog.can_block("acme.Client")
    assert not catalog.can_block("builtins.str")
    assert not catalog.can_block("nobody.knows.This")
