"""What rules/frameworks claims is what the real frameworks were seen to do: the results of tests/experiments, compared with the tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from fwaudit.catalog.braces import expand_braces
from fwaudit.catalog.framework_schema import Framework, Handlers
from fwaudit.catalog.load import load_catalog
from fwaudit.config import Config
from fwaudit.pipeline import audit
from tests.experiments.observations import Observation, Result, SeenRoute, read_results

FIXTURES = Path(__file__).parent.parent / "fixtures"
RESULTS = read_results()
FRAMEWORKS = load_catalog().frameworks
SERVERS = load_catalog().servers.servers
ADAPTERS = load_catalog().servers.adapters


@dataclass(frozen=True)
class Row:
    """A `handlers` row of a framework's table."""

    framework: Framework
    handlers: Handlers

    @property
    def names(self) -> frozenset[str]:
        """All names that an observation of this row can have: registered methods of a class with or without the method's name.

        A row with conditions is seen as `litestar.get(sync_to_thread=True)`.
        """
        written = (*self.handlers.decorators, *self.handlers.calls, *self.handlers.bases)
        given = ", ".join(f"{one.keyword}={one.value}" for one in self.handlers.when)
        names = [f"{name}({given})" if given else name for text in written for name in expand_braces(text)]
        return frozenset(names) | {f"{name}.{method}" for name in names for method in self.handlers.methods}

    def holds_for(self, result: Result) -> bool:
        """The result was made with a version of the framework for which the row is written."""
        installed = {canonicalize_name(name): version for name, version in result.versions.items()}
        versions = [installed[name] for one in self.framework.distributions if (name := canonicalize_name(one)) in installed]
        return any(SpecifierSet(self.handlers.versions).contains(version, prereleases=True) for version in versions)

    def is_seen_in(self, observation: Observation) -> bool:
        """The observation is of a handler that was registered as this row says."""
        is_served_so = self.handlers.interface in ("", observation.interface)
        return is_served_so and observation.kind == self.handlers.kind and observation.name in self.names

    def agrees_with(self, observation: Observation) -> bool:
        """The handler ran where the row says.

        A row cannot be wrong about handlers that the framework refuses, and claims nothing where it says `unknown`.
        """
        said: str = self.handlers.asynchronous if observation.is_async else self.handlers.synchronous
        if said == "wsgi-worker" and observation.served_by:
            said = contexts_of_servers()[observation.served_by]
        if said == "unknown" or observation.ran == "refused":
            return True
        return observation.ran == said or (said == "loop-startup" and observation.ran == "event-loop")

    def __str__(self) -> str:
        first = (*self.handlers.decorators, *self.handlers.calls, *self.handlers.bases)[0]
        return f"{self.framework.name}: {self.handlers.kind} {first}"


def contexts_of_servers() -> dict[str, str]:
    """What rules/servers.toml says of where synchronous handlers run: `gunicorn gevent`, `gevent`, or behind an adapter."""
    found = {}
    for server in SERVERS.values():
        if server.context is not None and not server.not_run:
            found[server.name] = str(server.context)
        for worker in server.worker_classes:
            found |= {f"{server.name} {name}": str(worker.context) for name in worker.names if not worker.not_run}
    return found | {name: str(adapter.context) for name, adapter in ADAPTERS.items() if adapter.context is not None}


def rows_of(frameworks: Iterable[Framework]) -> list[Row]:
    """All `handlers` rows."""
    return [Row(framework, handlers) for framework in frameworks for handlers in framework.handlers]


def contradictions(rows: Sequence[Row], results: Sequence[Result]) -> list[str]:
    """Observations of which the tables say something else, or of which no row speaks."""
    found = []
    for result in results:
        current = [row for row in rows if row.holds_for(result)]
        for seen in result.contexts:
            about = [row for row in current if row.is_seen_in(seen)]
            if not about:
                found.append(f"{result.name}: no row of kind {seen.kind} for {seen.name}")
            found += [f"{result.name}: {row}: {seen}" for row in about if not row.agrees_with(seen)]
    return found


def gaps(rows: Sequence[Row], results: Sequence[Result]) -> list[str]:
    """Rows that no experiment covers and that do not say so, or that say so though one does."""
    found = []
    for row in rows:
        own = [result for result in results if result.framework == row.framework.name and row.holds_for(result)]
        if row.handlers.not_run:
            anywhere = [result for result in results if row.holds_for(result)]
            found += [f"{row}: `not_run`, but seen in {one.name}" for one in anywhere if any(map(row.is_seen_in, one.contexts))]
            continue
        if not own:
            found.append(f"{row}: no result of a version for which it holds")
        sides = [(False, row.handlers.synchronous), (True, row.handlers.asynchronous)]
        for result in own:
            seen = {one.is_async for one in result.contexts if row.is_seen_in(one)}
            missing = [is_async for is_async, said in sides if said != "unknown" and is_async not in seen]
            found += [f"{row}: {'async def' if is_async else 'def'} was not run in {result.name}" for is_async in missing]
    return found


def test_no_observation_contradicts_a_table() -> None:
    """Every handler ran where its row says, and every observation is of a row that exists."""
    assert contradictions(rows_of(FRAMEWORKS), RESULTS) == []


def test_every_row_was_run_or_says_why_not() -> None:
    """Each row has data for `def` and `async def` in every result of a version for which it holds, or a reason not to."""
    assert gaps(rows_of(FRAMEWORKS), RESULTS) == []


def test_first_routes_answer_where_the_tables_say_so() -> None:
    """Each framework's claim was seen in all versions that an experiment ran, and what was seen is claimed."""
    seen = [result for result in RESULTS if result.first_route_answers is not None]
    claiming = {framework.name for framework in FRAMEWORKS if framework.first_route_answers}

    assert [result.name for result in seen if result.first_route_answers != (result.framework in claiming)] == []
    assert claiming <= {result.framework for result in seen}


def test_every_worker_class_was_run_or_says_why_not() -> None:
    """Each row of a server that says where handlers run was seen, by one of its names; loops where they run coroutines."""
    seen = {one.served_by: one for result in RESULTS for one in result.contexts if one.served_by}
    groups: list[tuple[str, ...]] = [(server.name,) for server in SERVERS.values() if server.context is not None and not server.not_run]
    groups += [
        tuple(f"{server.name} {name}" for name in worker.names)
        for server in SERVERS.values()
        for worker in server.worker_classes
        if not worker.not_run
    ]
    groups += [tuple(name for name, row in ADAPTERS.items() if row is adapter) for adapter in ADAPTERS.values() if adapter.context]

    assert seen.keys() <= contexts_of_servers().keys()
    assert [names for names in groups if seen.keys().isdisjoint(names)] == []
    for name, context in contexts_of_servers().items():
        runs = [one for result in RESULTS for one in result.contexts if one.served_by == name and (one.is_async or "flask" in one.name)]
        assert {str(one.ran) for one in runs} <= {context}, name


@pytest.mark.parametrize("fixture", sorted({fixture for result in RESULTS for fixture in result.routes}))
def test_routes_of_a_fixture_are_those_that_its_frameworks_registered(fixture: str) -> None:
    """The static inventory and the frameworks' own tables are equal, route for route; of a mixed service each saw its own part."""
    seen = [result for result in RESULTS if fixture in result.routes]
    found = audit([FIXTURES / fixture], Config(), jobs=1)
    static = {SeenRoute(one.path, tuple(sorted(one.methods)), one.handler) for service in found.services for one in service.routes}
    expected: set[SeenRoute] = set()
    for framework in {result.framework for result in seen}:
        tables = [set(result.routes[fixture]) for result in seen if result.framework == framework]
        expected |= set.intersection(*tables)

    assert static == expected
    for result in seen:
        assert set(result.routes[fixture]) <= static, result.name


# --- the comparison itself ---

_HANDLERS = Handlers(
    decorators=["web.App.{get,post}"], kind="http", synchronous="threadpool", asynchronous="event-loop", source="https://example.org/"
)
_STARTUP = Handlers(calls=["web.App.on_start"], kind="startup", synchronous="loop-startup", asynchronous="loop-startup", source="")
_VIEWS = Handlers(bases=["web.View"], methods=["get"], kind="http", synchronous="unknown", asynchronous="event-loop", source="")


def _rows(*handlers: Handlers) -> list[Row]:
    table = Framework(name="web", distributions=["Web"], imports=["web"], documentation="", interface="asgi", handlers=list(handlers))
    return rows_of([table])


def _result(*contexts: Observation, version: str = "2.0") -> Result:
    return Result("web", version, "2026-11-20", "3.11.7", {"web": version}, contexts, {})


_SYNC = Observation("web.App.get", "http", is_async=False, ran="threadpool")
_ASYNC = Observation("web.App.post", "http", is_async=True, ran="event-loop")


def test_a_handler_that_ran_elsewhere_is_a_contradiction() -> None:
    """What ran as its row says is none; another place is one; a coroutine that nobody awaited is one, a refused handler none."""
    rows = _rows(_HANDLERS)

    assert contradictions(rows, [_result(_SYNC, _ASYNC)]) == []
    assert len(contradictions(rows, [_result(msgspec.structs.replace(_SYNC, ran="event-loop"))])) == 1
    assert len(contradictions(rows, [_result(msgspec.structs.replace(_ASYNC, ran="not-awaited"))])) == 1
    assert contradictions(rows, [_result(msgspec.structs.replace(_ASYNC, ran="refused"))]) == []


def test_an_observation_of_no_row_is_a_contradiction() -> None:
    """A name or kind that no row has, or only a row for other versions, is one."""
    old = msgspec.structs.replace(_HANDLERS, versions="<2")

    assert len(contradictions(_rows(_HANDLERS), [_result(msgspec.structs.replace(_SYNC, name="web.App.put"))])) == 1
    assert len(contradictions(_rows(_HANDLERS), [_result(msgspec.structs.replace(_SYNC, kind="startup"))])) == 1
    assert len(contradictions(_rows(old), [_result(_SYNC)])) == 1
    assert contradictions(_rows(old), [_result(_SYNC, version="1.9")]) == []


def test_startup_handlers_run_on_the_loop() -> None:
    """A probe need not tell the startup of a loop from the loop."""
    seen = Observation("web.App.on_start", "startup", is_async=False, ran="event-loop")

    assert contradictions(_rows(_STARTUP), [_result(seen)]) == []
    assert len(contradictions(_rows(_STARTUP), [_result(msgspec.structs.replace(seen, ran="threadpool"))])) == 1


def test_a_row_without_data_is_a_gap() -> None:
    """Both `def` and `async def` are needed, in each result whose version fits, unless the row says why not; never both."""
    reasoned = msgspec.structs.replace(_HANDLERS, not_run="needs a broker")

    assert gaps(_rows(_HANDLERS), [_result(_SYNC, _ASYNC)]) == []
    assert len(gaps(_rows(_HANDLERS), [_result(_SYNC)])) == 1
    assert len(gaps(_rows(_HANDLERS), [_result(_SYNC, _ASYNC), _result(_SYNC, version="1.0")])) == 1
    assert len(gaps(_rows(_HANDLERS), [])) == 1
    assert gaps(_rows(reasoned), []) == []
    assert gaps(_rows(reasoned), [_result()]) == []
    assert len(gaps(_rows(reasoned), [_result(_SYNC)])) == 1


def test_a_side_of_a_row_that_claims_nothing_needs_no_data() -> None:
    """`unknown` is no claim; the methods of a class are seen under its name or their own."""
    of_class = Observation("web.View", "http", is_async=True, ran="event-loop")
    of_method = Observation("web.View.get", "http", is_async=True, ran="event-loop")

    assert gaps(_rows(_VIEWS), [_result(of_class)]) == []
    assert gaps(_rows(_VIEWS), [_result(of_method)]) == []
    assert len(gaps(_rows(_VIEWS), [_result()])) == 1
