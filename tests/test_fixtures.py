"""The services in fixtures/: what the audit says of each is exactly what its marks say."""

from __future__ import annotations

from pathlib import Path

import pytest

from fwaudit.config import Config
from fwaudit.pipeline import audit
from tests.marks import differences, read_marks
from tests.support import audit_sources

FIXTURES = Path(__file__).parent.parent / "fixtures"
SERVICES = sorted(folder.name for folder in FIXTURES.iterdir() if folder.is_dir())
CLEAN = {name for name in SERVICES if name.endswith("_clean")}


def read_sources(service: str) -> dict[str, str]:
    """The Python files and manifests of a service, by their path in it."""
    folder = FIXTURES / service
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".toml", ".yaml") or path.name == "Procfile")
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


@pytest.mark.parametrize("service", SERVICES)
def test_the_audit_of_a_service_is_what_its_marks_say(service: str) -> None:
    """Every marked finding is reported, no other is, and every marked function runs where its mark says."""
    sources = read_sources(service)
    project, _ = audit_sources(sources, {})
    result = audit([FIXTURES / service], Config(), jobs=1)

    assert differences(sources, project, result.findings) == ()
    assert result.problems == ()
    assert result.summary.analysed == sum(path.endswith(".py") for path in sources)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_tells_its_story(service: str) -> None:
    """A service has a README that says how to run it, and marks: findings unless it is a clean one, and contexts."""
    kinds = [mark.kind for path, source in read_sources(service).items() if path.endswith(".py") for mark in read_marks(source)]

    assert "Run it: " in (FIXTURES / service / "README.md").read_text(encoding="utf-8")
    assert ("finds" in kinds) is (service not in CLEAN)
    assert "runs-on" in kinds
    assert "misses" not in kinds
