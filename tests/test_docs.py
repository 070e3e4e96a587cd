"""The written documentation, as far as no site is built: `tests/consumers/test_docs.py` does that."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from fwaudit.commands.group import commands
from fwaudit.config import Config

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs").glob("*.md"))
GENERATED = {"changes.md", "known.md", "measured.md", "rules/index.md", "tables.md"}
"""Pages that `docs/generated_pages.py` makes."""
WRITTEN = [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "rules" / "README.md"]
_LINK = re.compile(r"\]\(([^)\s#]+\.(?:md|png|yml|toml)|[\w./-]+/?)(#[\w-]+)?\)(?:\{[^}]*\})?")


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    """Every link that is not one to the web names a file that is there, or that is made for the site."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    targets = [found[1] for found in _LINK.finditer(text) if "://" not in found[1]]
    missing = [one for one in targets if one not in GENERATED and not (page.parent / one).exists()]
    assert missing == []


def test_no_page_holds_what_a_merge_left() -> None:
    """Its marks once stood in the measurements for an hour."""
    folders = ("docs", "rules", "tests/benchmarks", "tests/link/cases")
    pages = [*WRITTEN, ROOT / "CHANGELOG.md", *(page for folder in folders for page in (ROOT / folder).rglob("*.md"))]
    assert [page.name for page in pages if re.search(r"^(<{7}|>{7}) ", page.read_text(encoding="utf-8"), re.MULTILINE)] == []


def test_every_page_is_in_the_contents() -> None:
    """A page that nothing leads to is not found."""
    contents = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    named = set(re.findall(r": ([\w/-]+\.md)$", contents, re.MULTILINE))
    assert named == {page.name for page in PAGES} | GENERATED


def mistakes(words: str) -> list[str]:
    """What of the words behind `fwaudit` is no command, or no option of the command that they name."""
    first, _, rest = words.partition(" ")
    own = {"--help", "-h", "--version"}
    if first in commands.commands:
        command, words = commands.commands[first], rest
        if isinstance(command, click.Group):
            first, _, words = rest.partition(" ")
            if first not in command.commands:
                return [first]
            command = command.commands[first]
    elif first in own or first.startswith("-") or "." in first or "/" in first or first.strip("[]").isupper():
        command = commands.commands["audit"]
    else:
        return [first]
    known = own | options_of(command)
    return [one for one in re.findall(r"(?<!\S)--?[a-z][a-z-]*", words) if one not in known]


def options_of(command: click.Command) -> set[str]:
    """All spellings of its options."""
    return {name for parameter in command.params if isinstance(parameter, click.Option) for name in parameter.opts}


def uses(text: str) -> list[str]:
    """The words behind `fwaudit` wherever a page shows it as a program: in code, inline or in a block of it for a shell or for CI."""
    shown = [block[1] for block in re.finditer(r"^```(?:bash|yaml|text)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)]
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line for block in shown for line in block.splitlines() if not line.lstrip().startswith(("#", "- id:", "name:"))]
    starts = r"(?:^|[\s(/]|run: )"
    found = [words for line in lines for words in re.findall(r"(?:^|\$ |bin/|run: |&& )fwaudit ([^#|\"\n]+)", line)]
    found += [words for code in re.findall(r"`([^`\n]+)`", prose) for words in re.findall(rf"{starts}fwaudit ([^)|\"\\]+)", code)]
    return [words.strip() for words in found]


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name)
def test_options_and_commands_exist(page: Path) -> None:
    """What a page shows behind `fwaudit` is a command, a path or an option, and each option is one of that command."""
    assert {words: wrong for words in uses(page.read_text(encoding="utf-8")) if (wrong := mistakes(words))} == {}


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("routes --ask", ["--ask"]),
        ("polish src", ["polish"]),
        ("cache drop", ["drop"]),
        ("--accept-new", ["--accept-new"]),
        ("baseline --accept-new", []),
        ("plan --from audit.json --ask", []),
        (". --output report.html", []),
        ("cache clean --cache-dir x", []),
    ],
)
def test_what_does_not_exist_is_noticed(words: str, wrong: list[str]) -> None:
    """The check itself: an option of another command, a command that is none, and what is right."""
    assert mistakes(words) == wrong
    assert uses(f"`fwaudit {words}`\n\n```bash\nfwaudit {words}  # why\n```\n") == [words, words]


def test_the_contract_lists_the_options_of_each_command() -> None:
    """All long ones and no other, in its line of each command that has several; and every command that is there is named."""
    text = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
    lines = {name or "audit": line for line, name in re.findall(r"^(Options of (?:the audit|`fwaudit (\w+)`): .*)$", text, re.MULTILINE)}
    listed = {name: set(re.findall(r"--[a-z][a-z-]+", line)) for name, line in lines.items()}

    several = {name: options_of(command) for name, command in commands.commands.items() if not command.hidden}
    long = {name: {one for one in options if one.startswith("--")} for name, options in several.items()}
    assert listed == {name: options for name, options in long.items() if options}
    (present,) = re.findall(r"^This version has the commands (.*?), all formats", text, re.MULTILINE)
    names = {name.partition(" ")[0] for name in re.findall(r"`([a-z ]+)`", present)}
    assert names == {*several}


def test_every_setting_is_explained() -> None:
    """The page of settings has all that the configuration reads."""
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    own = {"folder", "file", "named_now", "services"}
    names = {name.replace("_", "-") for name in Config.__struct_fields__ if name not in own}
    assert [name for name in sorted(names) if f"{name}`" not in text and f"fwaudit.{name}]" not in text] == []
