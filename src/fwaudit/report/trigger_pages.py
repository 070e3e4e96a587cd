"""A row of the advice for people: what it says, when it fires, what counters it, what it asks, and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fwaudit.catalog.advice import HOLE, Advice, AdviceTables, Test


def trigger_page(row: Advice, advice: AdviceTables) -> str:
    """The page, in the form of a rule's."""
    lines = [
        f"# {row.id}",
        "",
        f"{_said(row)}",
        "",
        f"A trigger of `fwaudit plan` that speaks for {_spoken_for(row)}; its weight is {row.weight:g}.",
    ]
    lines += ["", "## When it fires", "", f"In services of the families {', '.join(row.families)}, where", ""]
    lines += [f"- {_told(test)}" for test in row.when]
    if row.any:
        lines += [f"- {'at least one of these holds: ' if len(row.any) > 1 else ''}{'; '.join(map(_told, row.any))}"]
    lines += _section("What counters it", _counters(row, advice))
    lines += _section("What it counters", _countered(row, advice))
    lines += _section("What it asks", _questions(row, advice))
    found = next(one for one in advice.publications if one.name == row.source)
    address = f" ({found.address})" if found.address else ""
    return "\n".join([*lines, "", "## Source", "", f"{found.publisher}: {found.title}, “{row.section}”{address}", ""])


def _section(title: str, items: Iterator[str]) -> list[str]:
    found = [f"- {item}" for item in items]
    return ["", f"## {title}", "", *found] if found else []


def _said(row: Advice) -> str:
    """The row's sentence, the names of signals in the place of their numbers."""

    def shown(hole: re.Match[str]) -> str:
        name, one, several = hole.groups()
        return f"<{name}>" + (f" {several or f'{one}s'}" if one else "")

    return HOLE.sub(shown, row.text)


def _spoken_for(row: Advice) -> str:
    kind, _, name = row.speaks_for.partition(":")
    words = {
        "stay": "staying",
        "fix": "mending first what is there",
        "note": "nothing, and is worth knowing",
        "adopt": f"taking on {name}",
        "migrate": f"moving to {name}",
        "sidecar": f"a {name} service beside it",
    }
    told = words.get(kind, row.speaks_for)
    if row.decides:
        told += " and decides alone"
    if row.keeps_core:
        told += ", and for a part beside the service too"
    return told


def _told(test: Test) -> str:
    """The comparison in words: "`signals.routes` is at least 1"."""
    kind, _, name = test.fact.partition(".")
    bounds = [
        f"is at least {test.at_least:g}" if test.at_least is not None else "",
        f"is at most {test.at_most:g}" if test.at_most is not None else "",
        f"is {_answer(test.equals)}" if test.equals is not None else "",
        f"is one of {', '.join(map(_answer, test.any_of))}" if test.any_of is not None else "",
        f"names `{test.contains}`" if test.contains is not None else "",
    ]
    said = " and ".join(bound for bound in bounds if bound)
    if kind == "rows":
        return f"the trigger `{name}` is shown" if test.equals is not False else f"the trigger `{name}` is not shown"
    return f"`{test.fact}` {said or 'holds'}"


def _answer(answer: object) -> str:
    return str(answer).lower() if isinstance(answer, bool) else str(answer)


def _counters(row: Advice, advice: AdviceTables) -> Iterator[str]:
    """What outweighs it while that holds: rows that it names, and earlier ones that forbid what it speaks for."""
    earlier = advice.rows[: advice.rows.index(row)]
    return (f"`{one.id}`: {_said(one)}" for one in earlier if one.id in row.countered_by or row.speaks_for in one.rules_out)


def _countered(row: Advice, advice: AdviceTables) -> Iterator[str]:
    later = advice.rows[advice.rows.index(row) + 1 :]
    return (
        f"`{one.id}`, which speaks for {_spoken_for(one)}" for one in later if row.id in one.countered_by or one.speaks_for in row.rules_out
    )


def _questions(row: Advice, advice: AdviceTables) -> Iterator[str]:
    """The questions whose answers it tests: keys of `[tool.fwaudit.answers]`."""
    asked = {test.fact.partition(".")[2] for test in (*row.when, *row.any) if test.fact.startswith("answers.")}
    for question in advice.questions:
        if question.answer in asked:
            yield f"{question.text} (`{question.answer}`: {', '.join(map(_answer, question.answers))})"
