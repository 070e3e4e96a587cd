from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import pytest

from tests.hostile.run import BLOCKING, Run, fwaudit, write_tree

SECRET = "PRIVATE_KEY_OF_SOMEBODY_ELSE"
NAMES = {
    "newline": "new\n::error file=a.py::forged\nline.py",
    "escape": "esc\x1b[2J\x1b]0;title\x07.py",
    "return": "carriage\rreturn.py",
    "bidi": "bidi\u202eyp.py",
    "c1": "c1\x9b31m.py",
    "markup": "[bold]<img src=x onerror=alert(1)>.py",
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree with everything in it that is no plain Python file, and one that is."""
    outside = write_tree(
        tmp_path_factory.mktemp("outside"), {"secret.py": f"{BLOCKING.format(name='leak')}# {SECRET}\n", "pkg/in.py": "x = 1\n"}
    )
    root = write_tree(
        tmp_path_factory.mktemp("tree"),
        {
            "good.py": BLOCKING.format(name="good"),
            "syntax.py": "def f(:\n",
            "encoding.py": "# coding: no-such-thing\nx = 1\n",
            "nul.py": b"x = 1\n\0\n",
            "utf16.py": "x = 1\n".encode("utf-16"),
            "latin.py": b"x = '\xff'\n",
            "line.py": b"x = [" + b"1, " * 3_400_000 + b"]\n",
            "folder.py/inner.py": "x = 1\n",
            "empty.py": "",
            "gen/ignored.py": BLOCKING.format(name="ignored"),
            ".gitignore": "a*" * 25 + "b\n" + "**/a/" * 40 + "b\n/gen/\n",
            "a" * 200 + ".py": BLOCKING.format(name="long"),
            **{name: BLOCKING.format(name="named") for name in NAMES.values()},
        },
    )
    Path(os.fsdecode(os.fsencode(root) + b"/bytes\xff.py")).write_text(BLOCKING.format(name="bytes"))
    os.mkfifo(root / "fifo.py")
    (root / "zero.py").symlink_to("/dev/zero")
    (root / "secret.py").symlink_to(outside / "secret.py")
    (root / "pkg").symlink_to(outside / "pkg")
    (root / "loop").symlink_to(".")
    (root / "self.py").symlink_to("self.py")
    (root / "twin.py").symlink_to("good.py")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(root / "socket.py"))
    return root


@pytest.fixture(scope="module")
def audited(tree: Path) -> Run:
    """The tree's audit as JSON."""
    return fwaudit("--no-cache", "--format", "json", folder=tree)


def test_the_audit_ends_and_finds_what_is_there(audited: Run) -> None:
    """Among all that is hostile, each real file is audited once, and the findings fail the run as ever."""
    expected = {"good.py", "a" * 200 + ".py", *NAMES.values(), "bytes\udcff.py"}

    assert audited.code == 1
    assert sorted(audited.found_in) == sorted(expected)
    assert audited.audit["summary"]["analysed"] == len(expected) + 2
    assert audited.seconds < 30


def test_every_file_that_was_left_out_is_named(audited: Run) -> None:
    """Each with its own reason; what was not followed too."""
    problems = audited.problems

    assert problems["nul.py"] == "contains a NUL byte, which Python refuses"
    assert problems["utf16.py"] == "contains a NUL byte, which Python refuses"
    assert problems["line.py"] == "has 10,200,007 bytes, more than the limit of 1,000,000"
    assert problems["fifo.py"] == "is a FIFO, not a file"
    assert problems["socket.py"] == "is a socket, not a file"
    assert problems["self.py"] == "is a symbolic link that leads nowhere"
    assert {problems[name] for name in ("zero.py", "secret.py", "pkg")} == {
        "is a symbolic link out of the workspace, which is not followed"
    }
    assert "no-such-thing" in problems["encoding.py"]
    assert "syntax error" in problems["syntax.py"]
    assert {"latin.py"} == set(problems) - {
        *("nul.py", "utf16.py", "line.py", "fifo.py", "socket.py", "self.py", "zero.py", "secret.py", "pkg", "encoding.py", "syntax.py")
    }


def test_strict_fails_for_what_was_not_analysed(tree: Path, tmp_path: Path) -> None:
    """A file that cannot be parsed could hide anything: `--strict` exits 3, and a tree without such files does not."""
    (tmp_path / "good.py").write_text("x = 1\n")
    (tmp_path / "fifo.py").symlink_to("/dev/zero")

    assert fwaudit("--no-cache", "--strict", folder=tree).code == 3
    assert fwaudit("--no-cache", "--strict", folder=tmp_path).code == 0


@pytest.mark.parametrize("form", ["text", "concise", "json"])
def test_no_raw_character_of_a_file_name_reaches_the_output(tree: Path, form: str) -> None:
    """No control, no direction mark, no forged line, in no format and on no stream."""
    run = fwaudit("--no-cache", "--verbose", "--color", "never", "--format", form, folder=tree)

    for stream in (run.out, run.err):
        text = stream.decode()
        assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", text) == []
        assert not any(line.startswith("::") for line in text.splitlines())
    assert run.code == 1


def test_nothing_outside_the_tree_is_shown(tree: Path) -> None:
    """A link out of the tree is an attempt to read what is not the attacker's: no byte of it appears."""
    for form in ("text", "json"):
        run = fwaudit("--no-cache", "--verbose", "--format", form, folder=tree)
        assert SECRET.encode() not in run.out + run.err
        assert b"leak" not in run.out + run.err


def test_a_hostile_name_on_the_command_line(tree: Path) -> None:
    """pre-commit passes file names that an attacker chose: named files work, missing ones are refused in one clean line."""
    named = fwaudit("--no-cache", "--format", "json", f"./{NAMES['newline']}", folder=tree)
    missing = fwaudit("--no-cache", "gone\n::error::\x1b[2J.py", folder=tree)

    assert named.found_in == [NAMES["newline"]]
    assert missing.code == 2
    assert missing.err.count(b"\n") == 1
    assert b"\x1b" not in missing.err
    assert b"does not exist" in missing.err


def test_a_tree_without_python_is_refused(tmp_path: Path) -> None:
    """Nothing to audit is exit 2 with a sentence, not a clean bill."""
    (tmp_path / "README.md").write_text("# Nothing\n")
    run = fwaudit("--no-cache", folder=tmp_path)

    assert run.code == 2
    assert b"no Python file" in run.err
    assert run.out == b""
