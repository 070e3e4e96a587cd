from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.hostile.run import BLOCKING, fwaudit, write_tree

HOOK = """
import os, sys
def hook(event, arguments, log={log!r}, tree={tree!r}):
    if event.startswith("socket.") or event in ("os.system", "os.exec", "os.startfile", "pty.spawn", "webbrowser.open"):
        note(event)
    elif event == "subprocess.Popen" and arguments[0] != sys.executable:
        note(f"Popen {{arguments[0]}}")
    elif event == "exec" and arguments[0].co_filename.startswith((tree, "<unknown>")):
        note(f"exec {{arguments[0].co_filename}}")
    elif event == "compile" and isinstance(arguments[1], (str, bytes)) and os.fsdecode(arguments[1]).startswith(tree):
        note(f"compile {{arguments[1]}}")
    elif event == "open" and str(arguments[0]).startswith(tree) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        note(f"write {{arguments[0]}}")
def note(text, log={log!r}):
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, (text + chr(10)).encode("utf-8", "replace"))
    os.close(descriptor)
note("hooked")
sys.addaudithook(hook)
"""
"""Notes what an audit never does: compile, import or run audited code, write into the tree, open a socket, start a program."""

RUN = """
import fwaudit.extract.pool as pool
pool._BOOT = {hook!r} + pool._BOOT
from fwaudit.cli import run
sys.exit(run(sys.argv[1:]))
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A service whose every module leaves a mark if it is run, with the names that tools and interpreters load by themselves."""
    attack = f"open({str(tmp_path / 'executed')!r}, 'a').write(__file__ + chr(10))\n"
    names = ("click", "rich", "tomli", "msgspec", "platformdirs", "libcst/__init__", "fwaudit_plugin", "conftest", "setup", "manage")
    hidden = (
        "site",
        "sitecustomize",
        "usercustomize",
        "encodings/__init__",
        "hashlib",
        "multiprocessing/__init__",
        "app/__init__",
        "app/main",
    )
    sources = {f"{name}.py": attack + BLOCKING.format(name="handler") for name in (*names, *hidden)}
    config = '[tool.fwaudit]\nrules = ["tables"]\n[tool.pytest.ini_options]\naddopts = "-p app"\n'
    table = 'distribution = "own"\nimports = ["own"]\ndocumentation = "none"\n'
    others = {"pyproject.toml": config, "tables/libraries/own.toml": table, "tables/run.py": attack, "path.pth": f"import os; {attack}"}
    return write_tree(tmp_path / "tree", {**sources, **others})


def test_nothing_of_the_tree_is_executed_and_no_socket_opened(tree: Path, tmp_path: Path) -> None:
    """An audit hook in the audit and in its workers sees none of it, cold and warm, with the tree as the current folder."""
    log = tmp_path / "log"
    hook = HOOK.format(log=str(log), tree=str(tree))
    program = hook + RUN.format(hook=hook)
    for expected_hooks in (2, 3):  # the audit and the supervisor, whose workers inherit its hook; then the warm audit alone
        done = subprocess.run(
            [sys.executable, "-P", "-c", program, ".", "--cache-dir", str(tmp_path / "cache")], cwd=tree, capture_output=True, check=False
        )
        assert done.returncode == 1, done.stderr
        assert log.read_text().splitlines() == ["hooked"] * expected_hooks
    assert not (tmp_path / "executed").exists()


def test_the_hook_of_this_test_sees_what_it_should(tree: Path, tmp_path: Path) -> None:
    """The negative twin: a program that does import from the tree and opens a socket is noticed."""
    log = tmp_path / "log"
    program = HOOK.format(log=str(log), tree=str(tree)) + (
        "import socket; socket.socket().close(); open(sys.argv[1] + '/new', 'w').close(); os.system('true')\n"
        "sys.path.insert(0, sys.argv[1]); import fwaudit_plugin; exec(compile('1', '<unknown>', 'exec'))"
    )
    subprocess.run([sys.executable, "-P", "-c", program, str(tree)], check=True)

    seen = {line.split()[0] for line in log.read_text().splitlines()}
    assert {"hooked", "socket.__new__", "write", "os.system", "compile", "exec"} <= seen
    assert (tmp_path / "executed").exists()


@pytest.fixture
def standard(tmp_path: Path) -> Path:
    """A service with a module that leaves a mark for every name of the standard library but the built-in ones: no file can hide these,
    and the service calls one of them.
    """
    attack = f"open({str(tmp_path / 'executed')!r}, 'a').write(__file__ + chr(10))\n"
    sources = {f"{name}.py": attack for name in sys.stdlib_module_names - {*sys.builtin_module_names}}
    return write_tree(tmp_path / "standard", {**sources, "service.py": BLOCKING.format(name="handler"), "pyproject.toml": ""})


def run_module(folder: Path, *options: str, module: str = "fwaudit", arguments: Sequence[str] = ("--no-cache",)) -> CompletedProcess[str]:
    """`python -m`, with a path that holds nothing but what Python itself puts there."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [sys.executable, *options, "-m", module, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("command", ["script", "module"])
def test_the_installed_command_runs_nothing_of_the_tree(tree: Path, tmp_path: Path, command: str) -> None:
    """`fwaudit` and `python -m fwaudit`, started in the tree with everything on Python's path that an attacker may hope for."""
    code = fwaudit("--no-cache", folder=tree).code if command == "script" else run_module(tree).returncode

    assert code == 1
    executed = tmp_path / "executed"
    assert not executed.exists(), executed.read_text()


@pytest.mark.parametrize("command", ["script", "module"])
def test_no_module_of_the_tree_takes_the_place_of_pythons_own(standard: Path, tmp_path: Path, command: str) -> None:
    """Every name of the standard library lies in the tree: the command and `python -P -m` load none of it."""
    code = fwaudit("--no-cache", folder=standard).code if command == "script" else run_module(standard, "-P").returncode

    assert code == 1
    executed = tmp_path / "executed"
    assert not executed.exists(), executed.read_text()


def test_without_its_option_python_itself_takes_modules_of_the_tree_and_fwaudit_none(standard: Path, tmp_path: Path) -> None:
    """What `-m` loads of its own before it starts a module is lost; of all others in the tree none runs."""
    write_tree(tmp_path / "empty", {"lists.py": "import sys\nprint(*sys.modules)\n"})
    loaded = run_module(tmp_path / "empty", module="lists", arguments=()).stdout.split()
    assert "runpy" in loaded
    assert not {"typing", "__future__", "signal"} & {*loaded}
    for name in loaded:
        (standard / f"{name}.py").unlink(missing_ok=True)

    assert run_module(standard).returncode == 1
    executed = tmp_path / "executed"
    assert not executed.exists(), executed.read_text()
