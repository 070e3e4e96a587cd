"""Every piece of advice of the publications is encoded somewhere, or it is said why not; every signal is used, and every fact measured."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import tomli

from fwaudit.catalog.advice import HOLE
from fwaudit.catalog.load import load_advice, load_catalog
from fwaudit.judge.plan import ROUTE_TRAITS
from fwaudit.model.history import History
from fwaudit.report.verdict import DETAILS, SIZES
from tests.support import documented_signals

ROOT = Path(__file__).parents[2]
ENTRIES = tomli.loads((Path(__file__).parent / "coverage.toml").read_text())
ADVICE = load_advice()


def known() -> set[str]:
    """Everything that an entry may name."""
    assert ADVICE.fit is not None
    fit = ADVICE.fit
    shown = [path for folder in ("judge", "profiles") for path in (ROOT / "tests" / folder).glob("test_*.py")]
    return {
        *(f"row:{row.id}" for row in ADVICE.rows),
        *(f"rule:{name}" for name in load_catalog().rules),
        *(f"axis:{axis.name}" for axis in fit.axes),
        *(f"situation:{one.name}" for axis in fit.axes for one in axis.situations),
        *(f"preset:{preset.name}" for preset in fit.presets),
        *(f"tree:{number}" for number in range(1, len(fit.questions) + 1)),
        *(f"question:{question.answer}" for question in ADVICE.questions),
        *(f"criterion:{criterion.name}" for criterion in fit.criteria),
        *(f"test:{path.stem}.{name}" for path in shown for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)),
    }


def test_every_entry_names_what_exists_or_a_reason() -> None:
    """So a row, a rule or a question that is taken away is missed here."""
    names = known()
    for entry, said in ENTRIES.items():
        assert said.keys() in ({"in"}, {"why_not"}), entry
        assert said.get("why_not") or said.get("in"), entry
        assert [name for name in said.get("in", ()) if name not in names] == [], entry


def test_every_row_that_decides_stems_from_the_list() -> None:
    """What can move a service has its origin in a publication's advice."""
    used = {name.partition(":")[2] for said in ENTRIES.values() for name in said.get("in", ()) if name.startswith("row:")}
    later = {"streaming-planned-beside-django", "streaming-planned-beside-a-core"}  # the sidecar's forms of streaming-is-planned
    assert {row.id for row in ADVICE.rows if row.decides} - used - later == set()


def used() -> set[str]:
    """Every fact that a row, a view, a contradiction, a sentence, a plan or the printed report asks for."""
    assert ADVICE.fit is not None
    fit = ADVICE.fit
    parts: tuple[Any, ...] = (
        *ADVICE.rows,
        *ADVICE.contradictions,
        *fit.presets,
        *(one for axis in fit.axes for one in axis.situations),
        *(one for question in fit.questions for one in question.answers),
    )
    asked = {test.fact for part in parts for test in (*part.when, *getattr(part, "any", ()))}
    said = {f"signals.{name}" for row in ADVICE.rows for name in (*row.evidence, *(hole[0] for hole in HOLE.findall(row.text)))}
    elsewhere = {
        "signals.llm_route_names",
        *(f"signals.{name}_routes" for name in ROUTE_TRAITS),
        *(f"signals.{name}" for name in (*SIZES, *DETAILS)),
    }
    return asked | said | elsewhere


def test_every_signal_is_used_and_every_fact_is_measured() -> None:
    """What nobody asks for is not measured; what nobody measures is not asked for."""
    rows = [line.split("|")[1] for line in (ROOT / "docs/signals.md").read_text().splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    asked = {fact.split(".")[1] for fact in used() if fact.startswith("signals.")}

    assert documented - asked == set()
    assert asked - documented == set()


def test_every_signal_is_used() -> None:
    """What nobody asks for is not measured; what is documented is measured: tests/measure."""
    assert {fact.split(".")[1] for fact in used() if fact.startswith("signals.")} == documented_signals()


def test_every_fact_of_history_profile_and_answers_exists() -> None:
    """By the names that these stages give."""
    profile = {"bottleneck", "database_share", "network_share", "serialization_share", "loop_share", "worker_saturation"}
    known = {"history": set(History.__struct_fields__), "profile": profile, "answers": {one.answer for one in ADVICE.questions}}
    for fact in used():
        kind, _, name = fact.partition(".")
        assert kind in ("signals", "rows") or name in known[kind], fact
