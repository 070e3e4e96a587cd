"""A table from a library's own source."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli

from fwaudit.catalog.load import load_catalog
from fwaudit.cli import run
from fwaudit.config import Config
from fwaudit.derive.run import Derived, derive
from tests.command import Command

LIBRARY = {
    "shelf/__init__.py": "from .client import Client\nfrom ._jobs import *\nfrom shelf.sync import load as read\n",
    "shelf/client.py": (
        "import socket\nfrom ._base import Base\n\nclass Client(Base):\n"
        "    def __init__(self):\n        self._socket = socket.create_connection(('h', 1))\n"
        "    def ask(self, text):\n        return self._send(text)\n"
        "    def size(self):\n        return 1\n"
        "    async def wait(self):\n        return 1\n"
        "    async def hold(self):\n        return self._send('x')\n"
        "    async def items(self):\n        yield 1\n"
    ),
    "shelf/_base.py": (
        "class Base:\n    def _send(self, text):\n        self._socket.sendall(text)\n"
        "    def ping(self):\n        return self._send('ping')\n"
    ),
    "shelf/_jobs.py": (
        "import asyncio\nimport time\n__all__ = ['later', 'nap']\n\ndef nap():\n    time.sleep(1)\n\n"
        "async def later(func, *args):\n    return await asyncio.to_thread(func, *args)\n\ndef unseen():\n    time.sleep(1)\n"
    ),
    "shelf/sync.py": (
        "def load(path):\n    return _read(path)\n\ndef _read(path):\n    with open(path) as file:\n        return file.read()\n"
    ),
    "tests/test_shelf.py": "import time\n\ndef helper():\n    time.sleep(1)\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library, laid out."""
    top = tmp_path_factory.mktemp("library")
    for path, text in LIBRARY.items():
        (top / path).parent.mkdir(exist_ok=True)
        (top / path).write_text(text, encoding="utf-8")
    return top


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, Derived]:
    """What was derived, by public name."""
    return {one.public.name: one for one in derive(folder, load_catalog(), Config()).names}


def test_what_public_functions_wait_for(found: dict[str, Derived]) -> None:
    """Under the shortest public name, through private helpers and inherited methods; what is private or a test is left out."""
    waiting = {name: str(one.waits_for and one.waits_for.value) for name, one in found.items() if one.callee}
    assert waiting == {
        "shelf.Client": "network",
        "shelf.Client.ask": "network",
        "shelf.Client.hold": "network",
        "shelf.Client.ping": "network",
        "shelf.nap": "sleep",
        "shelf.read": "file",
    }
    assert {name for name, one in found.items() if not one.callee} == {"shelf.Client.size", "shelf.Client.wait", "shelf.later"}
    assert found["shelf.Client.ask"].steps == ("shelf/client.py:8", "shelf/_base.py:3")


def test_what_runs_elsewhere(found: dict[str, Derived]) -> None:
    """A function that is handed over runs in a thread."""
    assert {name: one.offloads for name, one in found.items() if one.offloads} == {"shelf.later": ((0, "threadpool"),)}


def test_the_table_can_be_used(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed is a table that the catalog takes, and it says what was derived."""
    assert run(["derive", str(folder), "--name", "shelf", "--quiet"]) == 0
    tables = tmp_path / "tables" / "libraries"
    tables.mkdir(parents=True)
    (tables / "shelf.toml").write_text(capsys.readouterr().out.replace('documentation = ""', 'documentation = "here"'), encoding="utf-8")

    catalog = load_catalog([tables.parent])
    asked, later = catalog.callable("shelf.read"), catalog.callable("shelf.later")
    assert asked is not None
    assert asked.blocking
    assert later is not None
    assert later.offloader is not None


def test_a_folder_without_python(tmp_path: Path) -> None:
    """There is nothing to read, and that is said."""
    assert run(["derive", str(tmp_path)]) == 2
    assert run(["derive", str(tmp_path / "gone")]) == 2


SLEEPS = "import time\n\ndef nap():\n    time.sleep(1)\n"


@pytest.mark.parametrize("odd", ["shelf/make-docs.py", "shelf/async.py", "1shelf/__init__.py", "shelf/None/naps.py"])
def test_a_module_that_no_import_statement_can_name_does_not_end_the_run(command: Command, odd: str) -> None:
    """Its names are left out, and that is said; the others are derived."""
    command.write("lib/shelf/naps.py", SLEEPS)
    command.write(f"lib/{odd}", SLEEPS)

    outcome = command("derive", "lib")

    assert outcome.code == 0, outcome.stderr
    assert tomli.loads(outcome.stdout)["blocking"] == [
        {"calls": ["shelf.naps.nap"], "waits_for": "sleep", "source": "derived: reaches time.sleep"}
    ]
    assert outcome.stderr == (
        "2 files analysed in `lib`, 0 not\n"
        "fwaudit: warning: 1 public name is left out: no import statement can say the name of its module\n"
        "1 public name, 1 of which waits for something\n"
    )


def test_names_that_look_like_keywords_are_derived(command: Command) -> None:
    """The negative twin: `match` and `type` are names, and so are letters beyond ASCII."""
    for name in ("match", "type", "öl", "print"):
        command.write(f"lib/shelf/{name}.py", SLEEPS)

    outcome = command("derive", "lib")

    assert {call for row in tomli.loads(outcome.stdout)["blocking"] for call in row["calls"]} == {
        "shelf.match.nap", "shelf.print.nap", "shelf.type.nap", "shelf.öl.nap"
    }  # fmt: skip
    assert outcome.stderr == "4 files analysed in `lib`, 0 not\n4 public names, 4 of which wait for something\n"


def test_a_file_of_the_library_that_cannot_be_parsed_is_said(command: Command) -> None:
    """The table is made from the others; where no other is there, the run is incomplete and prints no table."""
    command.write("lib/naps.py", SLEEPS)
    command.write("lib/broken.py", "def f(:\n")
    command.write("wrong/broken.py", "def f(:\n")

    part, nothing = command("derive", "lib"), command("derive", "wrong")

    assert part.code == 0
    assert "naps.nap" in part.stdout
    assert part.stderr.startswith("1 file analysed in `lib`, 1 not: broken.py:1: syntax error")
    assert (nothing.code, nothing.stdout) == (3, "")
    assert nothing.stderr.startswith("0 files analysed in `wrong`, 1 not: broken.py:1: syntax error")
    assert "broken.py:1: syntax error" in command("derive", "lib", "--verbose", "--quiet").stderr


def test_a_folder_is_never_taken_for_a_mistyped_command(command: Command) -> None:
    """`derive` takes no command: a folder that is not there is said to be so, with no other word named."""
    assert "did you mean" not in command("derive", "shema").stderr
