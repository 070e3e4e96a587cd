"""`--diff REF`: only what the change since the merge base brings, also through helpers that are not async themselves."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from fwaudit.discover.past import lay_out
from fwaudit.git import open_repository
from tests.command import Command
from tests.repositories import commit, git, make_repository

HANDLER = """\
from shop.store import load


async def items() -> object:
    return load()
"""
QUICK = """\
def load() -> object:
    return []
"""
SLOW = """\
import time


def load() -> object:
    time.sleep(1)
    return []
"""
OLD = """\
import time


async def old() -> None:
    time.sleep(1)
"""


@pytest.fixture
def shop(command: Command) -> Path:
    """A repository with one old finding on `main`, and the branch `work` checked out."""
    command.write("fwaudit.toml", "")
    folder = make_repository(command.folder)
    commit(folder, {"shop/__init__.py": "", "shop/api.py": HANDLER, "shop/store.py": QUICK, "shop/old.py": OLD})
    git(folder, "checkout", "-q", "-b", "work")
    return folder


def found(command: Command, *options: str) -> list[tuple[str, str]]:
    """(function, callee) of the open findings."""
    outcome = command("--format", "json", *options)
    assert outcome.code in (0, 1), outcome.stderr
    return sorted((one["function"], one["callee"]) for one in json.loads(outcome.stdout)["findings"] if one["silenced"] is None)


def fingerprints(command: Command, *options: str) -> set[str]:
    """The fingerprints of the open findings."""
    return {one["fingerprint"] for one in json.loads(command("--format", "json", *options).stdout)["findings"] if one["silenced"] is None}


def test_a_sync_helper_that_starts_to_block_is_new_where_it_blocks_a_route(command: Command, shop: Path) -> None:
    """The changed file has no async code: the finding is in the handler that now blocks, and the old one is left out."""
    commit(shop, {"shop/store.py": SLOW})

    assert found(command, "--diff", "main") == [("shop.api.items", "time.sleep")]
    outcome = command("--diff", "main")
    assert outcome.code == 1
    assert "since main (merge base " in outcome.stderr
    assert "): 1 finding that was there before left out" in outcome.stderr


def test_a_change_that_brings_nothing_is_clean(command: Command, shop: Path) -> None:
    """Old findings neither show nor fail, also when lines move; the report says what it looked at."""
    commit(shop, {"shop/old.py": f"# moved\n\n{OLD}"})

    outcome = command("--diff", "main")

    assert outcome.code == 0
    assert "No blocking call that is new since `main` was found on an event loop." in " ".join(outcome.stdout.split())


def test_uncommitted_staged_and_untracked_files_count(command: Command, shop: Path) -> None:
    """What is compared is the working tree, with files that git does not know yet, without those it is told to ignore."""
    command.write("shop/store.py", SLOW)
    command.write("shop/new.py", OLD.replace("old", "new"))
    command.write("shop/staged.py", OLD.replace("old", "staged"))
    git(shop, "add", "shop/staged.py")
    command.write(".gitignore", "scratch/")
    command.write("scratch/try.py", OLD)

    functions = [function for function, _ in found(command, "--diff", "main")]

    assert functions == ["shop.api.items", "shop.new.new", "shop.staged.staged"]


def test_the_merge_base_counts_not_the_tip(command: Command, shop: Path) -> None:
    """What came to `main` since is not the branch's; once `main` is merged, its findings are old."""
    commit(shop, {"shop/mine.py": OLD.replace("old", "mine")})
    git(shop, "checkout", "-q", "main")
    commit(shop, {"shop/theirs.py": OLD.replace("old", "theirs"), "shop/old.py": "x = 1\n"})
    git(shop, "checkout", "-q", "work")
    mine = [("shop.mine.mine", "time.sleep")]
    assert found(command, "--diff", "main") == mine

    git(shop, "merge", "-q", "--no-edit", "main")

    assert found(command, "--diff", "main") == mine


def test_the_difference_of_two_audits_is_the_diff(command: Command, shop: Path) -> None:
    """diff(A, B) is audit(B) minus audit(A) by fingerprint, also where suppressions and settings change."""
    start = fingerprints(command)
    commit(shop, {
        "shop/store.py": SLOW, "shop/old.py": OLD.replace("time.sleep(1)", "time.sleep(1)  # fwaudit: ignore[blocking-call-on-loop] ok"),
        "shop/b.py": OLD.replace("old", "b"),
    })  # fmt: skip
    middle = fingerprints(command)
    assert fingerprints(command, "--diff", "main") == middle - start

    commit(shop, {"shop/old.py": OLD, "shop/b.py": ""})
    end = fingerprints(command)
    assert end - middle
    assert fingerprints(command, "--diff", "HEAD~1") == end - middle
    assert fingerprints(command, "--diff", "HEAD") == set()


def test_a_folder_below_the_repository_is_compared_with_itself(command: Command, shop: Path) -> None:
    """A workspace inside the repository: .gitignore above it and the package that it is count on both sides."""
    commit(shop, {".gitignore": "made.py\n", "shop/store.py": SLOW, "fwaudit.toml": 'extend-exclude = ["shop/skipped/"]\n'})

    assert found(command, "--diff", "main", "shop") == [("shop.api.items", "time.sleep")]


def test_a_branch_that_starts_with_no_python_is_all_new(command: Command, tmp_path: Path) -> None:
    """Nothing to audit at the merge base means that all is new."""
    folder = make_repository(command.folder)
    commit(folder, {"README": "x"})
    git(folder, "checkout", "-q", "-b", "work")
    command.write("old.py", OLD)

    assert found(command, "--diff", "main") == [("old.old", "time.sleep")]


def test_warm_and_cold_runs_say_the_same(command: Command, shop: Path) -> None:
    """The merge base's audit is kept by commit; without a cache the answer is the same."""
    commit(shop, {"shop/store.py": SLOW})
    cold, warm = command("--diff", "main"), command("--diff", "main")

    assert cold == warm == command("--diff", "main", "--no-cache")


def test_named_files_and_formats_work_together(command: Command, shop: Path) -> None:
    """With file names, as pre-commit gives them, only what touches one of them is reported."""
    commit(shop, {"shop/store.py": SLOW, "shop/b.py": OLD})

    assert found(command, "--diff", "main", "shop/store.py") == [("shop.api.items", "time.sleep")]


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("nothing", "--diff nothing: no branch, tag or commit is called 'nothing'"),
        ("--output=x", "--diff --output=x: '--output=x' is not a name of a commit"),
        ("main:shop", "--diff main:shop: 'main:shop' is not a name of a commit"),
        ("main~9", "--diff main~9: 'main~9' is no commit of this repository"),
    ],
)
def test_what_is_no_commit_exits_2(command: Command, shop: Path, ref: str, message: str) -> None:
    """A wrong name says so, and writes nothing."""
    outcome = command(f"--diff={ref}")

    assert outcome == (2, "", f"fwaudit: {message}\n")


def test_without_repository_or_history_it_says_what_is_missing(command: Command, tmp_path: Path) -> None:
    """No repository, and branches that have no commit in common."""
    command.write("old.py", OLD)
    assert command("--diff", "main") == (2, "", "fwaudit: --diff main: there is no git repository\n")

    folder = make_repository(command.folder)
    commit(folder, {"a.py": ""})
    git(folder, "checkout", "-q", "--orphan", "other")
    commit(folder, {"b.py": ""})

    assert command("--diff", "main") == (2, "", "fwaudit: --diff main: no commit is known from which both it and HEAD come\n")


def test_a_shallow_clone_says_how_to_deepen_it(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CI clones only the last commit: the remedy is in the message."""
    origin = make_repository(tmp_path / "origin")
    commit(origin, {"a.py": "1"})
    git(origin, "checkout", "-q", "-b", "work")
    commit(origin, {"a.py": "2"})
    git(tmp_path, "clone", "-q", "--depth", "1", "--no-single-branch", f"file://{origin}", "clone")
    monkeypatch.chdir(tmp_path / "clone")

    first, second = command("--diff", "origin/main").stderr, command("--diff", "v9").stderr

    assert first == (
        "fwaudit: --diff origin/main: no commit is known from which both it and HEAD come; this clone is shallow: fetch the history "
        "(`git fetch --unshallow`, in GitHub Actions `fetch-depth: 0`)\n"
    )
    assert "no branch, tag or commit is called 'v9'; this clone is shallow" in second


def test_a_partial_clone_says_that_files_are_missing(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is fetched behind the user's back: what the clone lacks is counted."""
    origin = make_repository(tmp_path / "origin")
    git(origin, "config", "uploadpack.allowFilter", "true")
    commit(origin, {"a.py": "1"})
    commit(origin, {"a.py": "2"})
    git(tmp_path, "clone", "-q", "--filter=blob:none", f"file://{origin}", "clone")
    monkeypatch.chdir(tmp_path / "clone")

    assert command("--diff", "HEAD~1") == (
        2, "", "fwaudit: --diff HEAD~1: 1 of 1 files are not in this clone, which is a partial one, or damaged\n"
    )  # fmt: skip


def test_nothing_of_the_repository_is_run(command: Command, shop: Path) -> None:
    """Hooks, filters, fsmonitor and helpers of the repository's own settings stay untouched, and its files as they were."""
    commit(shop, {"shop/store.py": SLOW, ".gitattributes": "* filter=evil diff=evil\n"})
    marker = shop.parent / "run"
    for key in ("core.fsmonitor", "core.pager", "filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv", "diff.external"):
        git(shop, "config", key, f"touch {marker}")
    before = sorted(path.name for path in (shop / ".git").iterdir())

    assert found(command, "--diff", "main") == [("shop.api.items", "time.sleep")]

    assert not marker.exists()
    assert sorted(path.name for path in (shop / ".git").iterdir()) == before


def test_links_and_trees_that_lead_out_are_not_laid_out(command: Command, shop: Path, tmp_path: Path) -> None:
    """A link in the old tree is not followed, and neither is a tree that names the folder above it."""
    (shop / "out.py").symlink_to(tmp_path / "secret.py")
    commit(shop, {"shop/b.py": OLD.replace("old", "b")})
    (shop / "out.py").unlink()
    blob = git(shop, "hash-object", "-w", "shop/old.py")
    entry = b"100644 escaped.py\0" + bytes.fromhex(blob)
    inner = tmp_path / "tree"
    inner.write_bytes(entry)
    tree = git(shop, "hash-object", "-t", "tree", "-w", "--literally", str(inner))
    inner.write_bytes(b"40000 ..\0" + bytes.fromhex(tree))
    outer = git(shop, "hash-object", "-t", "tree", "-w", "--literally", str(inner))
    hostile = git(shop, "commit-tree", outer, "-m", "x")
    child = git(shop, "commit-tree", "HEAD^{tree}", "-p", hostile, "-m", "y")
    git(shop, "update-ref", "refs/heads/work", child)

    assert ("shop.b.b", "time.sleep") in found(command, "--diff", hostile)
    assert not [path for path in os.listdir("/tmp") if path.startswith(("fwaudit-past-", "escaped"))]


def test_a_submodule_that_is_a_link_now_is_not_followed(shop: Path, tmp_path: Path) -> None:
    """A commit may say that a path is a submodule where the working tree has a link, which can lead anywhere."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "private.py").write_text(OLD)
    git(shop, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},lib")
    git(shop, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},shop/deep/lib")
    linked = git(shop, "commit-tree", git(shop, "write-tree"), "-p", "HEAD", "-m", "x")
    (shop / "lib").symlink_to(outside)
    (shop / "shop/deep").symlink_to(tmp_path)
    with open_repository(str(shop)) as repository:
        past = lay_out(repository, linked, str(shop), str(tmp_path / "past"), 1_000_000)

    assert past.submodules == ("lib", "shop/deep/lib")
    assert not list((tmp_path / "past").rglob("private.py"))


def test_a_submodule_is_taken_as_it_is(command: Command, shop: Path, tmp_path: Path) -> None:
    """Its history lies in another repository: its findings are no news, and it is said."""
    library = make_repository(tmp_path / "library")
    commit(library, {"lib.py": OLD})
    git(shop, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library), "lib")
    commit(shop, {})
    git(shop, "checkout", "-q", "-b", "next")
    commit(shop, {"shop/store.py": SLOW})

    outcome = command("--diff", "work", "--format", "json")

    assert [one["function"] for one in json.loads(outcome.stdout)["findings"]] == ["shop.api.items"]
    assert "fwaudit: warning: submodule lib: its files are taken for unchanged" in outcome.stderr
