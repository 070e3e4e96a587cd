from __future__ import annotations

import json

import msgspec
import pytest

from fwaudit.model.audit import Audit
from fwaudit.report.json import render, schema
from tests.conftest import Golden
from tests.report.sample import audit, findings


def test_the_shop_is_its_golden_file(golden: Golden) -> None:
    """The document of the hand-made audit is the golden file, byte for byte."""
    golden("shop.json", render(audit()))


def test_the_document_is_the_audit() -> None:
    """Reading the document gives the audit back, whole."""
    assert msgspec.json.decode(render(audit()), type=Audit) == audit()


def test_the_keys_are_the_contracts() -> None:
    """Top level, findings and steps have the keys of docs/contract.md, in that order."""
    document = json.loads(render(audit()))

    assert list(document) == ["schema_version", "tool", "root", "summary", "services", "findings", "root_causes", "problems", "mended"]
    assert list(document["summary"]) == (
        ["files", "analysed", "lines", "findings", "failing", "silenced", "root_causes", "by_rule", "by_severity", "unresolved_calls"]
    )
    assert " ".join(document["findings"][0]) == (
        "rule category severity confidence fails message path line column end_line end_column function service context callee waits_for"
        " root_cause routes steps places fix fingerprint silenced reason"
    )
    assert list(document["findings"][0]["steps"][0]) == ["path", "line", "column", "function", "note"]
    assert " ".join(document["services"][0]) == (
        "name root frameworks interface servers apps routes signals signal_places"
        " answers history profile triggers triangle matrix tree verdict plan"
    )


@pytest.mark.parametrize("name", ["b\udcff.py", "b\udcff東京\x1b\u202e\U000e0041.py"])
def test_a_name_that_is_not_unicode_is_escaped_and_comes_back(name: str) -> None:
    """A lone surrogate is written as an escape, never an error, and Python reads the same name back."""
    document = render(audit((msgspec.structs.replace(findings()[0], path=name),)))

    assert "b\\udcff" in document
    assert json.loads(document)["findings"][0]["path"] == name
    document.encode()


def test_both_ways_of_writing_give_the_same_form() -> None:
    """A document with a lone surrogate differs from one without in nothing but that name."""
    plain, odd = (
        render(audit((msgspec.structs.replace(findings()[0], path=name),))) for name in ("bX東\x08\x7f.py", "b\udcff東\x08\x7f.py")
    )

    assert odd == plain.replace("bX", "b\\udcff")


def test_the_schema_is_the_one_of_the_audit() -> None:
    """The schema names the contract's top level, and all of it is required."""
    document = json.loads(schema())

    assert document["$ref"] == "#/$defs/Audit"
    assert document["$defs"]["Audit"]["required"] == list(json.loads(render(audit())))
    assert document["$defs"]["Finding"]["properties"]["severity"] == {"$ref": "#/$defs/Grade"}
