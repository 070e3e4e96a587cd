"""What git tells of services, counted from HEAD."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from fwaudit.config import Config
from fwaudit.history import read
from fwaudit.history.read import add_histories
from fwaudit.model.audit import Audit
from fwaudit.model.context import Context
from fwaudit.model.finding import Location
from fwaudit.model.history import History
from fwaudit.model.service import Route, Service
from fwaudit.model.source import Problem
from fwaudit.pipeline import audit
from tests.repositories import commit, git, make_repository

HEAD = date(2026, 1, 1)


def service(root: str = ".", *files: str) -> Service:
    """A service with a route in each of `files`."""
    routes = tuple(Route(("GET",), "/", "f", Location(name, 1, 1, 1, 1), "http", True, Context.EVENT_LOOP) for name in files)
    return Service(name=root, root=root, frameworks=(), interface=None, servers=(), apps=(), routes=routes)


def days_before(days: int) -> str:
    """A day, counted back from HEAD."""
    return (HEAD - timedelta(days=days)).isoformat()


def history_of(folder: Path, *services: Service) -> list[History | None]:
    """The histories of services in a repository that can be read."""
    found, problems = add_histories(str(folder), services or (service(),), {})
    assert problems == ()
    return [msgspec.convert(one.history, History) if one.history else None for one in found]


def only(histories: list[History | None]) -> History:
    """The one history."""
    (found,) = histories
    assert found is not None
    return found


def test_years_are_counted_back_from_head(tmp_path: Path) -> None:
    """Each year has its own commits and files, merges and robots left out, and names are nowhere."""
    folder = make_repository(tmp_path)
    commit(folder, {"a.py": "1", "README": "1"}, day=days_before(800), author="old")
    commit(folder, {"a.py": "2", "b.py": "1"}, day=days_before(400), author="old")
    for number in range(3):
        commit(folder, {"a.py": f"now {number}"}, day=days_before(20), author="ann")
    commit(folder, {"b.py": "2"}, day=days_before(20), author="bob")
    commit(folder, {"b.py": "3"}, day=days_before(10), author="dependabot[bot]")
    git(folder, "checkout", "-q", "-b", "side", "HEAD~1")
    commit(folder, {"b.py": "4"}, day=days_before(9), author="eve")
    git(folder, "checkout", "-q", "main")
    git(folder, "merge", "-q", "-s", "ours", "-m", "Merge", "side", day=days_before(1))
    commit(folder, {"README": "2"}, day=HEAD.isoformat(), author="writer")
    assert only(history_of(folder, service(".", "a.py", "c.py"))) == History(
        head_day="2026-01-01",
        is_complete=True,
        age_days=800,
        last_change_days=9,
        commits_in_year=5,
        commits_per_year=(5, 1, 1),
        files_changed_per_year=(2, 2, 1),
        authors_in_year=3,
        bus_factor=1,
        python_files=2,
        python_files_year_ago=2,
        is_growing=False,
        is_rarely_changed=True,
        churn={"a.py": 3},
    )


def test_a_service_that_changes_more_than_monthly_or_grows_is_not_rarely_changed(tmp_path: Path) -> None:
    """Twelve commits in the year before HEAD are few; one more is not, and neither is a service with new files."""
    many, few, growing = (make_repository(tmp_path / name) for name in ("many", "few", "growing"))
    for folder in (many, few, growing):
        commit(folder, {"a.py": "1"}, day=days_before(500))
    for number in range(13):
        commit(many, {"a.py": f"{number}x"}, day=days_before(13 - number))
        if number:
            commit(few, {"a.py": f"{number}x"}, day=days_before(13 - number))
    commit(growing, {"b.py": "1"}, day=days_before(1))
    found = [only(history_of(folder)) for folder in (many, few, growing)]
    assert [(one.commits_per_year[0], one.is_rarely_changed) for one in found] == [(13, False), (12, True), (1, False)]


def test_a_young_service_is_not_called_rarely_changed(tmp_path: Path) -> None:
    """Within its first year nothing tells how often it changes in one."""
    folder = make_repository(tmp_path)
    commit(folder, {"a.py": "1"}, day=days_before(30))
    commit(folder, {"a.py": "2"}, day=HEAD.isoformat())
    found = only(history_of(folder))
    assert (found.age_days, found.is_rarely_changed, found.commits_per_year, found.python_files_year_ago) == (30, None, (2,), None)


def test_each_service_has_its_own_files(tmp_path: Path) -> None:
    """A file belongs to the nearest root above it; two services with one root share it; a folder without commits has no history."""
    folder = make_repository(tmp_path)
    commit(folder, {"repo/a/x.py": "1", "repo/main.py": "1"}, day=days_before(100))
    commit(folder, {"repo/a/x.py": "2"}, day=days_before(50))
    commit(folder, {"other.py": "2"}, day=HEAD.isoformat())
    (folder / "repo/new").mkdir()
    found = history_of(folder / "repo", service("a", "a/x.py"), service(), service("a"), service("new"))
    counts = [None if one is None else (one.commits_per_year, one.last_change_days, one.churn) for one in found]
    assert counts == [((2,), 50, {"a/x.py": 2}), ((1,), 100, {}), ((2,), 50, {}), None]


def test_a_package_of_settings_is_not_all_of_a_service(tmp_path: Path) -> None:
    """What changes in the folders of a service's files counts, wherever its root lies; what no service has does not."""
    folder = make_repository(tmp_path)
    commit(folder, {"site/settings.py": "1", "shop/views.py": "1", "shop/old.py": "1", "scripts/deploy.py": "1"}, day=days_before(500))
    commit(folder, {f"shop/{number}.py": "1" for number in range(9)}, day=days_before(40))
    for number in range(20):
        commit(folder, {"shop/views.py": f"now {number}"}, day=days_before(30))
        commit(folder, {"scripts/deploy.py": f"now {number}"}, day=days_before(20))
    of_root, of_files = (
        msgspec.convert(add_histories(str(folder), (service("site"),), files_of)[0][0].history, History)
        for files_of in ({}, {"site": frozenset({"site/settings.py", "shop/views.py"})})
    )

    assert (of_root.commits_in_year, of_root.python_files, of_root.is_rarely_changed) == (0, 1, True)
    assert (of_files.commits_in_year, of_files.python_files, of_files.python_files_year_ago) == (21, 12, 3)
    assert (of_files.is_growing, of_files.is_rarely_changed) == (True, False)


def test_a_shallow_clone_says_the_least(tmp_path: Path) -> None:
    """What was left out is not taken for what never was."""
    folder = make_repository(tmp_path / "r")
    commit(folder, {"a.py": "1"}, day=days_before(900))
    for number in range(3):
        commit(folder, {"a.py": f"{number}x"}, day=days_before(3 - number))
    git(tmp_path, "clone", "-q", "--depth=2", f"file://{folder}", "s")
    found = only(history_of(tmp_path / "s"))
    assert (found.is_complete, found.is_rarely_changed, found.python_files_year_ago) == (False, None, None)


def test_no_more_commits_are_read_than_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A longer history is said to be one, whoever made the commits."""
    folder = make_repository(tmp_path)
    for number in range(4):
        commit(folder, {"a.py": str(number)}, day=days_before(4 - number), author="x[bot]" if number == 3 else "ann")
    monkeypatch.setattr(read, "COMMITS_READ", 3)
    found = only(history_of(folder))
    assert (found.is_complete, found.commits_per_year) == (False, (2,))


def test_what_was_merged_from_another_repository_is_no_earlier_state(tmp_path: Path) -> None:
    """The files of a year ago are those along first parents."""
    other = make_repository(tmp_path / "other")
    commit(other, {"t.py": "1"}, day=days_before(370))
    folder = make_repository(tmp_path / "r")
    commit(folder, {f"{number}.py": "1" for number in range(5)}, day=days_before(600))
    git(folder, "pull", "-q", "--no-rebase", "--allow-unrelated-histories", str(other), "main", day=HEAD.isoformat())
    assert only(history_of(folder)).python_files_year_ago == 5


def test_without_a_repository_nothing_is_said(tmp_path: Path) -> None:
    """Neither a history nor a problem."""
    assert history_of(tmp_path) == [None]


def _as_it_is(_folder: Path) -> None:
    pass


def _without_objects(folder: Path) -> None:
    for path in (folder / ".git/objects").rglob("*"):
        if path.is_file():
            path.unlink()


def _run(folder: Path) -> Audit:
    return audit([folder], Config(), jobs=1)


def test_a_damaged_repository_is_a_problem_and_the_audit_stands(tmp_path: Path) -> None:
    """Empty or damaged: said in one line, without an exit code of its own."""
    source = "from fastapi import FastAPI\nimport time\napp = FastAPI()\n\n\n@app.get('/')\nasync def f():\n    time.sleep(1)\n"
    for name, spoil in (("empty", _as_it_is), ("damaged", _without_objects)):
        folder = make_repository(tmp_path / name)
        if name == "damaged":
            commit(folder, {"app.py": source})
        (folder / "app.py").write_text(source)
        spoil(folder)
        found = _run(folder)
        assert [finding.line for finding in found.findings] == [8]
        assert [(one.path, one.kind, one.message.startswith("the git history is not read: ")) for one in found.problems] == [
            (".git", "skipped", True)
        ]


def test_a_commit_makes_a_new_audit(tmp_path: Path) -> None:
    """The history is in the Audit, and a cached one is not taken for that of another HEAD."""
    from fwaudit.cache import Cache

    folder = make_repository(tmp_path / "r")
    text = "from fastapi import FastAPI\napp = FastAPI()\n\n\n@app.get('/')\nasync def f(): ...\n"
    commit(folder, {"app.py": text}, day=days_before(2))
    cache = Cache(tmp_path / "cache", "r")

    def count() -> int:
        (found,) = audit([folder], Config(), jobs=1, cache=cache).services
        return int(found.history["commits_in_year"])

    assert (count(), count()) == (1, 1)
    commit(folder, {"app.py": text + "\n"}, day=days_before(1))
    commit(folder, {"app.py": text}, day=HEAD.isoformat())
    assert count() == 3


def test_hostile_dates_are_no_trouble(tmp_path: Path) -> None:
    """A commit from the far future is a commit."""
    folder = make_repository(tmp_path)
    commit(folder, {"a.py": "1"})
    tree = git(folder, "write-tree")
    raw = f"tree {tree}\nauthor a <a> 99999999999999 +0000\ncommitter a <a> 99999999999999 +0000\n\nx\n"
    (folder / "raw").write_text(raw)
    made = git(folder, "hash-object", "-t", "commit", "-w", "--literally", "raw")
    git(folder, "update-ref", "refs/heads/main", made)
    found, problems = add_histories(str(folder), (service(),), {})
    assert found[0].history or problems
    assert all(isinstance(problem, Problem) for problem in problems)
