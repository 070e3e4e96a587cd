"""The README of each fixture says the verdict on its services, and why."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fwaudit.pipeline import audit
from tests.judge.sample import words

FIXTURES = sorted(path.parent for path in (Path(__file__).parent.parent.parent / "fixtures").glob("*/README.md"))
LINE = re.compile(r"^`(?P<name>[^`]+)`: (?P<words>.+), (?P<confidence>low|medium|high) confidence(?:, by (?P<rows>.+))?\.$", re.MULTILINE)


@pytest.mark.parametrize("folder", FIXTURES, ids=lambda folder: folder.name)
def test_the_verdict_is_the_one_in_the_readme(folder: Path) -> None:
    """For each service: the verdict, its confidence, and the rows that speak for it, the weightiest first."""
    _, _, section = (folder / "README.md").read_text(encoding="utf-8").partition("\n## Verdict\n")
    said = [match.groups() for match in LINE.finditer(section)]

    found = []
    for service in audit([folder], jobs=1).services:
        assert service.verdict is not None
        rows = ", ".join(f"`{argument.trigger}`" for argument in service.verdict.arguments_for)
        found.append((service.name, words(service), str(service.verdict.confidence), rows or None))

    assert said == found
