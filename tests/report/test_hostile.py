"""Nothing out of an audited file reaches the reader as it is."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import unquote

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from fwaudit.model.audit import Audit
from fwaudit.model.source import Problem
from fwaudit.report import concise, github, gitlab, junit, markdown, rdjson, sarif, text
from fwaudit.report.json import render as render_json
from tests.report.sample import HOSTILE, audit, findings

_COLOR = re.compile("\x1b\\[(0|1|2|1;31|1;33|1;36)m")

_COMMAND = re.compile("::(error|warning|notice) [a-zA-Z]+=[^:,]*(,[a-zA-Z]+=[^:,]*)*::.*")
_TAGS = re.compile("<!-- fwaudit -->|</?(?:details|summary|b|code)>")
LONG = 4_000
odd = st.text(
    st.sampled_from("a.`/ é東\x00\x07\x1b[2J\n\r\t\x7f\x9b\u200b\u202e\u2028\u3164\ud800\udcff\U000e0041\u0301") | st.characters(),
    max_size=40,
) | st.sampled_from([*HOSTILE, *(name * (LONG // len(name)) for name in HOSTILE)])


@st.composite
def audits(draw: st.DrawFn) -> Audit:
    """The shop with odd words wherever an audited repository can put them."""
    found = []
    for one in findings()[:3]:
        step = msgspec.structs.replace(one.steps[-1], path=draw(odd), function=draw(odd), note=draw(odd), column=draw(st.integers(1, 50)))
        found.append(
            msgspec.structs.replace(
                one,
                path=draw(odd),
                function=draw(odd),
                message=draw(odd),
                callee=draw(st.none() | odd),
                rule=draw(st.just(one.rule) | odd),
                root_cause=draw(st.none() | odd),
                routes=tuple(draw(st.lists(odd, max_size=4))),
                steps=(one.steps[0], step) if draw(st.booleans()) else (),
                context=draw(st.none() | st.just(one.context) | odd),
                end_line=one.line + draw(st.integers(0, 3)),
                silenced=draw(st.none() | st.just("suppression")),
                reason=draw(odd),
            )
        )
    kinds = st.sampled_from(["not-analysed", "skipped", "incomplete"])
    problems = tuple(Problem(draw(odd), 1, draw(odd), draw(kinds)) for _ in range(2))
    shown = audit(tuple(found), problems)
    return msgspec.structs.replace(shown, summary=msgspec.structs.replace(shown.summary, unresolved_calls={draw(odd): 3}))


@given(
    audits(),
    st.lists(odd, max_size=20),
    st.fixed_dictionaries(
        {
            "width": st.integers(1, 200),
            "color": st.booleans(),
            "group_by": st.sampled_from(["root-cause", "file", "route", "service"]),
            "statistics": st.booleans(),
            "ascii_only": st.booleans(),
        }
    ),
)
@settings(max_examples=150, deadline=None)
def test_the_text_report_holds_nothing_raw(shown: Audit, source: list[str], options: dict[str, Any]) -> None:
    """Whatever names and sources hold, the report holds printable characters, our line feeds and our colours."""
    report = text.render(shown, lambda path: source, **options)
    plain = _COLOR.sub("", report) if options["color"] else report

    assert plain.replace("\n", "").isprintable()
    assert not options["ascii_only"] or plain.isascii()
    report.encode()


@given(audits())
@settings(max_examples=50, deadline=None)
def test_the_concise_report_holds_nothing_raw(shown: Audit) -> None:
    """As many lines as findings, and nothing but printable characters in them."""
    report = concise.render(shown)

    assert report.replace("\n", "").isprintable()
    assert report.count("\n") == shown.summary.findings
    report.encode()


@given(audits())
@settings(max_examples=50, deadline=None)
def test_the_json_report_holds_nothing_raw_and_loses_nothing(shown: Audit) -> None:
    """The document is printable and gives the names back as they were."""
    report = render_json(shown)

    assert report.replace("\n", "").isprintable()
    assert json.loads(report) == json.loads(json.dumps(msgspec.to_builtins(shown)))
    report.encode()


@given(audits())
@settings(max_examples=100, deadline=None)
def test_annotations_hold_no_command_but_ours(shown: Audit) -> None:
    """The runner sees one command for each annotation, with values that cannot end early, and nothing else it takes for a command."""
    lines = github.render(shown, "services/a").splitlines()

    commands = [line for line in lines if line.startswith("::")]
    assert all(_COMMAND.fullmatch(line) for line in commands)
    assert all("##[" not in line for line in lines if not line.startswith("::"))
    assert all(line.isprintable() for line in lines)
    assert max(map(len, lines), default=0) < 3 * LONG


@given(audits())
@settings(max_examples=100, deadline=None)
def test_reports_for_programs_can_be_read_and_shown(shown: Audit) -> None:
    """They are valid JSON and XML; what they hold can be shown as it is, and nothing in it is endless."""
    documents = [json.loads(report) for report in (gitlab.render(shown), rdjson.render(shown, lambda path: None), sarif.render(shown, {}))]
    suites = ET.fromstring(junit.render(shown))

    texts = [*_strings(documents), *(value for node in suites.iter() for value in node.attrib.values())]
    assert all(text.replace("\n", "").isprintable() for text in texts)
    assert all(len(text) < 7 * LONG for text in texts if "%" not in text)  # an escape has six characters
    assert int(suites.attrib["tests"]) == len(list(suites.iter("testcase")))


@given(audits())
@settings(max_examples=100, deadline=None)
def test_a_sarif_uri_is_the_path(shown: Audit) -> None:
    """Whatever a path holds, its URI gives its bytes back and has nothing that a reader could take for more than a path."""
    run = json.loads(sarif.render(shown, {}))["runs"][0]

    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]]
    paths = [finding.path for finding in shown.findings]
    escaped = [unquote(uri, errors="surrogateescape") for uri in uris]
    assert all(path in (uri, unquote(raw, errors="surrogatepass")) for path, uri, raw in zip(paths, escaped, uris, strict=True))
    assert all(re.fullmatch("[A-Za-z0-9_.~/%-]*", uri) for uri in uris)


@given(audits())
@settings(max_examples=100, deadline=None)
def test_a_comment_holds_no_markup_but_ours(shown: Audit) -> None:
    """Outside code there are no tags, mentions and links but our own, and the comment is short enough."""
    report = markdown.render(shown)

    outside = re.sub(r"^(`{3,})text\n.*?^\1$", "", report, flags=re.MULTILINE | re.DOTALL)
    outside = re.sub(r"<code>[^<]*</code>", "", outside)
    outside = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", outside)
    assert "<" not in _TAGS.sub("", outside)
    assert not re.search("@|#[0-9]", outside)
    assert not re.search(r"[\[\]*_`]|://", re.sub("<summary>.*", "", outside))  # there, Markdown is not read
    assert report.count("<details>") == outside.count("</details>")
    assert report.replace("\n", "").isprintable()
    assert len(report) < 65_536


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in _strings(item)]
    return [value] if isinstance(value, str) else []
