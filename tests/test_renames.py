"""Renamed files: findings in them are the old ones, for `--diff` and for a baseline."""

from __future__ import annotations

from pathlib import Path

import pytest

from fwaudit.model.finding import fingerprint_of
from fwaudit.renames import PAIRS_LIMIT, Renames, find_renames
from tests.command import Command
from tests.repositories import commit, git, make_repository

PADDING = "".join(f"VALUE_{number} = {number}\n" for number in range(30))
OLD = f"""\
import time

{PADDING}

async def old() -> None:
    time.sleep(1)
"""
MORE = f"""\
{OLD}

async def more() -> None:
    time.sleep(2)
"""
USER = """\
from shop.old import old


async def use() -> None:
    await old()
"""
FILE = "fwaudit-baseline.jsonl"


@pytest.fixture
def shop(command: Command) -> Path:
    """A repository with one old finding on `main`, and the branch `work` checked out."""
    command.write("fwaudit.toml", "")
    folder = make_repository(command.folder)
    commit(folder, {"shop/__init__.py": "", "shop/old.py": OLD, "shop/user.py": USER})
    git(folder, "checkout", "-q", "-b", "work")
    return folder


def failing(command: Command, *options: str) -> list[str]:
    """The functions with open findings."""
    report = command("--format", "concise", *options).stdout
    return sorted(line.split(":")[0] for line in report.splitlines() if "blocking-call-on-loop" in line)


@pytest.mark.parametrize("target", ["shop/new.py", "shop/inner/old.py", "src/shop/old.py", "other/__init__.py"])
@pytest.mark.parametrize("is_committed", [True, False])
def test_a_renamed_file_brings_nothing(command: Command, shop: Path, target: str, *, is_committed: bool) -> None:
    """Within a package, to another one, under another root, and as a package: committed or not."""
    (shop / target).parent.mkdir(parents=True, exist_ok=True)
    (shop / "shop" / "old.py").rename(shop / target)
    if is_committed:
        commit(shop, {})

    assert failing(command) == [target]
    assert failing(command, "--diff", "main") == []


def test_a_renamed_file_with_more_in_it_brings_only_that(command: Command, shop: Path) -> None:
    """What was added while the file moved is new."""
    git(shop, "mv", "shop/old.py", "shop/new.py")
    commit(shop, {"shop/new.py": MORE})

    assert failing(command, "--diff", "main") == ["shop/new.py"]
    assert "1 finding that was there before left out" in command("--diff", "main").stderr


def test_a_new_file_that_is_not_alike_is_new(command: Command, shop: Path) -> None:
    """A file that is gone and another one with the same function in it are no rename."""
    (shop / "shop" / "old.py").unlink()
    command.write("shop/new.py", "import time\n\n\nasync def old() -> None:\n    time.sleep(1)\n")

    assert failing(command, "--diff", "main") == ["shop/new.py"]


@pytest.mark.parametrize("is_committed", [True, False])
def test_a_baseline_follows_a_renamed_file(command: Command, shop: Path, *, is_committed: bool) -> None:
    """Its findings stay accepted, are not called mended, and the next `fwaudit baseline` writes where they are now."""
    command("baseline")
    commit(shop, {})
    git(shop, "mv", "shop/old.py", "shop/new.py")
    if is_committed:
        commit(shop, {"unrelated.txt": "x"})
    else:
        command.write("unrelated.txt", "x")

    assert failing(command, "--baseline", FILE) == []
    assert "mended" not in command("--baseline", FILE).stdout
    outcome = command("baseline")
    assert "1 finding accepted: 0 new, 0 taken out" in outcome.stderr
    assert '"path": "shop/new.py", "function": "shop.new.old"' in (shop / FILE).read_text()
    commit(shop, {})
    assert failing(command, "--baseline", FILE) == []


def test_without_git_a_renamed_file_is_a_new_one(command: Command) -> None:
    """Where no commit tells of the rename, the old finding is mended and the new one reported."""
    command.write("fwaudit.toml", "")
    old = command.write("old.py", OLD)
    command("baseline")
    old.rename(old.with_name("new.py"))

    assert failing(command, "--baseline", FILE) == ["new.py"]


def test_files_are_paired_by_what_they_hold() -> None:
    """The same content first, then the likeliest, each file once; empty files and those with little in common never."""
    half = "".join(f"line {number}\n" for number in range(50)).encode()
    text = half + "".join(f"more {number}\n" for number in range(50)).encode()

    assert find_renames({"a.py": text, "b/c.py": half}, {"x.py": text + b"x\n", "d/c.py": text}) == {"a.py": "d/c.py"}
    assert find_renames({"a/m.py": text, "b/n.py": text}, {"c/n.py": text, "c/m.py": text}) == {"a/m.py": "c/m.py", "b/n.py": "c/n.py"}
    assert find_renames({"a.py": b"", "b.py": b"\n"}, {"x.py": b"", "y.py": b"\n"}) == {}
    assert find_renames({"a.py": b"a\nb\nc\n"}, {"x.py": b"a\ny\nz\n"}) == {}


def test_many_files_are_paired_by_name_or_content() -> None:
    """A folder of a thousand modules that moves is still followed, in time that grows with the files."""
    count = PAIRS_LIMIT // 10
    old = {f"a/m{number}.py": f"value = {number}\nother = {number}\n".encode() * 9 for number in range(count)}

    assert find_renames(old, {path.replace("a/", "b/"): content for path, content in old.items()}) == {
        path: path.replace("a/", "b/") for path in old
    }
    assert find_renames(old, {path.replace("/m", "/n"): content for path, content in old.items()}) == {
        path: path.replace("/m", "/n") for path in old
    }


def test_names_change_with_the_module_and_nothing_else_does() -> None:
    """Function and leaf follow their modules, a package's own name in front; ordinals stay."""
    renames = Renames({"app/db.py": "core/store.py"}, "shop")

    def now(rule: str, path: str, function: str, callee: str, ordinal: int) -> frozenset[str]:
        told = fingerprint_of(rule, function, callee, ordinal)
        return renames.fingerprints(rule=rule, path=path, function=function, callee=callee, fingerprint=told)

    assert fingerprint_of("r", "shop.core.store.get", "x.y", 2) in now("r", "app/db.py", "shop.app.db.get", "x.y", 2)
    assert fingerprint_of("r", "shop.api.get", "shop.core.store.load", 1) in now("r", "api.py", "shop.api.get", "shop.app.db.load", 1)
    assert now("r", "api.py", "shop.api.get", "x.y", 1) == frozenset()
    assert renames.fingerprints(rule="r", path="app/db.py", function="shop.app.db.get", callee="x.y", fingerprint="f") == frozenset()
