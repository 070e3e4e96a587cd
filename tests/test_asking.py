"""`fwaudit plan --ask` on a terminal: it asks what would change a verdict, and keeps what is said."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import tomli
from click.testing import CliRunner

from fwaudit.catalog.load import load_advice
from fwaudit.commands.asking import keep, tell
from fwaudit.config import Config
from fwaudit.errors import ConfigError

SERVICE = "from flask import Flask, request\napp = Flask(__name__)\n" + "".join(
    f"\n\n@app.post('/r{number}')\ndef r{number}():\n    return request.get_json()['x']\n" for number in range(8)
)


def on_terminal(folder: Path, *arguments: str, answers: Mapping[str, str]) -> tuple[int, str]:
    """The exit code, and what the command writes to a terminal of its own, where a question that holds a word of `answers` is answered."""
    command = [sys.executable, "-m", "fwaudit", "plan", *arguments, "--no-cache"]
    leader, follower = pty.openpty()
    said = ""
    with subprocess.Popen(
        command, cwd=folder, stdin=follower, stderr=follower, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        os.close(follower)
        try:
            while select.select([leader], [], [], 60)[0]:
                part = os.read(leader, 65536).decode()
                said += part
                if "Enter leaves it open" in part:
                    os.write(leader, next((answer for word, answer in answers.items() if word in part), "").encode() + b"\n")
        except OSError:  # the other end is closed
            process.wait(60)
        finally:
            process.kill()
    os.close(leader)
    return process.returncode, said


def test_answers_are_asked_for_and_kept(tmp_path: Path) -> None:
    """In the settings that count, beside what stands there; the next run does not ask again."""
    (tmp_path / "app.py").write_text(SERVICE)
    settings = tmp_path / "pyproject.toml"
    settings.write_text("[tool.fwaudit]  # ours\n")
    code, said = on_terminal(tmp_path, "--ask", answers={"framework": "fastapi"})
    answers = tomli.loads(settings.read_text())["tool"]["fwaudit"]["answers"]
    assert code == 0
    assert answers == {"standard-framework": "fastapi"}
    assert "which framework" in said.lower()
    assert settings.read_text().startswith("[tool.fwaudit]  # ours\n")
    assert "1 answer written to" in said


def test_yes_and_no_have_one_letter() -> None:
    """In either case; to a question that is not answered with yes or no, a letter is no answer."""
    questions = load_advice().questions
    whether = next(one for one in questions if one.answers == [True, False])
    which = next(one for one in questions if "fastapi" in one.answers)
    for typed, expected in (("y", True), ("N", False), ("yes", True), ("no", False), ("", None)):
        with CliRunner().isolation(input=f"{typed}\n"):
            assert tell(whether) is expected
    with CliRunner().isolation(input="f\nfastapi\n"):
        assert tell(which) == "fastapi"


def test_without_a_terminal_nobody_is_asked(tmp_path: Path) -> None:
    """And nothing is written; a saved audit takes no answers."""
    (tmp_path / "app.py").write_text(SERVICE)
    for arguments, message in ((["--ask"], "there is none"), (["--from", "x.json", "--ask"], "as it is")):
        command = [sys.executable, "-m", "fwaudit", "plan", *arguments, "--no-cache"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        assert done.returncode == 2
        assert message in done.stderr
    assert sorted(os.listdir(tmp_path)) == ["app.py"]


def test_a_new_file_is_made_and_a_link_is_not_written_through(tmp_path: Path) -> None:
    """fwaudit.toml at the root, where there are no settings."""
    assert keep({"team": "django"}, Config(), str(tmp_path)) == str(tmp_path / "fwaudit.toml")
    assert (tmp_path / "fwaudit.toml").read_text() == '[answers]\nteam = "django"\n'
    (tmp_path / "link.toml").symlink_to(tmp_path / "fwaudit.toml")
    with pytest.raises(ConfigError, match="symbolic link"):
        keep({"team": "django"}, Config(file=str(tmp_path / "link.toml")), str(tmp_path))
