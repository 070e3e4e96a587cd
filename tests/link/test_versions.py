"""Versions of frameworks: which one a file is written for, and which rows of a table hold for it."""

from __future__ import annotations

import pytest

from fwaudit.catalog.framework_schema import Framework, Handlers
from fwaudit.catalog.index import HandlerRow
from fwaudit.link.entry_points.versions import NEWEST, Versions, newest_within, specifier_holds
from fwaudit.model.finding import Location
from fwaudit.model.manifest import Dependency, Manifests

HERE = Location("pyproject.toml", 1, 1, 1, 1)
OLD = Handlers(decorators=["web.App.get"], kind="http", synchronous="event-loop", asynchronous="event-loop", versions="<0.106", source="x")
NEW = Handlers(decorators=["web.App.get"], kind="http", synchronous="threadpool", asynchronous="event-loop", versions=">=0.106", source="x")
OLDEST = Handlers(decorators=["web.App.on"], kind="http", synchronous="event-loop", asynchronous="event-loop", versions="<0.50", source="x")
OLDER = Handlers(
    decorators=["web.App.on"], kind="http", synchronous="event-loop", asynchronous="event-loop", versions=">=0.50,<1", source="x"
)
ALL = Handlers(decorators=["web.App.get"], kind="event", synchronous="wsgi-worker", asynchronous="event-loop", source="x")
WEB = Framework(name="web", distributions=["web"], imports=["web"], documentation="x", interface="asgi", handlers=[OLD, NEW, ALL])


def manifests(*declared: tuple[str, str, str, bool]) -> Manifests:
    """From (folder, group, specifier, whether it is locked)."""
    return Manifests(tuple(Dependency("web", specifier, folder, group, locked, HERE) for folder, group, specifier, locked in declared))


def held(path: str, *declared: tuple[str, str, str, bool]) -> list[Handlers]:
    """The rows of the framework that hold in the file at `path`."""
    rows = [HandlerRow("web.App.get", WEB, row) for row in (OLD, NEW, ALL)]
    return [one.row for one in Versions(manifests(*declared)).holding(rows, path)]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ((), NEW),
        ([(".", "", "", False)], NEW),
        ([(".", "", ">=0.90", False)], NEW),
        ([(".", "", ">=0.90,<0.100", False)], OLD),
        ([(".", "", "~=0.95.1", False)], OLD),
        ([(".", "", "==0.95.*", False)], OLD),
        ([(".", "", ">=0.90", False), (".", "", "==0.100.0", True)], OLD),
        ([(".", "", "not a specifier", False)], NEW),
    ],
)
def test_the_rows_that_hold_are_those_of_the_newest_version_that_may_be_installed(
    declared: list[tuple[str, str, str, bool]], expected: Handlers
) -> None:
    """A lock file goes before what is declared; nothing said is the newest version. A row without versions always holds."""
    assert held("app/main.py", *declared) == [expected, ALL]


def test_the_nearest_manifest_above_a_file_counts() -> None:
    """Each service of a repository has its own; a requirements folder speaks for the folder that it lies in."""
    declared = [("one", "", "<0.100", False), ("two/requirements/prod", "", "==0.200", False), (".", "", "==0.100", False)]

    assert [held(path, *declared)[0] for path in ("one/app/main.py", "two/main.py", "main.py")] == [OLD, NEW, OLD]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [((), [OLDER]), ([(".", "", ">=0.90", False)], [OLDER]), ([(".", "", ">=1", False)], []), ([(".", "", "==1.0", True)], [])],
)
def test_code_that_uses_what_was_removed_is_written_for_the_version_before(
    declared: list[tuple[str, str, str, bool]], expected: list[Handlers]
) -> None:
    """Of several rows for old versions the newest counts; a manifest that names a newer version goes before all of them."""
    rows = [HandlerRow("web.App.get", WEB, row) for row in (OLDEST, OLDER)]

    assert [one.row for one in Versions(manifests(*declared)).holding(rows, "main.py")] == expected


@pytest.mark.parametrize(
    ("specifier", "newest"),
    [
        ("", NEWEST),
        (">=1", NEWEST),
        ("==1.2.3", "1.2.3"),
        ("<=2.1", "2.1"),
        ("<2", "1.99999"),
        (">=1.4,<2.0.0", "1.99999"),
        ("~=3.1.3", "3.1.99999"),
        (">2,<1", NEWEST),
        ("===odd", NEWEST),
    ],
)
def test_the_newest_version_within_a_specifier(specifier: str, newest: object) -> None:
    """What allows nothing, or has no upper bound, says nothing against the newest."""
    assert str(newest_within(specifier)) == str(newest)


def test_a_specifier_that_cannot_be_read_allows_everything() -> None:
    """A slip in a table or manifest hides no row."""
    assert specifier_holds("latest", NEWEST)


def test_what_is_declared_goes_before_what_is_locked_and_what_runs_before_what_tests() -> None:
    """The version that reports show is the one that people wrote."""
    versions = Versions(manifests((".", "test", "==1", False), (".", "", "~=2.0", False), (".", "", "==2.5", True)))

    assert versions.declared(WEB.distributions, "main.py") == "~=2.0"
    assert Versions(manifests((".", "", "==2.5", True))).declared(WEB.distributions, "main.py") == "==2.5"
    assert Versions(manifests((".", "", "", False), (".", "", "==2.5", True))).declared(WEB.distributions, "main.py") == "==2.5"


@pytest.mark.parametrize(
    ("group", "locked", "needed"),
    [("", False, True), ("test", False, False), ("", True, False)],
)
def test_only_a_dependency_of_what_runs_is_needed(group: str, locked: bool, needed: bool) -> None:
    """A lock file names what others depend on, too."""
    assert Versions(manifests((".", group, "", locked))).is_needed(WEB.distributions, "main.py") is needed
