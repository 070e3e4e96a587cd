"""The commands of the hooks, with file names that an attacker chose: pre-commit puts what is tracked behind `entry` and `args`."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from fwaudit.commands.init import HOOK
from fwaudit.manifests.yaml import Node, read_yaml
from tests.hostile.run import BLOCKING, fwaudit, write_tree

ROOT = Path(__file__).parent.parent.parent
SETTINGS = "TOKEN = 'x'\n"
NAMES = ("--exit-zero", "--output=settings.py", "-q", "init", "main.py")
"""In the order in which git lists them."""


def commands() -> dict[str, list[str]]:
    """The words of each hook that takes file names, as its file has them: `entry` and `args`."""
    (published,) = read_yaml((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (made,) = read_yaml(HOOK)
    repos = made.get("repos")
    assert repos is not None
    hooks = {"published": published.items, "made by init": [hook for repo in repos.items for hook in items(repo, "hooks")]}
    return {
        name: [*words(hook, "entry"), *(arg.text for arg in items(hook, "args"))]
        for name, listed in hooks.items()
        for hook in listed
        if not words(hook, "pass_filenames")
    }


def items(node: Node, key: str) -> list[Node]:
    """The entries of a sequence below the key."""
    found = node.get(key)
    return found.items if found is not None else []


def words(node: Node, key: str) -> list[str]:
    """The words of a scalar below the key."""
    found = node.get(key)
    return shlex.split(found.text) if found is not None else []


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Scripts with one finding each, with names that look like options and commands."""
    sources = {name: "#!/usr/bin/env python3\n" + BLOCKING.format(name="serve") for name in NAMES}
    return write_tree(tmp_path / "tree", {**sources, "settings.py": SETTINGS, "pyproject.toml": ""})


@pytest.mark.parametrize("hook", ["published", "made by init"])
def test_file_names_are_neither_options_nor_commands_of_a_hook(tree: Path, hook: str) -> None:
    """Those that are Python by their name are audited; no file is written, nothing is hidden, no other command runs."""
    program, *arguments = commands()[hook]
    assert program == "fwaudit"
    before = sorted(path.name for path in tree.iterdir())

    run = fwaudit(*arguments, *NAMES, folder=tree, environment={"XDG_CACHE_HOME": str(tree.parent / "cache")})

    assert run.code == 1, run.err
    assert all(f" in {name}:".encode() in run.out for name in ("--output=settings.py", "main.py"))
    assert sorted(path.name for path in tree.iterdir()) == before
    assert (tree / "settings.py").read_text() == SETTINGS


@pytest.mark.parametrize("name", ["--output=settings.py", "--exit-zero", "-q"])
@pytest.mark.parametrize("own", [[], ["--no-cache", "--min-severity", "high"]])
def test_a_file_with_the_name_of_an_option_is_refused_where_the_users_arguments_end_without_a_separator(
    tree: Path, own: list[str], name: str
) -> None:
    """A user's `args` take the place of the hook's, and the separator goes with them: then it is said, and nothing is done."""
    run = fwaudit("audit", *own, name, "main.py", folder=tree)

    assert (run.code, run.out) == (2, b"")
    assert f"{name}` is an option and the name of a file".encode() in run.err
    assert run.err.count(b"\n") == 1
    assert (tree / "settings.py").read_text() == SETTINGS


@pytest.mark.parametrize("own", [["--no-cache", "--fail-on", "never"], ["--no-cache", "--exit-zero", "--"], ["--no-cache", "-q", "--"]])
def test_the_users_own_arguments_of_a_hook_work(tree: Path, own: list[str]) -> None:
    """The negative twin: options are options, before a separator also where a file has no such name, and names are names."""
    for name in ("--exit-zero", "-q"):
        (tree / name).unlink()

    run = fwaudit("audit", *own, "init", "main.py", folder=tree)

    assert run.code == (1 if "-q" in own else 0), run.err
    assert b"in main.py:" in run.out
    assert not (tree / "fwaudit.toml").exists()
