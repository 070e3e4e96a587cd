"""Draws the picture of a report that the README and the site show, into `docs/images/report.png`.

.venv/bin/pip install -e ".[consumers]" && .venv/bin/python tests/consumers/screenshot.py
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from fwaudit.catalog.load import load_pages
from fwaudit.pipeline import audit
from fwaudit.reading import line_reader
from fwaudit.report import html

ROOT = Path(__file__).parent.parent.parent
SERVICE = ROOT / "fixtures" / "fastapi_sync_session"
PICTURE = ROOT / "docs" / "images" / "report.png"
WIDTH = 1180
SHOWN = ("h1", ".answer", ".figures", ".part:has(svg.map)", ".cause")
"""What the picture shows, one below the other."""


def main() -> None:
    """Opens the report of a fixture and takes the picture."""
    report = html.render(audit([SERVICE]), line_reader(str(SERVICE)), load_pages())
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "report.html"
        file.write_text(report, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": 900}, color_scheme="light")
        page.goto(file.as_uri())
        # Only here: what stands between the parts that are shown is left out.
        page.evaluate(
            """(shown) => {
                const kept = shown.map((one) => document.querySelector(one));
                const main = document.querySelector("main");
                main.replaceChildren(...kept);
                main.style.gap = "1.3rem";
                main.style.padding = "1.8rem 0";
                document.body.style.display = "block";
                document.querySelector("body > header").remove();
            }""",
            list(SHOWN),
        )
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=PICTURE, full_page=True)
        browser.close()


if __name__ == "__main__":
    main()
