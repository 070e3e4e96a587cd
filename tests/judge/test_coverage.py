"""Every piece of advice of the publications is encoded somewhere, or it is said why not."""

from __future__ import annotations

from pathlib import Path

import tomli

from fwaudit.catalog.load import load_advice, load_catalog

ROOT = Path(__file__).parents[2]
ENTRIES = tomli.loads((Path(__file__).parent / "coverage.toml").read_text())
ADVICE = load_advice()


def known() -> set[str]:
    """Everything that an entry may name."""
    assert ADVICE.fit is not None
    fit = ADVICE.fit
    contract = (ROOT / "docs/contract.md").read_text().partition("## Rules and categories")[2].partition("\n## ")[0]
    signals = (ROOT / "docs/signals.md").read_text()
    modules = {path.stem for path in (ROOT / "src/fwaudit/judge").glob("*.py")} | {"history", "profiles", "matrix"}
    return {
        *modules,
        *(f"row:{row.id}" for row in ADVICE.rows),
        *(f"rule:{name}" for name in load_catalog().rules),
        *(f"rule:{name}" for name in contract.split("`")[1::2]),
        *(f"axis:{axis.name}" for axis in fit.axes),
        *(f"situation:{one.name}" for axis in fit.axes for one in axis.situations),
        *(f"preset:{preset.name}" for preset in fit.presets),
        *(f"tree:{number}" for number in range(1, len(fit.questions) + 1)),
        *(f"question:{question.answer}" for question in ADVICE.questions),
        *(f"signal:{name}" for name in signals.split("`")[1::2]),
    }


def test_every_entry_names_what_exists_or_a_reason() -> None:
    """So a row, a rule or a question that is taken away is missed here."""
    names = known()
    for entry, said in ENTRIES.items():
        assert said.keys() in ({"in"}, {"why_not"}), entry
        assert said.get("why_not") or said.get("in"), entry
        assert [name for name in said.get("in", ()) if name not in names] == [], entry


def test_the_list_is_whole() -> None:
    """One entry for each piece of advice that was drawn from the publications."""
    assert len(ENTRIES) == 284
    assert sum("in" in said for said in ENTRIES.values()) >= 230


def test_every_row_that_decides_stems_from_the_list() -> None:
    """What can move a service has its origin in a publication's advice."""
    used = {name.partition(":")[2] for said in ENTRIES.values() for name in said.get("in", ()) if name.startswith("row:")}
    later = {"streaming-planned-beside-django", "streaming-planned-beside-a-core"}  # the sidecar's forms of streaming-is-planned
    assert {row.id for row in ADVICE.rows if row.decides} - used - later == set()
