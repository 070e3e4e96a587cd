"""The HTML report, as far as no browser is needed; `tests/consumers/test_browser.py` opens it in one."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given, settings

from fwaudit.catalog.load import load_pages
from fwaudit.model.audit import Audit
from fwaudit.model.context import Context, Grade
from fwaudit.model.finding import Location
from fwaudit.model.service import Route
from fwaudit.report import html
from fwaudit.report.groups import group_by_root_cause
from fwaudit.report.html.flow import CALLEES, CALLERS, ENTRIES, PLACES, Node, flow_of
from fwaudit.report.html.map import draw
from fwaudit.report.html.markup import Markup, element, sentence
from fwaudit.report.html.prose import prose
from fwaudit.report.html.shares import shares_of
from fwaudit.report.json import render as render_json
from fwaudit.report.summary import Request
from tests.conftest import Golden
from tests.report.html_reading import Document, read
from tests.report.sample import HOSTILE, audit, findings, hostile_audit, service, source_of
from tests.report.test_hostile import audits
from tests.support import REPOSITORY, audit_sources

PAGES = load_pages()


def rendered(shown: Audit) -> str:
    """The report of an Audit of the shop."""
    return html.render(shown, source_of, PAGES, Request(folder="services/shop"))


def check(report: str) -> Document:
    """The report's elements; fails unless all are nested well, ids are there once, and links lead somewhere."""
    document = read(report)
    assert document.faults == []
    assert len(set(document.ids)) == len(document.ids)
    inside = {target.removeprefix("#") for target in document.links if target.startswith("#")}
    assert inside <= set(document.ids)
    return document


@pytest.fixture(scope="module")
def bookshelf() -> Audit:
    """The Audit of a real service, with verdict, plan, triangle, matrix and tree."""
    root = REPOSITORY / "fixtures" / "fastapi_sync_session"
    files = {
        str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in sorted(root.rglob("*")) if path.suffix in (".py", ".toml")
    }
    return audit_sources(files)[1]


def test_golden(golden: Golden) -> None:
    """What is shown of the shop; style, script and data are left out here."""
    report = rendered(audit())
    golden("shop.html", report[report.index("<body>") : report.index('<script type="application/json"')].replace("><", ">\n<") + "\n")


@pytest.mark.parametrize("shown", [audit(), audit((), ()), hostile_audit("long" * 1_000)], ids=["shop", "clean", "long"])
def test_is_well_formed(shown: Audit) -> None:
    """Tags nest, ids are there once, links lead somewhere."""
    check(rendered(shown))


def test_shows_all_that_the_judge_says(bookshelf: Audit) -> None:
    """Every argument, question, trigger, step of the plan, criterion and route stands in the file."""
    text = read(html.render(bookshelf, lambda _: None, PAGES)).all("main")[0].text
    (service_shown,) = bookshelf.services
    verdict = service_shown.verdict
    assert verdict is not None
    said = [argument.text for argument in (*verdict.arguments_for, *verdict.arguments_against)]
    said += [step.question for step in service_shown.tree] + [trigger.id for trigger in service_shown.triggers]
    said += [axis["question"] for axis in service_shown.triangle["axes"]] + [one["title"] for one in service_shown.matrix["criteria"]]
    said += [route.path for route in service_shown.routes] + [step.why[1:].replace("`", "") for step in service_shown.plan]
    assert [words for words in said if words not in text] == []
    check(html.render(bookshelf, lambda _: None, PAGES))


def test_loads_nothing_and_runs_only_its_own_script() -> None:
    """No element asks for anything from elsewhere, and the policy names the hashes of style and script."""
    document = check(rendered(audit()))
    (policy,) = [one.attributes["content"] or "" for one in document.all("meta") if one.attributes.get("http-equiv")]
    style = document.all("style")[0].text
    script = next(one.text for one in document.all("script") if "type" not in one.attributes)
    for name, content in (("style", style), ("script", script)):
        digest = b64encode(sha256(content.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert "url(" not in style
    assert "@import" not in style
    assert not [one for one in document.elements if "src" in one.attributes or "style" in one.attributes]
    assert not [name for one in document.elements for name in one.attributes if name.startswith("on")]
    assert {one.attributes["href"] for one in document.all("link")} == {"data:,"}


def test_holds_the_whole_audit() -> None:
    """What `--format json` says stands in the file, character by character."""
    for shown in (audit(), hostile_audit("</script><!--"), hostile_audit("\ud800\u2028")):
        assert check(rendered(shown)).data == json.loads(render_json(shown))


@pytest.mark.parametrize(
    "name", [*HOSTILE, "<script>alert(1)</script>", "<!--", "<img src=x onerror=alert(1)>", '" onclick="x', "&lt;b&gt;"]
)
def test_hostile_names_stay_text(name: str) -> None:
    """A name adds no element, no attribute and no link, and what cannot be seen is written out."""
    document = check(rendered(hostile_audit(name)))
    plain = check(rendered(hostile_audit("plain")))
    assert len(document.all("script")) == len(plain.all("script"))
    assert {one.tag for one in document.elements} <= {one.tag for one in plain.elements} | {"details", "ul"}
    assert {key for one in document.elements for key in one.attributes} <= {key for one in plain.elements for key in one.attributes}
    assert {link for link in document.links if not link.startswith("#")} == {link for link in plain.links if not link.startswith("#")}
    shown = document.all("main")[0].text
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e\u2028]", shown)


@given(audits())
@settings(max_examples=40, deadline=None)
def test_any_audit_is_well_formed(shown: Audit) -> None:
    """Whatever an audited repository says, the file keeps its form."""
    check(rendered(shown))


def test_hostile_source_stays_text() -> None:
    """Source lines add no element either."""
    line = "</pre></script><script>alert(1)</script>\u202e\x1b[31m" + "x" * 4_000
    report = html.render(audit(), lambda _: [line] * 60, PAGES)
    document = check(report)
    assert len(document.all("script")) == 2
    assert all(one.text.isprintable() or "\n" in one.text for one in document.all("pre"))
    assert "\u202e" not in report


def test_every_finding_has_its_place() -> None:
    """Each finding that is not silenced stands in the root cause that it belongs to, with its function; a silenced one at the end."""
    document = read(rendered(audit()))
    causes = [one for one in document.all("details") if one.attributes.get("class") == "cause"]
    groups = group_by_root_cause([one for one in findings() if one.silenced is None])
    assert len(causes) == len(groups)
    for cause, group in zip(causes, groups, strict=True):
        assert cause.attributes["data-severity"] == group.worst.severity
        for finding in group.findings:
            assert f"{finding.path}:{finding.line}" in cause.text
    assert "1 finding silenced" in document.all("main")[0].text


def test_services_of_one_name_are_kept_apart() -> None:
    """Each has its own section, title, routes and findings; a finding goes to the one that has its route, or lies nearest above it."""
    first = service()
    second = msgspec.structs.replace(first, root="other", routes=(msgspec.structs.replace(first.routes[0], path="/elsewhere"),))
    found = (
        *findings()[:-1],
        msgspec.structs.replace(findings()[-1], routes=("DELETE /elsewhere",), path="other/x.py", fingerprint="other"),
    )
    shares = shares_of((first, second), [one for one in found if one.silenced is None])

    assert [share.title for share in shares] == ["shop (app)", "shop (other)"]
    assert [one.fingerprint for one in shares[1].findings] == ["other"]
    document = check(rendered(msgspec.structs.replace(audit(found), services=(first, second))))
    assert {"service-shop", "service-shop-2"} <= set(document.ids)
    assert [one.text for one in document.all("h2")][:2] == ["shop (app)", "shop (other)"]


def test_five_thousand_findings_stay_small() -> None:
    """5,000 findings of 2,500 root causes: under 10 MB."""
    base = findings()[2]
    many = tuple(
        msgspec.structs.replace(
            base, line=1 + number % 15, end_line=1 + number % 15, fingerprint=f"{number:016x}", root_cause=f"rc-{number // 2}"
        )
        for number in range(5_000)
    )
    assert len(rendered(audit(many))) < 10_000_000


def test_sentences_keep_names_apart() -> None:
    """What stands in backticks is a name; all of it is text."""
    assert sentence("`a<b>` & c") == "<code>a&lt;b&gt;</code> &amp; c"
    assert element("p", "<i>", Markup("<b></b>"), id='x"y') == '<p id="x&quot;y">&lt;i&gt;<b></b></p>'


def test_pages_of_rules_are_read_whole() -> None:
    """Every page becomes HTML without a rest of Markdown outside code."""
    for page in PAGES.values():
        document = read(prose(page.text, heading=3))
        assert document.faults == []
        outside = re.sub(r"<(code|pre)\b.*?</\1>", "", prose(page.text, heading=3), flags=re.DOTALL)
        assert not re.search(r"^(#+ |```|[-*] |\|)|`|\]\(", outside, re.MULTILINE), page.name


class TestMap:
    """What the picture of a service shows."""

    def test_leads_from_routes_to_what_is_waited_for(self) -> None:
        """Routes flow to where they run, findings on to the library; routes that nothing holds up have no colour."""
        flow = flow_of(service(), findings())
        loop = Node(PLACES, "event-loop", "event-loop")
        assert flow.links[Node(ENTRIES, "/health"), Node(PLACES, "threadpool", "threadpool"), ""] == 1
        assert flow.links[Node(ENTRIES, "/orders"), loop, "sleep"] == 1
        assert flow.links[loop, Node(CALLERS, "app/routers/orders.py"), "sleep"] == 1
        assert flow.links[Node(CALLERS, "app/routers/orders.py"), Node(CALLEES, "time", "sleep"), "sleep"] == 1
        assert sum(weight for (start, _, _), weight in flow.links.items() if start.column == ENTRIES and start.name.startswith("/")) == 5

    def test_work_off_the_loop_is_not_held_up(self) -> None:
        """A route in a thread that waits for a database leads to it without a colour."""
        route = msgspec.structs.replace(service().routes[1], waits_for=("database",))
        shown = msgspec.structs.replace(service(), routes=(route,))
        flow = flow_of(msgspec.convert(msgspec.to_builtins(shown), type(shown)), ())
        assert {kind for _, _, kind in flow.links} == {""}
        assert any(end.name == "database, off the loop" for _, end, _ in flow.links)

    def test_many_routes_are_taken_together(self) -> None:
        """Of 400 routes no more than 14 groups are shown, and none is lost."""
        at = Location("app/main.py", 1, 1, 1, 2)
        routes = tuple(
            Route(("GET",), f"/api/v1/{thing}{number}/{{id}}", "app.main.f", at, "http", True, Context.EVENT_LOOP)
            for thing in ("a", "b", "c", "d")
            for number in range(100)
        )
        flow = flow_of(msgspec.structs.replace(service(), routes=routes), ())
        entries = {start for start, _, _ in flow.links if start.column == ENTRIES}
        assert len(entries) <= 14
        assert sum(flow.links.values()) == 400

    def test_nothing_is_drawn_of_nothing(self) -> None:
        """A service without routes and findings has no map."""
        assert draw(flow_of(msgspec.structs.replace(service(), routes=()), ()), "Map", lambda _: "") == ""

    def test_ribbons_stay_within_their_bars(self, bookshelf: Audit) -> None:
        """No coordinate lies outside the picture."""
        picture = draw(flow_of(bookshelf.services[0], bookshelf.findings), "Map", lambda _: "")
        svg = read(picture).all("svg")[0]
        width, height = map(float, (svg.attributes["viewbox"] or "").split()[2:])
        for path in read(picture).all("path"):
            numbers = [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?", path.attributes["d"] or "")]
            assert all(0 <= one <= max(width, height) for one in numbers)


def test_grades_are_told_by_shape_and_word() -> None:
    """Colour says nothing alone."""
    badges = {one.text for one in read(rendered(audit())).all("span") if (one.attributes.get("class") or "").startswith("badge")}
    assert badges == {"▲ high", "◆ medium", "● low"}
    assert {str(grade) for grade in Grade} == {badge.split()[1] for badge in badges}
