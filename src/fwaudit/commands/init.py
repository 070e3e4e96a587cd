"""`fwaudit init` and `fwaudit completions`: what a project and a shell start with."""

from __future__ import annotations

import os
from pathlib import Path

import click

from fwaudit.commands.group import COMPLETE, commands, safe
from fwaudit.errors import UsageError

SETTINGS = """\
# The settings of fwaudit. Every key is here with its default; take the `#` away to change one.
# In pyproject.toml the same keys stand in [tool.fwaudit].

# What is looked for: rules or categories (`fwaudit rules` lists them); none in `select` means all.
# select = []
# ignore = []

# What is shown, and what of it fails the run.
# min-severity = "low"
# min-confidence = "medium"
# fail-on = "high"
# fail-confidence = "high"
# fail-categories = ["event-loop", "driver"]

# Findings that were accepted once: `fwaudit baseline` writes the file, and later takes out what is mended.
# baseline = "fwaudit-baseline.jsonl"

# Suppressions: `# fwaudit: ignore[rule-name] reason`.
# require-suppression-reason = false

# What is read, with patterns as in a .gitignore, which is respected too.
# exclude = []
# extend-exclude = []
# include-tests = false
# max-file-size = 1000000
# file-deadline = 10.0

# Also what does no input or output to speak of, but other linters report.
# parity = false

# The project's own functions that block, and those that run their first argument in a thread: "app.database.*".
# blocking = []
# offloaders = []

# Folders with tables of your own libraries.
# rules = []

# Rules that are not reported in some files.
# [per-path-ignores]
# "scripts/" = ["blocking-call-on-loop"]

# What was not detected of a service.
# [[service]]
# root = "services/shop"
# name = "shop"
# framework = "fastapi"
# server = "uvicorn"

# What code cannot say.
# [answers]
# team = "generalist"
"""

HOOK = """\
repos:
  # `fwaudit` has to be installed where the hooks run. It reads the whole project and reports what touches the changed files.
  - repo: local
    hooks:
      - id: fwaudit
        name: fwaudit
        entry: fwaudit audit
        args: ["--"]  # what follows are names, however they begin; options stand before it
        language: system
        types: [python]
        require_serial: true
"""

SHELLS = ("bash", "zsh", "fish", "powershell")


@commands.command("init", short_help="Write commented settings and a pre-commit hook; never overwrites.")
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False, exists=True), metavar="[PATH]")
def init_command(folder: Path | None) -> int:
    """Write fwaudit.toml, with every setting explained, and .pre-commit-config.yaml. What is there already stays as it is."""
    from fwaudit.output import write_note

    folder = folder or Path()
    settings = _settings_of(folder)
    if settings:
        write_note(safe(f"{settings}: has the settings already, and stays as it is"))
    else:
        write_note(safe(_write_new(folder / "fwaudit.toml", SETTINGS)))
    hooks = folder / ".pre-commit-config.yaml"
    if os.path.lexists(hooks):
        write_note(safe(f"{hooks}: stays as it is; the hook would be:\n\n{HOOK}"))
    else:
        write_note(safe(_write_new(hooks, HOOK)))
    return 0


def _settings_of(folder: Path) -> str:
    """The file in `folder` that settings are read from, "" if there is none."""
    from fwaudit.config import load_config

    if os.path.lexists(folder / "fwaudit.toml"):
        return str(folder / "fwaudit.toml")
    found = load_config(folder).file
    return found if found and Path(found).parent == folder.absolute() else ""


def _write_new(path: Path, text: str) -> str:
    """Writes a file that is not there yet; what to say of it."""
    try:
        with open(path, "x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        return f"{path}: is there already, and stays as it is"
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
    return f"{path}: written"


@commands.command("completions", short_help="Print the script that lets a shell complete commands, options and rules.")
@click.argument("shell", type=click.Choice(SHELLS))
def completions_command(shell: str) -> int:
    """Print the script for SHELL. In bash: `eval "$(fwaudit completions bash)"`."""
    from click.shell_completion import get_completion_class

    from fwaudit.output import write_stdout

    complete = get_completion_class(shell)
    if complete is None:  # PowerShell, before click 8.4
        raise UsageError(f"the installed version of click knows no completion for {shell}")
    write_stdout(complete(commands, {}, "fwaudit", COMPLETE).source() + "\n")
    return 0
