"""The whole file: head, navigation, sections, and the Audit as data."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.resources import files

from fwaudit.catalog.knowledge import RulePage
from fwaudit.model.audit import Audit
from fwaudit.model.context import Grade
from fwaudit.model.finding import Finding
from fwaudit.reading import SourceOf
from fwaudit.report.evidence import live_findings
from fwaudit.report.groups import Group, group_by_root_cause
from fwaudit.report.html.anchors import Anchors, place
from fwaudit.report.html.causes import Causes, badge
from fwaudit.report.html.filters import filters
from fwaudit.report.html.markup import EMPTY, Markup, code, element, folded, joined, link, listing, name, sentence
from fwaudit.report.html.prose import prose
from fwaudit.report.html.services import Services
from fwaudit.report.html.shares import Share, shares_of
from fwaudit.report.json import compact
from fwaudit.report.pages import explanation
from fwaudit.report.summary import Request, answer, count_files, verdict
from fwaudit.report.verdict import sentence as advice
from fwaudit.report.words import count

_MEANS = {"suppression": "a comment in the source", "baseline": "the baseline"}


def render(audit: Audit, source_of: SourceOf, pages: Mapping[str, RulePage], request: Request = Request()) -> str:  # noqa: B008  frozen
    """The file, with a final line feed."""
    findings = live_findings(audit)
    groups = group_by_root_cause(findings)
    anchors = Anchors.of(audit, groups)
    services = Services(source_of, anchors)
    shares = shares_of(audit.services, findings)
    causes = Causes(source_of, anchors, {finding.fingerprint: share for share in shares for finding in share.findings}, len(shares))
    title = _title(audit, request)
    main = element(
        "main",
        _overview(audit, shares, anchors, request, title=title),
        *(services.section(share) for share in shares),
        _causes(shares, groups, causes),
        _rules(anchors, pages),
        _remainder(audit, request),
        id="content",
    )
    skip = link("content", "Skip to the content", class_="skip")
    body = element("body", skip, _navigation(audit, shares, groups, anchors), main, _data(audit), _script())
    return f"<!doctype html>\n{element('html', _head(title), body, lang='en')}\n"


def _asset(file: str) -> str:
    return files("fwaudit.report.html").joinpath(file).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


def _head(title: str) -> Markup:
    """Nothing is ever loaded, and no style or script but ours is taken: the policy names their hashes."""
    style, script = _asset("report.css"), _asset("report.js")
    policy = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; base-uri 'none'; form-action 'none'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("link", rel="icon", href="data:,"),
        element("title", title),
        element("style", Markup(style)),
    )


def _script() -> Markup:
    return element("script", Markup(_asset("report.js")))


def _data(audit: Audit) -> Markup:
    """The Audit, so that programs can read it out of the file; no character of it can end the element."""
    document = compact(audit).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return element("script", Markup(document), type="application/json", id="audit")


def _title(audit: Audit, request: Request) -> str:
    folder = request.folder.rstrip("/").rpartition("/")[2]
    of = (
        audit.services[0].name
        if len(audit.services) == 1
        else folder
        if folder not in ("", "..")
        else count(len(audit.services), "service")
    )
    return f"Audit of {name(of)}" if audit.services or folder else "Audit"


def _navigation(audit: Audit, shares: Sequence[Share], groups: Sequence[Group], anchors: Anchors) -> Markup:
    services = [link(anchors.services[share.number], name(share.title)) for share in shares]
    entries = [
        link("overview", "Overview"),
        *services,
        joined([link("causes", "Findings"), element("span", f" {len(groups):,}", class_="quiet")]),
        link("rules", "Rules") if anchors.rules else "",
        link("remainder", "What was not seen"),
    ]
    themes = [
        element("button", word, type="button", data_theme_choice=word, aria_pressed="true" if word == "auto" else "false")
        for word in ("auto", "light", "dark")
    ]
    tools = element(
        "div",
        element("div", *themes, role="group", aria_label="Colours", class_="themes"),
        element("button", "Save as JSON", type="button", id="save"),
        class_="tools",
        hidden=True,
    )
    return element(
        "header",
        element("p", "fwaudit", element("span", f" {audit.tool.version}", class_="quiet"), class_="brand"),
        element("nav", listing(filter(None, entries)), aria_label="Contents"),
        tools,
    )


def _overview(audit: Audit, shares: Sequence[Share], anchors: Anchors, request: Request, *, title: str) -> Markup:
    findings = live_findings(audit)
    first, *others = answer(audit, findings, request)
    fails = verdict(findings)
    routes = sum(len(service.routes) for service in audit.services)
    held = len({(one.service, route) for one in findings if one.root_cause is not None for route in one.routes})
    figures = [
        ("fail the run", f"{audit.summary.failing:,}", "bad" if audit.summary.failing else "good"),
        ("findings", f"{len(findings):,}", ""),
        ("root causes", f"{audit.summary.root_causes:,}", ""),
        ("routes held up", f"{held:,} of {routes:,}", ""),
        ("files read", f"{audit.summary.analysed:,}", ""),
    ]
    tiles = [element("div", element("dt", words), element("dd", figure), class_=kind or None) for words, figure, kind in figures]
    return element(
        "section",
        element("h1", title),
        element("p", sentence(first), class_="answer"),
        *(element("p", sentence(other)) for other in others),
        element("p", sentence(fails)) if fails else EMPTY,
        element("dl", *tiles, class_="figures"),
        _verdicts(shares, anchors),
        _by_rule(findings, anchors),
        id="overview",
    )


def _verdicts(shares: Sequence[Share], anchors: Anchors) -> Markup:
    """What to do with each service, in a line."""
    items = []
    for share in shares:
        service = share.service
        frameworks = ", ".join(use.name for use in service.frameworks) or "no known framework"
        said = advice(service.verdict) if service.verdict is not None else "no verdict"
        items.append(
            joined(
                [
                    link(anchors.services[share.number], name(share.title)),
                    element("span", f" {frameworks}", class_="quiet"),
                    element("p", sentence(said)),
                ]
            )
        )
    return listing(items, class_="verdicts")


def _by_rule(findings: Sequence[Finding], anchors: Anchors) -> Markup:
    by_rule: dict[str, dict[Grade, int]] = {}
    for finding in findings:
        grades = by_rule.setdefault(finding.rule, dict.fromkeys(Grade, 0))
        grades[finding.severity] += 1
    if not by_rule:
        return EMPTY
    heads = element(
        "tr",
        element("th", "rule", scope="col"),
        element("th", "findings", scope="col"),
        *(element("th", badge(grade), scope="col") for grade in reversed(Grade)),
    )
    rows = [
        element(
            "tr",
            element("th", link(anchors.rules[rule], name(rule)), scope="row"),
            element("td", f"{sum(grades.values()):,}"),
            *(element("td", f"{grades[grade]:,}" if grades[grade] else "") for grade in reversed(Grade)),
        )
        for rule, grades in sorted(by_rule.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    ]
    return element("table", element("caption", "Findings by rule"), element("thead", heads), element("tbody", *rows), class_="by-rule")


def _causes(shares: Sequence[Share], groups: Sequence[Group], causes: Causes) -> Markup:
    shown = causes.listing(groups) or element("p", "None.")
    return element(
        "section",
        element("h2", "Findings"),
        element("p", "Findings that share a blocking call stand together, the worst first.", class_="quiet") if groups else EMPTY,
        filters(shares, groups) if groups else EMPTY,
        element("div", shown, class_="causes"),
        id="causes",
    )


def _rules(anchors: Anchors, pages: Mapping[str, RulePage]) -> Markup:
    """The page of each rule that found something: why it matters, what to write instead, when it is fine."""
    if not anchors.rules:
        return EMPTY
    items = []
    for rule, anchor in sorted(anchors.rules.items()):
        page = pages.get(rule)
        _, _, body = explanation(page).partition("\n") if page is not None else ("", "", "This rule has no page here.")
        items.append(
            element(
                "details",
                element("summary", element("h3", name(rule))),
                element("div", prose(body, heading=3), class_="prose"),
                id=anchor,
                class_="rule",
            )
        )
    return element("section", element("h2", "Rules"), *items, id="rules")


def _remainder(audit: Audit, request: Request) -> Markup:
    """What the audit does not say: unresolved calls, files that were left out, silenced findings."""
    unresolved = [
        f"{count(number, 'call')}: {name(reason)}"
        for reason, number in sorted(audit.summary.unresolved_calls.items(), key=lambda item: (-item[1], item[0]))
        if number
    ]
    problems = [
        joined(
            [
                element("span", name(place(problem.path, problem.line)), class_="place"),
                " ",
                sentence(problem.message),
                element("span", f" {problem.kind}", class_="quiet"),
            ]
        )
        for problem in audit.problems
    ]
    silenced = [
        joined(
            [
                code(finding.rule),
                " ",
                element("span", name(place(finding.path, finding.line)), class_="place"),
                f" by {_MEANS.get(str(finding.silenced), finding.silenced)}",
                element("q", name(finding.reason)) if finding.reason else "",
            ]
        )
        for finding in audit.findings
        if finding.silenced is not None
    ]
    return element(
        "section",
        element("h2", "What was not seen"),
        element("p", sentence(f"{count_files(audit, request)}."), " Paths count from the audited folder."),
        joined([element("h3", "Calls on the loop that could not be resolved"), listing(unresolved)]) if unresolved else EMPTY,
        joined([element("h3", "Problems"), listing(problems, class_="places")]) if problems else EMPTY,
        folded(f"{count(len(silenced), 'finding')} silenced", listing(silenced, class_="places")),
        id="remainder",
    )
