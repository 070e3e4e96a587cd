"""`fwaudit init` and `fwaudit completions`: how a project and a shell start."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import tomli

from fwaudit.commands.init import HOOK, SETTINGS
from fwaudit.config import Config, load_config
from fwaudit.manifests.yaml import read_yaml
from tests.command import Command


def without_marks(text: str) -> str:
    """The settings with every key taken in: a comment that is a key or a table loses its mark."""
    lines = []
    for line in text.splitlines():
        bare = line.removeprefix("# ")
        lines.append(
            bare if bare.startswith("[") or (" = " in bare and bare.split(" = ")[0].strip('"/-abcdefghijklmnopqrstuvwxyz') == "") else line
        )
    return "\n".join(lines)


def test_init_writes_settings_and_hook(command: Command) -> None:
    """Both files are there, and change nothing yet: every setting is a comment."""
    command.write("app.py", "")

    outcome = command("init")

    assert outcome == (0, "", "fwaudit.toml: written\n.pre-commit-config.yaml: written\n")
    config = load_config(command.folder)
    assert config.file == str(command.folder / "fwaudit.toml")
    assert msgspec.structs.replace(config, folder="", file="") == Config()
    assert (command.folder / ".pre-commit-config.yaml").read_text() == HOOK
    assert command().code == 0


def test_every_setting_is_explained_with_its_default(tmp_path: Path) -> None:
    """The comments hold every key of the settings; taken in, they are valid, and plain ones have the default as their value."""
    file = tmp_path / "fwaudit.toml"
    file.write_text(without_marks(SETTINGS))
    document = tomli.loads(file.read_text())

    config = load_config(tmp_path)

    known = {field.encode_name for field in msgspec.structs.fields(Config)} - {"folder", "file", "named-now"}
    assert document.keys() == known
    for key in known - {"baseline", "per-path-ignores", "service", "answers"}:
        name = key.replace("-", "_")
        assert getattr(config, name) == getattr(Config(), name), key


def test_every_commented_setting_works_when_its_mark_is_taken_away(command: Command) -> None:
    """An audit runs with all of them, where the files that they name are there; with a wrong answer it would not."""
    command.write("services/shop/app.py", "import time\n\n\nasync def wait() -> None:\n    time.sleep(1)\n")
    command.write("fwaudit-baseline.jsonl", '{"fwaudit_baseline": 1}\n')
    settings = without_marks(SETTINGS)

    command.write("fwaudit.toml", settings)
    works = command("--no-cache")
    command.write("fwaudit.toml", settings.replace('"generalist"', "4"))
    wrong = command("--no-cache")

    assert '\nteam = "generalist"' in settings
    assert works.code == 1, works.stderr
    assert (wrong.code, "team" in wrong.stderr) == (2, True)


def test_the_hook_is_yaml_that_pre_commit_takes() -> None:
    """One local hook, which gets file names."""
    (document,) = read_yaml(HOOK)

    assert "fwaudit" in str(document)
    assert HOOK.startswith("repos:\n")


@pytest.mark.parametrize("name", ["fwaudit.toml", ".pre-commit-config.yaml"])
@pytest.mark.parametrize("kind", ["file", "link"])
def test_init_overwrites_nothing(command: Command, name: str, kind: str) -> None:
    """What is there stays, a link that leads nowhere too; the hook is then shown to be copied."""
    path = command.folder / name
    if kind == "file":
        path.write_text("# mine\n")
    else:
        path.symlink_to("elsewhere")

    outcome = command("init")

    assert outcome.code == 0
    assert f"{name}: " in outcome.stderr
    assert "stays as it is" in outcome.stderr
    assert (path.read_text() == "# mine\n") if kind == "file" else not (command.folder / "elsewhere").exists()
    assert ("id: fwaudit" in outcome.stderr) == (name != "fwaudit.toml")


def test_settings_in_pyproject_are_settings_too(command: Command) -> None:
    """No second file of settings beside a `[tool.fwaudit]`; one for a pyproject.toml without it, and in a folder further down."""
    command.write("pyproject.toml", '[tool.fwaudit]\nfail-on = "never"\n')
    (command.folder / "inner").mkdir()

    assert "pyproject.toml: has the settings already" in command("init").stderr
    assert not (command.folder / "fwaudit.toml").exists()
    assert "inner/fwaudit.toml: written" in command("init", "inner").stderr


def test_init_says_where_it_cannot_write(command: Command) -> None:
    """A folder that is not there, or takes no file, exits 2."""
    assert command("init", "nowhere").code == 2
    if os.geteuid() != 0:
        command.folder.chmod(0o500)
        assert "cannot be written" in command("init").stderr
        command.folder.chmod(0o700)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_are_scripts_of_the_shell(command: Command, shell: str) -> None:
    """Each shell gets its script, which asks fwaudit by its variable; a shell that is there can read it."""
    outcome = command("completions", shell)

    assert outcome.code == 0
    assert "_FWAUDIT_COMPLETE" in outcome.stdout
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=outcome.stdout, text=True, check=True, timeout=20)


@pytest.mark.parametrize(
    ("words", "present", "absent"),
    [
        ("", ["audit", "baseline", "explain", "rules"], ["--select"]),
        ("ba", ["baseline"], ["audit"]),
        ("--sel", ["--select"], ["audit", "--strict"]),
        (". --form", ["--format"], []),
        ("audit --format s", ["sarif"], ["json"]),
        ("--select blocking-call", ["blocking-call-on-loop"], ["cpu-work-on-loop"]),
        ("--ignore driver,cpu", ["driver,cpu-work-on-loop"], []),
        ("explain fast", ["fastapi"], ["flask"]),
    ],
)
def test_what_a_shell_is_offered(words: str, present: list[str], absent: list[str], tmp_path: Path) -> None:
    """Commands, options of the default command, choices, rules and tables; the process exits 0."""
    program = "import sys; from fwaudit.cli import main; sys.argv = ['fwaudit']; main()"
    environment = {
        **os.environ, "_FWAUDIT_COMPLETE": "bash_complete", "COMP_WORDS": f"fwaudit {words}", "COMP_CWORD": str(1 + words.count(" ")),
    }  # fmt: skip

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=30
    )
    offered = [line.partition(",")[2] for line in done.stdout.splitlines()]

    assert (done.returncode, done.stderr) == (0, "")
    assert set(present) <= set(offered), offered
    assert not set(absent) & set(offered), offered
