"""The written documentation, as far as no site is built: `tests/consumers/test_docs.py` does that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fwaudit.commands.group import commands
from fwaudit.config import Config

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs").glob("*.md"))
GENERATED = {"changes.md", "tables.md", "measured.md", "rules/index.md"}
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


def test_every_page_is_in_the_contents() -> None:
    """A page that nothing leads to is not found."""
    contents = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    named = set(re.findall(r": ([\w/-]+\.md)$", contents, re.MULTILINE))
    assert named == {page.name for page in PAGES} | GENERATED


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_options_and_commands_exist(page: Path) -> None:
    """Whatever a page says after `fwaudit` is an option or a command of it."""
    known = {name for command in commands.commands.values() for parameter in command.params for name in parameter.opts} | {
        "--help",
        "--version",
    }
    text = page.read_text(encoding="utf-8")
    for line in re.findall(r"fwaudit ([^`\n|]*)", text):
        assert set(re.findall(r"(?<!\S)--[a-z][a-z-]+", line)) <= known, line


def test_every_setting_is_explained() -> None:
    """The page of settings has all that the configuration reads."""
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    own = {"folder", "file", "named_now", "services"}
    names = {name.replace("_", "-") for name in Config.__struct_fields__ if name not in own}
    assert [name for name in sorted(names) if f"{name}`" not in text and f"fwaudit.{name}]" not in text] == []
