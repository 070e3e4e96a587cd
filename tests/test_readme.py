"""The README's report is a real one; `pytest --update` writes it anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fwaudit.cli import run

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"(?<=<!-- report: )(?P<arguments>.*?)(?P<mark> -->\n```text\n)(?P<report>.*?)(?=```\n)", re.DOTALL)


def test_the_report_in_the_readme_is_what_the_command_prints(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The block holds the output of the command that its mark names, at 100 columns."""
    readme = ROOT / "README.md"
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    found = BLOCK.search(readme.read_text(encoding="utf-8"))
    assert found is not None

    code = run([*found["arguments"].split(), "--no-cache", "--color", "never"])
    report = f"$ fwaudit {found['arguments']}\n" + capsys.readouterr().out

    if request.config.getoption("--update"):
        text = BLOCK.sub(lambda match: match["arguments"] + match["mark"] + report, readme.read_text(encoding="utf-8"))
        readme.write_text(text, encoding="utf-8")
        found = BLOCK.search(text)
        assert found is not None
    assert code == 1
    assert found["report"] == report, "the report changed: run `pytest tests/test_readme.py --update` and read the diff"


def test_every_rule_is_named_and_only_those(capsys: pytest.CaptureFixture[str]) -> None:
    """The README's table of rules and `fwaudit rules` name the same rules."""
    run(["rules"])
    known = {line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]}
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## What it finds")[2].partition("\n## ")[0]

    assert set(re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE)) == known
