"""The documentation as a site: no broken link, every rule a page.

.venv/bin/pip install -e ".[test,docs]" && .venv/bin/pytest tests/consumers/test_docs.py
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fwaudit.catalog.load import load_pages

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site; a warning of mkdocs fails it."""
    folder = tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder)], cwd=ROOT, check=True)
    return folder


def test_every_rule_has_a_page(site: Path) -> None:
    """With its name as address, and its data in words instead of TOML."""
    for name in load_pages():
        page = (site / "rules" / name / "index.html").read_text(encoding="utf-8")
        assert "since = " not in page


def test_the_grades_are_there(site: Path) -> None:
    """The table is made from the committed grades."""
    assert "<td>high</td>" in (site / "precision" / "index.html").read_text(encoding="utf-8")


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    """No font, script or picture of another host."""
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert 'src="http' not in text, page
        assert "fonts.g" not in text, page
