"""Reports beside the schemas and parsers of the programs that read them.

They need packages that the other tests do not, and npm:

    .venv/bin/pip install -e ".[test,docs,consumers]" && .venv/bin/pytest tests/consumers
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import markdown_it
import msgspec
import pytest
import xmlschema

from fwaudit.catalog.load import load_pages
from fwaudit.model.audit import Audit
from fwaudit.report import gitlab, junit, markdown, rdjson, sarif
from fwaudit.report.json import render as render_json
from fwaudit.report.json import schema as json_schema
from tests.report.sample import HOSTILE, audit, findings, hostile_audit, source_of

SCHEMAS = Path(__file__).parent / "schemas"
MULTITOOL = "@microsoft/sarif-multitool-linux"
MULTITOOL_VERSION = "5.7.0"

AUDITS = {
    "shop": audit(),
    "clean": audit((), ()),
    **{f"hostile-{number}": hostile_audit(name) for number, name in enumerate(HOSTILE)},
    "hostile-long": hostile_audit("long" * 1_000),
}

every_audit = pytest.mark.parametrize("shown", AUDITS.values(), ids=AUDITS.keys())


def check_json(report: str, name: str, *, is_list: bool = False) -> None:
    """Fail unless the report, or each of its entries, has the form that the schema asks for."""
    schema = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    document = json.loads(report)
    for entry in document if is_list else [document]:
        assert [error.message for error in validator.iter_errors(entry)] == []


@every_audit
def test_sarif(shown: Audit) -> None:
    """The schema with which GitHub's upload checks a file takes the report."""
    check_json(sarif.render(shown, load_pages(), "services/shop"), "sarif-2.1.0.json")


@every_audit
def test_gitlab(shown: Audit) -> None:
    """GitLab drops all that follows an entry which its schema does not take."""
    check_json(gitlab.render(shown), "gitlab-code-quality.json", is_list=True)


@every_audit
def test_rdjson(shown: Audit) -> None:
    """Reviewdog's schema takes the report."""
    check_json(rdjson.render(shown, source_of), "reviewdog.json")


@every_audit
def test_json(shown: Audit) -> None:
    """The published schema takes the report."""
    schema = json.loads(json_schema())
    errors = jsonschema.Draft202012Validator(schema).iter_errors(json.loads(render_json(shown)))
    assert [error.message for error in errors] == []


@every_audit
def test_junit(shown: Audit) -> None:
    """Jenkins' schema takes the report."""
    xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd").validate(junit.render(shown))


class Elements(HTMLParser):
    """Counts the elements of a page, and collects the text that is not code."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the name."""
        self.names.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """An element ends that began last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep what stands outside of code."""
        if "code" not in self.open:
            self.text += data


@every_audit
def test_markdown(shown: Audit) -> None:
    """A parser of GitHub's Markdown sees our elements, each closed, and nothing that a name could have brought in."""
    page = Elements()
    page.feed(markdown_it.MarkdownIt("gfm-like", {"html": True}).render(markdown.render(shown, folder="services/shop")))

    assert page.open == []
    assert page.names <= {"h3", "p", "ul", "li", "details", "summary", "b", "code", "pre"}
    assert not re.search("@|#[0-9]|://", page.text)


@pytest.mark.parametrize("name", ["shop", "clean", "hostile-0"])
def test_the_validator_for_code_scanning_finds_no_error(name: str, tmp_path: Path) -> None:
    """Microsoft's validator, with its rules for GitHub, has one warning: that fwaudit has no home page yet."""
    report, answer = tmp_path / "report.sarif", tmp_path / "answer.sarif"
    report.write_text(sarif.render(AUDITS[name], load_pages()), encoding="utf-8")
    subprocess.run(["npm", "install", "--silent", "--prefix", tmp_path, f"{MULTITOOL}@{MULTITOOL_VERSION}"], check=True)
    program = tmp_path / "node_modules" / MULTITOOL / "Sarif.Multitool"
    program.chmod(0o755)
    kinds = ["--rule-kind", "Sarif;Ghas", "--level", "Error;Warning", "--kind", "Fail", "--output", answer]
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    subprocess.run([program, "validate", report, *kinds], env=environment, check=True, capture_output=True)

    results = json.loads(answer.read_text(encoding="utf-8-sig"))["runs"][0]["results"]
    assert {(result.get("level", "warning"), result["ruleId"]) for result in results} == {("warning", "SARIF2005")}


def test_many_findings_stay_small() -> None:
    """5,000 results are far below the 10 MB that an upload may have when it is packed."""
    import gzip

    base = findings()[1]
    many = tuple(msgspec.structs.replace(base, line=line, end_line=line, fingerprint=f"{line:020}") for line in range(1, 5_001))
    assert len(gzip.compress(sarif.render(audit(many), load_pages()).encode())) < 2_000_000
