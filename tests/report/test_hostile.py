"""Nothing out of an audited file reaches the reader as it is."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from fwaudit.model.audit import Audit
from fwaudit.model.source import Problem
from fwaudit.report import concise, text
from fwaudit.report.json import render as render_json
from tests.report.sample import audit, findings

_COLOR = re.compile("\x1b\\[(0|1|2|1;31|1;33|1;36)m")

odd = st.text(
    st.sampled_from("a.`/ é東\x00\x07\x1b[2J\n\r\t\x7f\x9b\u200b\u202e\u2028\u3164\ud800\udcff\U000e0041\u0301") | st.characters(),
    max_size=40,
)


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
            "group_by": st.sampled_from(["root-cause", "file"]),
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
