"""What was derived as a table for `rules/libraries/`, in TOML."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

from fwaudit.derive.run import Derived
from fwaudit.model.context import Grade

_MOST_STEPS = 3


def render(derived: Iterable[Derived], distribution: str) -> str:
    """The table; what is not sure stands in it as a comment, to be looked at."""
    rows = tuple(derived)
    lines = [
        "# Derived by `fwaudit derive` from the source: look each row up before you rely on it. The library may know better than its code",
        "# shows: a name that is missing here may still wait.",
        f"distribution = {_quoted(distribution)}",
        f"imports = [{', '.join(_quoted(one) for one in sorted({row.public.name.partition('.')[0] for row in rows}))}]",
        'documentation = ""',
    ]
    lines += _blocking([row for row in rows if row.callee and row.confidence is not Grade.LOW and not row.public.is_async])
    lines += _offloaders([row for row in rows if row.offloads])
    lines += _coroutines([row for row in rows if row.public.is_async and not row.callee])
    unsure = [row for row in rows if row.callee and row.confidence is Grade.LOW and not row.public.is_async]
    lines += _remarks("May block, with low confidence:", unsure)
    lines += _remarks("Coroutines that block the loop that awaits them:", [row for row in rows if row.public.is_async and row.callee])
    return "\n".join(lines) + "\n"


def _blocking(rows: list[Derived]) -> Iterable[str]:
    groups: dict[tuple[str, str, str], list[Derived]] = defaultdict(list)
    for row in rows:
        groups[row.public.name.rpartition(".")[0], str(row.waits_for.value if row.waits_for else "cpu"), row.callee].append(row)
    for (owner, waits_for, callee), group in sorted(groups.items()):
        yield ""
        yield f"# {group[0].public.name}: {_way(group[0])}"
        yield "[[blocking]]"
        yield f"calls = [{_quoted(_braces(owner, group))}]"
        yield f"waits_for = {_quoted(waits_for)}"
        yield f"source = {_quoted(f'derived: reaches {callee}')}"


def _offloaders(rows: list[Derived]) -> Iterable[str]:
    for row in rows:
        for position, context in row.offloads:
            yield ""
            yield "[[offloaders]]"
            yield f"calls = [{_quoted(row.public.name)}]"
            yield f"position = {position}"
            yield f"gives = {_quoted('awaitable' if row.public.is_async else 'future')}"
            yield f"context = {_quoted(context)}"
            yield f"source = {_quoted(f'derived: {row.public.path}:{row.public.line}')}"


def _coroutines(rows: list[Derived]) -> Iterable[str]:
    groups: dict[str, list[Derived]] = defaultdict(list)
    for row in rows:
        groups[row.public.name.rpartition(".")[0]].append(row)
    for owner, group in sorted(groups.items()):
        yield ""
        yield "[[coroutines]]"
        yield f"calls = [{_quoted(_braces(owner, group))}]"
        yield f"source = {_quoted(f'derived: {group[0].public.path}:{group[0].public.line}')}"


def _remarks(title: str, rows: list[Derived]) -> Iterable[str]:
    if rows:
        yield ""
        yield f"# {title}"
        yield from (f"#   {row.public.name}: {_way(row)}" for row in rows)


def _way(row: Derived) -> str:
    steps = row.steps if len(row.steps) <= _MOST_STEPS else (row.steps[0], "...", row.steps[-1])
    return f"{row.callee}, by {', '.join(steps)}"


def _braces(owner: str, group: list[Derived]) -> str:
    lasts = sorted({row.public.name.rpartition(".")[2] for row in group})
    prefix = f"{owner}." if owner else ""
    return f"{prefix}{lasts[0]}" if len(lasts) == 1 else f"{prefix}{{{','.join(lasts)}}}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
