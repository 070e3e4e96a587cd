"""The HTML report in Chromium: it renders, filters and follows paths, asks for nothing, and everybody can use it.

They need Chromium (Debian's `chromium`, or `playwright install chromium`), and npm for axe-core:

    .venv/bin/pip install -e ".[test,consumers]" && .venv/bin/pytest tests/consumers/test_browser.py
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from fwaudit.catalog.load import load_pages
from fwaudit.model.audit import Audit
from fwaudit.pipeline import audit as audit_folder
from fwaudit.reading import SourceOf, line_reader
from fwaudit.report import html
from tests.report.sample import HOSTILE, audit, findings, hostile_audit, source_of
from tests.support import REPOSITORY

AXE = "axe-core@4.14.1"
FIXTURES = ("fastapi_sync_session", "django_with_fastapi_sidecar", "flask_blueprints", "monorepo_three_services_clean")
SCHEMES = ("light", "dark")


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core."""
    folder = tmp_path_factory.mktemp("axe")
    subprocess.run(["npm", "install", "--silent", "--prefix", folder, AXE], check=True)
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield running
        running.close()


class Opened:
    """A report in a browser. It fails where the page asks for anything, speaks on the console, or opens a dialog."""

    def __init__(self, browser: Browser, folder: Path, report: str, **options: Any) -> None:
        self.file = folder / "report.html"
        self.file.write_text(report, encoding="utf-8")
        self.page: Page = browser.new_page(**{"viewport": {"width": 1400, "height": 1000}, **options})
        self.faults: list[str] = []
        self.page.on("console", lambda message: self.faults.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
        self.page.on("request", self._note)
        self.page.goto(self.address)

    @property
    def address(self) -> str:
        """Where the report lies."""
        return self.file.as_uri()

    def close(self) -> None:
        """Closes the page; fails if anything was wrong with it."""
        self.page.close()
        assert self.faults == []

    def shown(self) -> int:
        """How many root causes are not hidden."""
        return self.page.locator(".cause:not([hidden])").count()

    def violations(self, axe: str) -> list[tuple[str, str, str]]:
        """What axe-core says against the page as it is now."""
        self.page.evaluate(axe)
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [(one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"]) for one in found["violations"]]

    def _note(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:")):
            self.faults.append(f"request: {request.url}")


def until(page: Page, expression: str) -> None:
    """Waits until the expression holds; the page's policy forbids Playwright's own way, which evaluates texts inside of it."""
    end = time.monotonic() + 10
    while not page.evaluate(expression):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(20)


def report_of(shown: Audit, source: SourceOf = source_of) -> str:
    """The report with the pages of all rules."""
    return html.render(shown, source, load_pages())


def report_of_fixture(name: str) -> str:
    """The report of a service in `fixtures/`."""
    folder = REPOSITORY / "fixtures" / name
    return report_of(audit_folder([folder]), line_reader(str(folder)))


@pytest.fixture
def shop(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    """The report of the shop."""
    opened = Opened(browser, tmp_path, report_of(audit()))
    yield opened
    opened.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", FIXTURES)
def test_everybody_can_use_it(browser: Browser, tmp_path: Path, axe: str, name: str, scheme: str) -> None:
    """axe-core finds nothing, wide and narrow, with everything opened, in both colour schemes."""
    for width in (1400, 360):
        opened = Opened(browser, tmp_path, report_of_fixture(name), color_scheme=scheme, viewport={"width": width, "height": 900})
        opened.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert opened.violations(axe) == []
        assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the window"
        opened.close()


def test_filters_narrow_down_and_stand_in_the_address(shop: Opened) -> None:
    """A choice and a search hide the others and say how many are left; the address brings them back."""
    page = shop.page
    assert shop.shown() == 5
    page.locator("select[name=severity]").select_option("medium")
    until(page, "location.hash === '#causes&severity=medium'")
    assert shop.shown() == 1
    assert page.locator("#filters output").text_content() == "1 of 5 root causes"
    page.locator("#filters button[type=reset]").click()
    page.locator("input[name=text]").fill("ORDERS sleep")
    until(page, "location.hash.includes('ORDERS')")
    assert shop.shown() == 1
    page.goto("about:blank")
    page.goto(f"{shop.address}#causes&severity=high&text=users")
    assert page.locator("select[name=severity]").input_value() == "high"
    assert 0 < shop.shown() < 5


def test_an_address_that_is_no_text_stops_nothing(shop: Opened) -> None:
    """`#%` cannot be decoded; what comes after looking at the address still works."""
    page = shop.page
    page.goto("about:blank")
    page.goto(f"{shop.address}#%")

    assert shop.faults == []
    assert page.locator("form").first.is_visible()


def test_a_path_is_followed_by_keys_alone(shop: Opened) -> None:
    """From a route to its root cause, along its path, and on to the rule, without a pointer."""
    page = shop.page
    page.locator("table.routes a").first.focus()
    page.keyboard.press("Enter")
    until(page, "document.activeElement.tagName === 'SUMMARY'")
    cause = page.locator(f"details.cause#{page.evaluate('location.hash.slice(1)')}")
    assert cause.get_attribute("open") is not None
    cause.locator(".path > li").first.focus()
    page.keyboard.press("ArrowRight")
    assert cause.locator(".path > li").nth(1).evaluate("(one) => one === document.activeElement")
    assert "app/models/users.py" in (cause.locator(".path > li").nth(1).text_content() or "")
    cause.locator(".remarks a").focus()
    page.keyboard.press("Enter")
    until(page, "document.activeElement.closest('.rule')?.open")


def test_the_map_leads_to_findings(shop: Opened) -> None:
    """A file in the map shows its findings; what flows through it stands out."""
    page = shop.page
    node = page.locator("svg.map .node[data-find='app/models/users.py'] a")
    node.focus()
    assert page.locator("svg.map.lit .on").count() > 0
    page.keyboard.press("Enter")
    until(page, "location.hash.startsWith('#causes&text=')")
    assert shop.shown() == 1


def test_weights_move_the_averages(browser: Browser, tmp_path: Path) -> None:
    """With one criterion left, the averages are its scores."""
    opened = Opened(browser, tmp_path, report_of_fixture("fastapi_sync_session"))
    sliders = opened.page.locator("table.matrix input[type=range]")
    for index in range(1, sliders.count()):
        sliders.nth(index).fill("0")
    scores = opened.page.locator("table.matrix tbody tr").first.locator("td[data-score]").all_text_contents()
    averages = opened.page.locator("table.matrix tfoot output").all_text_contents()
    assert [float(one) for one in averages] == [float(one) for one in scores]
    opened.close()


def test_colours_can_be_chosen_and_the_audit_saved(shop: Opened, tmp_path: Path) -> None:
    """The choice holds after the file is opened again; the saved file is the Audit."""
    page = shop.page
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("[data-theme-choice=dark]").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    with page.expect_download() as saved:
        page.locator("#save").click()
    saved.value.save_as(tmp_path / "saved.json")
    assert json.loads((tmp_path / "saved.json").read_text()) == json.loads(msgspec.json.encode(audit()))


def test_without_javascript_everything_is_there(browser: Browser, tmp_path: Path) -> None:
    """Findings open, links lead on, and nothing stands there that would not work."""
    opened = Opened(browser, tmp_path, report_of(audit()), java_script_enabled=False)
    page = opened.page
    assert not page.locator("#filters").is_visible()
    assert not page.locator("#save").is_visible()
    page.locator(".cause > summary").nth(1).click()
    assert page.locator(".cause").nth(1).locator(".path").is_visible()
    page.locator("table.routes a").first.click()
    assert "#cause-" in page.url
    opened.close()


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_names_stay_text(browser: Browser, tmp_path: Path, number: int) -> None:
    """Names and sources of an attacker run nothing, load nothing and keep the page in its form."""
    name = f"{HOSTILE[number]}<img src=x onerror=alert(1)></script><script>alert(2)</script>"
    opened = Opened(browser, tmp_path, report_of(hostile_audit(name), lambda _: [name * 50] * 40))
    assert opened.page.locator("img").count() == 0
    assert opened.shown() == len([one for one in findings() if one.silenced is None])
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    opened.close()


def test_print_shows_every_finding(shop: Opened) -> None:
    """On paper everything is open, and tools are left out."""
    page = shop.page
    page.emulate_media(media="print")
    assert page.locator(".cause").nth(1).locator(".path").is_visible()
    assert not page.locator("#filters").is_visible()


def test_five_thousand_findings_stay_usable(browser: Browser, tmp_path: Path) -> None:
    """Open in under 3 seconds of the page's processor time, and a search in under one, however busy the machine is."""
    base = findings()[2]
    many = tuple(
        msgspec.structs.replace(
            base, line=1 + number % 15, end_line=1 + number % 15, fingerprint=f"{number:016x}", root_cause=f"rc-{number // 2}"
        )
        for number in range(5_000)
    )
    opened = Opened(browser, tmp_path, report_of(audit(many)))
    page = opened.page
    inspector = page.context.new_cdp_session(page)
    inspector.send("Performance.enable", {"timeDomain": "threadTicks"})

    def seconds() -> float:
        page.evaluate("() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))")
        metrics = inspector.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))

    start = seconds()
    page.reload()
    loaded = seconds() - start
    start = seconds()
    page.locator("input[name=text]").fill("read_user app/models")
    until(page, "location.hash.includes('read_user')")
    searched = seconds() - start
    opened.close()
    assert 0 < loaded < 3
    assert 0 < searched < 1
