"""The README's report is a real one; `pytest --update` writes it anew."""

from __future__ import annotations

import ast
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


def test_the_settings_work_when_they_are_copied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The block is a pyproject.toml with which an audit runs, also with its commented lines where what they name is there."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Settings")[2]
    settings = section.partition("```toml\n")[2].partition("```\n")[0]
    (tmp_path / "app.py").write_text("x = 1\n")
    monkeypatch.chdir(tmp_path)

    (tmp_path / "pyproject.toml").write_text(settings)
    assert run(["--no-cache", "--format", "json"]) == 0
    (tmp_path / "pyproject.toml").write_text(settings.replace("# rules =", "rules ="))
    capsys.readouterr()
    assert run(["--no-cache", "--format", "json"]) == 2
    assert "`audit/tables` is not a folder" in capsys.readouterr().err
    (tmp_path / "audit" / "tables" / "libraries").mkdir(parents=True)
    (tmp_path / "audit" / "tables" / "libraries" / "own.toml").write_text('distribution = "own"\nimports = ["own"]\ndocumentation = "x"\n')
    assert run(["--no-cache", "--format", "json"]) == 0


def test_every_reason_for_silence_is_explained() -> None:
    """The README has a row for each reason that link counts."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("| reason | means |")[2].partition("\n\n")[0]

    explained = set(re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE))
    assert explained == counted_reasons()


def counted_reasons() -> set[str]:
    """The texts that link gives to a `reason`, or counts by: `reason = "a" if x else "b"`, `counts["c"] = n`."""
    found: set[str] = set()
    for path in (ROOT / "src" / "fwaudit" / "link").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Assign):
                continue
            for target in node.targets:
                value: ast.expr | None = node.value if isinstance(target, ast.Name) and target.id == "reason" else None
                if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id == "counts":
                    value = target.slice
                ends = (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,)
                found |= {end.value for end in ends if isinstance(end, ast.Constant) and isinstance(end.value, str)}
    return found


def test_every_rule_is_named_and_only_those(capsys: pytest.CaptureFixture[str]) -> None:
    """The README's table of rules and `fwaudit rules` name the same rules."""
    run(["rules"])
    known = {line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]}
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## What it finds")[2].partition("\n## ")[0]

    assert set(re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE)) == known
