from __future__ import annotations

import os
import resource
import shutil
import time
from pathlib import Path

import pytest

from tests.hostile.run import BLOCKING, fwaudit, write_tree


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small service with findings, a chain over modules and a file that cannot be parsed."""
    return write_tree(
        tmp_path / "tree",
        {
            "app/__init__.py": "",
            "app/main.py": "from app.work import load\n\n\nasync def main():\n    load()\n",
            "app/work.py": "import time\n\n\ndef load():\n    time.sleep(1)\n",
            "app/other.py": BLOCKING.format(name="other"),
            "app/broken.py": "def f(:\n",
            "app/bytes\udcff.py": BLOCKING.format(name="bytes"),
        },
    )


def test_cold_and_warm_reports_are_the_same_bytes(tree: Path, tmp_path: Path) -> None:
    """With no cache, an empty one, a full one, one job or three, any hash seed, and the tree at another place: one report."""
    options = ("--format", "json", "--today", "2026-11-20")
    cache = ("--cache-dir", tmp_path / "cache")
    moved = shutil.copytree(tree, tmp_path / "moved")
    runs = [
        fwaudit("--no-cache", *options, "--jobs", "1", folder=tree, environment={"PYTHONHASHSEED": "1"}),
        fwaudit("--no-cache", *options, "--jobs", "3", folder=tree, environment={"PYTHONHASHSEED": "2"}),
        fwaudit(*cache, *options, folder=tree),
        fwaudit(*cache, *options, folder=tree),
        fwaudit(*cache, *options, folder=moved),
    ]

    assert {run.out for run in runs} == {runs[0].out}
    assert [run.code for run in runs] == [1] * len(runs)
    assert len(runs[0].found_in) == 3


def test_an_edit_is_seen_at_once(tree: Path, tmp_path: Path) -> None:
    """Content decides, not time: a same-size edit with the old time of change is no stale result, and undoing it is none either."""
    options = ("--format", "json", "--cache-dir", tmp_path / "cache")
    before = fwaudit(*options, folder=tree)
    other = tree / "app" / "other.py"
    status, content = other.stat(), other.read_text()

    other.write_text(content.replace("time.sleep(1)", "time.sleeq(1)"))
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    edited = fwaudit(*options, folder=tree)
    other.write_text(content)

    assert "app/other.py" in before.found_in
    assert "app/other.py" not in edited.found_in
    assert fwaudit(*options, folder=tree).out == before.out


def test_a_timeout_is_not_kept(tmp_path: Path) -> None:
    """A file that was too slow once gets its chance in the next run: what a busy machine did is in no cache."""
    tree = write_tree(tmp_path / "tree", {"good.py": "x = 1\n", "slow.py": "x = " + " + ".join(["1"] * 3000) + "\n"})
    options = ("--format", "json", "--cache-dir", tmp_path / "cache")
    (tree / "fwaudit.toml").write_text("file-deadline = 0.05\n")
    slow = fwaudit(*options, folder=tree)
    start = time.monotonic()
    again = fwaudit(*options, folder=tree)

    assert slow.problems == {"slow.py": "took longer than the deadline of 0.05 s"}
    assert again.problems == slow.problems
    assert time.monotonic() - start > 0.15  # the parser was started again
    assert not any(path.suffix == ".audit" for path in (tmp_path / "cache").iterdir())


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x80\x04\x95pickle"])
def test_a_poisoned_cache_changes_nothing(tree: Path, tmp_path: Path, content: bytes) -> None:
    """Whatever stands in the packs, the report is the same."""
    options = ("--format", "json", "--cache-dir", tmp_path / "cache")
    clean = fwaudit(*options, folder=tree)
    packs = [path for path in (tmp_path / "cache").iterdir() if path.suffix in (".facts", ".audit")]
    for pack in packs:
        pack.write_bytes(content)

    assert packs
    poisoned = fwaudit(*options, folder=tree)
    assert (poisoned.code, poisoned.out) == (clean.code, clean.out)


def test_a_cache_that_cannot_be_written_costs_one_warning(tree: Path, tmp_path: Path) -> None:
    """A full disk, and a folder that cannot be made: one line on stderr, and the report is the same."""
    (tmp_path / "file").write_text("not a folder")
    options = ("--format", "json")
    good = fwaudit(*options, "--no-cache", folder=tree)
    blocked = fwaudit(*options, "--cache-dir", tmp_path / "file" / "cache", folder=tree)
    full = fwaudit(
        *options,
        "--cache-dir",
        tmp_path / "cache",
        folder=tree,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)),
    )

    for run in (blocked, full):
        assert (run.code, run.out) == (good.code, good.out)
        assert run.err.count(b"cannot be written") == 1
        assert b"Traceback" not in run.err
    assert b"cannot be written" not in good.err
