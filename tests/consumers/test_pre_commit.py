"""The hooks, run by pre-commit itself in a repository of its own.

It needs packages that the other tests do not, and an index for the environments that pre-commit makes:

    .venv/bin/pip install -e ".[test,consumers]" && .venv/bin/pytest tests/consumers/test_pre_commit.py
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repositories import commit, git, make_repository

CHECKOUT = Path(__file__).parent.parent.parent
MODULES = 300
LINES = 115
COLD, WARM = 10.0, 1.0
"""Seconds that a hook may take on a service of 30,000 lines, without and with what the run before has kept.

Of the processor, with all processes: the wall clock tells of what else runs on the machine.
"""

APP = """\
from fastapi import FastAPI

from shop.store import load

app = FastAPI()


@app.get("/items")
async def items() -> object:
    return load()
"""
HEAD = """\
from shop.store import load


async def refresh() -> object:
    return load()


def step_0(values: list[int]) -> int:
    return 0
"""
SLOW = """\
import time


def load() -> object:
    time.sleep(1)
    return []
"""
QUICK = SLOW.replace("    time.sleep(1)\n", "")


def pre_commit(folder: Path, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """A run of pre-commit with a store, a cache and settings of its own."""
    program = shutil.which("pre-commit", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert program, "pre-commit is not installed"
    environment = {
        "PATH": f"{Path(program).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "PRE_COMMIT_HOME": str(home / "store"),
        "GIT_AUTHOR_NAME": "ann", "GIT_AUTHOR_EMAIL": "ann@example.org",
        "GIT_COMMITTER_NAME": "ann", "GIT_COMMITTER_EMAIL": "ann@example.org",
        **pip_settings(),
    }  # fmt: skip
    return subprocess.run([program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=600)


def pip_settings() -> dict[str, str]:
    """Where pip finds packages on this machine, for the environments that pre-commit makes."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout.splitlines()
    pairs = (line.partition("=") for line in listed)
    wanted = ("index-url", "extra-index-url", "find-links", "trusted-host", "no-index")
    return {
        f"PIP_{key.rpartition('.')[2].upper().replace('-', '_')}": value.strip("'").replace("\\n", " ")
        for key, _, value in pairs
        if key.rpartition(".")[2] in wanted
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps environments, once for all tests."""
    return tmp_path_factory.mktemp("home")


def processor_time() -> float:
    """Seconds that the processes which this one started, and which ended, have taken."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def make_shop(folder: Path, store: str) -> Path:
    """A committed service with one route."""
    make_repository(folder)
    commit(folder, {"shop/__init__.py": "", "shop/main.py": APP, "shop/store.py": store, "pyproject.toml": '[project]\nname = "shop"\n'})
    return folder


def test_try_repo_finds_what_blocks(tmp_path: Path, home: Path) -> None:
    """`pre-commit try-repo` installs this checkout as its users do; the hook fails on a finding, and passes without."""
    shop = make_shop(tmp_path / "shop", SLOW)

    failed = pre_commit(shop, "try-repo", str(CHECKOUT), "fwaudit", "--all-files", "--verbose", home=home)
    (shop / "shop" / "store.py").write_text(QUICK)
    git(shop, "add", "-A")
    passed = pre_commit(shop, "try-repo", str(CHECKOUT), "fwaudit-all", "--all-files", "--verbose", home=home)

    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "`time.sleep` in shop/store.py:5 blocks the event loop" in failed.stdout
    assert "\x1b[" not in failed.stdout.partition("Failed")[2]
    assert passed.returncode == 0, passed.stdout + passed.stderr


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Path:
    """A service of 30,000 lines whose hooks are installed at a commit of this checkout."""
    folder = make_shop(tmp_path_factory.mktemp("large") / "shop", QUICK)
    body = "".join(
        f"\n\ndef step_{number}(values: list[int]) -> int:\n    total = sum(values)\n    if total > {number}:\n        return total\n"
        f"    return step_{number - 1}(values) if values else {number}\n"
        for number in range(1, LINES // 8 + 1)
    )
    files = {f"shop/part_{number}/__init__.py": "" for number in range(MODULES // 10)}
    files |= {f"shop/part_{number % 30}/module_{number}.py": HEAD + body for number in range(MODULES)}
    clone = folder.parent / "fwaudit"
    git(folder.parent, "clone", "-q", str(CHECKOUT), str(clone))
    shutil.copy(CHECKOUT / ".pre-commit-hooks.yaml", clone)
    revision = commit(clone, {})
    hooks = "".join(f"      - id: {name}\n" for name in ("fwaudit", "fwaudit-all"))
    files[".pre-commit-config.yaml"] = f"repos:\n  - repo: {clone}\n    rev: {revision}\n    hooks:\n{hooks}"
    commit(folder, files)
    installed = pre_commit(folder, "install-hooks", home=home)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return folder


@pytest.mark.parametrize("hook", ["fwaudit", "fwaudit-all"])
def test_a_hook_is_quick_on_a_large_service(large: Path, home: Path, hook: str) -> None:
    """Cold under 10 s, warm under 1 s, for 30,000 lines."""
    lines = sum(len(path.read_bytes().splitlines()) for path in large.rglob("*.py"))
    assert lines > 30_000
    shutil.rmtree(home / ".cache" / "fwaudit", ignore_errors=True)

    seconds = []
    for _ in range(3):
        start = processor_time()
        outcome = pre_commit(large, "run", hook, "--all-files", home=home)
        seconds.append(processor_time() - start)
        assert outcome.returncode == 0, outcome.stdout + outcome.stderr

    assert seconds[0] < COLD, seconds
    assert min(seconds[1:]) < WARM, seconds


def test_a_staged_change_in_a_helper_fails_the_commit(large: Path, home: Path) -> None:
    """The hook sees the staged file, and reports the handlers that it blocks elsewhere; what is not staged is not seen."""
    (large / "shop" / "store.py").write_text(SLOW)
    git(large, "add", "-A")

    outcome = pre_commit(large, "run", "fwaudit", home=home)

    assert outcome.returncode == 1, outcome.stdout + outcome.stderr
    assert "GET /items" in outcome.stdout
    git(large, "reset", "-q", "--hard")


def test_tracked_names_are_no_options(tmp_path: Path, home: Path) -> None:
    """A file `--output=settings.py` is audited; where a user's `args` have no `--` at their end it is refused, and with it audited."""
    shop = make_shop(tmp_path / "shop", QUICK)
    secret = "TOKEN = 'x'\n"
    commit(shop, {"settings.py": secret, "--output=settings.py": SLOW.replace("def", "async def"), "init": "#!/usr/bin/env python3\n"})
    revision = git(CHECKOUT, "rev-parse", "HEAD").strip()

    def run(arguments: str) -> subprocess.CompletedProcess[str]:
        text = f"repos:\n  - repo: {CHECKOUT}\n    rev: {revision}\n    hooks:\n      - id: fwaudit\n{arguments}"
        (shop / ".pre-commit-config.yaml").write_text(text)
        git(shop, "add", "-A")
        return pre_commit(shop, "run", "fwaudit", "--all-files", "--verbose", home=home)

    plain, refused, own = run(""), run("        args: [--exit-zero]\n"), run("        args: [--exit-zero, --]\n")

    assert (shop / "settings.py").read_text() == secret
    assert not (shop / "fwaudit.toml").exists()
    assert plain.returncode == 1, plain.stdout
    assert "in --output=settings.py:5 blocks the event loop" in plain.stdout
    assert refused.returncode == 1
    assert "is an option and the name of a file" in refused.stdout
    assert own.returncode == 0, own.stdout
    assert "in --output=settings.py:5 blocks the event loop" in own.stdout


def test_the_hooks_of_this_repository_run_and_pass(tmp_path: Path, home: Path) -> None:
    """Those of its own `.pre-commit-config.yaml`, on a clone of the last commit."""
    clone = tmp_path / "fwaudit"
    git(tmp_path, "clone", "-q", str(CHECKOUT), str(clone))
    shutil.copy(CHECKOUT / ".pre-commit-config.yaml", clone)
    commit(clone, {})

    outcome = pre_commit(clone, "run", "--all-files", home=home)

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert outcome.stdout.count("Passed") == 3


def test_nothing_is_run_where_no_python_changes(large: Path, home: Path) -> None:
    """A commit of other files skips the hook."""
    (large / "README").write_text("x")
    git(large, "add", "-A")

    outcome = pre_commit(large, "run", "fwaudit", home=home)

    assert outcome.returncode == 0
    assert "Skipped" in outcome.stdout
    git(large, "reset", "-q", "--hard")
